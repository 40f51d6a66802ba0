"""Every check of expectations/estimates is seen to pass and to fail."""

import shutil
from importlib import import_module

import pytest

from pipelines.checks.expectations import run_suite
from pipelines.compare import estimate
from pipelines.settings import Settings

ID = "therapy_vs_usual_care"


@pytest.fixture(scope="module")
def good(tmp_path_factory, open_build, rows):
    """A build with shown and withheld estimates, made once."""
    made = open_build(tmp_path_factory.mktemp("guard") / "outcomes.duckdb")
    made.write(ID, rows(ID, seen={(0, 5): 17, (0, 8): 1}))
    estimate.run(made.path, Settings(threads=1))
    return made.path


@pytest.fixture
def spoiled(good, tmp_path, open_build):
    return open_build(shutil.copy(good, tmp_path / "outcomes.duckdb"))


def results(path, table):
    suite = import_module(f"expectations.estimates.{table}").suite()
    found = run_suite(
        path, f"estimates.{table}", suite, stage="estimates", run_id="20260101T000000Z"
    )
    return {result.check_id: result for result in found}


@pytest.mark.parametrize("table", ["effects", "diagnostics", "curves"])
def test_good_estimates_pass_every_check(good, table):
    found = results(good, table)

    assert {result.status for result in found.values()} == {"pass"}
    assert {result.severity for result in found.values()} == {"critical"}


SHOWN = "outcome_id = 'bdi_ii_points_2mo' and scale = 'mean_difference'"
RISK = "outcome_id = 'bdi_ii_response_2mo'"
SPOILED = [
    ("effects", "columns_as_published", "alter table {t} add column surname varchar"),
    ("effects", "scale_known", "update {t} set scale = 'index' where " + SHOWN),
    ("effects", "key_unique", "insert into {t} select * from {t} where " + SHOWN),
    ("effects", "numbers_finite", "update {t} set estimate = 'nan' where " + SHOWN),
    ("effects", "numbers_finite", "update {t} set std_error = 'inf' where " + SHOWN),
    (
        "effects",
        "withheld_rows_have_no_numbers",
        "update {t} set exposed_level = 9 where is_withheld",
    ),
    (
        "effects",
        "withheld_rows_have_a_reason",
        "update {t} set withheld_reason = ' ' where is_withheld",
    ),
    (
        "effects",
        "shown_rows_have_their_numbers_and_no_reason",
        "update {t} set estimate_low = null where " + SHOWN,
    ),
    (
        "effects",
        "shown_rows_passed_their_gate",
        "update estimates.diagnostics set value = 19, is_passed = false "
        "where diagnostic_id = 'people_with_the_outcome' "
        "and outcome_id = 'bdi_ii_points_2mo'",
    ),
    (
        "effects",
        "shown_rows_passed_the_gate_of_their_design",
        "insert into estimates.diagnostics select comparison_id, outcome_id, "
        "population_id, null, 'equipoise', null, 0.1, 0.2, null, false, 'Too few.' "
        "from {t} where not is_withheld limit 1",
    ),
    (
        "effects",
        "estimate_inside_its_interval",
        "update {t} set estimate_low = estimate + 0.01 where " + SHOWN,
    ),
    (
        "effects",
        "estimate_inside_its_interval",
        "update {t} set estimate_high = estimate - 0.01 where " + SHOWN,
    ),
    (
        "effects",
        "estimate_is_the_difference_of_the_levels",
        "update {t} set exposed_level = comparator_level, "
        "comparator_level = exposed_level where " + SHOWN,
    ),
    (
        "effects",
        "risks_within_zero_and_one",
        "update {t} set estimate_high = 1.01 where " + RISK,
    ),
    (
        "effects",
        "risks_within_zero_and_one",
        "update {t} set exposed_level = 1.01 where " + RISK,
    ),
    ("effects", "std_error_positive", "update {t} set std_error = 0 where " + SHOWN),
    (
        "effects",
        "p_values_within_zero_and_one",
        "update {t} set p_value = 1.01 where " + SHOWN,
    ),
    (
        "effects",
        "p_values_within_zero_and_one",
        "update {t} set p_value_holm = -0.01 where is_primary",
    ),
    (
        "effects",
        "holm_only_for_primary_and_never_smaller",
        "update {t} set p_value_holm = p_value where " + SHOWN,
    ),
    (
        "effects",
        "holm_only_for_primary_and_never_smaller",
        "update {t} set p_value = 0.5, p_value_holm = 0.4 where is_primary",
    ),
    (
        "effects",
        "one_primary_per_comparison",
        "update {t} set is_primary = false",
    ),
    (
        "effects",
        "one_primary_per_comparison",
        "update {t} set is_primary = true where " + RISK,
    ),
    (
        "effects",
        "observed_at_most_count",
        "update {t} set comparator_observed_count = comparator_count + 1 where " + RISK,
    ),
    (
        "effects",
        "one_protocol_per_comparison",
        "update {t} set protocol_version = 9 where " + RISK,
    ),
    (
        "diagnostics",
        "columns_as_published",
        "alter table {t} drop column note",
    ),
    (
        "diagnostics",
        "key_unique",
        "insert into {t} select * from {t} where diagnostic_id = 'single_source'",
    ),
    (
        "diagnostics",
        "numbers_finite",
        "update {t} set value = 'nan' where diagnostic_id = 'log_likelihood'",
    ),
    (
        "diagnostics",
        "verdict_agrees_with_its_limits",
        "update {t} set is_passed = true where not is_passed "
        "and diagnostic_id = 'outcome_observed_share'",
    ),
    (
        "diagnostics",
        "verdict_agrees_with_its_limits",
        "update {t} set is_passed = false where diagnostic_id = 'single_source'",
    ),
    (
        "diagnostics",
        "nothing_unknown_passes",
        "update {t} set value = null where diagnostic_id = 'single_source'",
    ),
    ("diagnostics", "note_present", "update {t} set note = ''"),
    (
        "diagnostics",
        "one_count_of_eligible_people_per_comparison",
        "delete from {t} where diagnostic_id = 'has_eligible_people' "
        f"and comparison_id = '{ID}'",
    ),
    ("curves", "columns_as_published", "alter table {t} add column surname varchar"),
    ("curves", "key_unique", "insert into {t} select * from {t} where time_month = 2"),
    (
        "curves",
        "numbers_finite",
        "update {t} set estimate_low = '-inf' where time_month = 2",
    ),
    (
        "curves",
        "mean_exactly_where_somebody_was_observed",
        "update {t} set observed_count = 0 where time_month = 2",
    ),
    (
        "curves",
        "interval_exactly_where_two_were_observed",
        "update {t} set estimate_high = null where time_month = 2",
    ),
    (
        "curves",
        "interval_exactly_where_two_were_observed",
        "update {t} set estimate_low = 0, estimate_high = 99 where observed_count = 1",
    ),
    (
        "curves",
        "mean_inside_its_interval",
        "update {t} set estimate_high = estimate - 0.01 where time_month = 2",
    ),
    (
        "curves",
        "observed_at_most_count",
        "update {t} set people_count = 29 where observed_count = 30",
    ),
    (
        "curves",
        "month_not_before_baseline",
        "update {t} set time_month = time_month - 1",
    ),
    (
        "curves",
        "every_line_starts_at_baseline",
        "delete from {t} where time_month = 0 and arm = 'therapy'",
    ),
]


@pytest.mark.parametrize(("table", "check_id", "spoil"), SPOILED)
def test_a_spoiled_table_fails_the_check_that_is_for_it(
    spoiled, table, check_id, spoil
):
    spoiled.execute(spoil.format(t=f"estimates.{table}"))

    found = results(spoiled.path, table)[check_id]

    assert found.status == "fail"
    assert found.stops_the_run


@pytest.mark.parametrize("table", ["effects", "diagnostics", "curves"])
def test_no_check_is_without_a_spoiled_table(good, table):
    seen = {check_id for name, check_id, _ in SPOILED if name == table}

    assert seen == set(results(good, table))
