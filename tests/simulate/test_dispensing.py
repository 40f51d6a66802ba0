import numpy as np
import pytest
from simulate.small_service import default, happened

from pipelines.simulate.dispensing import INGREDIENTS, SUPPLY_DAYS


@pytest.fixture(scope="module")
def neighbours():
    """Gaps between supplies of one drug, in days, over four blocks."""
    gaps, fills = [], []
    for number in range(4):
        made = happened(number).fills
        fills.append(made)
        same = (made.person[1:] == made.person[:-1]) & (
            made.ingredient[1:] == made.ingredient[:-1]
        )
        gap = np.diff(made.day) - made.days_supply[:-1]
        gaps.append(gap[same])
    return np.concatenate(gaps), fills


def test_gaps_follow_the_gamma(neighbours):
    m = default().medication
    gaps, _ = neighbours
    drawn = np.floor(
        np.random.default_rng(1).gamma(
            m.gap_shape, m.gap_mean_days / m.gap_shape, 400_000
        )
    )
    waits = gaps[(gaps >= 0) & (gaps < 60)]  # longer ones are other spells
    # an early day of 0 looks like no gap
    none = m.early_refill_share / m.early_refill_days
    gamma = (1 - m.early_refill_share) / (1 - m.early_refill_share + none)
    for day in (1, 3, 7, 15, 25):
        share, expected = (waits >= day).mean(), gamma * (drawn >= day).mean()
        assert share == pytest.approx(expected, abs=0.02), day


def test_some_supplies_are_fetched_early(neighbours):
    m = default().medication
    gaps, _ = neighbours
    # an early day of 0 counts as no gap: one in six of them
    expected = m.early_refill_share * (1 - 1 / m.early_refill_days)

    assert (gaps < 0).mean() == pytest.approx(expected, abs=0.02)
    # a new spell can begin while the last one's stock lasts
    assert (gaps < 1 - m.early_refill_days).mean() < 0.02


def test_supplies_last_28_30_or_90_days(neighbours):
    _, fills = neighbours
    for made in fills:
        assert set(np.unique(made.days_supply)) == set(SUPPLY_DAYS)


def test_first_supplies_are_of_a_month(neighbours):
    for number in range(4):
        block = happened(number)
        new = block.choices.medication_week == 0
        day = block.people.start_day
        is_first = new[block.fills.person] & (
            block.fills.day == day[block.fills.person]
        )
        assert is_first.any()
        assert block.fills.days_supply[is_first].max() <= SUPPLY_DAYS[1]


def test_new_medication_begins_in_its_week():
    block = happened(0)
    for week in range(5):
        who = np.flatnonzero(block.choices.medication_week == week)
        days = block.people.start_day[who] + 7 * week
        for person, day in zip(who[:40], days[:40], strict=True):
            assert day in block.fills.day[block.fills.person == person]


def test_who_was_on_medication_has_six_weeks_of_it():
    block = happened(0)
    who = np.flatnonzero(block.choices.on_medication)
    for person in who[:200]:
        mine = block.fills.person == person
        before = block.people.start_day[person] - block.fills.day[mine]
        assert before.max() >= 42


def test_resistance_has_two_earlier_drugs():
    block = happened(0)
    for person in np.flatnonzero(block.people.is_resistant)[:200]:
        mine = block.fills.person == person
        before = block.fills.day[mine] < block.people.start_day[person]
        assert len(np.unique(block.fills.ingredient[mine][before])) >= 2


def test_doses_are_usual_or_half(neighbours):
    _, fills = neighbours
    usual = np.array([dose for _, _, dose in INGREDIENTS])
    for made in fills:
        ratio = made.dose / usual[made.ingredient]
        assert set(np.unique(ratio)) == {0.5, 1.0}
    low = np.concatenate([m.dose / usual[m.ingredient] < 1 for m in fills])
    assert low.mean() == pytest.approx(default().medication.low_dose_share, abs=0.03)


def test_days_covered_in_the_first_year_are_about_seventy_per_cent():
    """Share of days covered, early supplies moved forward; new users with two."""
    shares = []
    for number in range(3):
        block = happened(number)
        fills, gone = block.fills, block.endings.gone_day
        known = block.people.known_from_day
        seen = (fills.day < gone[fills.person]) & (fills.day >= known[fills.person])
        for person in np.unique(fills.person[seen]):
            mine = seen & (fills.person == person)
            day, days = fills.day[mine], fills.days_supply[mine]
            is_new = day[0] >= known[person] + 180 and gone[person] - day[0] > 91
            if len(day) < 2 or not is_new:
                continue
            until = min(gone[person] - day[0], 365)
            covered, free = 0, 0
            for start, supply in zip(day - day[0], days, strict=True):
                start = max(start, free)
                free = start + supply
                covered += max(min(free, until) - min(start, until), 0)
            shares.append(covered / until)
    assert len(shares) > 1000
    assert np.mean(shares) == pytest.approx(0.70, abs=0.04)
