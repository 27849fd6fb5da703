from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the test's SQLite database is."""
    return tmp_path / "fraction.db"
