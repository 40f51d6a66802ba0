"""The answer key joined with what the product says, on results made up for it."""

import polars as pl
import pytest

from pipelines.simulate.faults import dirty, joining, reasons
from pipelines.simulate.faults.broken import Broken
from pipelines.simulate.faults.planting import Fault
from pipelines.simulate.product import Said

LEAST_KINDS = 40
BLOCK = 3
SEED = 7


KEY = pl.DataFrame(
    {
        "fault_id": ["a_0_0", "a_0_1", "b_0_0", "b_0_1"],
        "kind": ["a", "a", "b", "b"],
        "feed": ["sessions"] * 4,
        "row_position": [1, 2, 3, 4],
    },
    schema_overrides={"row_position": pl.Int64},
)
QUARANTINE = {
    "feed": pl.String,
    "row_position": pl.Int64,
    "check_id": pl.String,
    "patient_id": pl.String,
}


def said(quarantined=(), failed=None, **more) -> Said:
    frame = pl.DataFrame(list(quarantined), schema=QUARANTINE, orient="row")
    return Said(quarantined=frame, failed=failed or {}, **more)


def fault(kind: str, expected: str = "", mistaken_by: str = "") -> Fault:
    return Fault(
        kind, "sessions", "held_on", "Wrong.", lambda *_: None, expected, mistaken_by
    )


def test_a_refused_row_names_its_fault_and_no_other():
    rule = "sessions.held_on_is_a_date"
    rows = joining.of_rows(
        (fault("a", rule), fault("b", rule)),
        KEY,
        said([("sessions", 2, "held_on_is_a_date", "p")], {rule: 9}),
        said(),
    )

    assert [(row.kind, row.planted, row.named) for row in rows] == [
        ("a", 2, 1),
        ("b", 2, 0),
    ]
    assert rows[0].named_by == (rule,)
    assert rows[1].named_by == ()


def test_a_row_refused_by_another_rule_is_not_named():
    refused = said([("sessions", 1, "r", "p"), ("sessions", 3, "r", "p")])
    wrong, unexpected = joining.of_rows(
        (fault("a", "sessions.held_on_is_a_date"), fault("b")), KEY, refused, said()
    )

    assert (wrong.named, unexpected.named) == (0, 0)
    assert wrong.named_by == (f"{reasons.MISTAKEN}sessions.r",)
    assert unexpected.named_by == (f"{reasons.UNJUDGED}sessions.r",)


@pytest.mark.parametrize(("here", "named"), [(5, 0), (6, 1), (7, 2), (8, 2)])
def test_a_check_names_only_what_it_counts_beyond_the_sound_data(here, named):
    rows = joining.of_rows(
        (fault("b", "t.c"),), KEY, said(failed={"t.c": here}), said(failed={"t.c": 5})
    )

    assert rows[0].named == named


@pytest.mark.parametrize(("count", "named"), [(0, 0), (2, 0), (3, 1), (4, 2), (9, 2)])
def test_a_kind_is_credited_with_what_others_on_its_check_cannot_make_up(count, named):
    for both in (
        (fault("a", "t.c"), fault("b", "t.c")),
        (fault("a", "t.c"), fault("b", mistaken_by="t.c")),
    ):
        row = joining.of_rows(both, KEY, said(failed={"t.c": count}), said())[0]

        assert row.named == named
        assert row.named_by == (("t.c (counted together)",) if count else ())


def test_a_fault_counted_as_something_else_is_not_named():
    faults = (fault("a", "t.c"), fault("b", mistaken_by="t.c"))
    quiet = joining.of_rows(
        faults, KEY, said(failed={"t.c": 1}), said(failed={"t.c": 1})
    )
    loud = joining.of_rows(faults, KEY, said(failed={"t.c": 4}), said())

    assert (quiet[1].named, quiet[1].named_by) == (0, ())
    assert (loud[1].named, loud[1].named_by) == (0, (f"{joining.MISCOUNTED}t.c",))


def test_a_record_check_counts_and_a_row_rule_refuses():
    assert joining.is_row_rule("sessions.held_on_is_a_date")
    assert not joining.is_row_rule("sessions.held_on_is_not_in_the_future")
    assert not joining.is_row_rule("fct_episodes.held_on_is_a_date")


def test_every_kind_in_rows_has_a_check_and_shares_none_that_counts():
    """Where two kinds raise one count, neither is told from the other by it."""
    counted = [
        fault.expected
        for fault in dirty.FAULTS
        if not joining.is_row_rule(fault.expected)
    ]

    assert all(fault.expected for fault in dirty.FAULTS)
    assert len(counted) == len(set(counted))


def test_what_nobody_planted_is_an_alarm():
    found = joining.alarms(
        (fault("a"), fault("b")),
        KEY,
        said(
            [
                ("sessions", 1, "planted", "p1"),
                ("sessions", 9, "unplanted", "p1"),
                ("sessions", 7, "unplanted", None),
                ("patients", 5, "refused", "p2"),
                ("sessions", 8, "follows", "p2"),
            ],
            {"t.c": 2, "t.same": 1},
        ),
        said(failed={"t.same": 1}),
    )

    assert {(alarm.check, alarm.rows, alarm.where) for alarm in found} == {
        ("t.same", 1, "sound data"),
        ("sessions.unplanted", 2, "data with faults"),
        ("patients.refused", 1, "data with faults"),
        ("t.c", 2, "data with faults"),
    }


def broken(expected: str) -> Broken:
    return Broken("b", "sessions", "Wrong.", lambda *_: None, expected)


def test_a_refusal_counts_only_with_the_right_reason():
    refused = said(refused=("Delivery s/d: file 1 cannot be read.",))

    assert joining.of_delivery(broken("cannot be read"), refused, said()).named == 1
    mistaken = joining.of_delivery(broken("de-identified"), refused, said())
    assert mistaken.named == 0
    assert mistaken.named_by[0].startswith(reasons.MISTAKEN)
    assert joining.of_delivery(broken("cannot be read"), said(), said()).named == 0


def test_the_column_of_a_finding_is_not_its_kind():
    """As the product writes it: only a column that gives itself away is named."""
    message = (
        "Delivery s/d does not look de-identified, so nothing of it was loaded:\n"
        "  - file 1, column 2 (name): {}, 3 value(s)\n"
        "Ask the source to remove these columns, and delete this copy."
    )
    names = broken("does not look de-identified|name")
    other = joining.of_delivery(names, said(refused=(message.format("phone"),)), said())

    assert other.named == 0
    assert other.named_by == (
        f"{reasons.MISTAKEN}does not look de-identified, so nothing of it was loaded "
        "(phone)",
    )
    right = said(refused=(message.format("name"),))
    assert joining.of_delivery(names, right, said()).named == 1


def test_a_check_names_only_the_delivery_that_expects_it():
    quiet, loud = said(failed={"t.c": 1}), said(failed={"t.c": 2, "t.d": 1})
    row = joining.of_delivery(broken("t.c"), loud, quiet)

    assert (row.named, row.named_by) == (1, ("t.c",))
    assert joining.of_delivery(broken("t.c"), quiet, quiet).named == 0
    assert joining.of_delivery(broken("t.c2"), loud, quiet).named == 0


def test_without_an_expected_check_nothing_is_named_and_all_is_listed():
    refused = said(refused=("Delivery s/d: file 1 cannot be read: disk full",))
    quiet, loud = said(failed={"t.c": 1}), said(failed={"t.c": 2})
    row = joining.of_delivery(broken(""), refused, said())

    assert row.named == 0
    assert row.named_by == (f"{reasons.UNJUDGED}file 1 cannot be read: disk full",)
    row = joining.of_delivery(broken(""), loud, quiet)
    assert (row.named, row.named_by) == (0, (f"{reasons.UNJUDGED}t.c",))
    assert joining.of_delivery(broken(""), quiet, quiet).named_by == ()
