"""The rules of the house, held: layers, sizes, what may be imported where, what may stand in a source."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.sizes import too_long

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("src", "tests", "models", "contracts", "scripts", "bench")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".sol"} and path != Path(__file__)
]
LEFT_UNDONE = re.compile(r"\b(TODO|FIXME)\b|NotImplementedError|pytest\.(mark\.)?(skip|xfail)|unittest\.mock")
WITHOUT_TORCH = """
import importlib, importlib.abc, sys

class NoTorch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'torch', 'transformers', 'peft', 'accelerate', 'llguidance'}:
            raise ImportError(f'{name} is not installed')

sys.meta_path.insert(0, NoTorch())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_every_arrow_goes_down() -> None:
    done = _run("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_no_file_and_no_function_is_too_long() -> None:
    assert too_long(ROOT) == []


def test_the_size_lint_finds_what_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "long.py").write_text("def f():\n" + "    x = 1\n" * 50 + "pass\n" * 460)
    (tmp_path / "src" / "fine.py").write_text('def f():\n    """' + "words\n" * 60 + '    """\n' + "    x = 1\n" * 49)
    assert too_long(tmp_path) == [
        "src/long.py has 511 lines, 500 are allowed.",
        "src/long.py:1 f has 51 lines, 50 are allowed.",
    ]


def test_nothing_is_left_undone() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LEFT_UNDONE.search(line)
    ]
    assert found == []


def test_the_platform_and_the_web_start_without_torch() -> None:
    modules = ["fraction.wiring", "fraction.faces.web", "fraction.faces.cli", "fraction.faces.node", "fraction_sdk"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *modules], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("file", "code", "rule"),
    [
        ("src/fraction/base/x.py", "import os\n\nKEY = os.environ['KEY']\n", "TID251"),
        ("src/fraction/base/x.py", "import random\n\nNUMBER = random.random()\n", "TID251"),
        ("src/fraction/app/x.py", "import time\n\nNOW = time.time()\n", "TID251"),
        ("src/fraction/app/x.py", "import datetime\n\nNOW = datetime.datetime.now()\n", "TID251"),
        ("src/fraction/app/x.py", "import pickle\n\nLOAD = pickle.loads\n", "TID251"),
        ("src/fraction/app/x.py", "print('hello')\n", "T201"),
        ("src/fraction/app/x.py", "from . import agents\n", "TID252"),
        ("src/fraction/app/x.py", "try:\n    X = 1\nexcept Exception:\n    X = 2\n", "BLE001"),
        ("src/fraction/base/x.py", "def double(x):\n    return 2 * x\n", "ANN001"),
        ("src/fraction/base/x.py", "class Wallet:\n    pass\n", "D101"),
    ],
)
def test_ruff_refuses(file: str, code: str, rule: str) -> None:
    done = _run("ruff", "check", "--output-format", "json", "--stdin-filename", file, "-", text=code)
    assert rule in {finding["code"] for finding in json.loads(done.stdout)}


def _run(program: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
