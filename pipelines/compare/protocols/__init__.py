"""Read the protocols: what each comparison compares, and how.

One yml file per comparison, checked against `schema.json`; one that lists several arms
stands for every pair of them. The hash of the file goes into every row that it led to.
"""

import hashlib
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from pipelines.compare.protocols.protocol import (
    ALLOWED_BY_DESIGN,
    ALLOWED_ESTIMATORS,
    Arm,
    ColumnOutcome,
    Outcome,
    Primary,
    Protocol,
    Strategies,
)
from pipelines.errors import UsageError

__all__ = [
    "FOLDER",
    "Arm",
    "ColumnOutcome",
    "Outcome",
    "Primary",
    "Protocol",
    "Strategies",
    "load",
    "load_all",
]

FOLDER = Path(__file__).parent
"""Where our protocols are."""


def load_all(folder: Path = FOLDER) -> tuple[Protocol, ...]:
    """Read every protocol of a folder, in order of comparison_id.

    Args:
        folder: Holds `<comparison_id>.yml` files.

    Returns:
        The protocols; a file with several arms gives one for each pair of them.

    Raises:
        UsageError: A file breaks the schema, or names an outcome that it does not
            list. The message names the file and every fault in it.

    Examples:
        >>> load_all()[0].comparison_id
        'continued_vs_stopped_after_remission'
    """
    found = [one for path in folder.glob("*.yml") for one in load(path)]
    return tuple(sorted(found, key=lambda one: one.comparison_id))


def load(path: Path) -> tuple[Protocol, ...]:
    """Read one file: a protocol, or one for each pair of its arms.

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
    faults = _schema_faults(values) or _form_faults(values, path)
    if faults:
        raise _refused(path, faults)
    found = _protocols(values, hashlib.sha256(content).hexdigest())
    faults = [fault for protocol in found for fault in _meaning_faults(protocol)]
    if faults:
        raise _refused(path, list(dict.fromkeys(faults)))
    return found


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


def _form_faults(values: dict[str, Any], path: Path) -> list[str]:
    """Return which parts are missing, or too many, for the design."""
    faults = []
    if values["comparison_id"] != path.stem:
        faults.append("comparison_id differs from the file's name")
    named = [key for key in ("exposed", "comparator") if key in values]
    if len(named) != (0 if "arms" in values else 2):
        faults.append("either exposed and comparator are given, or arms")
    needs = {"point_exposure": "target", "sustained": "strategies"}
    for design, key in needs.items():
        if (values["design"] == design) != (key in values):
            faults.append(f"{key} is given with the design {design}, and only then")
    if "arms" in values and values["design"] != "point_exposure":
        faults.append("several arms are compared only as a point_exposure")
    form = (
        "follow_up_months"
        if values["design"] in ("randomised", "description")
        else "month"
    )
    for position, entry in enumerate(values["outcomes"]):
        if form not in entry:
            faults.append(f"outcome {position} needs {form} in this design")
        if (entry["measure"] == "time_to_event") != ("until_day" in entry):
            faults.append(
                f"outcome {position}: until_day is given with the measure "
                "time_to_event, and only then"
            )
    return faults


def _protocols(values: dict[str, Any], file_hash: str) -> tuple[Protocol, ...]:
    """Return a protocol for each pair of arms, the later arm against the earlier."""
    if "arms" not in values:
        pair = Arm(**values["exposed"]), Arm(**values["comparator"])
        return (_protocol(values, file_hash, values["comparison_id"], *pair),)
    arms = [Arm(**arm) for arm in values["arms"]]
    name = values["comparison_id"]
    return tuple(
        _protocol(values, file_hash, f"{name}_{two.arm}_vs_{one.arm}", two, one)
        for one, two in combinations(arms, 2)
    )


def _protocol(
    values: dict[str, Any], file_hash: str, name: str, exposed: Arm, comparator: Arm
) -> Protocol:
    sentences = {
        key: values[key]
        for key in (
            *("version", "decided_on", "question", "family", "population", "design"),
            *("time_zero", "assignment", "follow_up", "causal_contrast"),
        )
    }
    lists = ("question_ids", "eligibility", "covariates", "caveats")
    strategies = values.get("strategies")
    return Protocol(
        comparison_id=name,
        mart=f"cmp_{values['comparison_id']}",
        **sentences,
        **{key: tuple(values[key]) for key in lists},
        exposed=exposed,
        comparator=comparator,
        outcomes=_outcomes(values["outcomes"]),
        primary=Primary(**values["primary"]),
        hash=file_hash,
        target=values.get("target", "everyone"),
        strategies=Strategies(**strategies) if strategies else None,
        subgroups=tuple(values.get("subgroups", ())),
    )


def _outcomes(entries: list[dict[str, Any]]) -> tuple[Outcome | ColumnOutcome, ...]:
    found: list[Outcome | ColumnOutcome] = []
    for entry in entries:
        estimators = tuple(entry["estimators"])
        if "outcome_id" in entry:
            role = entry.get("role", "benefit")
            what = entry["outcome_id"], entry["measure"], entry["month"]
            until = entry.get("until_day")
            found.append(ColumnOutcome(*what, role, estimators, until))
            continue
        months = entry["follow_up_months"]
        found += [
            Outcome(entry["instrument"], entry["measure"], month, estimators)
            for month in ([None] if months == "all" else months)
        ]
    return tuple(found)


def _meaning_faults(protocol: Protocol) -> list[str]:
    """Return what the schema cannot say: how the parts must fit together."""
    faults = []
    if protocol.exposed.arm == protocol.comparator.arm:
        faults.append("both arms have the same code")
    ids = [outcome.outcome_id for outcome in protocol.outcomes]
    for outcome_id in sorted({name for name in ids if ids.count(name) > 1}):
        faults.append(f"outcome {outcome_id} is listed twice")
    for outcome in protocol.outcomes:
        for estimator in sorted(set(outcome.estimators) - _allowed(protocol, outcome)):
            faults.append(f"{estimator} cannot estimate {outcome.outcome_id}")
    main = {one.outcome_id: one for one in protocol.outcomes}.get(
        protocol.primary.outcome_id
    )
    if protocol.subgroups and isinstance(main, ColumnOutcome) and main.is_time:
        faults.append("subgroups cannot be held against each other in days lost yet")
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


def _allowed(protocol: Protocol, outcome: Outcome | ColumnOutcome) -> set[str]:
    if isinstance(outcome, ColumnOutcome):
        return ALLOWED_BY_DESIGN[protocol.design][outcome.measure]
    return ALLOWED_ESTIMATORS[outcome.measure, outcome.follow_up_month is None]


def _refused(path: Path, faults: list[str]) -> UsageError:
    return UsageError(
        f"The protocol {path.name} cannot be used:\n"
        + "\n".join(f"  - {fault}" for fault in faults)
        + f"\nMend {path.name}; what it may hold is in schema.json of our protocols."
    )
