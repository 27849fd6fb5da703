"""A platform in memory with something on every page; its pictures: `python -m tests.browser.gallery DIR`."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fraction.agents import create_agent, refine_prompt
from fraction.app.training_jobs import keep_job
from fraction.base import AgentId, Score
from fraction.judging import Sheet
from fraction.sessions import Entered, Event, JudgesDrawn, Published, Replied, Revealed, SheetRead, replay, sheet_scores
from fraction.sessions.play import asks_due
from fraction.transcripts import Reply
from tests.browser.chromium import Look, chromium
from tests.faces.memory_platform import (
    MemoryPlatform,
    filled_platform,
    memory_platform,
    served,
    settle_log,
    training_job,
)
from tests.sessions.logs import JUDGES, begun, sheet_of

NAMES = ("Patient Fox", "Thorough Owl", "Brevity", "Loud Magpie", "Kind Otter")
PROMPTS = (
    "Write short posts.",
    "Keep to the topic, speak to the audience, and end with a question.",
    "Be brief.",
    "Sound excited and add three hashtags.",
    "Open with a hook, be warm, and invite an answer.",
)
REPLIES = (
    "Songs are good. Write one.",
    "Night owls: your best verse comes after midnight. Which line kept you awake? #speaker",
    "A chorus is a promise. Keep it. #speaker",
    "WOW! Songwriting!! Do it now! #speaker #music #yes",
    "The kettle is cold and the house asleep: what do you write first, night owls? #speaker",
)
REASONS = (
    "Names the topic but never speaks to the audience, and nothing invites an answer.",
    "Opens on the audience and ends with a question that is easy to answer.",
    "One clear image, a little terse for the audience.",
    "Loud in place of interesting; three hashtags crowd the sentence.",
    "A concrete scene as a hook, the audience by name, and a real question.",
)
SCORES = (2_900, 7_400, 5_600, 3_800, 8_300)


@dataclass(frozen=True, slots=True)
class Gallery:
    """A filled platform and where its pages are."""

    world: MemoryPlatform
    pages: Mapping[str, str]
    """Paths by name."""
    cookie: str
    """The session of a guest who owns an agent; `me` is its page."""


def gallery() -> Gallery:
    """Return a platform with Sessions in every phase, trained agents, receipts and a guest."""
    log = told_log()
    world = filled_platform(log)
    for number, length in ((2, len(log)), (3, len(log) - 6), (4, 10), (5, 3)):
        world.keep_log(log[:length], number)
    agents = [_keep_agent(world, event) for event in log if isinstance(event, Entered)]
    losses = tuple(2_600_000 - 42_000 * step + step % 5 * 31_000 for step in range(40))
    job = replace(training_job(agents[0]), losses_ppm=losses, examples=118)
    keep_job(world.platform.records, job)
    secret = world.people.new_guest()
    guest = world.people.principal(secret, "").may("play")
    mine = create_agent(guest, "Amber Wren 42", "base", "Be warm, and end with a question.")
    world.platform.agents.keep(mine)
    pages = {
        "front": "/",
        "spaces": "/spaces",
        "space": "/spaces/writing-tweets",
        "sessions": "/sessions",
        "session": "/sessions/31337-2",
        "session-judging": "/sessions/31337-3",
        "session-open": "/sessions/31337-5",
        "agents": "/agents",
        "agent": f"/agents/{agents[0]}",
        "my-agent": f"/agents/{mine.id}",
        "trainings": "/trainings",
        "training": "/trainings/one",
        "nodes": "/nodes",
        "receipts": "/receipts",
        "create-space": "/create-space",
        "sign-in": "/sign-in",
        "me": "/me",
        "passphrase": "/me/passphrase",
        "recover": "/recover",
        "webhooks": "/me/webhooks",
        "problem": "/agents/nobody",
    }
    return Gallery(world, pages, secret)


def empty_gallery() -> Gallery:
    """Return a platform on which nothing was played yet; every list is empty."""
    world = memory_platform()
    paths = ("spaces", "sessions", "agents", "trainings", "nodes", "receipts")
    return Gallery(world, {"front": "/", **{path: f"/{path}" for path in paths}}, world.people.new_guest())


def told_log() -> list[Event]:
    """Return the log of a settled Session whose replies and reasons read like some."""
    log = begun(entrants=len(NAMES))
    log = [_named(event) for event in log]
    while asks := asks_due(replay(log)):
        replies = [Reply(a.place, REPLIES[a.place.ticket], a.model, None, a.seed, 40, 18, "stop") for a in asks]
        log.append(Replied(replies=tuple(replies)))
    log.append(Published(transcript=replay(log).transcript().digest(), transaction="0x" + "b0" * 32))
    log.append(JudgesDrawn(judges=JUDGES, transaction="0x" + "d4" * 32))
    session = replay(log)
    for judge in range(len(JUDGES)):
        sheet = _told(sheet_of(session, judge), judge)
        scores = tuple(int(score) for score in sheet_scores(session, sheet))
        hash_ = "0x" + f"{judge + 1}e" * 32
        log.append(Revealed(judge=JUDGES[judge], scores=scores, verdict=sheet.digest(), transaction=hash_))
        log.append(SheetRead(sheet=sheet))
    return settle_log(log)


def take_pictures(folder: Path) -> list[Path]:
    """Write every page as a picture, light and dark, and on a phone; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = gallery()
    taken: list[Path] = []
    with served(shown.world) as client, chromium() as browser:
        for look in (Look("light"), Look("dark"), Look("phone")):
            with browser.page(client.url, look, shown.cookie) as page:
                for name, path in shown.pages.items():
                    page.goto(client.url + path, wait_until="load")
                    taken.append(folder / f"{name}-{look.name}.png")
                    page.screenshot(path=taken[-1], full_page=True)
    return taken


def _keep_agent(world: MemoryPlatform, event: Entered) -> AgentId:
    snapshot = event.snapshot
    agent = create_agent(snapshot.owner, snapshot.name, "base", "Write.")
    agent = replace(refine_prompt(agent, PROMPTS[event.ticket]), id=snapshot.agent)
    world.platform.agents.keep(agent)
    return agent.id


def _named(event: Event) -> Event:
    if not isinstance(event, Entered):
        return event
    snapshot = replace(event.snapshot, name=NAMES[event.ticket], prompt=PROMPTS[event.ticket], prompt_version=2)
    return replace(event, snapshot=snapshot)


def _told(sheet: Sheet, judge: int) -> Sheet:
    lean = {"relevance": 300, "engagement": -200, "craft": 0}
    marks = tuple(
        replace(
            mark,
            score=Score(SCORES[mark.ticket] + lean[mark.criterion] + 120 * judge - 90 * mark.round),
            reason=REASONS[mark.ticket],
        )
        for mark in sheet.marks
    )
    return replace(sheet, marks=marks)


if __name__ == "__main__":
    pictures = take_pictures(Path(sys.argv[1]))
    sys.stdout.write(f"{len(pictures)} pictures in {sys.argv[1]}\n")
