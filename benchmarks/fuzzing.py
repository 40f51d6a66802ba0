"""Bad deliveries, each from a seed: what nobody should send and somebody will."""

import random
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bad_files import KINDS, MARKER, PATIENTS

__all__ = ["DELIVERY", "KINDS", "MARKER", "SOURCE", "Case", "kind_of", "make", "write"]

SOURCE = "fuzzed"
DELIVERY = "2026-03-01"

DIALECTS = {
    "": 16,
    "{encoding: latin-1}": 1,
    "{encoding: windows-1252}": 1,
    "{encoding: utf-16}": 1,
    "{delimiter: ';', decimal: ','}": 1,
}
"""What source.yml says of the files, and how often."""


@dataclass(frozen=True)
class Case:
    """One bad delivery."""

    kind: str
    files: dict[str, bytes]
    csv: str = ""
    """`csv:` of source.yml, in YAML's short form."""


def make(seed: int) -> Case:
    """Return the bad delivery of a seed; the same seed gives the same bytes."""
    rng = random.Random(seed)
    kind = _kind(rng)
    dialect = rng.choices(list(DIALECTS), weights=DIALECTS.values())[0]
    return Case(kind, {"patients.csv": PATIENTS} | KINDS[kind][0](rng), dialect)


def kind_of(seed: int) -> str:
    """Return which kind of fault a seed stands for."""
    return _kind(random.Random(seed))


def _kind(rng: random.Random) -> str:
    return rng.choices(list(KINDS), weights=[w for _, w in KINDS.values()])[0]


def write(case: Case, folder: Path) -> None:
    """Write a case's files into a folder that does not exist yet."""
    folder.mkdir(parents=True)
    for name, content in case.files.items():
        if name.endswith("/"):
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)
