"""Find what names a fault of a whole delivery: a reason that it is refused with, or a check.

A reason is matched as the product writes it, in one message; a kind of identifier is
matched as the tripwire lists it, so that a column of that name does not count.
"""

import re

from pipelines.simulate.product import Said

REFUSAL = "refused: "

MISTAKEN = "refused, for another reason: "
"""It stays out, but the person who reads why looks in the wrong place."""

UNJUDGED = "said, not judged: "
"""No check is expected, so nothing names it; a person may see in this that one does."""

KNOWN = "loaded before"
"""Expected of a delivery that comes twice: it is not refused, but known."""

_FINDING = re.compile(
    r"^  - file \d+(?:, column \d+)?(?: \(.*\))?: ([^:()]+), \d+ value\(s\)$",
    re.MULTILINE,
)
"""A line of the tripwire (pipelines/intake/identifiers/): place, kind and count."""

_CHECK = re.compile(r"[a-z_]+\.[a-z0-9_]+")


def named_by(expected: str, said: Said, sound: Said) -> str:
    """Return what names a fault, nothing if it is not what was expected.

    Args:
        expected: As in `Broken.expected`.
        said: What the product says of the source with the fault.
        sound: What it says of the same source without.
    """
    if not expected:
        return ""
    if expected == KNOWN:
        return "known delivery, not loaded again" if said.known else ""
    if is_check(expected):
        is_raised = expected in _raised(said, sound)
        return f"{REFUSAL if said.refused else ''}{expected}" if is_raised else ""
    words, _, kind = expected.partition("|")
    is_told = any(
        words in message and (not kind or kind in identifiers_told(message))
        for message in said.refused
    )
    return REFUSAL + expected.replace("|", ", ") if is_told else ""


def all_said(expected: str, said: Said, sound: Said) -> list[str]:
    """Return what a person would have to judge: refusals, and checks that were quiet."""
    reason = MISTAKEN if expected else UNJUDGED
    told = [reason + _first_words(message) for message in said.refused]
    return told + [UNJUDGED + name for name in _raised(said, sound)]


def is_check(expected: str) -> bool:
    """True for a check's name, false for the words of a refusal."""
    return _CHECK.fullmatch(expected) is not None


def identifiers_told(message: str) -> list[str]:
    """Return the kinds of identifier that a refusal lists, in order."""
    return list(dict.fromkeys(_FINDING.findall(message)))


def _raised(said: Said, sound: Said) -> list[str]:
    return sorted(
        name for name, count in said.failed.items() if count > sound.failed.get(name, 0)
    )


def _first_words(message: str) -> str:
    """The first line of a refusal, without the delivery's name, and the kinds it lists."""
    first = re.sub(r"^Delivery \S+?[,:]? ", "", message.splitlines()[0]).rstrip(".:")
    kinds = identifiers_told(message)
    return f"{first} ({', '.join(kinds)})" if kinds else first
