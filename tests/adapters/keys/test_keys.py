"""Key files: made once, readable by their owner alone, and never half written."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fraction.adapters.keys import KeyFolder, key_at
from fraction.base import NotFound, Rejected, Unavailable


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    key = key_at(path)
    assert len(key) == 66
    assert key_at(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_who_make_the_same_key_at_once_get_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(key_at, [tmp_path / "shared.key"] * 32))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["shared.key"]


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.key").write_text("hello")
    with pytest.raises(Rejected):
        key_at(tmp_path / "bad.key")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        key_at(tmp_path / "file" / "node.key")


def test_accounts_have_names_that_are_safe_as_files(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    first, second = folder.create("ada"), folder.create("bob")
    assert (folder.get("ada"), folder.get("bob")) == (first, second)
    assert folder.names() == ("ada", "bob")
    for name in ("", "../ada", "a/b", ".hidden", "x" * 41, "a b"):
        with pytest.raises(Rejected):
            folder.create(name)
    with pytest.raises(NotFound):
        folder.get("eve")
