"""From delivery to release, as its readers find it."""

import json
import shutil

import duckdb
import pytest
from support import MARKER, run_outcomes

from pipelines.checks import catalogue
from pipelines.intake.preflight.gaps import find_gaps
from pipelines.release import publish
from pipelines.release.access import open_current
from pipelines.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow


def test_one_release_per_run_with_equal_bytes_on_one_thread_and_on_two(published):
    first, second = (
        published.releases / name / "public" for name in ("first", "second")
    )
    names = sorted(path.name for path in first.iterdir())

    assert len(names) == 2 * 33
    assert names == sorted(path.name for path in second.iterdir())
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_current_is_the_newest_release_and_opens(published):
    assert (published.releases / "current").resolve().name == "second"
    assert json.loads((published.releases / "current.json").read_text()) == {
        "release_id": "second"
    }
    with open_current(published) as con:
        assert con.sql("select count(*) from marts.fct_episodes").fetchone() == (100,)


def test_every_result_of_a_build_is_of_a_check_in_the_catalogue(published):
    lines = [
        json.loads(line)
        for path in published.checks.glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    found = {(line["stage"], line["table_name"], line["check_id"]) for line in lines}
    known = {
        (entry.stage, entry.table_name, entry.check_id) for entry in catalogue.entries()
    }

    assert {"landing", "raw", "staging", "marts", "estimates", "reports"} <= {
        stage for stage, _, _ in found
    }
    assert found - known == set()


def test_a_second_ingest_loads_nothing_and_says_99(published):
    assert run_outcomes(published, "ingest").code == 99


def test_a_release_holds_tables_of_four_schemas_and_no_view(published):
    path = published.releases / "second" / "outcomes.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        views = con.sql(
            "select count(*) from duckdb_views() where not internal"
        ).fetchone()
        schemas = con.sql(
            "select distinct schema_name from duckdb_tables() order by 1"
        ).fetchall()
    assert views == (0,)
    assert schemas == [("estimates",), ("marts",), ("quality",), ("reports",)]


def test_no_byte_of_a_table_dropped_while_building_is_in_a_release(copied, command):
    build = copied.build_file("second")
    with duckdb.connect(str(build)) as con:
        con.execute("pragma force_compression = 'uncompressed'")
        # many blocks: what follows writes over the first that become free
        con.execute(
            f"create table marts.dropped as select '{MARKER}' || i as x "
            "from range(200000) r(i)"
        )
        con.execute("checkpoint")
        con.execute("drop table marts.dropped")
        con.execute("checkpoint")
    assert MARKER.encode() in build.read_bytes()  # so the test can fail
    shutil.rmtree(copied.releases / "second")
    run_json = copied.build_folder("second") / "run.json"
    run_json.write_text(run_json.read_text().replace(',\n    "release"', ""))

    assert command(copied, "publish", "--run-id", "second").code == 0
    released = copied.releases / "second" / "outcomes.duckdb"
    assert MARKER.encode() not in released.read_bytes()


def test_the_manifest_says_from_what_and_with_what(published):
    manifest = json.loads((published.releases / "second" / "manifest.json").read_text())

    assert manifest["release_id"] == "second"
    assert manifest["disclosure_profile"] == "public_data"
    assert [entry["source"] for entry in manifest["inputs"]] == ["beat_the_blues"]
    assert manifest["rows"]["raw"]["assessments"] == 380
    assert manifest["rows"]["marts"]["fct_episodes"] == 100
    assert manifest["versions"]["duckdb"] == duckdb.__version__
    assert manifest["as_of"] < manifest["published_at"]
    assert set(manifest["rows"]) == {
        "raw",
        "staging",
        "intermediate",
        "marts",
        "estimates",
        "aggregates",
        "reports",
    }


def test_the_models_are_documented_in_one_page_without_this_machine(published):
    page = (published.releases / "second" / "docs" / "index.html").read_text("utf-8")

    for told in ("fct_episode_outcomes", "rpt_measures_by_site", "points_6mo"):
        assert told in page
    for place in (published.root, PROJECT_ROOT):
        assert str(place) not in page
    assert "connect-src 'none'" in page.split("</head>")[0]
    assert "fuzzed.getdbt.com" not in page
    # Arms are data, and in no model's text; a patient's pseudonym is neither.
    assert "beat_the_blues:" not in page


def test_a_source_without_calendar_days_has_no_measure_by_month(published):
    with open_current(published) as con:
        by_month = con.sql(
            "select count(*) from reports.rpt_measures_by_month"
        ).fetchone()
        told = con.sql(
            "select distinct source, by_month_status "
            "from reports.rpt_measures_by_source"
        ).fetchall()
        registered = con.sql("select count(*) from reports.rpt_measures").fetchone()
    assert by_month == (0,)
    assert told == [("beat_the_blues", "not_measured")]
    assert registered == (28,)


def test_what_the_trial_cannot_fill_is_listed_as_not_measured(published):
    """Every mart column that is null throughout is listed, and the reverse.

    A listed column may still hold a no or a nought: who takes no medication has had
    no adequate trial, whatever the doses are.
    """
    with open_current(published) as con:
        listed = set(
            con.sql(
                "select table_name, column_name from quality.not_measured"
            ).fetchall()
        )
        marts = con.sql(
            "select table_name, column_name from duckdb_columns() where schema_name = "
            "'marts' and not starts_with(table_name, 'dim_instruments')"
        ).fetchall()
        empty = set()
        for table, column in marts:
            given, rows = con.sql(
                f'select count("{column}"), count(*) from marts.{table}'
            ).fetchone()
            if rows and not given:
                empty.add((table, column))
        without_need = {
            (table, column)
            for table, column in listed - empty
            if con.sql(
                f'select count(*) from marts.{table} where "{column}"::varchar '
                "not in ('false', '0')"
            ).fetchone()
            == (0,)
        }
    assert ("fct_episodes", "attended_sessions_count") in listed
    assert empty - listed == set()
    assert listed - empty - without_need == set()
    assert ("fct_episodes", "is_trd_strict") in without_need


def test_every_question_is_answered_or_says_why_not(published):
    with open_current(published) as con:
        rows = con.sql(
            "select status, count(*) from reports.rpt_questions group by 1"
        ).fetchall()
        (answer,) = con.sql(
            "select answer from reports.rpt_questions where question_id = 'Q1'"
        ).fetchone()
    assert sum(count for _, count in rows) == 22
    assert {"answered", "not_measured", "not_answerable"} <= {
        status for status, _ in rows
    }
    assert answer.startswith("Estimated effect: \N{MINUS SIGN}2.3 points")


def test_counts_by_arm_are_the_published_ones(published):
    """Everitt & Hothorn: 52 people had Beat the Blues and 48 usual care."""
    with open_current(published) as con:
        rows = con.sql(
            "select arm, follow_up_month, people_count, observed_count "
            "from reports.rpt_outcomes_by_arm_and_follow_up "
            "where comparison_id = 'therapy_vs_usual_care' order by all"
        ).fetchall()
    assert rows == [
        ("therapy", 2, 52, 52),
        ("therapy", 3, 52, 37),
        ("therapy", 5, 52, 29),
        ("therapy", 8, 52, 27),
        ("usual_care", 2, 48, 45),
        ("usual_care", 3, 48, 36),
        ("usual_care", 5, 48, 29),
        ("usual_care", 8, 48, 25),
    ]


def test_loads_accepted_later_than_as_of_are_invisible(copied, command):
    done = command(
        copied, "build", "--stage", "staging", "--as-of", "2020-01-01T00:00:00Z"
    )

    assert done.code == 2
    assert "No delivery that counts had been accepted by 2020-01-01" in done.text


def test_a_release_is_never_published_twice(copied, command):
    done = command(copied, "publish", "--run-id", "second")

    assert (done.code, "a release never changes" in done.text) == (2, True)


def test_a_broken_link_never_shows_a_half_release(copied, command, monkeypatch):
    """A publish that dies before the rename leaves the last release current."""

    def die(*_):
        raise OSError("disk full")

    monkeypatch.setattr(publish.manifest, "describe", die)
    shutil.rmtree(copied.releases / "first")
    run_json = copied.build_folder("first") / "run.json"
    run_json.write_text(run_json.read_text().replace(',\n    "release"', ""))

    done = command(copied, "publish", "--run-id", "first")
    assert done.code == 1
    assert "disk full" not in done.text
    assert (copied.releases / "current").resolve().name == "second"
    assert not (copied.releases / "first").exists()


def test_a_publish_cut_off_before_the_link_is_finished_by_the_next(
    copied, command, monkeypatch
):
    from pipelines.release.publish import make_current

    make_current(copied, "first")
    run_json = copied.build_folder("second") / "run.json"
    run_json.write_text(run_json.read_text().replace(',\n    "release"', ""))

    assert command(copied, "publish", "--run-id", "second").code == 0
    assert (copied.releases / "current").resolve().name == "second"


def test_loads_beside_a_refused_delivery_are_built_by_the_next_ingest(copied, command):
    """The first ends as refused; the next says 0, so that the DAG goes on."""
    bad = copied.landing / "beat_the_blues" / "2003-03-01"
    bad.mkdir()
    (bad / "BtheB.csv").write_text("rownames,surname\n1,x\n")
    good = copied.landing / "beat_the_blues" / "2003-04-01"
    shutil.copytree(copied.landing / "beat_the_blues" / "2003-02-01", good)
    (good / "delivery.json").write_text('{"data_to": "2003-04-01"}')

    assert command(copied, "ingest").code == 10
    shutil.rmtree(bad)
    assert command(copied, "ingest").code == 0
    assert command(copied, "ingest").code == 99


def test_the_lock_keeps_a_second_writer_out(copied, command):
    import fcntl

    with copied.lock_file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = command(copied, "ingest")
    assert (done.code, "Another command is writing" in done.text) == (20, True)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("select count(*) as n from marts.fct_episodes", 0),
        ("delete from marts.fct_episodes", 2),
        ("select * from read_text('/etc/hostname')", 2),
        ("copy marts.fct_episodes to 'stolen.csv'", 2),
        ("set enable_external_access = true", 2),
        ("select 1; select 2", 2),
    ],
)
def test_a_query_reads_the_release_and_nothing_else(published, command, sql, code):
    assert command(published, "query", sql).code == code


def test_releases_shows_the_comparisons_and_where_the_page_is(published):
    text = run_outcomes(published, "releases").text

    assert "\N{MINUS SIGN}2.3 points" in text
    assert "releases/second/site/index.html" in text
    assert "withheld" in text


def test_the_preflight_says_before_what_the_release_says_after(published):
    """What is not sent leaves the same columns and questions unmeasured in both."""
    with duckdb.connect(str(published.raw_file), read_only=True) as con:
        sent = con.sql(
            "select feed, column_name from load_columns where is_supplied"
        ).fetchall()
    feeds = {feed for feed, _ in sent}
    columns = {f"{feed}.{column}" for feed, column in sent}
    gaps = find_gaps(feeds | columns | {"instrument.bdi_ii"})
    with open_current(published) as con:
        unmeasured = con.sql(
            "select table_name, column_name from quality.not_measured "
            "where needs is not null"
        ).fetchall()
        questions = con.sql(
            "select question_id from reports.rpt_questions "
            "where status = 'not_measured'"
        ).fetchall()

    assert {(gap.table_name, gap.column_name) for gap in gaps.columns} == set(
        unmeasured
    )
    assert {(gap.question_id,) for gap in gaps.questions} == set(questions)
    assert unmeasured
    assert questions
