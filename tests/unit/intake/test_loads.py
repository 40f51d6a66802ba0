"""Which deliveries load, under which id, and which of them count."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from support import FEEDS, MARKER, SOURCE_YML, add_clinic, sent, write_delivery

from pipelines.checks.results import read
from pipelines.errors import DeliveryRefusedError, UsageError
from pipelines.intake import ingest as ingesting
from pipelines.intake import ledger, raw, withdrawal
from pipelines.intake.deliveries import read_delivery
from pipelines.intake.ingest import ingest
from pipelines.intake.preflight.run import preflight
from pipelines.intake.queue import take_in


def test_files_that_come_back_after_others_are_the_newest(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.deliver("2026-03-02", sent("south"))
    noting.ingest()
    noting.deliver("2026-03-03", sent("north"))

    assert noting.ingest().loaded == ["clinic/2026-03-03"]
    assert noting.in_force() == ["2026-03-03"]
    assert noting.ingest().loaded == []


def test_files_that_come_back_on_the_same_day_are_the_newest(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.deliver("2026-03-02", sent("south"))
    noting.ingest()
    noting.deliver("2026-03-02_corrected", sent("north"))
    noting.ingest()

    assert noting.in_force() == ["2026-03-02_corrected"]
    assert noting.ingest().loaded == []


def test_a_repeat_becomes_the_newest_when_one_before_it_comes_late(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.deliver("2026-03-03", sent("north"))
    assert noting.ingest().known == ["clinic/2026-03-03"]
    noting.deliver("2026-03-02", sent("south"))

    assert noting.ingest().loaded == ["clinic/2026-03-02", "clinic/2026-03-03"]
    assert noting.in_force() == ["2026-03-03"]


def test_an_older_full_delivery_replaces_nothing_and_an_older_increment_fills_in(
    noting, home
):
    add_clinic(home, "increment")
    noting.deliver("2026-03-02", sent("new", ("p1",)))
    noting.ingest()
    noting.deliver("2026-03-01", sent("old", ("p1", "p2")))
    noting.ingest()

    assert noting.in_force() == ["2026-03-02", "2026-03-01"]
    (home.sources / "ward").mkdir()
    yml = SOURCE_YML.format(kind="full").replace("source: clinic", "source: ward")
    (home.sources / "ward" / "source.yml").write_text(yml)
    noting.deliver("2026-03-02", sent("new"), source="ward")
    noting.ingest()
    noting.deliver("2026-03-01", sent("old"), source="ward")
    noting.ingest()
    with duckdb.connect(str(home.raw_file)) as con:
        now = datetime.now(UTC).replace(tzinfo=None)
        counting = ledger.in_force(con, now)
        ward = [x for x in ledger.loads_of(con) if x.source == "ward"]
    assert [x.delivery for x in ward if x.load_id in counting] == ["2026-03-02"]


def test_a_late_delivery_is_loaded_and_named_by_a_warning(
    home, clinic, settings, caplog
):
    landing = home.landing / "clinic"
    write_delivery(landing / "2026-03-03", sent("third"))
    newest = preflight(home, settings, "try", landing / "2026-03-03")
    in_order = ingest(home, settings, "in-order")
    folder = write_delivery(landing / "2026-03-02", sent("second"))
    before = preflight(home, settings, "try-late", folder)
    late = ingest(home, settings, "late")
    again = preflight(home, settings, "try-again", folder)

    assert (in_order.late, late.late) == ([], ["clinic/2026-03-02"])
    assert [x.is_late for x in (newest, before, again)] == [False, True, False]
    assert before.would_load
    assert "clinic/2026-03-02 is late" in caplog.text
    (named,) = (r for r in read(home.checks_file("late")) if r.status != "pass")
    assert (named.table_name, named.check_id, named.severity) == (
        "loads",
        "delivery_is_newer_than_those_loaded",
        "warning",
    )
    lines = map(json.loads, home.audit_file.read_text().splitlines())
    assert [line["is_late"] for line in lines] == [False, True]


def test_a_mended_adapter_loads_again_and_so_does_one_that_is_mended_back(
    noting, clinic
):
    adapter = noting.home.sources / "clinic" / "patients.sql"
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    adapter.write_text(
        "select patient_id, 'x' as region from delivery_csv('patients.csv')"
    )
    assert noting.ingest().loaded == ["clinic/2026-03-01"]
    adapter.unlink()
    assert noting.ingest().loaded == ["clinic/2026-03-01"]
    assert noting.ingest().loaded == []

    with duckdb.connect(str(noting.home.raw_file)) as con:
        loads = ledger.loads_of(con)
        counting = ledger.in_force(con, datetime.now(UTC).replace(tzinfo=None))
    assert counting == {loads[2].load_id}
    assert len({load.load_id for load in loads}) == 3
    assert loads[0].content_id == loads[2].content_id != loads[1].content_id


def test_a_patient_retired_later_is_known_to_a_late_increment(loading, home):
    add_clinic(home, "increment")
    loading.deliver("2026-03-01", sent("north"))
    gone = [{"patient_id": "p1", "is_deleted": "true"}]
    loading.deliver("2026-03-03", {"patients": gone})
    loading.ingest()
    score = {**FEEDS["assessments"][0], "assessment_id": "late", "patient_id": "p1"}
    loading.deliver("2026-03-02", {"assessments": [score]})
    loading.deliver("2026-03-04", {"assessments": [score | {"assessment_id": "no"}]})
    loading.ingest()

    kept = "select count(*) from assessments where assessment_id = 'clinic:{}'"
    assert loading.rows(kept.format("late")) == [(1,)]
    assert loading.rows(kept.format("no")) == [(0,)]


@pytest.mark.parametrize(
    ("namespaces", "people"), [(("shared", "shared"), 2), (("north", "south"), 4)]
)
def test_the_same_pseudonyms_are_the_same_people_only_in_one_namespace(
    loading, home, namespaces, people
):
    for source, namespace in zip(("clinic", "ward"), namespaces, strict=True):
        folder = home.sources / source
        folder.mkdir(parents=True)
        yml = SOURCE_YML.format(kind="full").replace("clinic", source)
        yml = yml.replace(f"namespace: {source}", f"namespace: {namespace}")
        (folder / "source.yml").write_text(yml)
        loading.deliver("2026-03-01", sent(source), source=source)
    loading.ingest()

    assert loading.rows(
        "select count(*), count(distinct patient_id) from patients"
    ) == [(4, people)]


def test_a_source_may_send_rows_of_another_ones_patient_in_a_shared_namespace(
    loading, home
):
    add_clinic(home, "full")
    pharmacy = home.sources / "pharmacy"
    pharmacy.mkdir()
    yml = SOURCE_YML.format(kind="increment").replace(
        "source: clinic", "source: pharmacy"
    )
    (pharmacy / "source.yml").write_text(yml)
    loading.deliver("2026-03-01", sent("north"))
    rows = [
        {
            "medication_id": f"m_{patient}",
            "patient_id": patient,
            "ingredient": "sertraline",
            "started_on": "2026-01-01",
            "record_type": "dispensed",
        }
        for patient in ("p1", "stranger")
    ]
    loading.deliver("2026-03-02", {"medications": rows}, source="pharmacy")
    loading.ingest()

    assert loading.rows("select patient_id from medications") == [("clinic:p1",)]


def test_who_a_newer_full_delivery_left_out_is_unknown_to_other_sources(loading, home):
    add_clinic(home, "full")
    add_pharmacy(home)
    loading.deliver("2026-03-01", sent("north"))
    loading.deliver("2026-03-03", sent("north", patients=("p2",)))
    score = FEEDS["assessments"][0]
    for name, patient in (("02", "p1"), ("04", "p1"), ("05", "p2")):
        rows = [score | {"assessment_id": f"on_{name}", "patient_id": patient}]
        loading.deliver(f"2026-03-{name}", {"assessments": rows}, source="pharmacy")
    loading.ingest()

    assert loading.rows(
        "select assessment_id from assessments where source = 'pharmacy' order by 1"
    ) == [("clinic:on_02",), ("clinic:on_05",)]


def test_a_patient_of_a_full_delivery_that_was_withdrawn_is_known_again(loading, home):
    add_clinic(home, "full")
    add_pharmacy(home)
    loading.deliver("2026-03-01", sent("north"))
    loading.deliver("2026-03-03", sent("north", patients=("p2",)))
    loading.ingest()
    withdrawal.withdraw(home, "clinic/2026-03-03", "half of it was missing")
    rows = [FEEDS["assessments"][0] | {"assessment_id": "a9", "patient_id": "p1"}]
    loading.deliver("2026-03-04", {"assessments": rows}, source="pharmacy")
    loading.ingest()

    assert loading.rows(
        "select patient_id from assessments where source = 'pharmacy'"
    ) == [("clinic:p1",)]


def add_pharmacy(home):
    """Describe a source that sends increments of the clinic's patients."""
    folder = home.sources / "pharmacy"
    folder.mkdir()
    yml = SOURCE_YML.format(kind="increment")
    (folder / "source.yml").write_text(
        yml.replace("source: clinic", "source: pharmacy")
    )


def refuse_strangers(landing_file, delivery, landed, run_id, *_):
    """Refuse any row that a rule breaks, as the guard does with many."""
    with duckdb.connect(str(landing_file), read_only=True) as con:
        broken = sum(
            con.execute(f"select count(*) from {feed}_broken").fetchone()[0]
            for feed in landed
        )
    if broken:
        raise DeliveryRefusedError(f"{delivery.name} is refused", kind="checks")
    return []


def test_what_was_refused_loads_in_the_same_ingest_after_what_it_needs(
    loading, home, monkeypatch
):
    add_clinic(home, "increment")
    monkeypatch.setattr(ingesting.guards, "check_landing", refuse_strangers)
    scores = {"assessments": sent("x")["assessments"]}
    loading.deliver("2026-03-01", scores)
    loading.deliver("2026-03-02", {"patients": sent("x")["patients"]})
    loading.deliver("2026-03-03", scores)
    outcome = loading.ingest()

    assert outcome.refused == {}
    assert sorted(outcome.loaded) == [f"clinic/2026-03-0{day}" for day in (1, 2, 3)]
    assert loading.rows("select count(*) from refusals") == [(0,)]
    assert '"refused"' not in home.audit_file.read_text()
    assert loading.ingest().loaded == []


def test_each_of_two_copies_is_refused_for_its_own_reason_and_noted_once(
    loading, home, monkeypatch
):
    add_clinic(home, "increment")
    monkeypatch.setattr(ingesting.guards, "check_landing", refuse_strangers)
    strangers = {"assessments": sent("x", patients=("p9",))["assessments"]}
    loading.deliver("2026-03-01", strangers)
    loading.deliver("2026-03-02", {"patients": sent("x")["patients"]})
    loading.deliver("2026-03-03", strangers)
    outcome = loading.ingest()

    assert outcome.loaded == ["clinic/2026-03-02"]
    assert loading.rows(
        "select delivery, reason, count(*) from refusals group by all order by delivery"
    ) == [(name, f"{name} is refused", 1) for name in ("2026-03-01", "2026-03-03")]
    assert home.audit_file.read_text().count('"refused"') == 2


def test_a_delivery_whose_files_are_wrong_and_its_copy_are_tried_once(loading, clinic):
    bad = {"patients": sent("x")["patients"]}
    loading.deliver("2026-03-01", bad)
    loading.deliver("2026-03-02", bad)
    outcome = loading.ingest()

    assert list(outcome.refused) == ["clinic/2026-03-01", "clinic/2026-03-02"]
    assert len(set(outcome.refused.values())) == 1
    assert loading.rows(
        "select delivery, count(*) from refusals group by 1 order by 1"
    ) == [
        ("2026-03-01", 1),
        ("2026-03-02", 1),
    ]


@pytest.mark.parametrize(("minutes", "is_refused"), [(-5, False), (5, True)])
def test_a_source_may_be_a_day_ahead_of_us_and_no_more(
    clinic, tmp_path, minutes, is_refused
):
    at = datetime.now(UTC) + timedelta(days=1, minutes=minutes)
    folder = write_delivery(tmp_path / "x", FEEDS, {"extracted_at": at.isoformat()})
    if not is_refused:
        read_delivery(folder, clinic)
        return
    with pytest.raises(DeliveryRefusedError, match="in the future") as caught:
        read_delivery(folder, clinic)
    assert caught.value.kind == "undated"


def test_a_warehouse_made_before_a_load_could_be_withdrawn_is_brought_up_to_date(
    noting, clinic
):
    noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    with duckdb.connect(str(noting.home.raw_file)) as con:
        for column in ("content_id", "withdrawn_at", "purged_at"):
            con.execute(f"alter table loads drop column {column}")
        con.execute("drop table refusals")

    with pytest.raises(UsageError, match="made by an earlier version"):
        raw.count_accepted(noting.home.raw_file, "2026-11-30T00:00:00Z")
    assert noting.ingest().known == ["clinic/2026-03-01"]
    assert noting.in_force() == ["2026-03-01"]


def test_deliveries_of_one_instant_stand_in_the_order_of_arrival(clinic, tmp_path):
    """Both at once: the order of their content ids, which is the same every time."""
    folders = [
        write_delivery(tmp_path / name, sent(name), {"extracted_at": "2026-03-01"})
        for name in ("one", "other")
    ]
    deliveries = [read_delivery(folder, clinic) for folder in folders]
    expected = sorted(deliveries, key=lambda x: x.content_id)
    for arriving in (deliveries, deliveries[::-1]):
        loaded = []
        take_in(arriving, lambda: [], lambda d, to=loaded: to.append(d) or False)
        assert [x.name for x in loaded] == [x.name for x in expected]


def test_a_load_that_was_not_accepted_is_no_former_load(noting, clinic):
    folder = noting.deliver("2026-03-01", sent("north"))
    noting.ingest()
    delivery = read_delivery(folder, clinic)
    with duckdb.connect(str(noting.home.raw_file)) as con:
        con.execute("update loads set accepted_at = null")
        assert ledger.standing(ledger.loads_of(con), delivery) is ledger.Standing.NEW
        raw.remove_unaccepted(con)
    assert ledger.load_id_of([], replace(delivery)) == delivery.content_id


@pytest.mark.parametrize("damage", ["no database", "cut short", "a folder"])
def test_a_damaged_warehouse_is_told_without_duckdbs_words(home, clinic, damage):
    raw.prepare(home.raw_file)
    whole = home.raw_file.read_bytes()
    home.raw_file.unlink()
    if damage == "a folder":
        home.raw_file.mkdir()
    else:
        spoiled = MARKER.encode() * 1_000
        home.raw_file.write_bytes(
            spoiled if damage == "no database" else whole[: len(whole) // 2]
        )
    for act in (raw.prepare, lambda file: raw.count_accepted(file, "2026-03-01")):
        with pytest.raises(UsageError, match="put your last copy of it back") as caught:
            act(home.raw_file)
        assert MARKER not in str(caught.value)
        assert "Error" not in str(caught.value)


def test_a_hidden_folder_in_landing_is_no_delivery(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    (noting.home.landing / "clinic" / ".snapshot" / "hourly").mkdir(parents=True)
    outcome = noting.ingest()

    assert outcome.loaded == ["clinic/2026-03-01"]
    assert outcome.refused == {}


def test_a_draft_that_a_killed_command_left_is_swept_and_stops_nothing(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    left = noting.home.sources / ".drafting-x1y2"
    left.mkdir()
    (left / "source.yml").write_text("half of")

    assert noting.ingest().loaded == ["clinic/2026-03-01"]
    assert not left.exists()
