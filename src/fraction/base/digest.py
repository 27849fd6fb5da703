"""One way to turn a value into bytes, and bytes into a name.

Nodes compare digests and contracts store them: two honest nodes must produce the same bytes.
"""

import hashlib
import json
from typing import NewType, TypeAlias, Union

Digest = NewType("Digest", str)
"""SHA-256 as 64 lower-case hex characters."""

Json: TypeAlias = Union[bool, int, str, list["Json"], dict[str, "Json"], None]
"""What may be digested. Floats are absent on purpose: their text form is not portable."""

JsonObject: TypeAlias = dict[str, Json]
"""A JSON object without floats."""


def canonical_json(value: Json) -> bytes:
    r"""Return `value` as UTF-8 JSON with sorted keys and no spaces.

    >>> canonical_json({"b": 1, "a": [True, None, "é"]})
    b'{"a":[true,null,"\xc3\xa9"],"b":1}'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def parse_json(text: str | bytes) -> object:
    """Return the JSON value in `text`, which may come from strangers.

    The parser bounds nesting itself: the standard library's can be made to overflow the process's stack where
    some other library has raised the recursion limit.

    Raises:
        ValueError: it is not JSON, is nested too deeply, or has NaN.

    >>> parse_json('{"a": [1]}')
    {'a': [1]}
    >>> parse_json("[" * 100_000)
    Traceback (most recent call last):
    ...
    ValueError: recursion limit exceeded at line 1 column 202
    """
    from pydantic_core import from_json  # here, so that the sandbox's side of things needs no packages

    try:
        return from_json(text, allow_inf_nan=False)
    except TypeError as error:  # a text that UTF-8 cannot hold
        raise ValueError("the text has characters that cannot be encoded") from error


def sha256_of(payload: bytes) -> Digest:
    """Return the SHA-256 of `payload` in lower-case hex (64 characters)."""
    return Digest(hashlib.sha256(payload).hexdigest())


def digest_of(value: Json) -> Digest:
    """Return the name of `value`: the SHA-256 of its canonical JSON.

    >>> digest_of({"a": 1}) == digest_of({"a": 1})
    True
    """
    return sha256_of(canonical_json(value))
