"""Made-up figures of a service's comparisons, for tests of their pages.

The protocols are the product's own; every number is invented by a rule, so that pages
are drawn on something of a likely size. Nothing here describes anybody.
"""

from zlib import crc32

import duckdb
import polars as pl

from pipelines.compare import protocols
from pipelines.compare.protocols import Protocol
from pipelines.release import stated

SHOWN = "long_vs_short_term"
WITHHELD = "long_vs_short_term_from_week_26"
UNCLEAR = "therapy_plus_medication_vs_medication"
PAIR = "modality_interpersonal_vs_cbt"
HIDDEN = "format_group_vs_individual"
RELAPSE = "continued_vs_stopped_after_remission"
RUN = (SHOWN, WITHHELD, UNCLEAR, PAIR, HIDDEN)
REASON = "The two sides differ too much in what was recorded at the start."

SPECIFICATIONS = {
    "sustained": ("complete_cases", "truncated_99", "truncated_99_5", "four_sessions"),
    "point_exposure": (
        *("complete_cases", "multiple_imputation", "worst_case", "best_case"),
    ),
}
INSTRUMENTS = [
    ("phq9", "PHQ-9", 0, 27, 5, 5, 10, 15, 20, 5, 10),
    ("wsas", "WSAS", 0, 40, None, 10, 20, None, None, None, None),
]


def effect(estimate=-2.2, low=-3.1, high=-1.3, scale="mean_difference", **values):
    """Return one shown effect, as a report has it."""
    return {
        "estimate": estimate,
        "estimate_low": low,
        "estimate_high": high,
        "scale": scale,
        "is_withheld": False,
        "withheld_reason": None,
        "is_suppressed": False,
        **values,
    }


def add(con: duckdb.DuckDBPyConnection, run: tuple[str, ...] = RUN) -> None:
    """Add made-up service comparisons to the reports of a fixture, of those run.

    One is shown and clear, two include no difference, one is withheld, one hidden;
    every other protocol was not run.
    """
    planned = [p for p in protocols.load_all() if not p.is_long_form]
    con.register("stated_rows", stated.state_comparisons(tuple(planned)))
    con.execute("insert into reports.rpt_comparisons by name from stated_rows")
    con.register("stated_outcomes", stated.state_outcomes(tuple(planned)))
    con.execute(
        "insert into reports.rpt_outcomes_of_comparison by name from stated_outcomes"
    )
    places = ", ".join("?" * len(INSTRUMENTS[0]))
    con.executemany(
        f"insert into reports.rpt_instruments values ({places})", INSTRUMENTS
    )
    for protocol in planned:
        if protocol.comparison_id in run:
            _insert(con, "effects_by_comparison", list(_effects(protocol)))
            _insert(con, "diagnostics_by_comparison", list(_diagnostics(protocol)))


def _insert(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict]) -> None:
    if rows:
        con.register("made_up", pl.DataFrame(rows, infer_schema_length=None))
        con.execute(f"insert into reports.rpt_{name} by name from made_up")
        con.unregister("made_up")


def _near(text: str) -> float:
    """A number from -1 to 1 that is the same for the same text."""
    return crc32(text.encode()) % 2001 / 1000 - 1


def _effects(protocol: Protocol):
    main = protocol.primary
    for outcome in protocol.outcomes:
        for estimator in outcome.estimators:
            yield from _scales(protocol, outcome, estimator)
        if outcome.outcome_id != main.outcome_id:
            continue
        for specification in SPECIFICATIONS[protocol.design]:
            yield from _scales(
                protocol, outcome, main.estimator_id, specification=specification
            )
        for group in (*protocol.subgroups, "severe"):
            for population in (group, f"not_{group}"):
                yield from _scales(
                    protocol, outcome, main.estimator_id, population=population
                )
            yield from _scales(
                protocol, outcome, main.estimator_id, population=group, prefix=True
            )


def _scales(
    protocol: Protocol,
    outcome,
    estimator: str,
    specification: str = "protocol",
    population: str = "all",
    prefix: bool = False,
):
    is_points = outcome.measure == "points"
    is_main = (outcome.outcome_id, estimator) == (
        protocol.primary.outcome_id,
        protocol.primary.estimator_id,
    ) and (specification, population, prefix) == ("protocol", "all", False)
    key = f"{protocol.comparison_id}{outcome.outcome_id}{estimator}{specification}{population}"
    shift = {SHOWN: 1.0}.get(protocol.comparison_id, 0.05)
    if outcome.role != "benefit":
        shift = 0.0
    if estimator == "unadjusted":
        shift = -0.3 * shift
    if is_points:
        value = -2.2 * shift + 0.3 * _near(key)
        width, level = 0.9, 10.4
        if outcome.outcome_id.startswith("swls"):
            value, level = -value, 19.0
    else:
        is_good = "response" in outcome.outcome_id or "remission" in outcome.outcome_id
        value = (1 if is_good else -1) * 0.1 * shift + 0.01 * _near(key)
        width, level = 0.05, 0.3 if outcome.role == "benefit" else 0.08
    if prefix:
        value, width, level = 0.5 * value, 2 * width, None
    scales = {"mean_difference" if is_points else "risk_difference": value}
    if not is_points:
        scales["risk_ratio"] = 1 + value / level if level else 1.0
    if outcome.is_time:
        scales["time_lost_difference_days"] = 200 * value
    is_withheld = protocol.comparison_id == WITHHELD
    is_hidden = protocol.comparison_id == HIDDEN
    counts = (None, None) if is_hidden else (2400, 5200)
    seen = [None if n is None else 5 * round(0.14 * n) for n in counts]
    for position, (scale, estimate) in enumerate(scales.items()):
        has_numbers = not (is_withheld or is_hidden)
        is_days = scale == "time_lost_difference_days"
        spread = {"risk_ratio": 2 * width}.get(scale, 200 * width if is_days else width)
        from_level = 60.0 if is_days else level
        number = round(estimate, 2) if has_numbers else None
        yield {
            "comparison_id": protocol.comparison_id,
            "outcome_id": outcome.outcome_id,
            "population_id": population,
            "estimator_id": estimator,
            "specification_id": specification,
            "scale": f"interaction_{scale}" if prefix else scale,
            "exposed_count": counts[0],
            "comparator_count": counts[1],
            "exposed_observed_count": seen[0],
            "comparator_observed_count": seen[1],
            "exposed_effective_count": None if is_hidden else 480,
            "comparator_effective_count": None if is_hidden else 2150,
            "exposed_level": round(from_level + (estimate if is_days else value), 2)
            if has_numbers and level
            else None,
            "comparator_level": from_level if has_numbers else None,
            "estimate": number,
            "estimate_low": round(estimate - spread, 2) if has_numbers else None,
            "estimate_high": round(estimate + spread, 2) if has_numbers else None,
            "p_value": 0.04 if has_numbers else None,
            "p_value_holm": None,
            "is_randomised": False,
            "is_primary": is_main and position == 0,
            "is_withheld": is_withheld,
            "withheld_reason": REASON if is_withheld else None,
            "is_suppressed": is_hidden,
        }


def _diagnostics(protocol: Protocol):
    if protocol.comparison_id == HIDDEN:
        return
    arms = (protocol.exposed.arm, protocol.comparator.arm)

    def row(diagnostic_id, value, arm=None, is_passed=None, outcome=True):
        return {
            "comparison_id": protocol.comparison_id,
            "outcome_id": protocol.primary.outcome_id if outcome else None,
            "population_id": "all",
            "estimator_id": protocol.primary.estimator_id,
            "diagnostic_id": diagnostic_id,
            "arm": arm,
            "value": value,
            "is_passed": is_passed,
            "note": "What it is.",
            "is_suppressed": False,
        }

    yield row("e_value", 2.1)
    yield row("e_value_of_limit", 1.6)
    yield row("negative_control_alarm", 0.01, is_passed=True, outcome=False)
    yield row("tipping_point_points", 6.4, arms[0])
    yield row("tipping_point_points", None, arms[1])
    for arm, sessions, share in zip(arms, (34.2, 14.6), (0.04, 0.07), strict=True):
        yield row("sessions_mean", sessions, arm, outcome=False)
        yield row("return_share", share, arm)
        yield row("mean_weight", 1.01, arm)
        yield row("largest_weight_share", 0.02, arm)
    if protocol.design == "point_exposure":
        yield row("equipoise", 0.46)
    if protocol.primary_outcome.is_time:
        for arm, often, known in zip(arms, (3.1, 1.4), (0.83, 0.71), strict=True):
            yield row("scores_per_90_days", often, arm)
            yield row("followed_half_share", known, arm)
            yield row("outcome_observed_share", known - 0.1, arm)
            yield row("found_at_return_share", 0.05, arm)
    whose = arms if protocol.design == "sustained" else (None,)
    for covariate in protocol.covariates:
        for arm in whose:
            before = _near(f"{protocol.comparison_id}{covariate}{arm}")
            yield row(f"standardised_difference_{covariate}", 0.5 * before, arm)
            yield row(
                f"weighted_standardised_difference_{covariate}", 0.06 * before, arm
            )
