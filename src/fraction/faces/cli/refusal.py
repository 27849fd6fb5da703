"""How a command ends when it cannot do what it was asked."""


class Refusal(Exception):
    """One sentence that says what to do; the command exits with 2."""
