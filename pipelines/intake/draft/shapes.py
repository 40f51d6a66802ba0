"""What the text of a column looks like: dates in which form, numbers, flags.

Only counts and words of our own leave this module, never a value.
"""

from dataclasses import dataclass

import duckdb

from expectations.landing.records_of_patients import MISSING
from pipelines.sql import quoted

SAMPLE_ROWS = 10_000
"""Rows that are looked at, from the start of a file: enough to tell forms apart, and
few enough that a file of any length takes about a second."""

AT_ONCE = 10
"""Columns that one statement looks at: of a thousand, DuckDB would take 20 GB to plan."""

MOSTLY = 0.9
"""Share (0-1) of the given values that must have a form for the column to have it. The
rest are typing errors, which are refused row by row and counted."""


@dataclass(frozen=True)
class DateForm:
    """One way to write a day, with or without the time."""

    pattern: str
    """In the notation of `strptime`."""

    text: str
    """Regular expression of the whole value; `strptime` alone takes year 26."""

    words: str


ISO = DateForm("%Y-%m-%d", r"\d{4}-\d{2}-\d{2}", "year-month-day (ISO)")
DATE_FORMS = (
    ISO,
    DateForm(
        "%Y-%m-%d %H:%M:%S", r"\d{4}-\d{2}-\d{2} \d\d:\d\d:\d\d", "ISO with a time"
    ),
    DateForm(
        "%Y-%m-%dT%H:%M:%S", r"\d{4}-\d{2}-\d{2}T\d\d:\d\d:\d\d", "ISO with a time"
    ),
    DateForm("%Y%m%d", r"(19|20)\d{6}", "yearmonthday without marks"),
    DateForm("%Y/%m/%d", r"\d{4}/\d{1,2}/\d{1,2}", "year/month/day"),
    DateForm("%d.%m.%Y", r"\d{1,2}\.\d{1,2}\.\d{4}", "day.month.year"),
    DateForm("%d/%m/%Y", r"\d{1,2}/\d{1,2}/\d{4}", "day/month/year"),
    DateForm("%m/%d/%Y", r"\d{1,2}/\d{1,2}/\d{4}", "month/day/year"),
    DateForm("%d-%m-%Y", r"\d{1,2}-\d{1,2}-\d{4}", "day-month-year"),
    DateForm("%m-%d-%Y", r"\d{1,2}-\d{1,2}-\d{4}", "month-day-year"),
    DateForm("%d/%m/%y", r"\d{1,2}/\d{1,2}/\d{2}", "day/month/year of two digits"),
    DateForm("%m/%d/%y", r"\d{1,2}/\d{1,2}/\d{2}", "month/day/year of two digits"),
    DateForm("%d.%m.%y", r"\d{1,2}\.\d{1,2}\.\d{2}", "day.month.year of two digits"),
    DateForm("%d-%b-%Y", r"\d{1,2}-[A-Za-z]{3}-\d{4}", "day-month by name-year"),
    DateForm("%d %b %Y", r"\d{1,2} [A-Za-z]{3} \d{4}", "day month by name year"),
    DateForm(
        "%d/%m/%Y %H:%M", r"\d{1,2}/\d{1,2}/\d{4} \d\d?:\d\d", "day/month/year, time"
    ),
    DateForm(
        "%m/%d/%Y %H:%M", r"\d{1,2}/\d{1,2}/\d{4} \d\d?:\d\d", "month/day/year, time"
    ),
    DateForm(
        "%d.%m.%Y %H:%M", r"\d{1,2}\.\d{1,2}\.\d{4} \d\d?:\d\d", "day.month.year, time"
    ),
)
"""Forms of a day that are known, the plainest first."""

_IS_MISSING = f"upper({{text}}) in ({', '.join(map(quoted, MISSING))})"

_MEASURES = (
    ("given", f"not {_IS_MISSING}"),
    ("whole", r"regexp_full_match({text}, '[+-]?\d{{1,9}}')"),
    ("point", r"regexp_full_match({text}, '[+-]?\d+\.\d+')"),
    ("comma", r"regexp_full_match({text}, '[+-]?\d+,\d+')"),
    (
        "flag",
        "lower({text}) in ('1', '0', 'y', 'n', 'yes', 'no', 't', 'f', 'true', "
        "'false', 'ja', 'nein', 'j')",
    ),
    ("icd10", r"regexp_full_match({text}, '[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{{1,4}})?')"),
    ("year", r"try_cast({text} as integer) between 1900 and 2030"),
)


@dataclass(frozen=True)
class Shape:
    """Counts of one column's values, by what they look like."""

    position: int
    """1 is the first column of the file."""

    name: str
    counts: dict[str, int]
    dates: dict[str, int]
    """How many values each date pattern reads."""

    missing: tuple[str, ...] = ()
    """Which of the words for missing it holds."""

    @property
    def given(self) -> int:
        """How many values are not blank, nor a word for it."""
        return self.counts["given"]

    @property
    def text(self) -> str:
        """SQL of its values; null where a word says that nothing is known."""
        column = identifier(self.name)
        if not self.missing:
            return column
        words = ", ".join(map(quoted, self.missing))
        return (
            f"case when upper(trim({column})) in ({words}) then null else {column} end"
        )

    def is_mostly(self, *kinds: str) -> bool:
        """Tell whether nearly all values have one of these forms."""
        fits = sum(self.counts[kind] for kind in kinds)
        return self.given > 0 and fits >= MOSTLY * self.given

    @property
    def is_number(self) -> bool:
        """Tell whether nearly all values are numbers."""
        return self.is_mostly("whole", "point", "comma")

    @property
    def date_forms(self) -> tuple[DateForm, ...]:
        """Forms that read nearly all values, those that read the most first.

        Two forms that read equally many are both here: 03/04/2026 may be in March
        or in April, and no day above 12 says which.
        """
        if not self.given:
            return ()
        best = max(self.dates.values())
        if best < MOSTLY * self.given:
            return ()
        return tuple(form for form in DATE_FORMS if self.dates[form.pattern] == best)


def measure(
    con: duckdb.DuckDBPyConnection, rows: str, columns: list[str]
) -> list[Shape]:
    """Return the shape of each column.

    Args:
        con: A connection on which `rows` can be read.
        rows: A table, or a query in brackets.
        columns: Names of the columns to look at.

    Returns:
        One shape per column, in the order given.
    """
    found = [
        count
        for first in range(0, len(columns), AT_ONCE)
        for count in _counts(con, rows, columns[first : first + AT_ONCE])
    ]
    width = len(_MEASURES) + len(DATE_FORMS) + 1
    labels = [label for label, _ in _MEASURES]
    patterns = [form.pattern for form in DATE_FORMS]
    return [
        Shape(
            index + 1,
            name,
            dict(zip(labels, found[index * width :], strict=False)),
            dict(zip(patterns, found[index * width + len(labels) :], strict=False)),
            tuple(found[(index + 1) * width - 1] or ()),
        )
        for index, name in enumerate(columns)
    ]


def _counts(con: duckdb.DuckDBPyConnection, rows: str, columns: list[str]) -> tuple:
    counted = []
    for name in columns:
        text = f"trim({identifier(name)}::varchar)"
        counted += [f"count(*) filter ({one})" for one in _conditions(text)]
        is_missing = _IS_MISSING.format(text=text)
        counted.append(f"list_sort(list(distinct upper({text})) filter ({is_missing}))")
    return con.execute(
        f"select {', '.join(counted)} from (select * from {rows} limit {SAMPLE_ROWS})"
    ).fetchone()


def identifier(name: str) -> str:
    """Return a name as an SQL identifier in quotes, a quote in it doubled."""
    return '"' + name.replace('"', '""') + '"'


def _conditions(text: str) -> list[str]:
    plain = [
        f"{text} <> '' and {condition.format(text=text)}" for _, condition in _MEASURES
    ]
    dates = [
        # `case`: the costly reading is done only where the form fits
        f"case when regexp_full_match({text}, '{form.text}') "
        f"then try_strptime({text}, '{form.pattern}') is not null else false end"
        for form in DATE_FORMS
    ]
    return plain + dates
