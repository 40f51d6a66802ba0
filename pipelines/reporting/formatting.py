"""Numbers, days and lists as people read them. A missing value is never formatted."""

from collections.abc import Sequence
from datetime import date, datetime

MINUS = "\N{MINUS SIGN}"
"""The real sign: a hyphen is shorter and breaks lines."""

RANGE = "\N{EN DASH}"
"""Between the ends of a range of scores."""


def number(value: float, digits: int = 1) -> str:
    """Write a number with a real minus sign and thousands separated.

    Examples:
        >>> number(-1234.56)
        '−1,234.6'
        >>> number(-0.04)
        '0.0'
    """
    text = f"{abs(value):,.{digits}f}"
    is_zero = not text.strip("0.,")
    return f"{MINUS}{text}" if value < 0 and not is_zero else text


def signed(value: float, digits: int = 1) -> str:
    """Write a difference: with its sign unless it rounds to zero.

    Examples:
        >>> signed(2.04), signed(-2.04), signed(0.04)
        ('+2.0', '−2.0', '0.0')
    """
    text = number(value, digits)
    is_zero = not text.strip("0.,")
    return text if is_zero or text.startswith(MINUS) else f"+{text}"


def count(value: int) -> str:
    """Write a count with thousands separated.

    Examples:
        >>> count(12345)
        '12,345'
    """
    return f"{value:,d}"


def per_hundred(share: float, digits: int = 0) -> str:
    """Write a share between 0 and 1 as people in a hundred.

    Examples:
        >>> per_hundred(0.359)
        '36'
    """
    return number(100 * share, digits)


def interval(low: float, high: float, digits: int = 1) -> str:
    """Write the two limits of an interval.

    Examples:
        >>> interval(-6.732, 0.7598)
        '−6.7 to 0.8'
    """
    return f"{number(low, digits)} to {number(high, digits)}"


def plural(amount: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun.

    Examples:
        >>> plural(1, "check"), plural(0, "check"), plural(2, "entry", "entries")
        ('1 check', '0 checks', '2 entries')
    """
    return f"{count(amount)} {one if amount == 1 else many or one + 's'}"


def months(month: int) -> str:
    """Write a follow-up time.

    Examples:
        >>> months(1), months(8)
        ('1 month', '8 months')
    """
    return plural(month, "month")


def humanise(code: str) -> str:
    """Turn a snake-case code into words.

    Examples:
        >>> humanise("therapy_plus_medication")
        'therapy plus medication'
    """
    return code.replace("_", " ").strip()


SMALL_WORDS = frozenset({"a", "and", "at", "for", "in", "of", "on", "or", "the", "to"})
"""Words that a name writes small."""


def title_case(code: str) -> str:
    """Turn the code of a source into a name.

    Examples:
        >>> title_case("beat_the_blues")
        'Beat the Blues'
    """
    first, *rest = humanise(code).split() or [""]
    parts = [word if word in SMALL_WORDS else sentence_case(word) for word in rest]
    return " ".join([sentence_case(first), *parts])


def sentence_case(text: str) -> str:
    """Capitalise the first letter and leave the rest alone.

    Examples:
        >>> sentence_case("bDI-II score")
        'BDI-II score'
    """
    return text[:1].upper() + text[1:]


def inside_sentence(label: str) -> str:
    """Lower the first letter of a label unless its first word is an abbreviation.

    Examples:
        >>> inside_sentence("Usual care"), inside_sentence("CBT by computer")
        ('usual care', 'CBT by computer')
    """
    first = label.split(" ", 1)[0]
    return label if first[1:] != first[1:].lower() else label[:1].lower() + label[1:]


def listing(items: Sequence[str], conjunction: str = "and") -> str:
    """Join items as in a sentence.

    Examples:
        >>> listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])
        ('a', 'a and b', 'a, b and c')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def day(iso: str | date) -> str:
    """Write the day of an ISO date or instant in full.

    Examples:
        >>> day("2026-11-22T20:15:30Z")
        '22 November 2026'
    """
    when = iso if isinstance(iso, date) else date.fromisoformat(str(iso)[:10])
    return f"{when.day} {when:%B %Y}"


def month(iso: str | date) -> str:
    """Write the month of an ISO date.

    Examples:
        >>> month("2026-11-01")
        'November 2026'
    """
    when = iso if isinstance(iso, date) else date.fromisoformat(str(iso)[:10])
    return f"{when:%B %Y}"


def minute(iso: str) -> str:
    """Write an ISO instant in UTC to the minute.

    Examples:
        >>> minute("2026-11-22T20:15:30Z")
        '22 November 2026, 20:15 UTC'
    """
    when = datetime.fromisoformat(iso)
    return f"{day(when)}, {when:%H:%M} UTC"
