"""Write `exact_v1.json`: small cases of every operator of exact-v1, by whole numbers alone.

python vectors/make_exact.py            write
python vectors/make_exact.py --check    compare with what is committed; exit 1 on any difference

No machine's floats are used: inputs come from SHAKE-256, outputs from `fraction.verification.exact`, which torch, the
C kernels and contracts are held to.
"""

import hashlib
import json
import sys
from math import prod
from pathlib import Path
from typing import Any

from fraction.verification.exact import OPERATORS, Application, element

FILE = Path(__file__).resolve().parent / "exact_v1.json"

CASES: dict[str, tuple[list[tuple[str, tuple[int, ...]]], tuple[int, ...], tuple[int, ...]]] = {
    "linear": ([("f32", (2, 40)), ("i8", (3, 40)), ("scale", (3,))], (2, 3), ()),
    "linear_back": ([("f32", (2, 3)), ("i8", (3, 40)), ("scale", (3,))], (2, 40), ()),
    "fixed": ([("f32", (2, 40)), ("i21", (3, 40)), ("grid", ())], (2, 3), ()),
    "fixed_back": ([("f32", (2, 3)), ("i21", (3, 40)), ("grid", ())], (2, 40), ()),
    "dot": ([("f32", (2, 2, 17)), ("f32", (2, 3, 17))], (2, 2, 3), ()),
    "exponents": ([("f32", (2, 5))], (2,), ()),
    "fold": ([("f32", (2, 2, 9)), ("f32", (2, 9, 3)), ("exponents", (2, 9))], (2, 2, 3), ()),
    "row_sum": ([("f32", (3, 33))], (3, 1), ()),
    "row_max": ([("f32", (3, 7))], (3, 1), ()),
    "add": ([("f32", (4, 3)), ("f32", (3,))], (4, 3), ()),
    "subtract": ([("f32", (4, 3)), ("f32", (4, 1))], (4, 3), ()),
    "multiply": ([("f32", (4, 3)), ("f32", (4, 3))], (4, 3), ()),
    "divide": ([("f32", (4, 3)), ("scale", (4, 3))], (4, 3), ()),
    "sqrt": ([("scale", (12,))], (12,), ()),
    "exp": ([("f32", (24,))], (24,), ()),
    "mask": ([("f32", (1, 3, 3))], (1, 3, 3), ()),
    "rotate": ([("f32", (2, 3, 4)), ("f32", (3, 2)), ("f32", (3, 2))], (2, 3, 4), ()),
    "less_one": ([("f32", (2, 5)), ("index", (2,))], (2, 5), ()),
    "permute": ([("f32", (2, 3, 4))], (2, 4, 3), (0, 2, 1)),
    "columns": ([("f32", (3, 6))], (3, 2), (1, 3)),
    "join": ([("f32", (3, 2)), ("f32", (3, 1))], (3, 3), ()),
    "item": ([("f32", (2, 3, 2))], (2, 2), (1,)),
    "rows": ([("f32", (5, 2)), ("index", (3,))], (3, 2), ()),
    "place": ([("f32", (2, 3)), ("index", (2,))], (5, 3), (5,)),
    "repeat": ([("f32", (1, 2, 2, 2))], (1, 4, 2, 2), (2,)),
}
"""Operator -> kinds and shapes of its inputs, shape of its output, settings."""


def numbers(kind: str, count: int, label: str) -> list[int]:
    """Return whole numbers, or float32 bits, of that kind; exponents follow from another input."""
    raw = hashlib.shake_256(label.encode()).digest(4 * count)
    words = [int.from_bytes(raw[4 * i : 4 * i + 4], "little") for i in range(count)]
    if kind == "f32":  # 2**-12 to 2**12 and both zeros
        return [w & 0x807FFFFF | (115 + (w >> 23) % 24) << 23 if w % 17 else w & 0x80000000 for w in words]
    if kind == "scale":
        return [w & 0x007FFFFF | (115 + (w >> 23) % 24) << 23 for w in words]
    if kind == "grid":
        return [-22] * count
    spans = {"i8": (255, 127), "i21": (2**21 + 1, 2**20), "index": (5, 0)}
    span, shift = spans[kind]
    if kind == "index":
        return [(words[0] + 2 * i) % span for i in range(count)]  # distinct
    return [w % span - shift for w in words]


def case(operator: str) -> dict[str, Any]:
    """Return one operator's case."""
    kinds, output, settings = CASES[operator]
    shapes = tuple(shape for _, shape in kinds)
    values: list[list[int]] = []
    for place, (kind, shape) in enumerate(kinds):
        if kind == "exponents":
            rows = Application("exponents", (shapes[place - 1],), shape)
            before = values[place - 1]
            values.append([element(rows, p, lambda _i, at, v=before: v[at]) for p in range(prod(shape))])
        else:
            values.append(numbers(kind, prod(shape), f"fraction/vectors/{operator}/{place}"))
    application = Application(operator, shapes, output, settings)
    found = [element(application, position, lambda i, at: values[i][at]) for position in range(prod(output))]
    return {
        "operator": operator,
        "settings": list(settings),
        "inputs": [
            {"kind": "f32" if kind == "scale" else kind, "shape": list(shape), "values": own}
            for (kind, shape), own in zip(kinds, values, strict=True)
        ],
        "output": {"shape": list(output), "values": found},
    }


def main(arguments: list[str]) -> int:
    """Write or compare."""
    cases = ",\n".join(json.dumps(case(operator), separators=(",", ":")) for operator in OPERATORS)
    text = f"[\n{cases}\n]\n"
    if arguments == ["--check"]:
        return int(FILE.read_text() != text)
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
