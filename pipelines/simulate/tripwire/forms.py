"""One way of writing one kind of identifier, and where it is planted."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

WHOLE, SHARE, CELL = "whole column", "share of a column", "one cell"
ANY = (WHOLE, SHARE, CELL)


@dataclass(frozen=True)
class Form:
    """One way of writing one kind of identifier."""

    kind: str
    name: str
    make: Callable[[Random], str]
    planted: tuple[str, ...] = ANY
    headers: tuple[str, ...] = ()
    """Where it stands; plain headers that say nothing if empty."""

    least_rows: int = 0
    among: str = "anything"
    """What the other cells are: `anything`, or `words` where only that tells it."""


def of(make: Callable, form: str) -> Callable[[Random], str]:
    """Format the parts that `make` returns: {0}, {1}, ..."""
    return lambda rng: form.format(*make(rng))
