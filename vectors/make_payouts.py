"""Write `payouts.json` from a reference of its own: exact fractions, and what is left dealt out coin by coin.

python vectors/make_payouts.py            write
python vectors/make_payouts.py --check    compare with what is committed; exit 1 on any difference
"""

import argparse
import hashlib
import json
import statistics
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "payouts.json"

Rows = list[list[int] | None]

FEE_SHARE = Fraction(1, 10)
NO_SHOW, DEVIANT = 500, 50


def dealt(amount: int, shares: list[Fraction]) -> list[int]:
    """Return whole parts near `shares` (which sum to 1) of `amount`: floors first, then one coin each in order."""
    parts = [int(amount * share) for share in shares]
    turn = 0
    while sum(parts) < amount:
        parts[turn] += 1
        turn += 1
    return parts


def prizes(net: int, medians: list[int], payout_bps: list[int]) -> list[int]:
    """Return each ticket's prize, from the number of those who did better."""
    filled = payout_bps[: len(medians)]
    by_place = dealt(net, [Fraction(w, sum(filled)) for w in filled]) + [0] * len(medians)
    result = [0] * len(medians)
    for ticket, median in enumerate(medians):
        better = sum(m > median for m in medians)
        equals = [t for t, m in enumerate(medians) if m == median]
        shared = sum(by_place[better : better + len(equals)])
        coins = dealt(shared, [Fraction(1, len(equals))] * len(equals))
        result[ticket] = coins[equals.index(ticket)]
    return result


def expected(fee: int, payout_bps: list[int], tolerance: int, scores: Rows) -> dict[str, Any]:
    """Return what the case must give."""
    revealed = [row for row in scores if row is not None]
    entrants = len(revealed[0])
    medians = [statistics.median_low([row[t] for row in revealed]) for t in range(entrants)]
    deviations = [
        None if row is None else int(Fraction(sum(abs(s - m) for s, m in zip(row, medians, strict=True)), entrants))
        for row in scores
    ]
    pot = fee * entrants
    kept = int(pot * FEE_SHARE)
    honest = [d is not None and d <= tolerance for d in deviations]
    judge_fees = [int(Fraction(kept // 2, sum(honest))) if h else 0 for h in honest]
    return {
        "medians": medians,
        "payouts": [str(p) for p in prizes(pot - kept, medians, payout_bps)],
        "deviations": deviations,
        "judgeFees": [str(f) for f in judge_fees],
        "slashBps": [
            NO_SHOW if row is None else 0 if agrees else DEVIANT for row, agrees in zip(scores, honest, strict=True)
        ],
        "treasury": str(kept - sum(judge_fees)),
    }


def numbers(seed: str) -> Iterator[int]:
    """Yield 32-bit numbers that depend on `seed` only."""
    count = 0
    while True:
        yield int.from_bytes(hashlib.sha256(f"{seed}/{count}".encode()).digest()[:4], "big")
        count += 1


THREE = [5000, 3000, 2000]
ALL = [10000]
ETHER = 10**18

NAMED: list[tuple[str, int, list[int], int, Rows]] = [
    ("one entrant takes all places", ETHER // 100, THREE, 500, [[7000], [7100], [6900]]),
    ("two entrants, three places", ETHER // 100, THREE, 500, [[7000, 6000]] * 3),
    ("three entrants, three places", 10**6, THREE, 500, [[7000, 6000, 5000], [7100, 6100, 5100], [6900, 5900, 4900]]),
    ("ten entrants", 5 * 10**6, THREE, 300, [[100 * (t * 7 % 10) for t in range(10)]] * 3),
    ("winner takes all", ETHER, ALL, 500, [[5000, 5001]] * 3),
    ("duel, tie", ETHER + 1, ALL, 500, [[5000, 5000]] * 3),
    ("tie for the first place", 101, THREE, 500, [[9000, 9000, 1000]] * 3),
    ("tie for the second place", 101, THREE, 500, [[9000, 1000, 1000]] * 3),
    ("tie over the last place", 101, THREE, 500, [[9000, 8000, 1000, 1000, 1000]] * 3),
    ("tie outside the places", 101, THREE, 500, [[9000, 8000, 7000, 1000, 1000]] * 3),
    ("all tied", 1, THREE, 500, [[5000] * 7] * 3),
    ("all tied at nothing", 97, THREE, 500, [[0] * 4] * 3),
    ("all tied at the top", 97, THREE, 500, [[10000] * 4] * 3),
    ("two ties", 1009, [4000, 3000, 2000, 1000], 500, [[8000, 2000, 8000, 2000]] * 3),
    ("tie of those who came late", 1009, THREE, 500, [[1000, 2000, 9000, 9000]] * 3),
    ("free tier", 0, THREE, 500, [[7000, 6000, 5000]] * 3),
    ("pot of one coin", 1, THREE, 500, [[7000]] * 3),
    ("pot of nine coins, no fee", 3, THREE, 500, [[7000, 6000, 5000]] * 3),
    ("pot of ten coins, fee of one", 5, THREE, 500, [[7000, 6000]] * 3),
    ("fee of one coin is the treasury's", 10, THREE, 500, [[7000]] * 3),
    ("fee odd", 30, THREE, 500, [[7000]] * 1),
    ("weights that do not divide", 1000003, [3334, 3333, 3333], 500, [[7000, 6000, 5000]] * 3),
    ("sixteen places", 999_999_999, [625] * 16, 500, [[100 * t for t in range(20)]] * 3),
    ("sixteen places, five entrants", 999_999_999, [625] * 16, 500, [[100 * t for t in range(5)]] * 3),
    ("steep", 7 * 10**6 + 1, [9985] + [1] * 15, 500, [[9000 - 100 * t for t in range(17)]] * 3),
    ("one judge", ETHER // 7, THREE, 0, [[100, 200, 300]]),
    ("two judges, lower median", ETHER // 7, THREE, 100, [[100, 200, 300], [200, 100, 301]]),
    ("four judges", ETHER // 7, THREE, 5000, [[1, 2, 3], [4, 5, 6], [9, 8, 7], [9999, 0, 10000]]),
    ("even panel turns the order", 1000, THREE, 10000, [[0, 100], [10000, 200], [0, 300], [10000, 400]]),
    ("five judges, one rogue", 1000, THREE, 500, [[5000, 4000]] * 4 + [[0, 10000]]),
    ("rogue judge among three", 1000, THREE, 500, [[5000, 4000], [5100, 4100], [10000, 0]]),
    ("all judges deviate but one", 1000, THREE, 0, [[5000, 4000], [5100, 4100], [4900, 3900]]),
    ("nobody is within the tolerance", 1000, THREE, 0, [[0, 100, 200], [100, 200, 0], [200, 0, 100]]),
    ("deviation at the tolerance", 1000, THREE, 100, [[5000, 4000], [5000, 4000], [5100, 3900]]),
    ("deviation rounded down to the tolerance", 1000, THREE, 100, [[5000, 4000], [5000, 4000], [5100, 3899]]),
    ("deviation one above the tolerance", 1000, THREE, 100, [[5000, 4000], [5000, 4000], [5101, 3899]]),
    ("no-show of the first judge", 1000, THREE, 500, [None, [5000, 4000], [5100, 4100], [4900, 3900]]),
    ("no-show of the last judge", 1000, THREE, 500, [[5000, 4000], [5100, 4100], [4900, 3900], None]),
    ("no-show and rogue", 1000, THREE, 500, [[5000, 4000], None, [5100, 4100], [10000, 10000], [5000, 4100]]),
    ("fifteen judges", ETHER // 3, THREE, 200, [[5000 + 10 * j, 4000 - 10 * j] for j in range(15)]),
    ("judge fee does not divide", 1000, THREE, 500, [[5000, 4000]] * 7),
    ("greatest fee", 2**96 - 1, THREE, 500, [[5000, 4000, 3000]] * 3),
    ("greatest fee, tied", 2**96 - 1, [3334, 3333, 3333], 500, [[5000] * 5] * 3),
    ("greatest tolerance", 1000, THREE, 10000, [[0, 10000], [10000, 0], [0, 0]]),
]


def random_case(index: int) -> tuple[str, int, list[int], int, Rows]:
    """Return a case that nobody thought of: few distinct scores, so that many tie."""
    draw = numbers(f"payouts/{index}")
    entrants, judges = 1 + next(draw) % 9, 1 + next(draw) % 7
    steps = 1 + next(draw) % 6
    scores: Rows = [[next(draw) % (steps + 1) * (10000 // steps) for _ in range(entrants)] for _ in range(judges)]
    for judge in range(min((judges - 1) // 2, max(0, judges - 3))):
        if next(draw) % 4 == 0:
            scores[judge] = None
    places = 1 + next(draw) % 5
    weights = sorted((1 + next(draw) % 50 for _ in range(places)), reverse=True)
    payout_bps = dealt(10000, [Fraction(w, sum(weights)) for w in weights])
    return f"random {index}", next(draw) ** 2 % 10**15, payout_bps, next(draw) % 6000, scores


def cases() -> list[dict[str, Any]]:
    """Return all cases with what they must give."""
    given = NAMED + [random_case(index) for index in range(16)]
    return [
        {"name": name, "fee": str(fee), "payoutBps": bps, "tolerance": tolerance, "scores": scores}
        | expected(fee, bps, tolerance, scores)
        for name, fee, bps, tolerance, scores in given
    ]


def text() -> str:
    """Return the file's text, one case a line."""
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    return f"[\n{lines}\n]\n"


def main() -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(description="Golden cases of payouts.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if parser.parse_args().check:
        return int(FILE.read_text(encoding="utf-8") != text())
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
