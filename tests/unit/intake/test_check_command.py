"""`outcomes check` and `outcomes source new` as they are typed: exit codes and words."""

from support import FEEDS, MARKER, add_clinic, write_delivery


def test_wrong_use_is_exit_code_2_and_says_what_to_do(home, outcomes, tmp_path):
    add_clinic(home, "full")
    sent = write_delivery(tmp_path / "2026-03-01", FEEDS)
    cases = (
        (("check",), "Missing argument"),
        (("check", tmp_path / "nowhere"), "no such delivery folder"),
        (("check", sent, "--source", "other"), "There is no source other"),
        (("check", sent, "--values", sent / "patients.csv"), "Nothing was overwritten"),
        (("source", "new", "clinic"), "--from"),
        (("source", "new", "clinic", "--from", sent), "Nothing was changed"),
        (("source", "new", "Clinic", "--from", sent), "lower snake case"),
        (
            ("source", "new", "other", "--from", tmp_path / "nowhere"),
            "no such delivery",
        ),
    )
    for arguments, told in cases:
        code, text = outcomes(*arguments)

        assert (code, told in text) == (2, True), arguments
        assert "Traceback" not in text


def test_a_delivery_that_would_be_refused_is_exit_code_10(outcomes, tmp_path):
    rows = [{**row, "shoe": MARKER} for row in FEEDS["patients"]]
    sent = write_delivery(tmp_path / "2026-03-01", {"patients": rows})
    code, text = outcomes("check", sent)

    assert code == 10
    assert "patients: column 4 is not in the contract" in text
    assert "assessments: the delivery has no such feed" in text
    assert MARKER not in text


def test_what_cannot_be_read_is_not_said_to_be_missing(outcomes, tmp_path):
    sent = tmp_path / "2026-03-01"
    sent.mkdir()
    (sent / "patients.csv").write_text(f'patient_id\n"{MARKER}')
    code, text = outcomes("check", sent)

    assert code == 10
    assert "cannot be read at line 2: a quote is not closed" in text
    assert "Not sent" not in text
    assert MARKER not in text


def test_a_draft_is_reported_in_our_words_and_positions_only(outcomes, tmp_path):
    sent = tmp_path / "2026-01-31"
    sent.mkdir()
    (sent / f"{MARKER}_visits.csv").write_text(
        f"Patient Key,Visit Date,Visit Status,{MARKER}\n"
        + f"k1,2026-01-05,Completed,{MARKER}\n"
        + f"k1,2026-01-12,{MARKER},{MARKER}\n" * 12
    )
    code, text = outcomes("source", "new", "clinic", "--from", sent)

    assert code == 0
    assert "Files: number 1" in text
    assert "File 1: 1 column(s) left out: number 4" in text
    assert "Their names stand at the end of source.yml." in text
    assert "sessions" in text
    assert MARKER.lower() not in text.lower()
