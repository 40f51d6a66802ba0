"""Take a whole delivery back, and bring it back again."""

import json
from datetime import UTC, datetime

import pytest
from support import add_clinic, sent

from pipelines.errors import UsageError
from pipelines.intake.ingest import loads_wait, remember_loads
from pipelines.intake.withdrawal import LONGEST_REASON, withdraw

WHY = "sent by mistake"


@pytest.fixture
def two(noting, clinic):
    noting.deliver("2026-03-01", sent("north"))
    noting.deliver("2026-03-02", sent("south"))
    noting.ingest()
    remember_loads(noting.home, wait=False)
    return noting


@pytest.fixture
def command(two, outcomes):
    return outcomes


def test_the_former_full_load_holds_again_and_the_past_stays_as_it_was(two):
    before = datetime.now(UTC).replace(tzinfo=None)
    done = withdraw(two.home, "clinic/2026-03-02", WHY)

    assert done.counts_again == ("clinic/2026-03-01",)
    assert two.in_force() == ["2026-03-01"]
    assert two.in_force(at=before) == ["2026-03-02"]
    line = json.loads(two.home.audit_file.read_text().splitlines()[-1])
    assert (line["action"], line["delivery"], line["reason"]) == (
        "withdrawn",
        "2026-03-02",
        WHY,
    )


def test_a_withdrawal_makes_the_next_ingest_start_a_build(command, two):
    assert command("ingest")[0] == 99
    assert command("withdraw", "clinic/2026-03-02", "--reason", WHY)[0] == 0
    assert loads_wait(two.home)
    code, told = command("ingest")

    assert code == 0
    assert "clinic/2026-03-02 was withdrawn and stays out" in told
    assert "--again clinic/2026-03-02" in told
    assert command("ingest")[0] == 99


def test_it_comes_back_only_when_a_person_says_so(command, two):
    withdraw(two.home, "clinic/2026-03-02", WHY)
    two.deliver("2026-03-05", sent("south"))  # the same files under another name
    outcome = two.ingest()
    assert outcome.withdrawn == ["clinic/2026-03-02", "clinic/2026-03-05"]
    assert two.in_force() == ["2026-03-01"]

    assert command("ingest", "--again", "clinic/2026-03-02")[0] == 0
    assert two.in_force() == ["2026-03-02"]
    assert command("ingest")[0] == 99
    assert two.rows("select count(*) from loads where delivery = '2026-03-02'") == [
        (2,)
    ]


@pytest.mark.parametrize("name", ["clinic/2026-03-01", "clinic/2026-04-01"])
def test_only_a_withdrawn_delivery_in_landing_can_be_brought_back(command, two, name):
    withdraw(two.home, "clinic/2026-03-02", WHY)
    code, told = command("ingest", "--again", name)

    assert code == 2
    assert f"No withdrawn delivery called {name}" in told
    assert "Withdrawn and there: clinic/2026-03-02" in told


def test_an_unknown_delivery_is_refused_with_the_known_ones(command):
    code, told = command("withdraw", "clinic/2026-03-09", "--reason", WHY)

    assert code == 2
    assert "No accepted delivery is called clinic/2026-03-09" in told
    assert "clinic/2026-03-02, clinic/2026-03-01" in told


def test_a_delivery_is_withdrawn_once(command):
    assert command("withdraw", "clinic/2026-03-02", "--reason", WHY)[0] == 0
    code, told = command("withdraw", "clinic/2026-03-02", "--reason", WHY)

    assert (code, "was withdrawn before, on" in told) == (2, True)


@pytest.mark.parametrize(
    ("reason", "is_taken"),
    [
        ("", False),
        (" \n", False),
        ("x", True),
        ("x" * LONGEST_REASON, True),
        ("x" * (LONGEST_REASON + 1), False),
    ],
)
def test_a_reason_is_one_line(two, reason, is_taken):
    if is_taken:
        withdraw(two.home, "clinic/2026-03-02", reason)
        return
    with pytest.raises(UsageError, match="Say why"):
        withdraw(two.home, "clinic/2026-03-02", reason)
    assert two.in_force() == ["2026-03-02"]


def test_nothing_loaded_is_nothing_to_withdraw(home):
    with pytest.raises(UsageError, match="Nothing has been loaded"):
        withdraw(home, "clinic/2026-03-02", WHY)


def test_a_source_without_its_only_delivery_is_said_to_be_empty(command, two):
    withdraw(two.home, "clinic/2026-03-01", WHY)
    code, told = command("withdraw", "clinic/2026-03-02", "--reason", WHY)

    assert (code, "no rows now" in told) == (0, True)
    assert two.in_force() == []
    assert command("build", "--stage", "staging")[0] == 2


def test_the_first_sending_holds_its_old_place_when_the_second_is_withdrawn(two):
    two.deliver("2026-03-03", sent("north"))
    two.ingest()
    assert two.in_force() == ["2026-03-03"]
    withdraw(two.home, "clinic/2026-03-03", WHY)

    assert two.in_force() == ["2026-03-02"]
    assert two.ingest().loaded == []


def test_a_repeat_of_what_counts_is_known_although_a_later_copy_was_withdrawn(two):
    two.deliver("2026-03-01_copy", sent("north"))
    two.deliver("2026-03-03", sent("north"))
    two.ingest()
    withdraw(two.home, "clinic/2026-03-03", WHY)
    outcome = two.ingest()

    assert "clinic/2026-03-01_copy" in outcome.known
    assert outcome.withdrawn == ["clinic/2026-03-03"]


def test_every_reading_of_a_delivery_is_withdrawn(two):
    adapter = two.home.sources / "clinic" / "patients.sql"
    adapter.write_text("select patient_id from delivery_csv('patients.csv')")
    two.ingest()
    done = withdraw(two.home, "clinic/2026-03-02", WHY)

    assert done.load_count == 2
    assert two.in_force() == ["2026-03-01"]
    adapter.write_text(
        "select patient_id, 1 as index_year from delivery_csv('patients.csv')"
    )
    assert two.ingest().withdrawn == ["clinic/2026-03-02"]


def test_patients_of_a_withdrawn_delivery_are_not_known_any_more(loading, home):
    add_clinic(home, "increment")
    loading.deliver("2026-03-01", sent("north", ("p1",)))
    loading.deliver("2026-03-02", {"patients": [{"patient_id": "p2"}]})
    loading.ingest()
    withdraw(home, "clinic/2026-03-02", WHY)
    scores = [
        {**sent("x")["assessments"][0], "patient_id": p, "assessment_id": f"b_{p}"}
        for p in ("p1", "p2")
    ]
    loading.deliver("2026-03-03", {"assessments": scores})
    loading.ingest()

    assert loading.rows(
        "select patient_id from assessments where assessment_id like 'clinic:b%'"
    ) == [("clinic:p1",)]
