"""Digests: one value, one name."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Json, canonical_json, digest_of

values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, Json]) -> None:
    reversed_keys = dict(reversed(list(value.items())))
    assert digest_of(value) == digest_of(reversed_keys)


@given(values, values)
def test_different_bytes_have_different_names(one: Json, two: Json) -> None:
    same = canonical_json(one) == canonical_json(two)
    assert (digest_of(one) == digest_of(two)) == same


def test_the_digest_is_plain_sha256_of_the_canonical_text() -> None:
    assert digest_of({"b": "é", "a": [1, None]}) == hashlib.sha256('{"a":[1,null],"b":"é"}'.encode()).hexdigest()
