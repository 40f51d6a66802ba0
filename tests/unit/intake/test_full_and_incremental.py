"""What a full delivery and an increment may leave out, and what they may not."""

import pytest
from one_home import RUN, deliver, rows
from support import FEEDS, add_clinic

from pipelines.intake.ingest import ingest


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
