"""Run the attacks given on standard input in the sandbox of whoever calls this; write how each one ended."""

import dataclasses
import json
import sys

from fraction.adapters.sandbox.choice import choose_sandbox
from fraction.app.sandboxing import Limits

if __name__ == "__main__":
    order = json.load(sys.stdin)
    sandbox = choose_sandbox()
    limits = Limits(wall_milliseconds=1500, cpu_seconds=1)
    endings = {name: dataclasses.asdict(sandbox.run(program, b"", limits)) for name, program in order.items()}
    json.dump(endings, sys.stdout)
