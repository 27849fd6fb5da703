"""A Space as a directory: the template is valid as it is written, and complaints name file and line."""

from pathlib import Path

import pytest

from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.space_folder import PROGRAM_FILE, SPACE_FILE, line_of, read_space_folder, write_space_folder


@pytest.mark.parametrize("program", [False, True])
def test_a_new_space_is_valid(tmp_path: Path, program: bool) -> None:
    folder = tmp_path / "my-space"
    write_space_folder(folder, program)
    found = read_space_folder(folder)
    assert (found.space.id, found.space.title) == ("my-space", "My Space")
    assert bool(found.program) is program
    assert len((folder / SPACE_FILE).read_text().splitlines()) <= 30
    with pytest.raises(Refusal, match="exists already"):
        write_space_folder(folder, program)


def test_a_version_is_frozen_with_its_program(tmp_path: Path) -> None:
    folder = tmp_path / "frozen"
    write_space_folder(folder, program=True)
    before = read_space_folder(folder).digest()
    file = folder / PROGRAM_FILE
    file.write_text(file.read_text().replace("randint(2, 9)", "randint(2, 8)"))
    assert read_space_folder(folder).digest() != before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rounds = 3", "rounds = 0", "line 7: .*rounds"),
        ('source = "everyday"', 'source = "nowhere"', "line 6: .*source"),
        ("weight = 100", "weight = 0", r"line 21: .*criteria\.0\.weight"),
        ("max = 6", "max = 600", r"line 9: .*entrants\.max"),
        ('fee = "0"', 'fee = "x"', r"line 17: .*tiers\.0\.fee"),
        ("version = 1", "version = ", "at line 2"),
        ("version = 1", "version = 1\ncolour = 3", "line 3: .*colour"),
        ("weight = 100", "weight = 90", "line 19: .*sum to 100"),
    ],
)
def test_complaints_name_the_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "broken"
    write_space_folder(folder, program=False)
    file = folder / SPACE_FILE
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(Refusal, match=said):
        read_space_folder(folder)


def test_a_program_that_is_no_python_is_named_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "syntax"
    write_space_folder(folder, program=True)
    (folder / PROGRAM_FILE).write_text("x = 1\ndef tasks(seed:\n")
    with pytest.raises(Refusal, match=r"tasks\.py, line 2"):
        read_space_folder(folder)
    (folder / PROGRAM_FILE).unlink()
    with pytest.raises(Refusal, match="cannot be read"):
        read_space_folder(folder)


@pytest.mark.parametrize("name", ["My Space", "x" * 41])
def test_a_directory_whose_name_is_no_id_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match="a-z"):
        write_space_folder(tmp_path / name, program=False)


def test_a_complaint_about_nothing_in_the_file_names_the_first_line() -> None:
    assert line_of("id = 1\n", "Something else is wrong.") == 1
