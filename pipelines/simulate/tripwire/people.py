"""Names for planting: drawn by their frequency, so that rare ones come as they do.

people.csv holds 520 first names and 600 surnames drawn with replacement, by frequency,
from the whole lists of the 1990 US Census (public domain; 5,163 different first names,
88,799 surnames). Half of the surnames are ones that the tripwire's lists do not hold. Fifty full names from elsewhere are written by us.
"""

from functools import lru_cache
from importlib import resources
from random import Random


@lru_cache
def _drawn(part: str) -> tuple[str, ...]:
    text = resources.files("pipelines.simulate.tripwire") / "people.csv"
    lines = text.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(name.capitalize() for kind, name in map(_split, lines) if kind == part)


def _split(line: str) -> list[str]:
    return line.split(",")


def given(rng: Random) -> str:
    """Return a first name."""
    return rng.choice(_drawn("given"))


def surname(rng: Random) -> str:
    """Return a surname."""
    return rng.choice(_drawn("surname"))


def from_elsewhere(rng: Random) -> str:
    """Return a full name that is rare in the US."""
    return rng.choice(_drawn("elsewhere"))
