"""What can go wrong in the trade; worded for people at the door (``web/errors.py``)."""

from collections.abc import Sequence


class DomainError(Exception):
    """Something that the rules of the trade do not allow. Nothing has been changed."""


class MoveNotAllowed(DomainError):
    """A case in this state does not take this event."""


class NobodyTold(MoveNotAllowed):
    """Nobody of the provider signs in, so that what is given to it would reach nobody."""


class StaleVersion(DomainError):
    """Somebody else changed the row since this form was opened."""


class AlreadySent(DomainError):
    """The same idempotency key came with other content."""


class ThingUnknown(DomainError):
    """A name that nobody here has."""


class ImportRefused(DomainError):
    """A file that cannot be taken in; ``problems`` says where and why, a line each."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("\n".join(problems))
        self.problems = problems
