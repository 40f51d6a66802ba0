"""Can this be trusted: every rule of the usability map with an output on each side."""

from datetime import date

import pytest
from usability_release import CHECK, OUTPUT, Entry, Release


@pytest.fixture
def release() -> Release:
    return Release().load()


def test_what_holds_is_green(release):
    row = release.result().judged()

    assert (row["status"], row["failing_checks_count"]) == ("green", 0)
    assert row["title"] == "Attendance and missed sessions"


@pytest.mark.parametrize(
    ("tolerated", "failed", "status"),
    [
        (0.0, 1, "amber"),
        (0.0, 100, "amber"),
        (0.0, 101, "red"),
        (0.04, 40, "green"),
        (0.04, 41, "amber"),
        (0.2, 201, "amber"),
        (0.2, 400, "amber"),
        (0.2, 401, "red"),
    ],
)
def test_a_warning_counts_beyond_what_is_tolerated(release, tolerated, failed, status):
    release.entries = [Entry(tolerated_share=tolerated)]

    assert release.result(failed=failed).judged()["status"] == status


def test_the_worst_reason_is_told_with_its_share_and_its_check(release):
    row = release.result(failed=38).judged()

    assert row["reasons"] == (
        "4.0 % in sessions of Clinic fail: session is not after death."
    )
    assert row["worst_check_id"] == f"sessions.{CHECK}"
    assert row["failing_checks_count"] == 1


@pytest.mark.parametrize("failed", [10, 990])
def test_a_share_of_few_people_is_not_told(release, failed):
    told = release.result(failed=failed).judged()["reasons"]

    assert told == "In sessions of Clinic, some fail: session is not after death."
    assert "%" in release.judged(minimum=1)["reasons"]


@pytest.mark.parametrize(
    ("severity", "status", "expected"),
    [
        ("critical", "fail", "red"),
        ("critical", "pass", "green"),
        ("warning", "error", "red"),
        ("warning", "fail", "amber"),
    ],
)
def test_a_critical_failure_and_an_error_are_red(release, severity, status, expected):
    release.result(None, None, status, severity)

    assert release.judged()["status"] == expected


def test_loads_are_judged_together(release):
    release.load("later", date(2026, 3, 2))
    release.result(failed=150).result(tested=9_000, load_id="later")

    assert release.judged()["status"] == "amber"


def test_a_source_that_fails_is_not_hidden_by_one_that_holds(release):
    release.load("other", source="pharmacy")
    release.entries = [Entry(tolerated_share=0.1)]
    release.result(tested=50, failed=50)
    release.result(load_id="other", source="pharmacy")

    row = release.judged()

    assert row["status"] == "red"
    assert row["reasons"] == (
        "100.0 % in sessions of Clinic fail: session is not after death; "
        "10.0 % is tolerated."
    )
    assert row["failing_checks_count"] == 1


@pytest.mark.parametrize(
    ("tested", "failed", "status"),
    [(30, 30, "red"), (29, 29, "amber"), (200, 20, "amber"), (200, 21, "red")],
)
def test_the_newest_delivery_is_judged_by_itself_too(release, tested, failed, status):
    release.load("later", date(2026, 3, 2))
    release.result(tested=9_000)
    release.result(tested=tested, failed=failed, load_id="later")

    row = release.judged()

    assert row["status"] == status
    assert ("of the newest delivery of Clinic" in row["reasons"]) is (tested >= 30)


def test_refused_rows_of_one_source_are_not_hidden_by_another(release):
    release.load("other", source="pharmacy").feed(
        "sessions", "other", "pharmacy", rows=9_000
    )
    release.feed("sessions", refused=51)

    row = release.judged()

    assert row["status"] == "red"
    assert row["reasons"] == "5.0 % of the rows of sessions of Clinic were refused."


@pytest.mark.parametrize(("rows", "status"), [(30, "red"), (29, "green")])
def test_refused_rows_of_the_newest_delivery_are_judged_too(release, rows, status):
    release.feed("sessions", rows=9_000)
    release.load("later", date(2026, 3, 2))
    release.feed("sessions", "later", refused=12, rows=rows)

    row = release.judged()

    assert row["status"] == status
    assert ("of the newest delivery of Clinic" in row["reasons"]) is (status == "red")


def test_a_check_that_taints_something_else_does_not_count(release):
    release.entries = [Entry(taints=("recovery",))]

    assert release.result(failed=500).judged()["status"] == "green"


@pytest.mark.parametrize(
    ("status", "severity", "expected"),
    [
        ("pass", "critical", "green"),
        ("fail", "warning", "amber"),
        ("fail", "critical", "amber"),
        ("error", "warning", "amber"),
    ],
)
def test_a_failing_check_that_is_not_listed_is_amber_for_every_output(
    release, status, severity, expected
):
    release.feed("assessments")
    release.con.execute(
        "create schema if not exists estimates; create table estimates.effects as "
        "select 'continued_vs_stopped_after_remission' as comparison_id, "
        "40 as exposed_count"
    )
    release.result(None, None, status, severity, check_id="nobody_lists_this")

    for output in (OUTPUT, "relapse"):
        row = release.judged(output)
        assert row["status"] == expected, output
        assert ("nobody lists this" in row["reasons"]) is (expected == "amber")
        assert row["failing_checks_count"] == (expected == "amber")


@pytest.mark.parametrize(
    ("refused", "status"), [(10, "green"), (11, "amber"), (50, "amber"), (51, "red")]
)
def test_refused_rows_count_by_their_share(release, refused, status):
    row = release.feed("sessions", refused=refused).judged()

    assert row["status"] == status
    assert (status == "green") is ("refused" not in row["reasons"])


def test_a_row_rule_warns_from_one_refused_row_in_a_hundred(release):
    rule = "held_on_is_given"
    release.entries = [Entry(check_id=rule)]

    assert release.result(failed=10, check_id=rule).judged()["status"] == "green"
    release.result(failed=11, check_id=rule, load_id="second")
    assert release.result(failed=20, check_id=rule).judged()["status"] == "amber"


def test_a_check_of_one_name_at_another_stage_is_another_check(release):
    release.entries = [
        Entry(stage="raw", check_id="held_on_is_given"),
        Entry(taints=("recovery",), check_id="held_on_is_given"),
    ]

    release.result(failed=500, check_id="held_on_is_given")

    assert release.judged()["status"] == "green"


@pytest.mark.parametrize(
    ("as_of", "is_late"),
    [("2026-04-01T23:59:00Z", False), ("2026-04-02T00:00:00Z", True)],
)
def test_a_source_is_late_from_the_day_after_it_is_due(release, as_of, is_late):
    row = release.judged(as_of=as_of)

    assert (row["status"], row["late_sources_count"]) == (
        ("amber", 1) if is_late else ("green", 0)
    )
    fresh = release.con.execute(
        "select next_due_on, is_late, owner, contact from quality.freshness"
    ).fetchone()
    assert fresh == (date(2026, 4, 1), is_late, "Owner", "data@clinic.invalid")


def test_a_source_that_has_ended_is_never_late():
    release = Release().load(every=36_500)

    assert release.judged(as_of="2126-01-01T00:00:00Z")["status"] == "green"


def test_a_late_source_counts_for_what_it_sends():
    release = Release().load(source="clinic")
    release.load("other", date(2020, 1, 1), source="pharmacy")
    release.feed("sessions", "other", "pharmacy", rows=0)

    assert release.judged()["late_sources_count"] == 0


def test_drift_of_the_newest_delivery_is_amber_and_of_older_ones_is_not(release):
    release.load("later", date(2026, 3, 2))
    release.entries = [Entry(check_id="volume_is_as_before")]
    release.result(1, 1, check_id="volume_is_as_before", load_id="load")
    assert release.judged()["status"] == "green"

    release.result(1, 1, check_id="volume_is_as_before", load_id="later")
    row = release.judged()
    assert row["status"] == "amber"
    assert row["worst_check_id"] == "sessions.volume_is_as_before"


def test_what_nobody_sends_is_not_measured(release):
    assert release.judged("recovery")["status"] == "not_measured"
    release.feed("sessions", rows=0)
    assert release.judged()["status"] == "not_measured"


@pytest.mark.parametrize(
    ("severity", "failed", "status"),
    [
        ("critical", 50, "red"),
        ("warning", 101, "red"),
        ("warning", 50, "not_measured"),
        ("critical", 0, "not_measured"),
    ],
)
def test_what_is_sent_and_red_is_red_though_nothing_is_shown_of_it(
    release, severity, failed, status
):
    release.con.execute("delete from reports.rpt_measures")

    row = release.result(failed=failed, severity=severity).judged()

    assert row["status"] == status
    assert "No source sends" not in row["reasons"]
    assert ("shows nothing of it" in row["reasons"]) is (status == "not_measured")
    assert ("session is not after death" in row["reasons"]) is (failed > 0)


def test_what_nobody_sends_stays_not_measured_though_a_check_of_it_fails(release):
    release.feed("sessions", rows=0)

    row = release.result(failed=50, severity="critical").judged()

    assert (row["status"], row["reasons"]) == (
        "not_measured",
        "No source sends what it needs.",
    )


def test_an_output_of_one_column_needs_that_column(release):
    release.feed("assessments")
    assert release.judged("safety")["status"] == "not_measured"

    release.con.execute(
        "insert into raw.load_columns values ('load', 'assessments', 'item_9', true)"
    )
    assert release.judged("safety")["status"] == "green"


def test_more_reasons_than_three_are_counted(release):
    release.entries = [Entry(check_id=f"check_{n}_holds") for n in range(5)]
    for n in range(5):
        release.result(failed=20 + 10 * n, check_id=f"check_{n}_holds")

    row = release.judged()

    assert row["failing_checks_count"] == 5
    assert row["worst_check_id"] == "sessions.check_4_holds"
    assert row["reasons"].endswith("And 2 more.")
    assert "check 1 holds" not in row["reasons"]


def test_a_late_delivery_is_a_reason_for_care_and_no_more(release):
    late = "delivery_is_newer_than_those_loaded"
    release.entries = [Entry(stage="landing", table_name="loads", check_id=late)]

    row = release.result(tested=1, failed=1, check_id=late, table="loads").judged()

    assert row["status"] == "amber"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("simulated_service", "The source Service (simulated) is late."),
        ("beat_the_blues", "The source Beat the Blues is late."),
    ],
)
def test_a_late_source_is_called_as_the_pages_call_it(source, told):
    row = Release().load(source=source).judged(as_of="2026-06-01T00:00:00Z")

    assert row["reasons"] == told


def test_a_source_without_a_label_is_quoted(release):
    release.judged()

    quoted = release.con.execute("select label_of('of_no_load')").fetchone()
    assert quoted == ('"of_no_load"',)


def test_no_reason_holds_the_id_of_a_source():
    release = Release().load(source="simulated_service")
    release.feed("sessions", source="simulated_service", refused=500)
    release.result(failed=500, source="simulated_service")
    row = release.judged(as_of="2026-06-01T00:00:00Z")
    months = release.judged_month()

    assert row["reasons"].count("Service (simulated)") == 3
    assert "simulated_service" not in row["reasons"] + str(months)
