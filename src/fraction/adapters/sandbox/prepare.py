"""`python -m fraction.adapters.sandbox.prepare` compiles the WebAssembly sandbox, once, in about two minutes."""

from fraction.adapters.sandbox.choice import WASI_CACHE
from fraction.adapters.sandbox.wasi import Wasi

if __name__ == "__main__":
    Wasi(WASI_CACHE.expanduser()).prepare()
