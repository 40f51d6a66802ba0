"""Every change that the mutation run makes to a model's SQL, one at a time.

The text is a model as `models.py` reads it: macros expanded, but `threshold('x')`
and `ref('y')` written as they are in the source.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mutation.sql_text import NUMBER, OPERATOR, WORD, Token, tokens

COMPARISON, THRESHOLD = "comparison operator", "threshold"
JOIN_KEY, LOGIC, NULLS = "join key", "and, or, not", "null test"
TRUTH, ORDER, EXTREME = "true, false", "sort order", "least or greatest"
JOIN, NUMBERS = "join type", "other number"

SEED = "cut-off of a seed"

ASKED_FOR = (COMPARISON, THRESHOLD)
"""The two classes of which 95 % must fail a test."""

EXPLAINED = (*ASKED_FOR, JOIN_KEY, SEED)
"""A survivor of these needs a reason."""

CLASSES = (*EXPLAINED, LOGIC, NULLS, TRUTH, ORDER, EXTREME, JOIN, NUMBERS)

_TURNED = {
    ">=": (">", "<"),
    ">": (">=", "<="),
    "<=": ("<", ">"),
    "<": ("<=", ">="),
    "=": ("!=",),
    "!=": ("=",),
    "<>": ("=",),
}
"""The bound moved by one step, and the opposite."""

_SWAPPED = {
    "and": (LOGIC, "or"),
    "or": (LOGIC, "and"),
    "true": (TRUTH, "false"),
    "false": (TRUTH, "true"),
    "asc": (ORDER, "desc"),
    "desc": (ORDER, "asc"),
    "min": (EXTREME, "max"),
    "max": (EXTREME, "min"),
    "least": (EXTREME, "greatest"),
    "greatest": (EXTREME, "least"),
    "bool_or": (EXTREME, "bool_and"),
    "bool_and": (EXTREME, "bool_or"),
    "inner": (JOIN, "left"),
}
_BETWEEN_ENDS = {",", "and", "or", "then", "end", "else", "group", "order", "where"}
_LOOP = re.compile(r"{%-? for ")
_DIGITS = re.compile(r"\d+")
_FUNCTIONS = {"min", "max", "least", "greatest", "bool_or", "bool_and"}


@dataclass(frozen=True)
class Change:
    """One change of one place of the source.

    A place inside a loop of the source stands in the text more than once: `copies`
    holds where else, with what is changed into what.
    """

    kind: str
    start: int
    old: str
    new: str
    copies: tuple["Change", ...] = ()

    def made_in(self, text: str) -> str:
        """Return the text with this change."""
        for edit in reversed((self, *self.copies)):
            end = edit.start + len(edit.old)
            text = text[: edit.start] + edit.new + text[end:]
        return text


def changes(text: str, cutoffs: dict[str, str], source: str) -> list[Change]:
    """Return every change of a model's text, in the order of their places.

    Args:
        text: The model.
        cutoffs: The seeds' numeric columns, each with the step that it is moved by.
        source: The model as it is written. Where it writes lines in a loop, the
            lines that differ in nothing but the loop's number are changed together.
    """
    found = tokens(text)
    between = {_and_of(found, i) for i in _betweens(found)}
    made = [
        change
        for i, token in enumerate(found)
        if token.clause != "frame" or token.kind == NUMBER
        for change in _of_token(text, found, i, token, cutoffs, between)
    ]
    made.sort(key=lambda c: (c.start, CLASSES.index(c.kind), c.new))
    return _together(text, made, source) if _LOOP.search(source) else made


def line_of(text: str, place: int) -> str:
    """Return the line of a text that a place stands in, without its indent."""
    return text[text.rfind("\n", 0, place) + 1 : text.find("\n", place)].strip()


def _together(text: str, made: list[Change], source: str) -> list[Change]:
    """Return the changes with those of one place in a loop made one."""
    written = {line.strip() for line in source.splitlines()}
    places: dict[tuple, list[Change]] = {}
    within: Counter = Counter()
    for change in made:
        line, begin = line_of(text, change.start), text.rfind("\n", 0, change.start)
        within[begin] += 1
        if line not in written:
            line = _DIGITS.sub("n", line)
        places.setdefault((change.kind, line, within[begin]), []).append(change)
    return [replace(first, copies=tuple(rest)) for first, *rest in places.values()]


def _of_token(
    text: str,
    found: list[Token],
    i: int,
    token: Token,
    cutoffs: dict[str, str],
    between: set[int],
) -> Iterator[Change]:
    before = found[i - 1].text if i else ""
    after = found[i + 1].text if i + 1 < len(found) else ""
    if token.kind == OPERATOR and token.text in _TURNED:
        kind = JOIN_KEY if _is_join_key(found, i) else COMPARISON
        for new in _TURNED[token.text]:
            yield Change(kind, token.start, token.text, new)
    elif token.kind == NUMBER:
        steps = (1, -1) if _is_compared(found, i, between) else (1,)
        kind = THRESHOLD if len(steps) == 2 else NUMBERS
        for step in steps:
            yield Change(kind, token.start, token.text, _moved(token.text, step))
    elif token.kind != WORD:
        return
    elif token.text == "threshold" and after == "(":
        use = text[token.start : found[i + 3].end]
        for sign in "+-":
            yield Change(THRESHOLD, token.start, use, f"({use} {sign} 1)")
    elif token.text in cutoffs and not _is_only_named(found, i):
        first = found[i - 2] if before == "." else token
        use = text[first.start : token.end]
        for sign in "+-":
            new = f"({use} {sign} {cutoffs[token.text]})"
            yield Change(THRESHOLD, first.start, use, new)
    elif token.text == "between":
        yield from _of_between(text, found, i)
    elif token.text in ("in", "like"):
        if before == "not":
            word = text[found[i - 1].start : token.end]
            yield Change(COMPARISON, found[i - 1].start, word, token.text)
        else:
            yield Change(COMPARISON, token.start, token.text, f"not {token.text}")
    elif token.text == "is":
        word = text[token.start : found[i + 2].end]
        if after == "null":
            yield Change(NULLS, token.start, "is null", "is not null")
        elif after == "not" and found[i + 2].text == "null":
            yield Change(NULLS, token.start, word, "is null")
    elif token.text == "not":
        if before != "is" and after not in ("in", "like"):
            yield Change(LOGIC, token.start, "not ", "")
    elif token.text == "left" and after == "join":
        yield Change(JOIN, token.start, "left", "inner")
    elif (
        token.text in _SWAPPED
        and i not in between
        and (token.text not in _FUNCTIONS or after == "(")
    ):
        kind, new = _SWAPPED[token.text]
        yield Change(kind, token.start, token.text, new)


def _is_join_key(found: list[Token], i: int) -> bool:
    """Whether an operator of a join condition compares two tables' columns."""
    left, right = found[i - 3 : i], found[i + 1 : i + 4]
    return (
        found[i].text == "="
        and found[i].clause == "on"
        and all([t.text == "." for t in side][1:2] == [True] for side in (left, right))
        and left[0].text != right[0].text
    )


def _is_compared(found: list[Token], i: int, between: set[int]) -> bool:
    """Whether a number is one side of a comparison, or a bound of `between`."""
    first = i - 1 if found[i - 1].text == "-" else i
    before = found[first - 1].text
    after = found[i + 1].text if i + 1 < len(found) else ""
    is_bound = before == "between" or first - 1 in between
    return before in _TURNED or after in _TURNED or is_bound


def _is_only_named(found: list[Token], i: int) -> bool:
    """Whether a column is handed on or given its name here, and not used."""
    first = i - 2 if found[i - 1].text == "." else i
    before = found[first - 1].text if first else ""
    after = found[i + 1] if i + 1 < len(found) else None
    if before == "as" or (after is not None and after.text in (".", "(", "is")):
        return True
    return (
        found[i].clause in ("select", "group", "order", "partition")
        and before in ("select", "distinct", "by", ",")
        and (after is None or after.kind != OPERATOR)
        and (after is None or after.text not in ("between", "in"))
    )


def _moved(number: str, step: int) -> str:
    places = len(number.partition(".")[2])
    return f"{float(number) + step:.{places}f}" if places else str(int(number) + step)


def _betweens(found: list[Token]) -> list[int]:
    """Return the places of `between` as a comparison, not as a window's frame."""
    return [
        i for i, t in enumerate(found) if t.text == "between" and t.clause != "frame"
    ]


def _and_of(found: list[Token], between: int) -> int:
    """Return the place of the `and` that belongs to a `between`."""
    depth = 0
    for i in range(between + 1, len(found)):
        depth += {"(": 1, ")": -1}.get(found[i].text, 0)
        if depth == 0 and found[i].text == "and":
            return i
    raise ValueError("a `between` has no `and`")


def _of_between(text: str, found: list[Token], i: int) -> Iterator[Change]:
    """Leave out the lower bound itself, then the upper one."""
    first = i - 1
    while first >= 2 and found[first - 1].text == ".":
        first -= 2
    middle = _and_of(found, i)
    last, depth = middle, 0
    for n in range(middle + 1, len(found)):
        depth += {"(": 1, ")": -1}.get(found[n].text, 0)
        if depth < 0 or (depth == 0 and found[n].text in _BETWEEN_ENDS):
            break
        last = n
    start, end = found[first].start, found[last].end
    value = text[start : found[i - 1].end]
    low = text[found[i].end : found[middle].start].strip()
    high = text[found[middle].end : end].strip()
    for lower, upper in ((">", "<="), (">=", "<")):
        new = f"({value} {lower} {low} and {value} {upper} {high})"
        yield Change(COMPARISON, start, text[start:end], new)
