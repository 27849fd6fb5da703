"""How a cheat is told to be caught follows from the views, and so does that it was not."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import pytest

from fraction.faces.cli.demo.hostile_model import BEGS, BREAKS_OUT, PLEA, QUIET, HostileModel
from fraction.faces.cli.demo.verdicts import (
    begging,
    bribed_judge,
    copying_judge,
    lying_trainer,
    missing_judge,
)
from fraction.faces.web.training_view import training_view
from fraction_sdk.wire import JudgeView, SessionView, SlashView
from tests.faces.memory_platform import filled_platform, paid_log, training_job

FRAC = 10**18


@pytest.fixture
def session() -> SessionView:
    """A settled Session of three."""
    return filled_platform(paid_log()).backend.session("31337-1")


def changed(session: SessionView, judge: JudgeView, reason: str = "", paid: bool = True) -> SessionView:
    """Return the Session with another story of one judge."""
    settlement = session.settlement
    assert settlement is not None
    slashes = [SlashView(node=judge.address, amount=str(25 * FRAC), reason=reason)] if reason else []
    fees = [fee for fee in settlement.judge_fees if paid or fee.account != judge.address]
    ended = settlement.model_copy(update={"slashes": slashes, "judge_fees": fees})
    judges = [judge if j.address == judge.address else j for j in session.judges]
    return session.model_copy(update={"judges": judges, "settlement": ended})


def test_a_bribed_judge_is_caught_if_it_moved_nothing_and_earned_nothing(session: SessionView) -> None:
    favourite = session.entrants[0].agent
    rogue = session.judges[0].model_copy(update={"scores": [10_000, 0, 0]})
    cheat = bribed_judge(changed(session, rogue, "deviation", paid=False), rogue.address, favourite)
    assert cheat.caught
    assert "25 FRAC" in cheat.cost
    assert not bribed_judge(changed(session, rogue), rogue.address, favourite).caught


def test_a_copying_judge_is_caught_if_it_could_not_reveal(session: SessionView) -> None:
    rogue = session.judges[1].model_copy(update={"committed": True, "revealed": False})
    assert copying_judge(changed(session, rogue, "no-show"), rogue.address).caught
    assert not copying_judge(session, rogue.address).caught


def test_a_missing_judge_is_caught_if_the_session_settled_without_it(session: SessionView) -> None:
    rogue = session.judges[1].model_copy(update={"revealed": False, "committed": False})
    assert missing_judge(changed(session, rogue, "no-show"), rogue.address).caught
    assert not missing_judge(session, rogue.address).caught


def test_begging_is_told_by_the_difference_to_the_same_replies(session: SessionView) -> None:
    low, high = session.entrants[0].agent, session.entrants[2].agent
    assert begging(session, low, low).caught
    assert begging(session, low, high).caught
    assert not begging(session, high, low).caught


def test_a_lying_trainer_is_caught_if_it_was_slashed_and_the_verifiers_agree() -> None:
    assert lying_trainer(training_view(training_job(), "x")).caught
    honest = training_view(training_job(), "x")
    nodes = [node.model_copy(update={"agrees": True, "slashed": "0"}) for node in honest.nodes]
    assert not lying_trainer(honest.model_copy(update={"nodes": nodes})).caught


class _Model(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = f"{asked['messages'][0]['content']}|{asked.get('seed')}"
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hostile() -> Iterator[HostileModel]:
    """A hostile model before a real server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with HostileModel(f"http://127.0.0.1:{server.server_address[1]}/v1") as model:
            yield model
        server.shutdown()
        thread.join()


def reply(model: HostileModel, system: str, user: str = "Write def total(xs): the sum.", seed: int = 1) -> str:
    """Return what the model answers."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    body = json.dumps({"model": "base", "messages": messages, "seed": seed}).encode()
    request = Request(f"{model.url}/v1/chat/completions", data=body)
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]


def test_honest_prompts_pass_through_unchanged(hostile: HostileModel) -> None:
    assert reply(hostile, "Write well.", seed=7) == "Write well.|7"


def test_twins_say_the_same_but_for_the_plea(hostile: HostileModel) -> None:
    begs, quiet = reply(hostile, f"Write. {BEGS}", seed=1), reply(hostile, f"Write. {QUIET}", seed=2)
    assert begs == quiet + PLEA
    assert quiet.startswith("Write.|")


def test_the_attack_defines_the_function_that_was_asked_for(hostile: HostileModel) -> None:
    source = reply(hostile, f"Write code. {BREAKS_OUT}")
    assert "def total(*arguments):" in source
    compile(source, "attack", "exec")


def test_an_attack_that_reached_the_network_is_counted(hostile: HostileModel) -> None:
    assert hostile.breakouts == 0
    port = int(hostile.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as out:
        out.sendall(b"out")
        out.shutdown(socket.SHUT_WR)
        out.recv(100)
    assert hostile.breakouts == 1
