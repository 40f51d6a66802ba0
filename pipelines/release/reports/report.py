"""What one report is: its name, its key, and what in it is a count of people."""

from dataclasses import dataclass

from pipelines.release.cells import Cell, Difference, Rate, Status, Sum, Told


@dataclass(frozen=True)
class Report:
    """One report: its SQL is `query`, or else `<name>.sql` beside this file."""

    name: str
    key: tuple[str, ...]
    cells: tuple[Cell, ...] = ()
    rates: tuple[Rate, ...] = ()
    coarse: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    sums: tuple[Sum, ...] = ()
    differences: tuple[Difference, ...] = ()
    status: Status | None = None
    unseen: tuple[str, ...] = ()
    """Columns that decide what is hidden and are not shown themselves."""
    query: str = ""
    """The SQL of one that shares it with others; names of ours only, never a value."""

    @property
    def counts(self) -> tuple[tuple[str, str | None], ...]:
        """Its shown counts of people, each with the count it is part of."""
        return tuple(
            (cell.count, cell.total)
            for cell in self.cells
            if cell.count not in self.unseen
        )
