"""Every guard of the reports on data quality is seen to fail."""

from importlib import import_module

import duckdb
import pytest

from pipelines.checks.expectations import run_suite
from pipelines.release import reports
from pipelines.release.reports.quality import QUALITY_REPORTS
from pipelines.settings import Disclosure

BY_NAME = {report.name: report for report in QUALITY_REPORTS}


def failing(tmp_path, name, row, minimum=11):
    """Return the checks that one row of a report fails."""
    report = BY_NAME[name]
    path = tmp_path / "outcomes.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema reports")
        con.execute(f"create table reports.{name} as select {row}")
    suite = import_module(f"expectations.reports.{name}").suite(
        key=report.key,
        counts=report.counts,
        rates=tuple(rate.name for rate in report.rates),
        minimum=minimum,
    )
    results = run_suite(path, f"reports.{name}", suite, stage="reports", run_id="r")
    return [result.check_id for result in results if result.stops_the_run]


USABLE = "'a' as report, '{status}' as status, {reasons}::varchar as reasons"
DUE = (
    "'a' as source, {due}::date as next_due_on, {late}::boolean as is_late, "
    "true as is_in_force, date '2025-12-01' as newest_delivery_on, "
    "date '2025-12-01' as last_sent_on"
)
SENT = (
    "'a' as source, null::date as next_due_on, false as is_late, "
    "{in_force} as is_in_force, {newest}::date as newest_delivery_on, "
    "date '2026-01-01' as last_sent_on"
)
REFUSED = (
    "'a' as source, '2026-01-01' as delivery, timestamp '2026-01-02' as refused_at, "
    "'checks' as kind, {reason}::varchar as reason"
)
MOVED = (
    "'a' as source, 'sessions' as feed, '{measure}' as measure, null as grain, "
    "{earlier}::double as earlier_value, {value}::double as value, "
    "{limit}::double as limit_value"
)
FOUND = (
    "'a' as source, 'sessions' as feed, 'c' as check_id, date '{month}' as month, "
    "{tested} as tested_count, {failed} as failed_count, 0.5 as failed_rate"
)
LISTED = "'a' as stage, 'b' as table_name, 'c' as check_id, '{taints}' as taints"


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        (
            "rpt_usability_by_report",
            USABLE.format(status="amber", reasons="'why'"),
            [],
        ),
        (
            "rpt_usability_by_report",
            USABLE.format(status="blue", reasons="null"),
            ["status_is_a_known_code", "every_status_has_a_reason"],
        ),
        (
            "rpt_usability_by_report",
            "'a' as report, null::varchar as status, 'why' as reasons",
            ["every_output_has_a_status"],
        ),
        (
            "rpt_usability_by_month",
            "'a' as output_id, date '2026-01-01' as month, 'blue' as status, "
            "'why' as reasons",
            ["status_is_a_known_code"],
        ),
        (
            "rpt_freshness_by_source",
            DUE.format(due="'2026-01-01'", late="true"),
            [],
        ),
        (
            "rpt_freshness_by_source",
            DUE.format(due="null", late="true"),
            ["a_late_source_has_a_day_on_which_it_was_due"],
        ),
        (
            "rpt_freshness_by_source",
            SENT.format(in_force="false", newest="null"),
            [],
        ),
        (
            "rpt_freshness_by_source",
            SENT.format(in_force="true", newest="'2026-01-01'"),
            [],
        ),
        (
            "rpt_freshness_by_source",
            SENT.format(in_force="true", newest="'2026-01-02'"),
            ["what_counts_of_a_source_was_sent_by_then"],
        ),
        (
            "rpt_freshness_by_source",
            SENT.format(in_force="true", newest="null"),
            ["what_counts_of_a_source_was_sent_by_then"],
        ),
        (
            "rpt_refused_deliveries",
            REFUSED.format(reason="'# of # rows'"),
            [],
        ),
        (
            "rpt_refused_deliveries",
            REFUSED.format(reason="'3 of 8 rows'"),
            ["reason_tells_no_hidden_count"],
        ),
        (
            "rpt_refused_deliveries",
            REFUSED.format(reason="null"),
            ["every_refusal_has_a_reason"],
        ),
        (
            "rpt_drift_by_feed",
            MOVED.format(measure="rows", earlier=120, value=50, limit=10),
            [],
        ),
        (
            "rpt_drift_by_feed",
            MOVED.format(measure="rows", earlier=120, value=51, limit=10),
            ["counts_are_told_in_tens"],
        ),
        (
            "rpt_drift_by_feed",
            MOVED.format(measure="blank_share", earlier=0.1, value=0.51, limit=0.1),
            [],
        ),
        (
            "rpt_drift_by_feed",
            MOVED.format(measure="blank_share", earlier="null", value=0.51, limit=0.1),
            ["both_figures_are_shown_or_neither"],
        ),
        (
            "rpt_checks_by_feed_and_month",
            FOUND.format(month="2026-01-01", tested=100, failed=50),
            [],
        ),
        (
            "rpt_checks_by_feed_and_month",
            FOUND.format(month="2026-01-02", tested=100, failed=5),
            ["failed_count_is_zero_or_large_enough", "month_is_a_first_day"],
        ),
        ("rpt_check_catalogue", LISTED.format(taints="recovery, waiting"), []),
        ("rpt_check_catalogue", LISTED.format(taints=""), []),
        (
            "rpt_check_catalogue",
            LISTED.format(taints="recovery, weather"),
            ["every_tainted_output_is_known"],
        ),
    ],
)
def test_a_wrong_row_of_a_quality_report_stops_the_run(tmp_path, name, row, expected):
    assert failing(tmp_path, name, row) == expected


def made(name, *statements, profile="default"):
    """Return the rows of one report, made from what `quality` holds."""
    with duckdb.connect() as con:
        con.execute("create schema quality")
        for statement in statements:
            con.execute(statement)
        reports.make(con, (BY_NAME[name],), profile, Disclosure())
        return con.sql(f"from reports.{name}").to_arrow_table().to_pylist()


REFUSALS = (
    "create table quality.refusals as select 'clinic' as source, '{delivery}' as "
    "delivery, 'l' as load_id, 'checks' as kind, 'Delivery clinic/{delivery} breaks "
    "the contract: total does not hold in 3 of 1,208 row(s)' as reason, "
    "timestamp '2026-01-02' as refused_at, 2 as tries_count"
)


def test_a_refusal_is_told_without_its_counts():
    (row,) = made("rpt_refused_deliveries", REFUSALS.format(delivery="2026-01-01"))

    assert row["reason"] == (
        "Delivery this one breaks the contract: total does not hold in # of # row(s)"
    )
    assert (row["delivery"], row["kind"], row["tries_count"]) == (
        "2026-01-01",
        "checks",
        2,
    )


def test_a_refusal_of_public_data_is_told_as_it_is():
    (row,) = made(
        "rpt_refused_deliveries",
        REFUSALS.format(delivery="2026-01-01"),
        profile="public_data",
    )

    assert row["reason"].endswith("3 of 1,208 row(s)")


def test_a_folder_that_is_not_named_after_a_day_is_not_repeated():
    (row,) = made("rpt_refused_deliveries", REFUSALS.format(delivery="jane doe"))

    assert row["delivery"] == "not named after a day"
    assert "jane" not in row["reason"]


DRIFT = (
    "create table quality.drift as select * from (values {rows}) as drift(source, "
    "feed, measure, grain, earlier_value, value, limit_value, is_beyond, "
    "least_count, is_newest)"
)


@pytest.mark.parametrize(
    ("measure", "value", "least", "shown"),
    [
        ("rows", 123.0, 15, 120.0),
        ("rows", 123.0, 14, None),
        ("blank_share", 0.1234, 13, 0.12),
        ("blank_share", 0.1234, 12, None),
        ("blank_share", 0.0, "null", 0.0),
    ],
)
def test_a_figure_of_few_people_is_not_told(measure, value, least, shown):
    row = (
        f"('clinic', 'sessions', '{measure}', '', 500, {value}, 50, true, "
        f"{least}::bigint, true)"
    )

    (found,) = made("rpt_drift_by_feed", DRIFT.format(rows=row))

    value = found["value"]
    assert (None if value is None else float(value)) == shown
    assert (found["earlier_value"] is None) is (shown is None)
    assert (found["is_beyond"], found["grain"]) == (True, None)
    assert "least_count" not in found


def test_only_the_newest_delivery_and_only_months_that_moved_are_told():
    rows = ", ".join(
        f"('clinic', 'sessions', '{measure}', '{grain}', 500, 500, 50, {beyond}, "
        f"500::bigint, {newest})"
        for measure, grain, beyond, newest in (
            ("rows", "", "false", "true"),
            ("rows", "", "true", "false"),
            ("rows_by_site_and_month", "a 2026-01", "false", "true"),
            ("rows_by_site_and_month", "a 2026-02", "true", "true"),
        )
    )

    found = made("rpt_drift_by_feed", DRIFT.format(rows=rows))

    assert {row["grain"] for row in found} == {None, "a 2026-02"}
    assert len(found) == 2
