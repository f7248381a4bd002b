"""The one exception of this package."""


class DatabaseError(RuntimeError):
    """A database that cannot be used; the message is one sentence and holds no password."""
