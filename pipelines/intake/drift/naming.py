"""Say what a column or a file may be called in a message.

The header of a file that came without one is its first row, and a file may be named
after a person. A name is told if every word of it is ours, or if the source's adapters
write it; any other thing is told by its position.
"""

import re

from pipelines.intake.draft.vocabulary import is_all_ours
from pipelines.intake.sources import Source

LITERAL = re.compile(r"'[^']*'")
"""What adapters write in quotes: files and codes, no columns."""


def column_shown(name: str, position: int, is_known: bool, source: Source) -> str:
    """Return what a column may be called.

    Args:
        name: What the file calls it.
        position: Its place in the file; 1 is the first.
        is_known: The accepted file before had a column of that name. That alone is
            not enough: a file that no adapter reads is accepted whatever its header.
        source: Whose adapters may select it.
    """
    if is_all_ours(name) or (is_known and _is_selected(name, source)):
        return name
    return f"number {position}"


def file_shown(name: str, position: int, source: Source) -> str:
    """Return what a file may be called.

    Args:
        name: Its name without ending, each digit as `#`.
        position: Its place in the delivery; 1 is the first.
        source: Whose adapters may read it.
    """
    adapters = source.adapters.values()
    is_written = any(f"'{name}." in re.sub(r"\d", "#", sql) for sql in adapters)
    return name if is_written or is_all_ours(name) else f"file {position}"


def _is_selected(name: str, source: Source) -> bool:
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return any(whole.search(LITERAL.sub(" ", sql)) for sql in source.adapters.values())
