"""What can go wrong when talking to a platform."""


class ApiError(Exception):
    """The platform refused, or could not do what it was asked; the text is its own sentence."""

    def __init__(self, status: int, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        """The HTTP status."""
        self.detail = detail
        self.retry_after = retry_after
        """Seconds after which it makes sense to ask again; None if asking again is no use."""


class Unreachable(ApiError):
    """Nobody answers at the platform's address."""

    def __init__(self, detail: str) -> None:
        super().__init__(0, detail, retry_after=1)
