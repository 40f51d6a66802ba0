"""Medication oracles on hand-made stories: both sides of every threshold."""

import pytest
from oracles import medication_spells
from oracles.stories import LATER, on, spells, supply


def test_early_refills_shift_forward_and_bridge():
    assert spells(supply(0), supply(20, key="m2")) == [(0, 59, 60, 2)]
    assert spells(supply(0), supply(0, key="m2")) == [(0, 59, 60, 2)]
    # without the ten days left over the gap would be 40 days
    rows = (supply(0), supply(20, key="m2"), supply(90, key="m3"))
    assert spells(*rows) == [(0, 119, 90, 3)]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (30, [(0, 59, 60, 2)]),
        (60, [(0, 89, 60, 2)]),
        (61, [(0, 29, 30, 1), (61, 90, 30, 1)]),
    ],
)
def test_a_gap_of_30_days_is_bridged_and_31_are_not(start, expected):
    assert spells(supply(0), supply(start, key="m2")) == expected


def test_a_refill_on_the_last_day_of_the_supply_shifts_by_one():
    assert spells(supply(0), supply(29, key="m2")) == [(0, 59, 60, 2)]


def test_prescriptions_are_not_stockpiled_and_days_count_once():
    rows = (
        supply(0, record_type="prescribed"),
        supply(20, key="m2", record_type="reported"),
        supply(25, key="m3"),
    )

    assert spells(*rows) == [(0, 54, 55, 3)]
    assert spells(supply(0, record_type="reported")) == [(0, 29, 30, 1)]


def test_a_stated_end_beats_the_supply_and_leaves_the_stock_alone():
    rows = (supply(0, ended_on=on(9)), supply(5, key="m2"))

    assert spells(*rows) == [(0, 34, 35, 2)]


def test_an_open_record_goes_on_and_an_undated_one_has_no_days():
    rows = (
        supply(0, days=None),
        supply(500, key="m2"),
        supply(None, key="m3", is_in_use_at_index=True),
        supply(None, key="m4", is_in_use_at_index=False),
        supply(0, key="m5", ingredient="citalopram"),
    )

    assert spells(*rows) == [
        (0, 29, 30, 1),
        (None, None, None, 1),
        (0, None, None, 2),
    ]


@pytest.mark.parametrize(
    ("days", "dose", "adequate"),
    [(42, 50, True), (41, 50, False), (42, 49, False), (42, None, None)],
)
def test_an_adequate_trial_is_42_days_at_the_minimum_dose(days, dose, adequate):
    (one,) = medication_spells.join([supply(0, days, daily_dose_mg=dose)])
    (unlisted,) = medication_spells.join(
        [supply(0, 90, ingredient="antidepressant_unspecified", daily_dose_mg=99)]
    )

    assert medication_spells.is_adequate(one) is adequate
    assert medication_spells.is_adequate(unlisted) is None
    (few,) = medication_spells.join(
        [supply(0, 41, ingredient="antidepressant_unspecified")]
    )
    assert medication_spells.is_adequate(few) is False


@pytest.mark.parametrize(
    ("days", "to", "persistent"),
    [(84, 114, True), (83, 114, False), (84, 113, None)],
)
def test_persistence_counts_the_windows_days_of_any_antidepressant(
    days, to, persistent
):
    rows = medication_spells.join(
        [
            supply(0, days - 5),
            supply(110, 30, "m2", ingredient="citalopram"),
            supply(90, 9, "m3", ingredient="lithium"),
            supply(95, 9, "m4", record_type="prescribed"),
        ]
    )

    assert medication_spells.is_persistent(on(0), rows, 84, 115, on(to)) is persistent


@pytest.mark.parametrize(
    ("to", "died", "share"),
    [
        (LATER, None, 60 / 365),
        (91, None, 60 / 92),
        (90, None, None),
        (LATER, 91, 60 / 92),
        (LATER, 90, None),
    ],
)
def test_the_share_of_days_covered_needs_two_fills_and_91_days(to, died, share):
    rows = medication_spells.join([supply(0), supply(50, key="m2")])
    single = medication_spells.join([supply(0), supply(0, key="m2")])
    died_on = None if died is None else on(died)

    assert medication_spells.pdc(on(0), rows, on(to), died_on) == share
    assert medication_spells.pdc(on(0), single, on(to), died_on) is None


@pytest.mark.parametrize(("gap", "new"), [(104, False), (105, True)])
def test_a_new_start_has_105_days_without_any_antidepressant(gap, new):
    rows = medication_spells.join(
        [
            supply(-30, ingredient="citalopram"),
            supply(gap, key="m2"),
            supply(gap - 20, key="m3", ingredient="lithium"),
        ]
    )
    later = next(s for s in rows if s.ingredient == "sertraline")

    assert medication_spells.is_new_start(rows[0], rows) is True
    assert medication_spells.is_new_start(rows[1], rows) is None
    assert medication_spells.is_new_start(later, rows) is new


def test_overlap_counts_days_on_any_ingredient_once():
    rows = medication_spells.join(
        [supply(-10), supply(0, key="m2", ingredient="citalopram")]
    )

    assert medication_spells.overlap_days(rows, on(0), on(28)) == 29
    assert medication_spells.overlap_days(rows, on(29), on(60)) == 1


@pytest.mark.parametrize(
    ("ingredient", "dose", "counts"),
    [
        ("trazodone", 100, False),
        ("trazodone", 101, True),
        ("trazodone", None, True),
        ("amitriptyline", 50, False),
        ("amitriptyline", 51, True),
        ("sertraline", 25, True),
    ],
)
def test_low_doses_given_for_something_else_are_no_exposure(ingredient, dose, counts):
    row = supply(0, ingredient=ingredient, daily_dose_mg=dose)

    assert bool(medication_spells.join([row])) is counts


def test_lithium_is_no_antidepressant():
    rows = medication_spells.join([supply(0, ingredient="lithium")])

    assert len(rows) == 1
    assert medication_spells.overlap_days(rows, on(0), on(28)) == 0
