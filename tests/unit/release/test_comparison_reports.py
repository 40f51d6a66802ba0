"""Reports of estimates: what a small arm hides, and what nobody can work out."""

from dataclasses import asdict
from itertools import product

import duckdb
import pytest

from pipelines.compare import protocols
from pipelines.compare.store import DiagnosticRow, EffectRow, replace
from pipelines.release import reports, stated
from pipelines.release.disclosure import REASON_WITHOUT_COUNTS
from pipelines.settings import Disclosure

RULES = Disclosure()
COMPARISON = "long_vs_short_term"
EFFECTS = "rpt_effects_by_comparison"
DIAGNOSTICS = "rpt_diagnostics_by_comparison"
FIGURES = ("estimate", "estimate_low", "estimate_high", "exposed_level", "p_value")


def effect(**changes) -> EffectRow:
    values = {
        "comparison_id": COMPARISON,
        "outcome_id": "phq9_points_12mo",
        "population_id": "all",
        "estimator_id": "clone_censor_weight",
        "specification_id": "protocol",
        "scale": "mean_difference",
        "exposed_count": 400,
        "comparator_count": 900,
        "exposed_observed_count": 300,
        "comparator_observed_count": 700,
        "exposed_effective_size": 150.4,
        "comparator_effective_size": 500.2,
        "cluster_count": 40,
        "exposed_level": 8.1234,
        "comparator_level": 10.4321,
        "estimate": -2.3087,
        "std_error": 0.4,
        "variance_method": "sandwich",
        "estimate_low": -3.1,
        "estimate_high": -1.5,
        "p_value": 0.001,
        "p_value_holm": None,
        "is_randomised": False,
        "is_primary": False,
        "is_withheld": False,
        "withheld_reason": None,
        "protocol_version": 1,
        "protocol_hash": "0" * 64,
    }
    return EffectRow(**values | changes)


MAIN = effect(is_primary=True)
PLAIN = effect(estimator_id="unadjusted")


def share(exposed: int, comparator: int = 200, **changes) -> EffectRow:
    """A share of 300 and of 700 people, by the plain estimator unless said."""
    values = {
        "outcome_id": "phq9_response_12mo",
        "estimator_id": "unadjusted",
        "scale": "risk_difference",
        "exposed_level": exposed / 300,
        "comparator_level": comparator / 700,
        "estimate": exposed / 300 - comparator / 700,
    }
    return effect(**values | changes)


def diagnostic(diagnostic_id: str, value: float | None, **changes) -> DiagnosticRow:
    values = {
        "comparison_id": COMPARISON,
        "outcome_id": "phq9_points_12mo",
        "population_id": "all",
        "estimator_id": "clone_censor_weight",
        "diagnostic_id": diagnostic_id,
        "arm": None,
        "value": value,
        "limit_low": None,
        "limit_high": None,
        "is_passed": None,
        "note": "What it is.",
    }
    return DiagnosticRow(**values | changes)


@pytest.fixture(scope="module")
def planned():
    return protocols.load_all()


@pytest.fixture
def made(planned):
    """Make both reports from rows of estimates and return them as dictionaries."""
    with duckdb.connect() as con:

        def make(effects, diagnostics=(), profile="default"):
            replace(con, "effects", effects)
            replace(con, "diagnostics", diagnostics)
            con.register("stated_comparisons", stated.state_comparisons(planned))
            con.register("stated_outcomes", stated.state_outcomes(planned))
            wanted = tuple(
                one
                for one in reports.PROTECTED_FIRST
                if one.name in (EFFECTS, DIAGNOSTICS, "rpt_outcomes_of_comparison")
            )
            reports.make(con, wanted, profile, RULES)
            return {
                one.name: con.table(f"reports.{one.name}").pl().to_dicts()
                for one in wanted
            }

        yield make


def hidden(row) -> bool:
    return all(row[name] is None for name in FIGURES)


def test_a_large_comparison_is_shown_with_rounded_counts(made):
    (row,) = made([MAIN])[EFFECTS]

    assert (row["exposed_count"], row["exposed_effective_count"]) == (400, 150)
    assert row["estimate"] == -2.31
    assert row["is_suppressed"] is False
    assert not any(name.startswith("hiding_") for name in row)
    assert set(asdict(MAIN)) - set(row) == {
        *("exposed_effective_size", "comparator_effective_size", "cluster_count"),
        *("std_error", "variance_method", "protocol_version", "protocol_hash"),
    }


@pytest.mark.parametrize(
    "small",
    [
        {"exposed_count": 9, "exposed_observed_count": 9},
        {"comparator_observed_count": 7},
        {"exposed_count": 306},  # six have no score
        {"exposed_effective_size": 8.2},
    ],
)
def test_a_small_arm_hides_its_numbers_in_every_row(made, small):
    rows = [
        effect(is_primary=True, **small),
        effect(estimator_id="unadjusted", **small),
    ]

    found = made(rows)[EFFECTS]

    assert all(hidden(row) and row["is_suppressed"] for row in found)
    shown = made(rows, profile="public_data")[EFFECTS]
    assert not any(hidden(row) for row in shown)


def test_event_counts_are_of_plain_rows_only(made):
    plain = share(90)
    weighted = share(90, estimator_id="clone_censor_weight")

    by_estimator = {
        row["estimator_id"]: row for row in made([plain, weighted])[EFFECTS]
    }

    assert by_estimator["unadjusted"]["exposed_event_count"] == 90
    assert by_estimator["clone_censor_weight"]["exposed_event_count"] is None
    assert by_estimator["clone_censor_weight"]["estimate"] is not None


@pytest.mark.parametrize("events", [0, 3, 12, 13, 287, 288, 297, 300])
def test_a_weighted_share_goes_with_the_plain_one(made, events):
    rows = [
        share(events),
        # Weighted, the share is far from the plain one.
        share(90, estimator_id="clone_censor_weight"),
        share(90, estimator_id="clone_censor_weight", scale="risk_ratio", estimate=1.1),
    ]

    found = made(rows)[EFFECTS]

    is_small = 0 < events < 13 or 0 < 300 - events < 13
    assert [hidden(row) for row in found] == [
        is_small if r["estimator_id"] == "unadjusted" else _exactly_small(events)
        for r in found
    ]


def _exactly_small(events: int) -> bool:
    """Small as it is, or as it would be shown."""
    shown = [5 * ((2 * n + 5) // 10) for n in (events, 300 - events)]
    return any(0 < n < 11 for n in (events, 300 - events, *shown))


def test_a_small_count_cannot_be_worked_back_from_levels_and_counts(made):
    """Every small count of events looks like many others, or like nothing at all."""
    rows = [
        share(events, comparison_id=f"with_{events}", estimator_id=estimator)
        for events in range(301)
        for estimator in ("unadjusted", "clone_censor_weight")
    ]
    by_comparison = {}
    for row in made(rows)[EFFECTS]:
        told = [
            row[f"exposed_{what}"]
            for what in ("level", "observed_count", "event_count")
        ]
        by_comparison.setdefault(row["comparison_id"], []).append(tuple(told))
    seen = {}
    for name, told in by_comparison.items():
        events = int(name.removeprefix("with_"))
        seen.setdefault(tuple(told), []).append(events)

    for told, counts in seen.items():
        levels = [level for level, _, _ in told]
        small = [n for n in counts if 0 < n < 11 or 0 < 300 - n < 11]
        if small:
            assert levels == [None, None], (told, counts)
            assert len(counts) >= 20


@pytest.mark.parametrize(
    ("outside", "is_hidden"), [(0, False), (8, True), (100, False)]
)
def test_a_subgroup_that_leaves_out_a_few_hides_itself(made, outside, is_hidden):
    counts = {"exposed_count": 400 - outside, "exposed_observed_count": 300 - outside}
    rows = [MAIN, PLAIN, effect(population_id="not_chronic", **counts)]

    row = next(r for r in made(rows)[EFFECTS] if r["population_id"] == "not_chronic")

    assert hidden(row) is is_hidden
    assert (row["exposed_count"] is None) is is_hidden


def test_an_estimate_that_drops_a_few_keeps_its_figures_and_loses_its_counts(made):
    rows = [PLAIN, effect(is_primary=True, exposed_count=396)]

    row = next(r for r in made(rows)[EFFECTS] if r["is_primary"])

    assert row["exposed_count"] is None
    assert row["estimate"] == -2.31


WITHHELD = {
    "is_withheld": True,
    "withheld_reason": "Once weighted, the arms differ by 0.31 in severity, 12 people.",
    **dict.fromkeys(("estimate", "estimate_low", "estimate_high", "p_value")),
    **dict.fromkeys(("exposed_level", "comparator_level")),
}


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        ((), REASON_WITHOUT_COUNTS),
        (("people_with_the_outcome",), REASON_WITHOUT_COUNTS),
        (("outcome_observed_share",), REASON_WITHOUT_COUNTS),
        (("negative_control_alarm",), REASON_WITHOUT_COUNTS),
        (
            ("largest_imbalance_weighted",),
            "The two sides differ too much in what was recorded at the start, even "
            "after weighting.",
        ),
        (
            ("largest_weight_share", "effective_size"),
            "One person would count for too much of the result. Too few people kept to "
            "one of the strategies for them to stand for everyone.",
        ),
    ],
)
def test_a_reason_without_counts_says_which_check_failed(made, failed, told):
    diagnostics = [diagnostic(name, 0.5, is_passed=False) for name in failed]
    row = effect(is_primary=True, **WITHHELD)

    assert made([row], diagnostics)[EFFECTS][0]["withheld_reason"] == told
    public = made([row], diagnostics, "public_data")[EFFECTS][0]
    assert public["withheld_reason"] == WITHHELD["withheld_reason"]


def test_only_known_diagnostics_are_told_and_none_of_one_person(made):
    rows = [
        diagnostic("equipoise", 0.5),
        diagnostic("smallest_chance", 0.013),
        diagnostic("something_new", 7.0),
        diagnostic("weighted_standardised_difference_is_female", 0.0312345),
    ]

    found = made([MAIN], rows)[DIAGNOSTICS]

    assert {row["diagnostic_id"]: row["value"] for row in found} == {
        "equipoise": 0.5,
        "weighted_standardised_difference_is_female": 0.03,
    }


def test_people_among_the_diagnostics_are_counts_rounded_and_hidden_if_few(made):
    rows = [
        diagnostic("people_with_the_outcome", 303.0, arm="long_term"),
        diagnostic("left_out_without_counterpart", 4.0, arm="short_term"),
        diagnostic("effective_size", 151.7, arm="long_term"),
    ]

    found = {row["diagnostic_id"]: row for row in made([MAIN], rows)[DIAGNOSTICS]}

    counts = {name: row["people_count"] for name, row in found.items()}
    assert counts == {
        "people_with_the_outcome": 305,
        "left_out_without_counterpart": None,
        "effective_size": 150,
    }
    assert all(row["value"] is None for row in found.values())


def test_the_diagnostics_of_a_small_arm_are_hidden_and_the_other_arms_are_not(made):
    rows = [
        diagnostic("sessions_mean", 31.2, arm="long_term"),
        diagnostic("sessions_mean", 12.4, arm="short_term"),
        diagnostic("outcome_observed_share_difference", 0.1),
    ]
    small = effect(is_primary=True, exposed_count=9, exposed_observed_count=9)

    found = {
        (row["diagnostic_id"], row["arm"]): row["value"]
        for row in made([small], rows)[DIAGNOSTICS]
    }

    assert found == {
        ("outcome_observed_share_difference", None): None,
        ("sessions_mean", "long_term"): None,
        ("sessions_mean", "short_term"): 12.4,
    }


def test_an_arm_that_nobody_names_is_hidden_with_either(made):
    small = effect(is_primary=True, exposed_count=9, exposed_observed_count=9)
    rows = [diagnostic("sessions_mean", 31.2, arm="a_third")]

    assert made([small], rows)[DIAGNOSTICS][0]["value"] is None
    assert made([MAIN], rows)[DIAGNOSTICS][0]["value"] == 31.2


@pytest.mark.parametrize(
    ("value", "is_hidden"), [(0.0, False), (0.01, True), (0.2, False), (0.99, True)]
)
def test_a_share_that_counts_few_people_is_hidden(made, value, is_hidden):
    rows = [diagnostic("return_share", value, arm="long_term")]

    (row,) = made([MAIN], rows)[DIAGNOSTICS]

    assert (row["value"] is None) is is_hidden


@pytest.mark.parametrize(
    ("main", "shown"), [(MAIN, 2.5), (effect(is_primary=True, **WITHHELD), None)]
)
def test_what_was_made_from_an_estimate_goes_with_it(made, main, shown):
    rows = [diagnostic("e_value", 2.5), diagnostic("mean_weight", 1.0, arm="long_term")]

    found = {
        row["diagnostic_id"]: row["value"] for row in made([main], rows)[DIAGNOSTICS]
    }

    assert found == {"e_value": shown, "mean_weight": 1.0}


def test_a_diagnostic_about_nobody_knows_how_many_is_hidden(made):
    row = diagnostic("sessions_mean", 12.4, arm="short_term")

    assert made([], [row])[DIAGNOSTICS][0]["value"] is None
    assert made([], [row], "public_data")[DIAGNOSTICS][0]["value"] == 12.4


@pytest.mark.parametrize(
    ("note", "told"), [("A share.", "A share."), ("7 people.", None)]
)
def test_a_note_with_a_number_is_not_told_where_counts_are_hidden(made, note, told):
    rows = [diagnostic("equipoise", 0.5, note=note)]

    assert made([MAIN], rows)[DIAGNOSTICS][0]["note"] == told
    assert made([MAIN], rows, "public_data")[DIAGNOSTICS][0]["note"] == note


def test_every_outcome_of_every_protocol_has_its_role(made, planned):
    found = made([])["rpt_outcomes_of_comparison"]

    assert len(found) == sum(len(one.outcomes) for one in planned)
    by_key = {(row["comparison_id"], row["outcome_id"]): row for row in found}
    score = by_key[COMPARISON, "phq9_points_12mo"]
    assert (score["measure"], score["month"], score["role"]) == (
        "points",
        12,
        "benefit",
    )
    assert (score["exposed_treatment"], score["comparator_treatment"]) == (
        "mixed",
        "off",
    )
    assert by_key[COMPARISON, "injury_12mo"]["role"] == "negative_control"
    contract = by_key["long_vs_short_term_by_contract", "phq9_points_12mo"]
    assert contract["exposed_treatment"] is None


def test_treatment_is_told_for_every_strategy_and_month(planned):
    by_id = {one.comparison_id: one.strategies for one in planned}
    months = (6, 12, 24)
    told = {
        name: [stated.treatment_at(by_id[name], month) for month in months]
        for name in ("long_vs_short_term", "long_vs_short_term_from_week_26")
    }

    assert told["long_vs_short_term"] == [
        ("mixed", "mixed"),
        ("mixed", "off"),
        ("off", "off"),
    ]
    assert told["long_vs_short_term_from_week_26"][1:] == [
        ("mixed", "off"),
        ("off", "off"),
    ]
    assert all(
        stated.treatment_at(None, month) == (None, None) for month in (None, *months)
    )


def test_every_column_that_decides_is_left_out(made):
    tables = made([MAIN, PLAIN], [diagnostic("equipoise", 0.5)])

    for rows, row in product([tables[EFFECTS], tables[DIAGNOSTICS]], [0]):
        assert not [n for n in rows[row] if n.startswith("hiding_") or "without" in n]


RELAPSE = "continued_vs_stopped_after_remission"


def timed(**changes) -> EffectRow:
    """A share ill again within a year, of 300 and 700 people known of."""
    values = {
        "comparison_id": RELAPSE,
        "outcome_id": "phq9_ill_again_12mo",
        "estimator_id": "unadjusted",
        "scale": "risk_difference",
        "exposed_level": 0.31,
        "comparator_level": 0.42,
        "estimate": -0.11,
    }
    return effect(**values | changes)


def days_lost(**changes) -> EffectRow:
    values = {
        "scale": "time_lost_difference_days",
        "exposed_level": 41.0,
        "comparator_level": 58.0,
        "estimate": -17.0,
    }
    return timed(**values | changes)


def events(arm: str, count: int) -> DiagnosticRow:
    return diagnostic(
        "people_with_the_event",
        float(count),
        comparison_id=RELAPSE,
        outcome_id="phq9_ill_again_12mo",
        estimator_id="iptw",
        arm=arm,
        is_passed=True,
        note=f"{count} people had the event while followed.",
    )


WEIGHTED = {"estimator_id": "iptw", "variance_method": "aalen_johansen"}


def test_events_of_a_time_are_counted_and_no_share_is_multiplied(made):
    given = [timed(), timed(**WEIGHTED), days_lost(**WEIGHTED)]
    told = [events("continued", 80), events("stopped", 250)]
    rows = made(given, told)[EFFECTS]
    plain = next(row for row in rows if row["estimator_id"] == "unadjusted")

    assert (plain["exposed_event_count"], plain["comparator_event_count"]) == (80, 250)
    others = [row for row in rows if row is not plain]
    assert {row["exposed_event_count"] for row in others} == {None}
    assert not any(hidden(row) for row in rows)


@pytest.mark.parametrize(
    ("exposed", "comparator"), [(80, 9), (9, 250), (293, 250), (80, 694)]
)
def test_few_events_or_few_without_hide_every_scale_of_a_time(
    made, exposed, comparator
):
    given = [timed(), timed(**WEIGHTED), days_lost(**WEIGHTED)]
    told = [events("continued", exposed), events("stopped", comparator)]
    rows = made(given, told)[EFFECTS]

    assert all(hidden(row) for row in rows)


def test_a_withheld_time_shows_no_count_of_events(made):
    given = timed(
        is_withheld=True,
        withheld_reason="Stopped therapy: 9 people had the event while followed.",
        **dict.fromkeys((*FIGURES, "std_error", "comparator_level")),
    )
    told = [events("continued", 80), events("stopped", 250)]
    (row,) = made([given], told)[EFFECTS]

    assert row["exposed_event_count"] is None
    assert "9" not in row["withheld_reason"]


@pytest.mark.parametrize(("count", "is_shown"), [(80, True), (9, False), (295, False)])
def test_how_many_had_the_event_is_hidden_where_few_had_or_had_not(
    made, count, is_shown
):
    given = [timed(**WEIGHTED, is_primary=True)]
    rows = made(given, [events("continued", count)])[DIAGNOSTICS]

    assert [row["people_count"] is not None for row in rows] == [is_shown]


def test_a_failed_count_of_events_is_told_without_the_count(made):
    given = timed(
        is_withheld=True,
        withheld_reason="Stopped therapy: 9 people had the event while followed.",
        estimator_id="iptw",
        **dict.fromkeys((*FIGURES, "std_error", "comparator_level")),
    )
    failed = DiagnosticRow(**asdict(events("stopped", 9)) | {"is_passed": False})
    (row,) = made([given], [failed, events("continued", 30)])[EFFECTS]

    assert row["withheld_reason"].startswith("The data do not support it: too few")
