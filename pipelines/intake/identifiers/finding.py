"""What the tripwire says of one place that looks like an identifier."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where an identifier can stand."""

    cells = "cells"
    header = "header"
    file_name = "file name"


@dataclass(frozen=True)
class Finding:
    """One column, header or file name that looks like an identifier."""

    file_position: int
    """In order of name; 1 is the first."""

    column_position: int
    """1 is the first; 0 where it is the file's name."""

    column_name: str
    kind: str
    count: int
    """Records, blanks left out."""

    is_told_by_name: bool
    """The column's name gives it away, so the name is one and not a first row."""

    place: Place = Place.cells

    def __str__(self) -> str:
        if self.place is Place.file_name:
            where = f"file {self.file_position} (its name)"
        elif self.place is Place.header:
            where = f"file {self.file_position}, column {self.column_position} (header)"
        else:
            named = f" ({self.column_name})" if self.is_told_by_name else ""
            where = f"file {self.file_position}, column {self.column_position}{named}"
        return f"{where}: {self.kind}, {self.count} value(s)"
