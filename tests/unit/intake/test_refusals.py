"""What was refused is kept, with its kind and reason, once."""

import duckdb
import pytest
from support import FEEDS, MARKER, add_clinic, sent

from pipelines.checks import records
from pipelines.errors import CheckFailedError, DeliveryRefusedError, UsageError
from pipelines.intake import adapters, files, raw, refusals
from pipelines.intake import ingest as ingesting
from pipelines.intake.preflight.run import preflight

WITHOUT_SCORES = {"patients": sent("x")["patients"]}
NAMED = {**FEEDS, "extra": [{"k": "1", "surname": MARKER}]}


def kept(loading):
    return loading.rows(
        "select delivery, kind, count(*), load_id is null from refusals "
        "group by delivery, kind, load_id, reason order by min(refused_at)"
    )


@pytest.mark.parametrize(
    ("name", "feeds", "manifest", "kind", "has_no_id"),
    [
        ("undated", FEEDS, None, "undated", True),
        ("2026-03-01", {}, None, "unreadable", True),
        ("2026-03-01", FEEDS, {"colour": "red"}, "manifest", True),
        ("2026-03-01", NAMED, None, "identified", False),
        ("2026-03-01", WITHOUT_SCORES, None, "contract", False),
    ],
)
def test_a_refusal_is_kept_with_its_kind(
    loading, clinic, name, feeds, manifest, kind, has_no_id
):
    loading.deliver(name, feeds, manifest)
    ((_, error),) = loading.ingest().refused.items()

    assert kept(loading) == [(name, kind, 1, has_no_id)]
    assert loading.rows("select reason, source, run_id from refusals") == [
        (str(error), "clinic", "run-1")
    ]
    assert MARKER not in str(error)
    assert f'"kind": "{kind}"' in loading.home.audit_file.read_text()


@pytest.mark.parametrize(
    ("name", "manifest", "kind"),
    [
        ("2026-03-01", {"data_to": "0001-01-01"}, "manifest"),
        ("x", {"extracted_at": "0001-01-01"}, "undated"),
        ("2026-03-01 caf\udce9", None, "unreadable"),
    ],
)
def test_an_odd_delivery_does_not_keep_the_others_out(
    loading, clinic, name, manifest, kind
):
    loading.deliver(name, FEEDS, manifest)
    loading.deliver("2026-03-02", sent("x"))
    outcome = loading.ingest()

    assert outcome.loaded == ["clinic/2026-03-02"]
    assert [row[1:] for row in kept(loading)] == [(kind, 1, True)]
    for told in outcome.refused:
        told.encode()  # it can be shown and written


def test_what_the_system_does_not_open_is_refused_and_the_rest_is_loaded(
    loading, clinic, monkeypatch
):
    """The tests can run as root, who may read everything: the system's no is made up."""
    for name in ("2026-03-01", "2026-03-02", "2026-03-03"):
        loading.deliver(name, sent(name), {})
    loading.deliver("2026-03-04", sent("x"))
    closed = {
        "2026-03-01": "iterdir",
        "2026-03-02/delivery.json": "read_text",
        "2026-03-03/patients.csv": "stat",
    }
    for place, action in closed.items():
        _close(monkeypatch, loading.home.landing / "clinic" / place, action)
    outcome = loading.ingest()

    assert outcome.loaded == ["clinic/2026-03-04"]
    assert sorted(kept(loading)) == [
        (name, "unreadable", 1, True)
        for name in ("2026-03-01", "2026-03-02", "2026-03-03")
    ]


def test_a_sources_folder_that_the_system_does_not_open_is_refused(
    loading, clinic, monkeypatch
):
    loading.deliver("2026-03-01", FEEDS)
    _close(monkeypatch, loading.home.landing / "clinic", "iterdir")
    outcome = loading.ingest()

    assert list(outcome.refused) == ["clinic/"]
    assert kept(loading) == [("", "unreadable", 1, True)]


def test_a_file_that_is_gone_when_it_is_read_refuses_its_delivery(
    loading, clinic, monkeypatch
):
    folder = loading.deliver("2026-03-01", FEEDS)
    _close(monkeypatch, folder / "episodes.csv", "open", after=1)
    (error,) = loading.ingest().refused.values()

    assert "cannot be opened any more" in str(error)
    assert kept(loading) == [("2026-03-01", "unreadable", 1, False)]


def _close(monkeypatch, closed, action, after=0):
    """Let an action on one path fail, from the call after so many."""
    real, calls = getattr(type(closed), action), []

    def refuse(path, *args, **kwargs):
        if path == closed:
            calls.append(path)
            if len(calls) > after:
                raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(type(closed).__mro__[1], action, refuse)


def test_every_try_has_its_own_instant_and_the_first_one_stays(loading, clinic):
    loading.deliver("2026-03-01", WITHOUT_SCORES)
    loading.ingest()
    first = loading.rows("select * from refusals")
    loading.ingest()

    rows = loading.rows("select * from refusals order by refused_at")
    runs = loading.rows("select run_id from refusals order by refused_at")
    assert kept(loading) == [("2026-03-01", "contract", 2, False)]
    assert rows[:1] == first
    assert runs == [("run-1",), ("run-2",)]


def test_a_table_that_counted_its_tries_becomes_a_row_per_try(loading, clinic):
    raw.prepare(loading.home.raw_file)
    with duckdb.connect(str(loading.home.raw_file)) as con:
        con.execute(
            "create or replace table refusals as select 'run' as run_id, 'clinic' as "
            "source, '2026-03-01' as delivery, 'l' as load_id, timestamp '2026-03-01' "
            "as refused_at, 'checks' as kind, 'Why.' as reason, "
            "timestamp '2026-03-05' as last_refused_at, 3 as times"
        )
    for _ in range(2):
        raw.prepare(loading.home.raw_file)

    days = loading.rows("select refused_at::date::varchar from refusals order by 1")
    assert [row[0] for row in days] == ["2026-03-01", "2026-03-05", "2026-03-05"]
    assert "times" not in str(loading.rows("describe refusals"))


@pytest.mark.parametrize("step", ["count_records", "collect_feeds"])
def test_a_delivery_for_which_memory_is_too_little_says_so(
    loading, clinic, monkeypatch, step
):
    loading.deliver("2026-03-01", FEEDS)

    def run_out(*_):
        raise duckdb.OutOfMemoryException(f"could not allocate {MARKER}")

    monkeypatch.setattr(adapters, step, run_out)
    (error,) = loading.ingest().refused.values()

    assert kept(loading) == [("2026-03-01", "resources", 1, False)]
    assert "Raise memory_limit" in str(error)
    assert error.exit_code == 10
    assert MARKER not in str(error)


@pytest.mark.parametrize(
    "sql", ["selekt 1", "select 1; select 2", "select * from duckdb_settings"]
)
def test_a_broken_adapter_ends_a_check_and_an_ingest_alike(loading, clinic, sql):
    home = loading.home
    (home.sources / "clinic" / "patients.sql").write_text(sql)
    folder = loading.deliver("2026-03-01", FEEDS)

    (error,) = loading.ingest().refused.values()
    found = preflight(home, loading.settings, "run", folder)

    assert (error.exit_code, found.would_load) == (10, False)
    assert kept(loading) == [("2026-03-01", "adapter", 1, False)]
    assert any(str(error) in problem.what for problem in found.problems)


def test_reading_a_file_with_too_little_memory_is_no_fault_of_an_adapter(
    loading, clinic, monkeypatch
):
    loading.deliver("2026-03-01", FEEDS)

    def run_out(*_):
        raise duckdb.OutOfMemoryException(MARKER)

    monkeypatch.setattr(files, "_read_csv", run_out)
    (error,) = loading.ingest().refused.values()

    assert "reading file 1" in str(error)
    assert kept(loading) == [("2026-03-01", "resources", 1, False)]


def test_the_record_checks_let_a_lack_of_memory_through(loading, clinic, monkeypatch):
    loading.deliver("2026-03-01", FEEDS)

    def run_out(*_):
        raise duckdb.OutOfMemoryException(MARKER)

    monkeypatch.setattr(records, "_judge", run_out)
    loading.ingest()

    assert kept(loading) == [("2026-03-01", "resources", 1, False)]


def test_other_files_under_the_same_name_are_another_refusal(loading, clinic):
    folder = loading.deliver("2026-03-01", WITHOUT_SCORES)
    loading.ingest()
    (folder / "patients.csv").write_text("patient_id,region\np9,y\n")
    loading.ingest()

    assert kept(loading) == [("2026-03-01", "contract", 1, False)] * 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DeliveryRefusedError("x"), "contract"),
        (DeliveryRefusedError("x", kind="checks"), "checks"),
        (CheckFailedError("x"), "guard"),
        (UsageError("x"), "adapter"),
    ],
)
def test_every_refusal_has_one_of_the_known_kinds(error, kind):
    assert refusals.kind_of(error) == kind
    assert kind in refusals.KINDS


def test_a_step_gives_its_kind_to_a_refusal_that_has_none():
    for own, expected in (("", "unreadable"), ("undated", "undated")):
        with (
            pytest.raises(DeliveryRefusedError) as caught,
            refusals.as_kind("unreadable"),
        ):
            raise DeliveryRefusedError("x", kind=own)
        assert caught.value.kind == expected


def test_a_failed_check_is_a_refusal_of_its_own_kind(home, noting, monkeypatch):
    add_clinic(home, "full")
    noting.deliver("2026-03-01", sent("x"))

    def fail(*_):
        raise CheckFailedError("the guard of stage raw stopped it")

    monkeypatch.setattr(ingesting, "_load", fail)
    noting.ingest()

    assert kept(noting) == [("2026-03-01", "guard", 1, False)]
