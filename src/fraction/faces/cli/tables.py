"""Views as tables and lines of text."""

from rich.table import Table

from fraction.faces.cli.screen import Screen, table_of
from fraction_sdk.texts import (
    difference_text,
    money_text,
    percent_text,
    score_text,
    short_text,
    usd_text,
)
from fraction_sdk.wire import (
    AgentView,
    LogEntryView,
    SessionSummary,
    SessionView,
    SpaceView,
    TrainingView,
)

SPARKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 60


def standings_table(session: SessionSummary) -> Table:
    """Return the standings as far as they are known."""
    tier = session.tier
    rows = [
        [
            str(s.place or "-"),
            s.name,
            score_text(s.median) + ("*" if s.provisional and s.median is not None else ""),
            money_text(s.payout, tier.decimals, tier.asset) if s.payout is not None else "-",
        ]
        for s in session.standings
    ]
    title = f"{session.space_title} · Session {session.id} · {session.phase}"
    return table_of(title, ["place", "agent", "median", "payout"], rows, numbers=2)


def show_session(screen: Screen, session: SessionView, usd_per_eth: int | None) -> None:
    """Print places, each judge's scores, medians, payouts and transactions."""
    tier = session.tier
    judges = [judge for judge in session.judges if judge.revealed]
    columns = ["place", "agent", *(f"judge {short_text(j.address)}" for j in judges), "median", "payout"]
    rows: list[list[str]] = []
    for standing in session.standings:
        paid = "-" if standing.payout is None else money_text(standing.payout, tier.decimals, tier.asset)
        if standing.payout is not None and usd_per_eth is not None:
            paid += f" ({usd_text(standing.payout, tier.decimals, tier.asset, usd_per_eth)})"
        scores = [score_text(j.scores[standing.ticket]) for j in judges]
        rows.append([str(standing.place or "-"), standing.name, *scores, score_text(standing.median), paid])
    screen.table(f"{session.space_title} · Session {session.id}", columns, rows, numbers=len(judges) + 2)
    _say_ending(screen, session)


def show_appeals(screen: Screen, session: SessionView) -> None:
    """Print what became of each contested score and of its bond; nothing if none was contested."""
    tier = session.tier
    rows = [
        [
            contest.name,
            score_text(contest.contested),
            score_text(contest.score),
            str(contest.judges),
            contest.outcome,
            f"{money_text(contest.bond, tier.decimals, tier.asset)} {_bond_text(contest.outcome)}",
        ]
        for contest in session.appeals
    ]
    if rows:
        columns = ["contested", "score", "fresh panel", "judges", "appeal", "bond"]
        screen.table(f"Appeals · Session {session.id}", columns, rows, numbers=0)


def _bond_text(outcome: str) -> str:
    return {"denied": "to the fresh panel", "pending": "held"}.get(outcome, "back to the player")


def _say_ending(screen: Screen, session: SessionView) -> None:
    show_appeals(screen, session)
    if session.settlement is not None:
        screen.say(f"   settled in {session.settlement.transaction}", "dim")
        for slash in session.settlement.slashes:
            lost = money_text(slash.amount, 18, "FRAC")
            screen.say(f"   {short_text(slash.node)} lost {lost} for {slash.reason}", "yellow")
    if session.cancelled is not None:
        screen.say(f"   cancelled: {session.cancelled.reason}; every fee was credited back", "yellow")


def show_agent(screen: Screen, agent: AgentView) -> None:
    """Print an agent: who it is, and its past in each Space."""
    screen.say(f"{agent.name} of {agent.account or agent.owner}", "bold")
    screen.say(f"id {agent.id}\nbase model {agent.base_model}, {agent.points} participation points")
    screen.say(f"prompt v{agent.prompt_version}: {agent.prompt}")
    screen.say("other agents may learn from its replies" if agent.shares else "only it may learn from its replies")
    for adapter in agent.adapters:
        screen.say(f"adapter in {adapter.space}: {adapter.digest}")
    for history in agent.history:
        roi = ", ".join(f"{percent_text(r.roi_bps)} in {r.asset}" for r in history.returns)
        average = score_text(history.average)
        screen.say(f"\n{history.title}: {history.sessions} Sessions, average {average}, ROI {roi}", "bold")
        results = [
            [r.session, str(r.place), score_text(r.score), money_text(r.payout, r.decimals, r.asset)]
            for r in history.results
        ]
        screen.table("", ["session", "place", "score", "payout"], results, numbers=3)
        lost = ", ".join(f"{entry.criterion} {score_text(entry.lost)}" for entry in history.lost)
        screen.say(f"points lost by criterion: {lost}")
        for reason in history.reasons[:6]:
            screen.say(f"  round {reason.round + 1}, {reason.criterion} {score_text(reason.score)}: {reason.reason}")


def show_space(screen: Screen, space: SpaceView) -> None:
    """Print a Space's rules."""
    screen.say(f"{space.title} (version {space.version})", "bold")
    screen.say(f"{space.goal}\n{space.instructions}")
    screen.say(f"digest {space.digest}")
    screen.say(f"{space.rounds} rounds, {space.min_entrants} to {space.max_entrants} entrants")
    criteria = [[c.name, f"{c.weight} %", c.evaluator, c.question] for c in space.criteria]
    screen.table("", ["criterion", "weight", "by", "question"], criteria)
    tiers = [[t.name, money_text(t.fee, t.decimals, t.asset)] for t in space.tiers]
    screen.table("", ["tier", "fee"], tiers, numbers=1)
    screen.say("places get " + ", ".join(f"{share / 100:g} %" for share in space.payout_bps) + " of the pool")


def event_line(entry: LogEntryView) -> str:
    """Return one entry of a log as a line."""
    event = entry.event
    details = {
        "entered": lambda: str(_part(event, "snapshot").get("name", "")),
        "replied": lambda: f"{len(_list(event, 'replies'))} replies",
        "revealed": lambda: f"{event.get('judge')} gives {', '.join(map(_points, _list(event, 'scores')))}",
        "sheet-read": lambda: f"the reasons of {_part(event, 'sheet').get('judge')}",
        "committed": lambda: str(event.get("judge")),
        "judges-drawn": lambda: f"{len(_list(event, 'judges'))} judges",
        "settled": lambda: f"medians {', '.join(map(_points, _list(event, 'medians')))}",
        "cancelled": lambda: str(event.get("reason")),
    }
    detail = details.get(entry.kind, lambda: "")()
    return f"{entry.length:>4} {entry.kind:<13} {detail}".rstrip()


def training_line(training: TrainingView) -> str:
    """Return how far a training is, in a line."""
    agree = sum(node.agrees is True for node in training.nodes)
    revealed = sum(node.root is not None for node in training.nodes)
    parts = [f"{training.agent_name} in {training.space}: {training.status}"]
    if training.examples:
        parts.append(f"{training.examples} examples")
    if agree:
        parts.append(f"{agree} of {len(training.nodes)} nodes agree")
    elif training.nodes:
        parts.append(f"{revealed} of {len(training.nodes)} nodes have revealed")
    return ", ".join(parts)


def show_training(screen: Screen, training: TrainingView) -> None:
    """Print a training: curve, who agrees, before and after."""
    losses = [ppm / 1e6 for ppm in training.losses_ppm]
    if losses:
        screen.say(f"   loss {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.3f}  ({len(losses)} steps)")
    verifiers = [node for node in training.nodes if node.role == "verifier"]
    if verifiers and any(node.agrees is not None for node in verifiers):
        agree = sum(node.agrees is True for node in verifiers)
        screen.say(f"   {agree} of {len(verifiers)} verifiers agree", "green" if agree == len(verifiers) else "yellow")
    for node in training.nodes:
        if node.agrees is False:
            where = "" if node.first_difference is None else f" from step {node.first_difference} on"
            lost = money_text(node.slashed, 18, "FRAC")
            screen.say(f"   {node.role} {short_text(node.address)} differs{where} and lost {lost}", "yellow")
    if training.comparison is not None:
        screen.say(f"   {comparison_text(training)}", "bold")
    if training.reason:
        screen.say(f"   {training.reason}", "yellow")


def comparison_text(training: TrainingView) -> str:
    """Return before and after with the interval, in a sentence."""
    found = training.comparison
    if found is None:
        return "There was no held-out comparison."
    verdict = "the new adapter serves" if found.promoted else "not beyond chance: the old version still serves"
    return (
        f"held-out score {score_text(found.before)} -> {score_text(found.after)} on {found.tasks} tasks: "
        f"{difference_text(found.difference)} (95 % interval {difference_text(found.low)} to "
        f"{difference_text(found.high)}), {verdict}"
    )


def sparkline(values: list[float]) -> str:
    """Return a curve in one line of text.

    >>> sparkline([3.0, 2.0, 1.0])
    '█▅▁'
    """
    if len(values) > SPARK_WIDTH:
        size = len(values) / SPARK_WIDTH
        chunks = [values[int(i * size) : int((i + 1) * size)] for i in range(SPARK_WIDTH)]
        values = [sum(chunk) / len(chunk) for chunk in chunks]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(SPARKS[round((len(SPARKS) - 1) * (v - low) / span)] for v in values)


def _part(event: dict[str, object], key: str) -> dict[str, object]:
    part = event.get(key)
    return part if isinstance(part, dict) else {}


def _list(event: dict[str, object], key: str) -> list[object]:
    part = event.get(key)
    return part if isinstance(part, list) else []


def _points(score: object) -> str:
    return score_text(score if isinstance(score, int) else None)
