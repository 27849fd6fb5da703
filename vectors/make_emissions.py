"""Write `emissions.json`: what points earn, worked out with exact fractions and no code of the package.

python vectors/make_emissions.py            write the file
python vectors/make_emissions.py --check    compare instead; exit 1 on any difference
"""

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("emissions.json")

CASES: list[dict[str, Any]] = [
    {"name": "one account takes the pool", "share": 4000, "cap": 10**30, "points": [7]},
    {
        "name": "three equal accounts lose the wei that does not divide",
        "share": 10_000,
        "cap": 10**30,
        "points": [1, 1, 1],
    },
    {"name": "unequal accounts", "share": 2500, "cap": 10**30, "points": [1, 2, 4, 93]},
    {"name": "the cap keeps most of an idle month's pool", "share": 3000, "cap": 10**18, "points": [3, 5]},
    {"name": "the cap binds exactly", "share": 10_000, "cap": 10**24 // 10, "points": [4, 6]},
    {"name": "a group without a share", "share": 0, "cap": 10**30, "points": [5]},
    {"name": "a cap of nothing", "share": 5000, "cap": 0, "points": [5, 1]},
    {"name": "as many points as one record may carry", "share": 10_000, "cap": 10**30, "points": [2**96 - 1, 1]},
]
PER_MONTH = 10**24


def earned(case: dict[str, Any]) -> list[str]:
    """Return what each account earns, in wei as decimal text."""
    pool = (Fraction(PER_MONTH) * case["share"] / 10_000).__floor__()
    total = sum(case["points"])
    parts = (min(Fraction(pool * own, total), Fraction(own * case["cap"])) for own in case["points"])
    return [str(part.__floor__()) for part in parts]


def document() -> str:
    """Return the file's text."""
    cases = [
        {
            "name": case["name"],
            "perMonth": str(PER_MONTH),
            "shareBps": case["share"],
            "maxPerPoint": str(case["cap"]),
            "points": [str(own) for own in case["points"]],
            "earned": earned(case),
        }
        for case in CASES
    ]
    return json.dumps(cases, indent=1) + "\n"


def main() -> int:
    """Write or compare; return the exit status."""
    if "--check" in sys.argv[1:]:
        return 0 if FILE.read_text(encoding="utf-8") == document() else 1
    FILE.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
