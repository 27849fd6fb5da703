"""Every error we raise on purpose, grouped by who must act.

FractionError
├── Rejected      the caller asked for something the rules forbid; change the request
│   ├── NotFound      ... it names something that is not there
│   └── Conflict      ... it was right once, and the world has moved on
└── Unavailable   a service outside this process failed; asking again later may work

Anything else that escapes is a bug in this code base. What the program exists to find (a lost match,
a broken claim, a failed verification) is a result, not an exception.
"""


class FractionError(Exception):
    """Root of the errors we raise on purpose; its text is one whole sentence that says what to do."""


class Rejected(FractionError):
    """The rules forbid what the caller asked for."""


class NotFound(Rejected):
    """The request names something that does not exist."""


class Conflict(Rejected):
    """The request was made against a state that is no longer current."""


class Unavailable(FractionError):
    """A service outside this process failed; the same request may succeed later."""
