"""Write `appeals.json`: what Sessions pay whose scores were contested, from a reference of its own.

python vectors/make_appeals.py            write
python vectors/make_appeals.py --check    compare with what is committed; exit 1 on any difference

Shares no code with the package or the contracts; prizes are dealt as in `make_payouts.py`.
"""

import argparse
import json
import statistics
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from make_payouts import FEE_SHARE, THREE, Rows, numbers, prizes

FILE = Path(__file__).resolve().parent / "appeals.json"

Round = tuple[list[int], Rows]
"""Contested tickets, and what each judge of the fresh panel gave them, in that order; no rows: the round lapsed."""


def medians(rows: Rows) -> list[int]:
    """Return the lower median of each column."""
    given = [row for row in rows if row is not None]
    return [statistics.median_low(column) for column in zip(*given, strict=True)]


def expected(fee: int, payout_bps: list[int], tolerance: int, first: Rows, rounds: list[Round]) -> dict[str, Any]:
    """Return what the case must give."""
    scores = dict(enumerate(medians(first)))
    panels = [(dict(scores), first)]
    corrected: set[int] = set()
    outcomes: list[list[str]] = []
    bonds: list[list[int]] = []
    kept = int(fee * len(scores) * FEE_SHARE)
    purse = kept - kept // 2  # the treasury's half, which pays the panels of upheld appeals
    pools = [kept // 2]
    for number, (tickets, rows) in enumerate(rounds):
        bond = fee * 2**number
        if not rows:
            outcomes.append(["lapsed"] * len(tickets))
            bonds.append([bond] * len(tickets))
            continue
        found = dict(zip(tickets, medians(rows), strict=True))
        right = [t for t in tickets if abs(found[t] - scores[t]) > tolerance]
        outcomes.append(["upheld" if t in right else "denied" for t in tickets])
        bonds.append([bond if t in right else 0 for t in tickets])
        pools.append(bond * (len(tickets) - len(right)) + min(purse, bond * len(right)))
        purse -= min(purse, bond * len(right))
        scores |= {t: found[t] for t in right}
        corrected |= set(right)
        panels.append((found, rows))
    fees, deviates, overruled = [], [], []
    for pool, (own, rows) in zip(pools, panels, strict=True):
        held = {t: scores[t] if t in corrected else m for t, m in own.items()}
        off = [
            row is not None and _is_off(dict(zip(held, row, strict=True)), held, corrected, tolerance) for row in rows
        ]
        paid = sum(row is not None and not o for row, o in zip(rows, off, strict=True))
        fees.append([pool // paid if row is not None and not o else 0 for row, o in zip(rows, off, strict=True)])
        deviates.append(off)
        overruled.append([_blamed(row, own, scores, corrected, tolerance) for row in rows])
    return {
        "scores": [scores[t] for t in range(len(scores))],
        "payouts": [str(p) for p in prizes(fee * len(scores) - kept, list(scores.values()), payout_bps)],
        "outcomes": outcomes,
        "bondsBack": [[str(b) for b in round] for round in bonds],
        "deviates": deviates,
        "overruled": overruled,
        "judgeFees": [[str(f) for f in panel] for panel in fees],
        "treasury": str(purse + sum(pools) - sum(map(sum, fees))),
    }


def _blamed(
    row: list[int] | None, own: dict[int, int], final: dict[int, int], corrected: set[int], tolerance: int
) -> bool:
    if row is None:
        return False
    return any(t in corrected and abs(given - final[t]) > tolerance for t, given in zip(own, row, strict=True))


def _is_off(given: dict[int, int], held: dict[int, int], corrected: set[int], tolerance: int) -> bool:
    distance = {t: abs(given[t] - held[t]) for t in held}
    if any(distance[t] > tolerance for t in held if t in corrected):
        return True
    return int(Fraction(sum(distance.values()), len(distance))) > tolerance


BRIBED: Rows = [[5000, 4000, 3000], [9900, 100, 200], [9800, 200, 100]]
"""Two of three are bribed for ticket 0."""

HONEST: Rows = [[5000 + 10 * j, 4000 + 10 * j, 3000 + 10 * j] for j in range(3)]

NAMED: list[tuple[str, int, list[int], int, Rows, list[Round]]] = [
    ("nobody contests", 1000, THREE, 500, HONEST, []),
    ("upheld: the bribed majority loses", 10**16, THREE, 500, BRIBED, [([0], [[5100 + j] for j in range(7)])]),
    (
        "two upheld, one denied",
        10**16,
        THREE,
        500,
        BRIBED,
        [([2, 0, 1], [[3000 + j, 5100 + j, 150] for j in range(7)])],
    ),
    ("denied", 10**6 + 1, THREE, 500, HONEST, [([2], [[3200 + j] for j in range(7)])]),
    ("denied at the tolerance", 1000, THREE, 490, HONEST, [([2], [[3500]] * 7)]),
    ("upheld one beyond the tolerance", 1000, THREE, 489, HONEST, [([2], [[3500]] * 7)]),
    ("lapsed", 1000, THREE, 500, BRIBED, [([0, 1], [])]),
    (
        "a no-show in the appeal",
        1000,
        THREE,
        500,
        BRIBED,
        [([0], [[5100], None, [5000], [5000], [5050], [5000], [4990]])],
    ),
    ("a rogue in the appeal", 1000, THREE, 500, HONEST, [([1], [[4000]] * 6 + [[10000]])]),
    ("overturned twice", 10**9, THREE, 500, HONEST, [([1], [[9000]] * 7), ([1], [[4000]] * 15)]),
    ("upheld, then contested in vain", 10**9, THREE, 500, BRIBED, [([0], [[5000]] * 7), ([0], [[5200]] * 15)]),
    ("upheld, then another entry", 10**9, THREE, 500, BRIBED, [([0], [[5000]] * 7), ([2, 1], [[3000, 4000]] * 15)]),
    ("the second round lapses", 10**9, THREE, 500, BRIBED, [([0], [[5000]] * 7), ([0, 1], [])]),
    ("free of tolerance", 997, THREE, 0, HONEST, [([0], [[5010]] * 7), ([0], [[5011]] * 15)]),
    ("one judge, then three", 50, [10000], 500, [[7000, 6000]], [([1], [[8000], [8100], [7900]])]),
    ("costs beyond the treasury's half", 1000, THREE, 100, BRIBED, [([0, 1, 2], [[1000, 2000, 9000]] * 7)]),
    ("corrected into a tie", 101, THREE, 500, [[9000, 5000, 1000]] * 3, [([1], [[9000]] * 7)]),
]


def random_case(index: int) -> tuple[str, int, list[int], int, Rows, list[Round]]:
    """Return a case that nobody thought of."""
    draw = numbers(f"appeals/{index}")
    entrants, judges = 2 + next(draw) % 4, (1, 3, 4)[next(draw) % 3]
    tolerance = next(draw) % 3000

    def row(length: int) -> list[int]:
        return [next(draw) % 5 * 2500 for _ in range(length)]

    first: Rows = [row(entrants) for _ in range(judges)]
    rounds: list[Round] = []
    size = judges
    for _ in range(1 + next(draw) % 2):
        size = 2 * size + 1
        tickets = [t for t in range(entrants) if next(draw) % 2] or [0]
        rounds.append((tickets, [row(len(tickets)) for _ in range(size)]))
    return f"random {index}", next(draw) % 10**12, THREE, tolerance, first, rounds


def cases() -> list[dict[str, Any]]:
    """Return all cases with what they must give."""
    given = NAMED + [random_case(index) for index in range(8)]
    return [
        {
            "name": name,
            "fee": str(fee),
            "payoutBps": bps,
            "tolerance": tolerance,
            "scores": first,
            "rounds": [{"tickets": tickets, "scores": rows} for tickets, rows in rounds],
            "expected": expected(fee, bps, tolerance, first, rounds),
        }
        for name, fee, bps, tolerance, first, rounds in given
    ]


def text() -> str:
    """Return the file's text, one case a line."""
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    return f"[\n{lines}\n]\n"


def main() -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(description="Golden cases of appeals.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if parser.parse_args().check:
        return int(FILE.read_text(encoding="utf-8") != text())
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
