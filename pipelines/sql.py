"""Small helpers for the SQL that Python writes."""

from pathlib import Path


def quoted(text: str | Path) -> str:
    """Return text as an SQL string literal.

    Examples:
        >>> quoted("a patient's")
        "'a patient''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Return a name as an SQL identifier, whatever characters it holds.

    Examples:
        >>> quoted_name("day of visit")
        '"day of visit"'
    """
    return '"' + name.replace('"', '""') + '"'
