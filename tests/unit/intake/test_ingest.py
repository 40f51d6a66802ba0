from dataclasses import replace

import duckdb
import pytest
from support import FEEDS, MARKER, add_clinic, change, write_delivery

from expectations.landing._contract import REFUSED_SHARE
from pipelines.checks.results import read
from pipelines.errors import CheckFailedError, DeliveryRefusedError
from pipelines.intake import ingest as ingesting
from pipelines.intake import raw
from pipelines.intake.ingest import ingest
from pipelines.settings import Intake

RUN = "run-1"


def deliver(home, feeds, name="2026-03-01", manifest=None):
    return write_delivery(home.landing / "clinic" / name, feeds, manifest)


def rows(home, sql):
    with duckdb.connect(str(home.raw_file), read_only=True) as con:
        return con.execute(sql).fetchall()


def refusal(home, settings):
    outcome = ingest(home, settings, RUN)
    assert outcome.loaded == []
    assert rows(home, "select count(*) from patients") == [(0,)]
    assert rows(home, "select count(*) from loads") == [(0,)]
    (error,) = outcome.refused.values()
    written = home.checks_file(RUN)
    told = str(error) + home.audit_file.read_text()
    told += written.read_text() if written.exists() else ""
    assert MARKER not in told
    return error


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


def many(count, **of_first):
    rows = [dict(FEEDS["assessments"][0], assessment_id=f"a{n}") for n in range(count)]
    rows[0].update(of_first)
    return {**FEEDS, "assessments": rows}


def test_one_bad_row_in_twenty_is_quarantined_and_reconciled(home, clinic, settings):
    deliver(home, many(20, total_points="28"))
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(19,)]
    assert rows(
        home,
        "select yielded_count, loaded_count, quarantined_count, duplicate_count "
        "from load_feeds where feed = 'assessments'",
    ) == [(20, 19, 1, 0)]
    (kept,) = home.quarantine.glob("clinic/*/assessments.parquet")
    found = duckdb.sql(f"select check_id, row_position from '{kept}'").fetchall()
    assert found == [("total_points_is_possible", 1)]


def test_one_bad_row_in_nineteen_is_too_many(home, clinic, settings):
    deliver(home, many(19, total_points="28"))

    assert "total_points_is_possible" in str(refusal(home, settings))


def with_broken_by_rule(of_rules):
    """100 scores; each rule is broken by as many rows as are told."""
    spoil = {
        "total_points": {"total_points": "28"},
        "instrument": {"instrument": "unheard_of"},
        "completed_on": {"completed_on": "soon"},
        "patient_id": {"patient_id": "nobody"},
    }
    scores = many(100)["assessments"]
    left = iter(scores)
    for column, count in of_rules.items():
        for _ in range(count):
            next(left).update(spoil[column])
    return {**FEEDS, "assessments": scores}


def test_rules_that_refuse_one_row_in_ten_together_quarantine(home, clinic, settings):
    deliver(home, with_broken_by_rule({"total_points": 5, "patient_id": 5}))
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(90,)]


def test_rules_that_refuse_more_than_one_row_in_ten_together_refuse(
    home, clinic, settings
):
    deliver(
        home, with_broken_by_rule({"total_points": 5, "patient_id": 5, "instrument": 1})
    )

    told = "assessments.few_rows_are_refused does not hold in 11 of 100 row"
    assert told in str(refusal(home, settings))


def test_a_row_that_breaks_several_rules_is_refused_once(home, clinic, settings):
    spoiled = with_broken_by_rule({"total_points": 5, "patient_id": 5})
    for row in spoiled["assessments"][:5]:
        row["completed_on"] = "soon"
    deliver(home, spoiled)
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(90,)]


def test_rows_without_one_that_is_sound_are_an_empty_feed(home, clinic, settings):
    all_allowed = replace(
        settings,
        intake=Intake(
            maximum_quarantined_share=1.0, maximum_quarantined_rows_share=1.0
        ),
    )
    deliver(home, many(1, total_points="28"))
    error = str(refusal(home, all_allowed))

    assert "assessments.assessments_are_not_empty does not hold" in error
    assert "few_rows_are_refused" not in error


def test_the_catalogue_tells_the_limit_that_is_set_by_default():
    assert Intake().maximum_quarantined_rows_share == REFUSED_SHARE


@pytest.mark.parametrize(
    ("points", "is_kept"),
    [("0", 1), ("27", 1), ("28", 0), ("-1", 0), ("7.0", 1), ("7.5", 0)],
)
def test_a_total_is_kept_only_inside_its_range_and_whole(
    home, clinic, settings, points, is_kept
):
    deliver(home, many(40, total_points=points))
    ingest(home, settings, RUN)

    assert rows(home, "select count(*) from assessments") == [(39 + is_kept,)]


def test_exact_duplicates_are_counted_and_loaded_once(home, clinic, settings):
    deliver(home, {**FEEDS, "patients": [*FEEDS["patients"], FEEDS["patients"][0]]})
    ingest(home, settings, RUN)

    assert rows(
        home,
        "select yielded_count, loaded_count, quarantined_count, duplicate_count "
        "from load_feeds where feed = 'patients'",
    ) == [(3, 2, 0, 1)]


def test_an_increment_may_refer_to_patients_sent_before(home, settings):
    add_clinic(home, "increment")
    deliver(home, FEEDS, name="2026-03-01")
    ingest(home, settings, RUN)
    later = {
        "patients": [
            {"patient_id": "p3", "is_deleted": ""},
            {"patient_id": "p1", "is_deleted": "true"},
        ],
        "assessments": [
            {**FEEDS["assessments"][0], "assessment_id": "b1", "patient_id": "p2"}
        ],
    }
    deliver(home, later, name="2026-03-02")

    assert ingest(home, settings, "run-2").loaded == ["clinic/2026-03-02"]
    assert rows(home, "select patient_id from patients where is_deleted") == [
        ("clinic:p1",)
    ]


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


def test_a_quarantined_patient_takes_their_rows_along(home, clinic, settings):
    """One impossible birth year must not keep the other patients out."""
    patients = [{"patient_id": f"p{n}", "birth_year": "1980"} for n in range(100)]
    patients[0]["birth_year"] = "1780"
    scores = [
        {**FEEDS["assessments"][0], "assessment_id": f"a{n}", "patient_id": f"p{n}"}
        for n in range(100)
    ]
    deliver(home, {"patients": patients, "assessments": scores})

    assert ingest(home, settings, RUN).loaded == ["clinic/2026-03-01"]
    assert rows(
        home,
        "select loaded_count, quarantined_count from load_feeds where is_supplied order by feed",
    ) == [
        (99, 1),
        (99, 1),
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


def test_a_full_delivery_without_a_feed_sent_before_is_refused(home, clinic, settings):
    deliver(home, FEEDS, "2026-03-01")
    ingest(home, settings, RUN)
    without = {feed: rows_ for feed, rows_ in FEEDS.items() if feed != "episodes"}
    deliver(home, without, "2026-03-02")
    (error,) = ingest(home, settings, "run-2").refused.values()

    assert "has no episodes feed" in str(error)


def test_an_optional_feed_may_be_missing_from_a_full_delivery(home, clinic, settings):
    deliver(home, FEEDS, "2026-03-01")
    ingest(home, settings, RUN)
    yml = home.sources / "clinic" / "source.yml"
    yml.write_text(yml.read_text() + "optional_feeds: [episodes]\n")
    (home.landing / "clinic" / "2026-03-01").rename(home.root / "put_away")
    without = {feed: rows_ for feed, rows_ in FEEDS.items() if feed != "episodes"}
    deliver(home, without, "2026-03-02")

    assert ingest(home, settings, "run-2").loaded == ["clinic/2026-03-02"]


SUPPLIES = {
    "medications": {
        "medication_id": "m1",
        "patient_id": "p1",
        "ingredient": "sertraline",
        "started_on": "2026-01-01",
        "record_type": "dispensed",
    },
    "sites": {"site_id": "s1"},
}


@pytest.mark.parametrize("feed", SUPPLIES)
def test_a_full_delivery_with_an_empty_feed_replaces_no_earlier_rows(
    home, clinic, settings, feed
):
    """Only the header is sent; it is accepted where nothing is lost by it."""
    with_row = {**FEEDS, feed: [SUPPLIES[feed]]}
    deliver(home, with_row, "2026-03-02")
    header = deliver(home, with_row, "2026-03-03") / f"{feed}.csv"
    header.write_text(header.read_text().splitlines()[0] + "\n")
    first = deliver(home, FEEDS, "2026-03-01") / f"{feed}.csv"
    first.write_text(header.read_text())
    outcome = ingest(home, settings, RUN)

    assert outcome.loaded == ["clinic/2026-03-01", "clinic/2026-03-02"]
    (error,) = outcome.refused.values()
    assert f"{feed}.{feed}_are_not_empty does not hold" in str(error)
    assert f"Without a sound row: {feed}." in str(error)

    yml = home.sources / "clinic" / "source.yml"
    yml.write_text(yml.read_text() + f"optional_feeds: [{feed}]\n")
    assert "clinic/2026-03-03" in ingest(home, settings, "run-2").loaded


def test_an_increment_may_bring_no_patient_at_all(home, settings):
    add_clinic(home, "increment")
    deliver(home, FEEDS, "2026-03-01")
    later = {**FEEDS["assessments"][0], "assessment_id": "later"}
    deliver(home, {"assessments": [later]}, "2026-03-02")

    assert len(ingest(home, settings, RUN).loaded) == 2


def test_an_increment_may_not_bring_rows_of_a_retired_patient(home, settings):
    add_clinic(home, "increment")
    deliver(home, FEEDS, "2026-03-01")
    ingest(home, settings, RUN)
    gone = [{"patient_id": "p1", "is_deleted": "true"}]
    deliver(home, {"patients": gone}, "2026-03-02")
    scores = [
        {**FEEDS["assessments"][0], "assessment_id": f"b{n}", "patient_id": "p2"}
        for n in range(30)
    ]
    scores[0]["patient_id"] = "p1"
    deliver(home, {"assessments": scores}, "2026-03-03")
    ingest(home, settings, "run-2")

    assert rows(
        home,
        "select count(*) from assessments where starts_with(assessment_id, 'clinic:b')",
    ) == [(29,)]


def test_one_person_has_one_day_zero_across_deliveries(home, settings):
    source = home.sources / "clinic"
    add_clinic(home, "increment")
    text = (source / "source.yml").read_text()
    (source / "source.yml").write_text(text.replace("calendar", "relative"))

    def scored(name, year, key):
        score = {
            "assessment_id": key,
            "patient_id": "p1",
            "instrument": "phq9",
            "completed_day": "0",
            "total_points": "3",
        }
        deliver(
            home,
            {
                "patients": [{"patient_id": "p1", "index_year": year}],
                "assessments": [score],
            },
            name,
        )

    scored("2026-03-01", "2010", "a")
    scored("2026-03-02", "", "b")
    ingest(home, settings, RUN)
    assert (
        rows(home, "select completed_on::varchar from assessments")
        == [("2010-01-01",)] * 2
    )

    scored("2026-03-03", "2011", "c")
    (error,) = ingest(home, settings, "run-2").refused.values()
    assert "index_year_is_as_it_was_sent_before" in str(error)
