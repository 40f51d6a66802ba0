"""What can go wrong, each kind with the exit code that a scheduler sees.

A message says what is wrong, where, and what to do next. It names positions and
counts, never a value from a row.
"""

from typing import ClassVar

NOTHING_NEW = 99
"""Exit code of `outcomes ingest` when every delivery has been loaded before."""


class PipelineError(Exception):
    """A fault that a person can act on; shown without a traceback."""

    exit_code: ClassVar[int] = 1


class UsageError(PipelineError):
    """The command or a configuration file asks for something impossible."""

    exit_code = 2


class DeliveryRefusedError(PipelineError):
    """A delivery breaks the input contract; nothing of it was loaded.

    Args:
        message: What is wrong, where, and what to do next.
        kind: One of `refusals.KINDS`; empty takes that of the step that refuses.
    """

    exit_code = 10

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.changes: tuple[str, ...] = ()
        """How it differs from the deliveries accepted before it, as far as compared."""
        self.column_changes: tuple[str, ...] = ()
        """How the columns of its files do."""


class CheckFailedError(PipelineError):
    """A critical check failed, or a check could not be evaluated."""

    exit_code = 11


class EstimateFailedError(PipelineError):
    """A comparison could not be estimated."""

    exit_code = 12


class AnotherWriterError(PipelineError):
    """Another command is writing to the same home."""

    exit_code = 20
