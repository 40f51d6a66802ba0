"""Small helpers for the SQL that Python writes."""

from pathlib import Path


def quoted(text: str | Path) -> str:
    """Return text as an SQL string literal.

    Examples:
        >>> quoted("a patient's")
        "'a patient''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"
