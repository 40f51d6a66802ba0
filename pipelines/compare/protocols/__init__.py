"""Read the protocols: what each comparison compares, and how.

One yml file per comparison, checked against `schema.json`. The hash of the file goes
into every row that it led to.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from pipelines.errors import UsageError

FOLDER = Path(__file__).parent
"""Where our protocols are."""

ALLOWED_ESTIMATORS = {
    ("points", False): {"unadjusted", "ancova"},
    ("response", False): {"unadjusted"},
    ("points", True): {"mixed_model"},
    ("response", True): set(),
}
"""By measure and whether all follow-ups are taken together."""


@dataclass(frozen=True)
class Arm:
    """One side of a comparison: its code in `cmp_`, its name, what it means."""

    arm: str
    label: str
    strategy: str


@dataclass(frozen=True)
class Outcome:
    """One outcome; `follow_up_month` is None when all follow-ups are taken together."""

    instrument: str
    measure: str
    follow_up_month: int | None
    estimators: tuple[str, ...]

    @property
    def outcome_id(self) -> str:
        """Name of the outcome, `bdi_ii_points_2mo` for example."""
        when = (
            "all_follow_ups"
            if self.follow_up_month is None
            else f"{self.follow_up_month}mo"
        )
        return f"{self.instrument}_{self.measure}_{when}"


@dataclass(frozen=True)
class Primary:
    """The one estimate that answers the question."""

    outcome_id: str
    estimator_id: str


@dataclass(frozen=True)
class Protocol:
    """One comparison as it was written down."""

    comparison_id: str
    version: int
    question: str
    question_ids: tuple[str, ...]
    population: str
    design: str
    time_zero: str
    exposed: Arm
    comparator: Arm
    covariates: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    primary: Primary
    caveats: tuple[str, ...]
    hash: str

    @property
    def exposed_label(self) -> str:
        """Name of the exposed arm for a reader."""
        return self.exposed.label

    @property
    def comparator_label(self) -> str:
        """Name of the comparator arm for a reader."""
        return self.comparator.label

    @property
    def strategies(self) -> dict[str, str]:
        """What each arm means, by its code in `cmp_`."""
        return {arm.arm: arm.strategy for arm in (self.exposed, self.comparator)}


def load_all(folder: Path = FOLDER) -> tuple[Protocol, ...]:
    """Read every protocol of a folder, in order of comparison_id.

    Args:
        folder: Holds `<comparison_id>.yml` files.

    Returns:
        The protocols.

    Raises:
        UsageError: A file breaks the schema, or names an outcome that it does not
            list. The message names the file and every fault in it.

    Examples:
        >>> [protocol.comparison_id for protocol in load_all()]  # doctest: +ELLIPSIS
        ['therapy_vs_usual_care', ..., 'trial_therapy_plus_medication_vs_therapy']
    """
    return tuple(load(path) for path in sorted(folder.glob("*.yml")))


def load(path: Path) -> Protocol:
    """Read one protocol.

    Args:
        path: The yml file, named after its comparison_id.

    Raises:
        UsageError: As `load_all`.
    """
    content = path.read_bytes()
    try:
        values = yaml.safe_load(content)
    except yaml.YAMLError:
        raise _refused(path, ["it is not valid YAML"]) from None
    faults = _schema_faults(values)
    if faults:
        raise _refused(path, faults)
    protocol = _protocol(values, hashlib.sha256(content).hexdigest())
    faults = _meaning_faults(protocol, path)
    if faults:
        raise _refused(path, faults)
    return protocol


def _schema_faults(values: Any) -> list[str]:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    errors = Draft202012Validator(schema).iter_errors(values)
    faults = []
    for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path))):
        where = ".".join(map(str, error.absolute_path)) or "the top level"
        if error.validator == "additionalProperties":
            known = sorted(error.schema["properties"])
            unknown = sorted(set(error.instance) - set(known))
            faults.append(
                f"unknown key {', '.join(map(repr, unknown))} at {where}; "
                f"known there: {', '.join(known)}"
            )
        else:
            faults.append(f"at {where}: {error.message}")
    return faults


def _protocol(values: dict[str, Any], file_hash: str) -> Protocol:
    outcomes = []
    for entry in values["outcomes"]:
        months = entry["follow_up_months"]
        outcomes += [
            Outcome(
                entry["instrument"], entry["measure"], month, tuple(entry["estimators"])
            )
            for month in ([None] if months == "all" else months)
        ]
    return Protocol(
        comparison_id=values["comparison_id"],
        version=values["version"],
        question=values["question"],
        question_ids=tuple(values["question_ids"]),
        population=values["population"],
        design=values["design"],
        time_zero=values["time_zero"],
        exposed=Arm(**values["exposed"]),
        comparator=Arm(**values["comparator"]),
        covariates=tuple(values["covariates"]),
        outcomes=tuple(outcomes),
        primary=Primary(**values["primary"]),
        caveats=tuple(values["caveats"]),
        hash=file_hash,
    )


def _meaning_faults(protocol: Protocol, path: Path) -> list[str]:
    """Return what the schema cannot say: how the parts must fit together."""
    faults = []
    if protocol.comparison_id != path.stem:
        faults.append("comparison_id differs from the file's name")
    if protocol.exposed.arm == protocol.comparator.arm:
        faults.append("both arms have the same code")
    ids = [outcome.outcome_id for outcome in protocol.outcomes]
    for outcome_id in sorted({name for name in ids if ids.count(name) > 1}):
        faults.append(f"outcome {outcome_id} is listed twice")
    for outcome in protocol.outcomes:
        allowed = ALLOWED_ESTIMATORS[outcome.measure, outcome.follow_up_month is None]
        for estimator in sorted(set(outcome.estimators) - allowed):
            faults.append(f"{estimator} cannot estimate {outcome.outcome_id}")
    if not any(
        outcome.outcome_id == protocol.primary.outcome_id
        and protocol.primary.estimator_id in outcome.estimators
        for outcome in protocol.outcomes
    ):
        faults.append(
            f"the primary {protocol.primary.outcome_id} by "
            f"{protocol.primary.estimator_id} is not among the outcomes"
        )
    return faults


def _refused(path: Path, faults: list[str]) -> UsageError:
    return UsageError(
        f"The protocol {path.name} cannot be used:\n"
        + "\n".join(f"  - {fault}" for fault in faults)
        + f"\nMend {path.name}; what it may hold is in schema.json of our protocols."
    )
