"""API, SDK and command line can do the same."""

import inspect
from typing import Any

import typer.main

from fraction.faces.cli.app import app as cli
from fraction.faces.web.app import create_app
from fraction_sdk import AsyncFraction, Fraction
from tests.faces.memory_platform import memory_platform

STREAMS_OF_PAGES = {"live"}
"""What only a browser needs: the sign that something changed."""

COMMANDS = {
    "accounts": "account list",
    "agent": "agent show",
    "agents": "agent list",
    "appeal": "session appeal",
    "automate": "agent automate",
    "automation": "agent automation",
    "bundle": "session bundle",
    "check_space": "space check",
    "coach": "agent coach",
    "create_account": "account create",
    "create_agent": "agent create",
    "create_guest": "account guest",
    "halt": "agent halt",
    "make_key": "account key",
    "play_now": "agent play",
    "publish_space": "space publish",
    "queue": "session join",
    "receipts": "account receipts",
    "refine": "agent refine",
    "rollback": "agent rollback",
    "session": "session show",
    "session_events": "session watch",
    "sessions": "session list",
    "space": "space show",
    "share": "agent share",
    "spaces": "space list",
    "train": "agent train",
}
"""The command for each method; the rest are parts of `demo` and `doctor`, or show nothing by themselves."""

WITHOUT_COMMAND = {"blob", "health", "leaderboard", "money", "nodes", "training", "trainings"}


WITHOUT_KEY = {"/v1/guests", "/v1/spaces/check"}
"""A visitor becomes a guest; checking a file changes nothing."""

COSTS = {"/v1/queue", "/v1/play", "/v1/trainings", "/v1/sessions/{session}/appeals"}


def methods(client: type[Fraction] | type[AsyncFraction] = Fraction) -> set[str]:
    public = {name for name, _ in inspect.getmembers(client, inspect.isfunction) if not name.startswith("_")}
    return public - {"close"}


def described() -> list[tuple[str, str, dict[str, Any]]]:
    world = memory_platform()
    paths: dict[str, dict[str, dict[str, Any]]] = create_app(world.backend, world.people).openapi()["paths"]
    return [(path, method, operation) for path, methods in paths.items() for method, operation in methods.items()]


def test_the_sdk_has_a_method_for_each_route_of_the_api_and_no_other() -> None:
    operations = [operation for _, _, operation in described()]
    # the summary is the route's own name, in words
    assert {str(o["summary"]).lower().replace(" ", "_") for o in operations} - STREAMS_OF_PAGES == methods()


def test_the_asynchronous_client_has_the_same_verbs_with_the_same_types() -> None:
    assert methods(AsyncFraction) == methods()
    for name in methods():
        plain, awaited = inspect.signature(getattr(Fraction, name)), inspect.signature(getattr(AsyncFraction, name))
        assert plain.parameters == awaited.parameters, name
        answers = str(awaited.return_annotation).replace("AsyncIterator", "Iterator")
        assert str(plain.return_annotation) == answers, name


def test_the_command_line_has_a_command_for_each_verb() -> None:
    assert COMMANDS.keys() | WITHOUT_COMMAND == methods()
    for words in COMMANDS.values():
        command: Any = typer.main.get_command(cli)
        for word in words.split():
            assert word in command.commands, words
            command = command.commands[word]


def test_every_route_is_described_with_its_refusals() -> None:
    for path, method, operation in described():
        for refusal in ("4XX", "503"):
            assert list(operation["responses"][refusal]["content"]) == ["application/problem+json"], (path, method)
        assert path.startswith(("/v1/", "/blobs/"))


def test_whatever_changes_something_takes_a_key_and_whatever_costs_can_be_repeated() -> None:
    for path, method, operation in described():
        takes = {parameter["name"] for parameter in operation.get("parameters", ())}
        if method != "get" and path not in WITHOUT_KEY:
            assert operation["security"] == [{"key": []}], (path, method)
        assert ("Idempotency-Key" in takes) == (path in COSTS and method == "post"), (path, method)
