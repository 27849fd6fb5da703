"""The API keeps to its own description, whatever it is sent: no fault, no undeclared answer, no slack validation.

A few examples for each route in the normal run, many with FRACTION_CHAOS=full.
"""

import os
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from fraction.base import Rejected
from fraction.faces.web.app import LOOPBACK_HOSTS, create_app
from fraction.faces.web.streams import Stopping
from fraction_sdk.wire import AgentRequest
from tests.faces.memory_platform import OPERATOR, Ledger, memory_platform, paid_log

FULL = os.environ.get("FRACTION_CHAOS") == "full"
EXAMPLES = 150 if FULL else 3
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not FULL,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class DeafLedger(Ledger):
    """A chain that refuses every transaction."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a port has
        def refuse(*_given: object) -> None:
            raise Rejected(f"This chain takes no {name}.")

        return refuse


def described() -> tuple[Any, dict[str, str]]:
    """Return the API over a platform on which something was played, and ids that are there."""
    world = memory_platform(DeafLedger())
    session = world.keep_log(paid_log())
    owner = world.people.address_of("me") or world.backend.create_account("me").address
    agent = world.backend.create_agent(AgentRequest(name="a", prompt="Write."), world.ledger.address)
    stopping = Stopping()
    stopping.stop()  # streams end as soon as they have told what there is
    app = create_app(world.backend, world.people, (*LOOPBACK_HOSTS, "testserver"), stopping)
    config = SchemathesisConfig.from_dict({})
    ids = {"agent": agent.id, "session": session, "space": "writing-tweets", "account": owner}
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config), ids


def try_out(operation: Any, mode: GenerationMode, parts: dict[str, str] | None) -> None:  # noqa: ANN401
    """Send what an operation describes, or what it excludes, and check every answer against the description."""

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=parts))
    def sent(case: Any) -> None:  # noqa: ANN401
        case.call_and_validate(headers={"Authorization": f"Bearer {OPERATOR}"}, checks=CHECKS)

    try:
        sent()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # a route that takes anything excludes nothing


def test_every_route_keeps_to_its_description() -> None:
    schema, ids = described()
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) > 30
    gaps: list[str] = []
    for operation in found:
        names = [parameter.name for parameter in operation.path_parameters]
        known = {name: ids[name] for name in names} if names and ids.keys() >= set(names) else None
        for mode, parts in (
            (GenerationMode.POSITIVE, None),
            (GenerationMode.POSITIVE, known),
            (GenerationMode.NEGATIVE, known),
        ):
            try:
                try_out(operation, mode, parts)
            except BaseExceptionGroup as gap:
                gaps.append(f"{operation.method} {operation.path} {mode}: {gap!r:.900}")
    assert gaps == []
