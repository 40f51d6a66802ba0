"""One delivery: loaded typed, or refused whole; and what is left of one cut short."""

import duckdb
import pytest
from one_home import RUN, deliver, refusal, rows
from support import FEEDS, MARKER, add_clinic, change

from pipelines.checks.results import read
from pipelines.errors import CheckFailedError, DeliveryRefusedError
from pipelines.intake import ingest as ingesting
from pipelines.intake import raw
from pipelines.intake.ingest import ingest


def test_a_delivery_is_loaded_typed_and_namespaced(home, clinic, settings):
    deliver(home, FEEDS, manifest={"data_to": "2026-02-28"})

    assert ingest(home, settings, RUN).loaded == ["clinic/2026-03-01"]
    assert rows(
        home, "select patient_id, birth_year, sex from patients order by 1"
    ) == [
        ("clinic:p1", 1980, "female"),
        ("clinic:p2", 1970, "male"),
    ]
    assert rows(
        home, "select sum(total_points), min(completed_on)::varchar from assessments"
    ) == [(36, "2026-01-01")]
    assert rows(
        home, "select data_to::varchar, accepted_at is not null from loads"
    ) == [("2026-02-28", True)]
    assert all(result.status == "pass" for result in read(home.checks_file(RUN)))


def test_the_same_delivery_loads_once_under_any_name(home, clinic, settings):
    deliver(home, FEEDS)
    ingest(home, settings, RUN)
    deliver(home, FEEDS, name="2026-03-02")
    outcome = ingest(home, settings, "run-2")

    assert (outcome.loaded, len(outcome.known)) == ([], 2)
    assert rows(home, "select count(*) from loads") == [(1,)]


SPOILED = {
    "a column of names": (
        change("patients", 0) | {"extra": [{"k": "1", "surname": MARKER}]},
        "does not look de-identified",
    ),
    "a key repeated with different content": (
        {
            **FEEDS,
            "patients": [*FEEDS["patients"], {**FEEDS["patients"][0], "sex": "male"}],
        },
        "patient_id_is_given_once does not hold",
    ),
    "a third of the scores impossible": (
        {
            **FEEDS,
            "assessments": [
                {**row, "total_points": "28"} if n % 3 == 0 else row
                for n, row in enumerate(FEEDS["assessments"])
            ],
        },
        "total_points_is_possible does not hold in 3 of 8",
    ),
    "scores that are no numbers": (
        {
            **FEEDS,
            "assessments": [
                {**row, "total_points": MARKER} for row in FEEDS["assessments"]
            ],
        },
        "total_points_is_an_integer",
    ),
    "unknown patients": (
        {
            **FEEDS,
            "episodes": [{**row, "patient_id": MARKER} for row in FEEDS["episodes"]],
        },
        "patient_id_is_in_patients",
    ),
    "a column that is not in the contract": (
        {
            **FEEDS,
            "patients": [{**row, "shoe_size": MARKER} for row in FEEDS["patients"]],
        },
        "not in the contract, at position",
    ),
    "a required column missing": (
        {**FEEDS, "assessments": [{"assessment_id": "1", "patient_id": "p1"}]},
        "required column.s. missing: instrument, completed_on",
    ),
    "a required feed missing": (
        {"patients": FEEDS["patients"]},
        "has no assessments feed",
    ),
}


@pytest.mark.parametrize(("feeds", "message"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_delivery_is_refused_whole(home, clinic, settings, feeds, message):
    deliver(home, feeds)
    error = refusal(home, settings)

    assert isinstance(error, DeliveryRefusedError)
    assert error.exit_code == 10
    with pytest.raises(DeliveryRefusedError, match=message):
        raise error


def test_deliveries_load_in_the_order_of_the_sources_clock(home, clinic, settings):
    deliver(home, FEEDS, "a", {"extracted_at": "2026-03-02T00:00:00Z"})
    deliver(
        home,
        change("patients", 0, sex="male"),
        "b",
        {"extracted_at": "2026-03-01T00:00:00Z"},
    )

    assert ingest(home, settings, RUN).loaded == ["clinic/b", "clinic/a"]


def test_one_refused_delivery_does_not_keep_the_others_out(home, clinic, settings):
    deliver(home, FEEDS, "2026-03-01")
    deliver(home, SPOILED["unknown patients"][0], "2026-03-02")
    outcome = ingest(home, settings, RUN)

    assert outcome.loaded == ["clinic/2026-03-01"]
    assert list(outcome.refused) == ["clinic/2026-03-02"]


@pytest.mark.parametrize(
    ("spoil", "check_id"),
    [
        (
            "insert into patients select * from patients limit 1",
            "patient_id_is_loaded_once",
        ),
        (
            "delete from assessments where assessment_id = 'clinic:a1'",
            "rows_are_as_many_as_reconciled",
        ),
        (
            "update patients set patient_id = null where patient_id = 'clinic:p2'",
            "patient_id_is_loaded",
        ),
        (f"update patients set sex = '{MARKER}'", "sex_is_a_known_code"),
        ("update episodes set patient_id = 'clinic:p9'", "patient_id_is_in_patients"),
        (
            "update patients set patient_id = 'other:p1'",
            "patient_id_is_in_its_namespace",
        ),
        (
            "alter table patients add column surname varchar",
            "columns_are_the_contracts",
        ),
        (
            "update load_feeds set loaded_count = loaded_count + 1",
            "rows_in_are_loaded_quarantined_or_duplicates",
        ),
        ("update assessments set instrument = null", "instrument_is_loaded"),
    ],
)
def test_a_spoiled_raw_table_is_not_accepted(
    home, clinic, settings, monkeypatch, spoil, check_id
):
    deliver(home, FEEDS)
    write = raw.write

    def write_and_spoil(raw_file, *args):
        write(raw_file, *args)
        with duckdb.connect(str(raw_file)) as con:
            con.execute(spoil)

    monkeypatch.setattr(ingesting.raw, "write", write_and_spoil)
    (error,) = ingest(home, settings, RUN).refused.values()

    assert isinstance(error, CheckFailedError)
    assert f"{check_id} " in str(error)
    assert MARKER not in str(error)
    assert rows(home, "select count(*) from loads where accepted_at is not null") == [
        (0,)
    ]


def test_what_a_killed_process_left_is_swept_by_the_next_ingest(
    home, clinic, settings, monkeypatch
):
    deliver(home, FEEDS)

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ingesting.raw, "accept", die)
    with pytest.raises(KeyboardInterrupt):
        ingest(home, settings, RUN)
    assert rows(home, "select count(*) from patients") == [(2,)]
    monkeypatch.undo()

    assert ingest(home, settings, "run-2").loaded == ["clinic/2026-03-01"]
    assert rows(home, "select count(*) from patients") == [(2,)]
    assert rows(home, "select count(*) from loads") == [(1,)]


def test_a_relative_day_is_anchored_at_the_index_year(home, settings):
    source = home.sources / "clinic"
    add_clinic(home, "full")
    text = (source / "source.yml").read_text()
    (source / "source.yml").write_text(text.replace("calendar", "relative"))
    deliver(
        home,
        {
            "patients": [
                {"patient_id": "p1", "index_year": "2019"},
                {"patient_id": "p2", "index_year": ""},
            ],
            "assessments": [
                {
                    "assessment_id": p,
                    "patient_id": p,
                    "instrument": "phq9",
                    "completed_day": "31",
                    "total_points": "3",
                }
                for p in ("p1", "p2")
            ],
        },
    )
    ingest(home, settings, RUN)

    assert rows(
        home, "select completed_on::varchar from assessments order by patient_id"
    ) == [
        ("2019-02-01",),
        ("2000-02-01",),
    ]


def test_a_refused_load_does_not_meet_the_next_ones_guard(
    home, clinic, settings, monkeypatch
):
    deliver(home, FEEDS, "2026-03-01")
    deliver(home, change("patients", 0, sex="male"), "2026-03-02")
    check_raw = ingesting.guards.check_raw
    refused = []

    def refuse_the_first(raw_file, delivery, *args):
        if not refused:
            refused.append(delivery.name)
            raise CheckFailedError("the first one")
        return check_raw(raw_file, delivery, *args)

    monkeypatch.setattr(ingesting.guards, "check_raw", refuse_the_first)
    outcome = ingest(home, settings, RUN)

    # After the second the first is tried again, and nothing of it had stayed.
    assert refused == ["2026-03-01"]
    assert outcome.loaded == ["clinic/2026-03-02", "clinic/2026-03-01"]
    assert rows(home, "select count(*) from patients") == [(4,)]


@pytest.mark.parametrize(
    ("sent", "is_refused"),
    [("true", 0), (" true ", 0), ("", 0), ("deleted", 1), (MARKER, 1)],
)
def test_a_withdrawal_that_cannot_be_read_refuses_the_delivery(
    home, settings, sent, is_refused
):
    add_clinic(home, "increment")
    people = [
        {"patient_id": "p1", "is_deleted": sent},
        {"patient_id": "p2", "is_deleted": ""},
    ]
    scores = [{**FEEDS["assessments"][0], "patient_id": "p2"}]
    deliver(home, {"patients": people, "assessments": scores})
    outcome = ingest(home, settings, RUN)

    assert len(outcome.refused) == is_refused
    told = " ".join(map(str, outcome.refused.values()))
    assert ("is_deleted_is_a_boolean" in told) == bool(is_refused)
    assert MARKER not in told
