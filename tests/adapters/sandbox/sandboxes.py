"""The sandboxes of this machine: bubblewrap always, WebAssembly where it is installed and compiled."""

from fraction.adapters.sandbox import Wasi, choose_sandbox
from fraction.adapters.sandbox.choice import WASI_CACHE
from fraction.app.sandboxing import Sandbox


def sandboxes() -> list[Sandbox]:
    """Return the chosen sandbox, and the WebAssembly one if it can be had besides."""
    chosen = choose_sandbox()
    wasi = Wasi(WASI_CACHE.expanduser())
    others = [wasi] if wasi.is_installed() and wasi.is_warm() and wasi != chosen else []
    return [chosen, *others]
