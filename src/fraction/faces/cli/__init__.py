"""The command line; it can do exactly what the SDK can, and starts the processes of a world."""


def main() -> None:
    """Run the command line and exit with its code."""
    from fraction.faces.cli.app import run

    raise SystemExit(run())
