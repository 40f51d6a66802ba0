"""SQL that sorts different values by form, so that each meets only the tests it can pass.

A value is `digits`, a `number`, a `day`, `words`, `compact` (letters and digits with
nothing between) or `text`.
"""

from pipelines.sql import quoted

LONGEST_TEXT = 64
"""Characters. Codes and pseudonyms are shorter; longer text is somebody's words."""

DAY_FORMATS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d%b%Y",
)
"""Ways of writing a day beside ISO; day and month may be taken for each other, which
moves a birth date by months and the judgement by nothing."""

SHORT_FORMATS = ("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%y", "%d%b%y")
"""The same with two figures for the year."""

_DAY = (
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( \d{1,2}:.*)?"
    r"|\d{1,2}[- ]?[A-Za-z]{3,9}[- ]?(\d{4}|\d{2})"
    r"|[A-Za-z]{3,9} \d{1,2}, \d{4})"
)
_WORDS = r"\p{L}[\p{L}\p{M} ,._'’-]*"


def form_of(text: str) -> str:
    """Return SQL that names the form of a trimmed, non-blank value."""
    return f"""case
        when regexp_full_match({text}, '[0-9]+') then 'digits'
        when {text}[1] <> '+' and try_cast({text} as double) is not null then 'number'
        when regexp_full_match({text}, {quoted(_DAY)}) then 'day'
        when regexp_full_match({text}, {quoted(_WORDS)}) then 'words'
        when regexp_full_match({text}, '[0-9A-Za-z]+') then 'compact'
        else 'text' end"""


def day_of(text: str) -> str:
    """Return SQL that reads the day out of a value of form `day`; null if it is none."""
    long, short = (
        ", ".join(quoted(form) for form in known)
        for known in (DAY_FORMATS, SHORT_FORMATS)
    )
    bare = f"regexp_replace({text}, '[T ]\\d{{1,2}}:.*$', '')"
    return (
        f"case when regexp_matches({bare}, '^\\d{{4}}-') then try_cast({bare} as date) "
        f"when regexp_matches({bare}, '\\d{{4}}') "
        f"then try_strptime({bare}, [{long}])::date "
        f"else try_strptime({bare}, [{short}])::date end"
    )


def is_long_pseudonym(text: str) -> str:
    """Return SQL that is true of long text in which letters and digits are mixed.

    No kind of identifier has that form, and columns with millions of different values
    mostly do: UUIDs and hashes are passed over at the cost of one test. `case` has the
    length looked at first, which `and` does not promise.
    """
    mixed = "([A-Za-z][_-]*[0-9]|[0-9][_-]*[A-Za-z])"
    return (
        f"case when strlen({text}) between {SHORTEST_PASSED_OVER} and {LONGEST_TEXT} "
        f"then regexp_full_match({text}, '[0-9A-Za-z_-]*{mixed}[0-9A-Za-z_-]*') "
        "else false end"
    )


SHORTEST_PASSED_OVER = 17
"""Bytes; the longest identifier without blanks that is told alone has 16 (a prefix and
a record number of 12 digits)."""

SHORT_PSEUDONYMS = tuple(n for n in range(8, SHORTEST_PASSED_OVER) if n != 11)
"""Lengths of short pseudonyms, in bytes. Postcodes are shorter, and a number of US
Medicare has 11."""


def is_short_pseudonym(text: str) -> str:
    """Return SQL that is true of short text in which letters and digits change often.

    It is of form `compact` and has none of the forms that a `compact` value is told by,
    but for a great age (`95to100`): those begin with letters, or end with digits after
    letters.
    """
    changing = "[0-9A-Za-z]*[0-9][A-Za-z]+[0-9]+[A-Za-z][0-9A-Za-z]*"
    return (
        f"case when strlen({text}) in {SHORT_PSEUDONYMS} "
        f"then regexp_full_match({text}, '{changing}') else false end"
    )
