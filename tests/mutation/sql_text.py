"""SQL as tokens: enough of it to change one word and to know where it stands."""

import re
from dataclasses import dataclass

WORD, NUMBER, OPERATOR, STRING = "word", "number", "operator", "string"

_TOKEN = re.compile(
    r"(?P<skip>\s+|--[^\n]*|/\*.*?\*/)"
    r"|(?P<string>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")*")'
    r"|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?!\w))"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<operator>>=|<=|<>|!=|\|\||::|[-+*/%=<>])"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_BRACKETS = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]""", re.DOTALL
)
_CLAUSES = {
    "select": "select",
    "from": "from",
    "join": "from",
    "left": "from",
    "inner": "from",
    "on": "on",
    "where": "where",
    "having": "where",
    "qualify": "where",
    "group": "group",
    "order": "order",
    "partition": "partition",
    "rows": "frame",
    "union": "",
}


@dataclass(frozen=True)
class Token:
    """One word, number, string or mark, and the clause it stands in.

    `clause` is that of the innermost bracket: empty inside a function's brackets.
    """

    kind: str
    text: str
    start: int
    clause: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens(sql: str) -> list[Token]:
    """Return the tokens of a query in order, without spaces and comments."""
    found: list[Token] = []
    clauses = [""]
    matches = [m for m in _TOKEN.finditer(sql) if m.lastgroup != "skip"]
    for match, after in zip(matches, [*matches[1:], None], strict=True):
        text, kind = match.group(), str(match.lastgroup)
        is_call = after is not None and after.group() == "("
        if kind == WORD and text in _CLAUSES and not (text == "left" and is_call):
            clauses[-1] = _CLAUSES[text]
        if text == ")" and len(clauses) > 1:
            clauses.pop()
        found.append(Token(kind, text, match.start(), clauses[-1]))
        if text == "(":
            clauses.append("")
    return found


def closing(sql: str, opening: int) -> int:
    """Return the place of the bracket that closes the one at `opening`.

    Raises:
        ValueError: There is no bracket at `opening`, or none closes it.
    """
    if sql[opening] != "(":
        raise ValueError("no bracket opens here")
    depth = 0
    for match in _BRACKETS.finditer(sql, opening):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0:
            return match.start()
    raise ValueError("a bracket is never closed")
