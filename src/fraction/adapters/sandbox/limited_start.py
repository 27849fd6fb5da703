"""Runs inside the box before the program of a stranger: lowers the limits for good, then becomes that program.

Called with the limits as words `kind:soft:hard` in one argument, the path of the program, and options for Python.
"""

import os
import resource
import sys

if __name__ == "__main__":
    for limit in sys.argv[1].split():
        kind, soft, hard = (int(number) for number in limit.split(":"))
        resource.setrlimit(kind, (soft, hard))
    os.execv(sys.executable, [sys.executable, *sys.argv[3:], sys.argv[2]])  # noqa: S606
