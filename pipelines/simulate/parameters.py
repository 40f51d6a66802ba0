"""The parameters of a simulated service, read from parameters.toml and validated."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pipelines.errors import UsageError

BLOCK_PATIENTS = 2048
"""People of one block, the unit of randomness."""

PARAMETERS_FILE = Path(__file__).with_name("parameters.toml")
SCENARIOS_FILE = Path(__file__).with_name("scenarios.toml")

DAYS_PER_YEAR = 365.25

Value = float | int | str | tuple[float, ...]
"""What a parameter can be."""


class Section(Mapping):
    """Parameters of one subject, read by name; it cannot be changed."""

    def __init__(self, name: str, values: Mapping[str, Value]) -> None:
        self.__dict__.update(values)
        self._name, self._values = name, dict(values)

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self):
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash((self._name, tuple(self._values.items())))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Section) and self._values == other._values

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_"):
            raise AttributeError("Parameters cannot be changed: use Parameters.changed")
        super().__setattr__(name, value)


@dataclass(frozen=True)
class Parameters:
    """Everything a simulated service is made from, but for the seed."""

    scenario: str
    patients: int
    """People referred in all."""

    years: float
    """Length of the data."""

    calendar: Section = field(repr=False)
    service: Section = field(repr=False)
    people: Section = field(repr=False)
    unmeasured: Section = field(repr=False)
    indication: Section = field(repr=False)
    course: Section = field(repr=False)
    stopping: Section = field(repr=False)
    returns: Section = field(repr=False)
    medication: Section = field(repr=False)
    instruments: Section = field(repr=False)
    observation: Section = field(repr=False)
    diagnoses: Section = field(repr=False)

    @property
    def blocks(self) -> int:
        """Number of blocks; the last one may be smaller."""
        return -(-self.patients // BLOCK_PATIENTS)

    def block_patients(self, block: int) -> int:
        """People in one block."""
        return min(BLOCK_PATIENTS, self.patients - block * BLOCK_PATIENTS)

    @cached_property
    def data_days(self) -> int:
        """Days of the data: day 0 is the first, this is the last."""
        return round(self.years * DAYS_PER_YEAR)

    @cached_property
    def clinicians_count(self) -> int:
        """Clinicians, from the number of referrals; at least one a site."""
        wanted = round(self.patients / self.service.patients_per_clinician)
        return max(wanted, self._least_sites)

    @cached_property
    def sites_count(self) -> int:
        """Sites: more where clinicians or people would not fit."""
        wanted = -(-self.clinicians_count // self.service.clinicians_per_site_at_most)
        return max(self._least_sites, wanted)

    @property
    def _least_sites(self) -> int:
        by_size = -(-self.patients // self.service.patients_per_site_at_most)
        return max(self.service.sites, by_size)

    def changed(self, **sections: Mapping[str, Value]) -> "Parameters":
        """Return a copy with some parameters changed.

        >>> scenario("default").changed(course={"rate_median": 0.2}).course.rate_median
        0.2
        """
        made = {}
        for name, changes in sections.items():
            section = getattr(self, name, None)
            if not isinstance(section, Section):
                raise UsageError(f"There are no simulation parameters named {name}.")
            made[name] = _overridden(name, section, changes)
        return replace(self, **made)


def scenario(
    name: str = "default", patients: int = 10_000, years: float = 3
) -> Parameters:
    """Return the parameters of one scenario.

    Sizes belong to the parameters because the number of sites and clinicians
    follows from them; nothing else does.

    Raises:
        UsageError: There is no such scenario, or the sizes make no sense.
    """
    scenarios = _read(SCENARIOS_FILE)
    if name not in scenarios:
        raise UsageError(f"There is no scenario {name}: {', '.join(scenarios)}.")
    if patients < 1 or not 0 < years <= 20:
        raise UsageError("A service needs patients, and between 0 and 20 years.")
    sections = {
        subject: Section(subject, {key: _value(row) for key, row in rows.items()})
        for subject, rows in described_parameters().items()
    }
    plain = Parameters("default", int(patients), float(years), **sections)
    changes = {k: v for k, v in scenarios[name].items() if k != "about"}
    return replace(plain.changed(**changes), scenario=name)


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios."""
    return tuple(_read(SCENARIOS_FILE))


def described_parameters() -> dict[str, dict[str, dict]]:
    """Return value, unit, source and about of every parameter, by subject and name."""
    return _read(PARAMETERS_FILE)


def described_scenarios() -> dict[str, dict]:
    """Return what each scenario is about and what it changes."""
    return _read(SCENARIOS_FILE)


def _read(path: Path) -> dict:
    with path.open("rb") as file:
        return tomllib.load(file)


def _value(row: Mapping) -> Value:
    return tuple(row["value"]) if isinstance(row["value"], list) else row["value"]


def _overridden(name: str, section: Section, changes: Mapping) -> Section:
    values = dict(section)
    for key, value in changes.items():
        if key not in values:
            raise UsageError(f"There is no simulation parameter {name}.{key}.")
        made = tuple(value) if isinstance(value, list) else value
        if isinstance(made, tuple) != isinstance(values[key], tuple) or (
            isinstance(made, tuple) and len(made) != len(values[key])
        ):
            raise UsageError(f"Simulation parameter {name}.{key} has another shape.")
        values[key] = made
    return Section(name, values)
