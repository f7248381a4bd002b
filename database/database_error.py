"""The exception that this package raises."""


class DatabaseError(RuntimeError):
    """The database cannot be used; the message is one sentence without a password."""
