"""Programs that try to leave the box or to exhaust the machine; each prints ESCAPED if it gets through.

A program that was stopped prints `contained`, or is ended by a limit.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Targets:
    """What lies outside the box for the attacks to find."""

    secret_file: str
    tcp_port: int
    """Of a listening socket on 127.0.0.1."""
    abstract_socket: str
    """Name of a listening abstract UNIX socket, without its leading zero byte."""


def guarded(body: str) -> str:
    """Return a program in which `body` must fail with an exception to be contained."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"try:\n{lines}\n    print('ESCAPED')\nexcept Exception as error:\n    print('contained', error)\n"


def reaching_out(targets: Targets) -> dict[str, str]:
    """Return the attacks on what lies outside."""
    return {
        "tcp to the host": guarded(f"import socket\nsocket.create_connection(('127.0.0.1', {targets.tcp_port}), 2)"),
        "udp": guarded("import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))"),
        "abstract socket": guarded(
            f"import socket\nsocket.socket(socket.AF_UNIX).connect('\\0{targets.abstract_socket}')"
        ),
        "secret file": guarded(f"open({targets.secret_file!r}).read()"),
        "system files": SYSTEM_FILES,
        "environment": "import os\nprint('ESCAPED' if 'FRACTION_SECRET' in os.environ else 'contained')",
        "processes of the host": (
            "import os\nseen = [name for name in os.listdir('/proc') if name.isdigit()]\n"
            "print('ESCAPED' if len(seen) > 6 else 'contained')"
        ),
        "memory of pid 1": guarded("open('/proc/1/mem', 'rb').read(1)"),
        "kill everything": guarded("import os\nos.kill(-1, 9)"),
        "write outside": WRITE_OUTSIDE,
        "kernel settings": guarded("open('/proc/sys/kernel/hostname', 'w').write('x')"),
        "set user id": SET_USER,
        "a shell": guarded("import subprocess\nsubprocess.run(['/bin/sh', '-c', 'id'], check=True)"),
        "system calls": SYSTEM_CALLS,
        "open descriptors": ("import os\nprint('ESCAPED' if len(os.listdir('/proc/self/fd')) > 4 else 'contained')"),
    }


SYSTEM_FILES = """
import os
for path in ('/etc/shadow', '/etc/passwd', '/root', '/home', '/var', '/run', '/sys', '/opt', '/srv'):
    if os.path.exists(path) and path != '/root':
        print('ESCAPED', path)
    if path == '/root' and os.path.exists('/root'):
        print('ESCAPED' if set(os.listdir('/root')) - {'.pyenv'} else 'contained')
print('contained')
"""

WRITE_OUTSIDE = """
for path in ('/box/main.py', '/usr/bin/x', '/usr/lib/x', '/x', '/dev/shm/x', '/dev/x', '/proc/x'):
    try:
        open(path, 'w').write('x')
        print('ESCAPED', path)
    except OSError as error:
        print('contained', error)
"""

SET_USER = """
import os
try:
    os.setuid(0)
except OSError as error:
    print('contained', error)
print('ESCAPED' if os.getuid() == 0 else 'contained')
"""

SYSTEM_CALLS = """
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == 'x86_64'
def attempt(name, number, *arguments):
    result = libc.syscall(number, *arguments)
    print('ESCAPED' if result >= 0 else 'contained', name, ctypes.get_errno())
attempt('unshare', 272 if x86 else 97, 0x10000000)
attempt('clone new user', 56 if x86 else 220, 0x10000011, 0, 0, 0, 0)
attempt('mount', 165 if x86 else 40, b'none', b'/tmp', b'tmpfs', 0, 0)
attempt('ptrace', 101 if x86 else 117, 16, 1, 0, 0)
attempt('bpf', 321 if x86 else 280, 0, 0, 0)
attempt('keyctl', 250 if x86 else 219, 0, -3, 1)
attempt('io_uring', 425, 8, ctypes.create_string_buffer(120))
attempt('userfaultfd', 323 if x86 else 282, 0)
attempt('perf', 298 if x86 else 241, 0, 0, -1, -1, 0)
attempt('clone3', 435, 0, 0)
attempt('memory file', 319 if x86 else 279, b'x', 0)
attempt('shared memory', 29 if x86 else 194, 0, 1 << 20, 0o1600)
attempt('vsock socket', 41 if x86 else 198, 40, 1, 0)
attempt('netlink socket', 41 if x86 else 198, 16, 3, 0)
"""

EXHAUSTING = {
    "fork bomb": """
import os, time
forks = 0
try:
    while forks < 100000:
        if os.fork() == 0:
            time.sleep(30)
        forks += 1
except OSError:
    print('ESCAPED' if forks > 100 else 'contained', forks, flush=True)
os._exit(0)
""",
    "recursive fork bomb": """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
""",
    "memory": """
blocks = []
try:
    while len(blocks) < 4096:
        blocks.append(bytearray(1 << 20))
    print('ESCAPED')
except MemoryError:
    count = len(blocks)
    blocks = None
    print('ESCAPED' if count > 1000 else 'contained', count)
""",
    "temporary files": """
written = 0
try:
    for name in range(200):
        with open(f'/tmp/{name}', 'wb') as file:
            for _ in range(8):
                file.write(b'x' * (1 << 20))
                written += 1
    print('ESCAPED')
except OSError:
    print('ESCAPED' if written > 100 else 'contained', written)
""",
    "endless loop": "while True: pass",
    "endless sleep": "import time\ntime.sleep(1e6)",
    "endless output": "while True: print('x' * 10000)",
    "endless errors": "import sys\nwhile True: sys.stderr.write('x' * 10000)",
    "threads": """
import os, threading, time
count = 0
try:
    for _ in range(10000):
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        count += 1
    print('ESCAPED', flush=True)
except RuntimeError:
    print('ESCAPED' if count > 1000 else 'contained', count, flush=True)
os._exit(0)
""",
    "processor time, its signal ignored": """
import signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True: pass
""",
    "a child that outlives": """
import os, time
if os.fork() == 0:
    time.sleep(1e6)
print('contained')
""",
}
