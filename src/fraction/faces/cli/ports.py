"""Loopback ports: asked for, or picked and remembered."""

import json
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from fraction.faces.cli.refusal import Refusal

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Return whether a server could listen on the loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that are free now."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def assign_ports(names: Sequence[str], asked: Mapping[str, int], known: Mapping[str, int]) -> dict[str, int]:
    """Return a free port for each name: the asked one, else the one it had before, else any.

    Raises:
        Refusal: an asked port is occupied.
    """
    for name, port in asked.items():
        if not is_free(port):
            raise Refusal(
                f"Port {port} for the {name} is occupied by another program; stop that or choose another port."
            )
    kept = {name: port for name, port in known.items() if name not in asked and is_free(port)}
    fresh = iter(free_ports(len(names)))
    return {name: asked.get(name) or kept.get(name) or next(fresh) for name in names}


def read_ports(path: Path) -> dict[str, int]:
    """Return the ports that were written to `path`; none if there is no readable file."""
    try:
        document = json.loads(path.read_text())
        return {str(name): int(port) for name, port in document["ports"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
