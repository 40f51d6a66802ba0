"""What made-up sources send, and which rows must count: the rules in plain Python.

Nothing here reads the product. A source's sendings are replayed in the order of its
clock, one after the other, into an empty table; what is left in the table counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

FIRST_DAY = datetime(2026, 1, 1)


class Row(NamedTuple):
    """One row of a feed, by its key."""

    key: str
    value: int
    is_deleted: bool = False


@dataclass(frozen=True)
class Sending:
    """One folder that a source sent.

    Attributes:
        day: The source's clock.
        feeds: Rows of each feed that it sent; the same feeds are the same files.
    """

    source: str
    name: str
    kind: str
    day: int
    feeds: tuple[tuple[str, tuple[Row, ...]], ...]

    @property
    def extracted_at(self) -> datetime:
        """The source's clock."""
        return FIRST_DAY + timedelta(days=self.day)


def rows_that_count(
    sendings: Iterable[Sending],
) -> set[tuple[str, str, str, int]]:
    """Replay sendings; returns source, feed, key and value of each row that counts."""
    tables: dict[tuple[str, str], dict[str, Row]] = {}
    for sent in sorted(sendings, key=lambda x: x.day):
        for feed, rows in sent.feeds:
            table = tables.setdefault((sent.source, feed), {})
            if sent.kind == "full":
                table.clear()
            table.update({row.key: row for row in rows})
    return {
        (source, feed, row.key, row.value)
        for (source, feed), table in tables.items()
        for row in table.values()
        if not row.is_deleted
    }
