"""What is committed is what the sources say, and what a chain accepts."""

import json
import subprocess
import sys

import pytest

from tests.contracts.chain import ARTIFACTS, ROOT, artifact

NAMES = sorted(path.stem for path in ARTIFACTS[0].glob("*.json"))


@pytest.mark.slow
def test_compiling_the_sources_gives_the_committed_artifacts_byte_for_byte() -> None:
    command = [sys.executable, str(ROOT / "contracts" / "build.py"), "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "Equal."), done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_not_larger_than_a_chain_takes(name: str) -> None:
    assert 0 < len(artifact(name)["deployedBytecode"][2:]) // 2 <= 24_576  # EIP-170
    assert len(artifact(name)["bytecode"][2:]) // 2 <= 49_152  # EIP-3860; one contract creates another


def test_the_lock_file_pins_every_package_by_its_digest_and_names_no_server() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert all("integrity" in package for package in installed.values())
    assert not any("resolved" in package for package in installed.values())
