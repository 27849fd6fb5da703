"""Re-derive a Session from its bundle and compare with the chain: exit 0 if all agrees, 1 if not."""

import argparse
import json
import sys

from fraction.app.replay_bundle import ReplayReport, replay_bundle
from fraction.base import Rejected
from fraction.faces.node.loop import say
from fraction.wiring import escrow_for_replay


def run(options: argparse.Namespace) -> int:
    """Replay; return 0 if everything agrees, 1 if something does not."""
    try:
        payload = options.bundle.read_bytes()
    except OSError as error:
        raise Rejected(f"Cannot read {options.bundle}: {error.strerror}.") from error
    with escrow_for_replay(options.data, options.rpc, options.offline) as escrow:
        report = replay_bundle(payload, escrow)
    _print(report, as_json=options.json)
    return 1 if report.differences else 0


def _print(report: ReplayReport, as_json: bool) -> None:
    if as_json:
        rows = [
            {"ticket": ticket, "name": name, "median": median, "payout": str(payout)}
            for ticket, name, median, payout in report.standings
        ]
        json.dump(
            {
                "session": report.session,
                "events": report.events,
                "standings": rows,
                "compared_with_chain": report.compared_with_chain,
                "differences": list(report.differences),
            },
            sys.stdout,
        )
        say("")
        return
    verdict = "the chain agrees" if report.compared_with_chain else "no chain was asked"
    if report.differences:
        verdict = "NOT as claimed"
    say(f"Session {report.session}: {report.events} events replayed; {verdict}.")
    for ticket, name, median, payout in report.standings:
        say(f"  {name:<24} ticket {ticket}  median {median / 100:6.2f}  payout {payout}")
    for difference in report.differences:
        say(f"  differs: {difference}")
