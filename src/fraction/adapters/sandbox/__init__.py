"""Untrusted programs, run behind walls: bubblewrap where it can be had, WebAssembly by pip elsewhere."""

from fraction.adapters.sandbox.bubblewrap import Bubblewrap
from fraction.adapters.sandbox.choice import choose_sandbox, install_command
from fraction.adapters.sandbox.space_programs import ProgramGame, SandboxedPrograms
from fraction.adapters.sandbox.unit_tests import SandboxedTests, UnitTest, run_tests
from fraction.adapters.sandbox.wasi import Wasi

__all__ = [
    "Bubblewrap",
    "ProgramGame",
    "SandboxedPrograms",
    "SandboxedTests",
    "UnitTest",
    "Wasi",
    "choose_sandbox",
    "install_command",
    "run_tests",
]
