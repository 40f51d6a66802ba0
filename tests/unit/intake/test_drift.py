"""Drift: every limit with a delivery on each side of it, and what is not compared."""

import pytest
from drift_history import History, beyond

from pipelines.intake.drift.limits import Drift


@pytest.fixture
def monthly() -> History:
    return History()


@pytest.fixture
def full() -> History:
    return History("full")


def rows(feed, count):
    return (feed, "rows", "", "", count, None)


def share(measure, counted, tested, grain="attendance", part=""):
    return ("sessions", measure, grain, part, counted, tested)


# ------------------------------------------------------------------ shares


@pytest.mark.parametrize(
    ("counted", "is_beyond"),
    [(100, False), (200, False), (201, True), (0, False), (900, True)],
)
@pytest.mark.parametrize("measure", ["blank", "code", "zero_answer", "known_people"])
def test_a_share_may_move_by_a_tenth(monthly, measure, counted, is_beyond):
    monthly.add_many([share(measure, 1_000, 10_000)], 3)

    found = monthly.compare([share(measure, counted, 1_000)], "shares")

    assert [row[-1] for row in found] == [is_beyond]
    assert found[0][1:3] == (0.1, counted / 1_000)


@pytest.mark.parametrize(("now", "before", "compared"), [(100, 100, 1), (99, 100, 0), (100, 33, 0)])  # fmt: skip
def test_few_rows_have_no_share(monthly, now, before, compared):
    monthly.add_many([share("blank", 0, before)], 1)
    monthly.add_many([share("blank", 0, 0)], 2)

    assert len(monthly.compare([share("blank", 0, now)], "shares")) == compared


@pytest.mark.parametrize(("counted", "is_beyond"), [(72, False), (73, True)])
def test_chance_widens_the_limit_of_few_rows(monthly, counted, is_beyond):
    monthly.add_many([share("blank", 50, 100)], 3)

    assert bool(beyond(monthly.compare([share("blank", counted, 100)], "shares"))) is (
        is_beyond
    )


def test_rows_of_one_person_are_not_so_many_chances(monthly):
    monthly.add_many([share("blank", 500, 1_000)], 3)
    now = share("blank", 650, 1_000)
    people = ("sessions", "people", "", "", 50, 1_000)

    assert beyond(monthly.compare([now], "shares")) == ["attendance"]
    assert beyond(monthly.compare([now, people], "shares")) == []


def test_what_varied_before_may_vary(monthly):
    for counted in (1_000, 5_000, 3_000):
        monthly.add([share("blank", counted, 10_000)])

    assert beyond(monthly.compare([share("blank", 6_000, 10_000)], "shares")) == []


def test_two_increments_are_no_usual_one(monthly):
    monthly.add_many([share("blank", 0, 10_000)], 2)
    now = [share("blank", 10_000, 10_000)]

    assert monthly.compare(now, "shares") == []
    monthly.add([share("blank", 0, 10_000)])
    assert beyond(monthly.compare(now, "shares")) == ["attendance"]


def test_a_full_delivery_is_compared_with_the_one_before_it(full):
    full.add([share("blank", 10_000, 10_000)])
    full.add([share("blank", 0, 10_000)])

    assert beyond(full.compare([share("blank", 0, 10_000)], "shares")) == []


def test_what_was_not_accepted_is_no_history(full):
    full.add([share("blank", 0, 10_000)])
    full.add([share("blank", 10_000, 10_000)], accepted=False)

    assert beyond(full.compare([share("blank", 0, 10_000)], "shares")) == []


def test_the_same_files_loaded_before_are_no_history(full):
    full.add([share("blank", 0, 10_000)])

    now = [share("blank", 10_000, 10_000)]
    assert full.compare(now, "shares", files_id="files_0") == []


# ------------------------------------------------------------------ codes


@pytest.mark.parametrize(("now", "is_beyond"), [(1, False), (0, True)])
def test_a_code_that_always_came_and_does_not_is_named(monthly, now, is_beyond):
    monthly.add_many([share("code", 20, 1_000, part="attended")], 3)

    found = monthly.compare([share("code", now, 1_000, part="attended")], "codes")

    assert [row[-1] for row in found] == [is_beyond]


def test_a_code_of_which_too_few_are_expected_may_be_absent(monthly):
    monthly.add_many([share("code", 19, 1_000, part="attended")], 3)

    assert monthly.compare([share("code", 0, 1_000, part="attended")], "codes") == []


@pytest.mark.parametrize(("now", "is_beyond"), [(19, False), (20, True)])
def test_a_code_that_never_came_and_does_is_named(monthly, now, is_beyond):
    monthly.add_many([share("code", 0, 1_000, part="group")], 3)

    found = monthly.compare([share("code", now, 1_000, part="group")], "codes")

    assert [row[-1] for row in found] == [is_beyond]


# ------------------------------------------------------------------ volume


@pytest.mark.parametrize(
    ("count", "is_beyond"),
    [(9_000, False), (8_999, True), (15_600, False), (16_300, True)],
)
def test_a_full_delivery_holds_what_the_one_before_held(full, count, is_beyond):
    # A year of months, and a month more: half as much again, times 13/12.
    months = [
        ("sessions", "month", "all sites", f"2024-{month:02}", 833, None)
        for month in range(1, 13)
    ]
    full.add([rows("sessions", 10_000), *months])

    found = full.compare([rows("sessions", count)], "volumes")

    assert [row[-1] for row in found] == [is_beyond]


@pytest.mark.parametrize(
    ("count", "is_beyond"),
    [(6_889, False), (6_888, True), (15_499, False), (15_501, True), (0, True)],
)
def test_an_increment_holds_as_much_as_those_of_its_span(monthly, count, is_beyond):
    # The median is that of April, 10,000 in 30 days; this one covers 31.
    monthly.add_many([rows("sessions", 10_000)], 4)

    cells = [rows("sessions", count)] if count else []
    (found,) = monthly.compare(cells, "volumes")

    assert found[-1] is is_beyond
    assert found[1] == pytest.approx(10_333.3, abs=0.1)


@pytest.mark.parametrize(("usual", "compared"), [(20, 1), (18, 0)])
def test_few_rows_are_not_compared(monthly, usual, compared):
    monthly.add_many([rows("sessions", usual)], 4)

    assert len(monthly.compare([rows("sessions", 0)], "volumes")) == compared


# ------------------------------------------------------------------ months


def at(site, month, count):
    return ("sessions", "month", site, month, count, None)


@pytest.mark.parametrize(
    ("count", "is_beyond"), [(51, False), (49, True), (200, False), (201, True)]
)
def test_a_site_s_month_may_halve_or_double(count, is_beyond):
    drift = Drift(minimum_expected_rows=100)
    history = History(drift=drift)
    for month in range(1, 7):
        history.add([at("clinic:a", f"2025-0{month}", 10_000)])
    now = [at("clinic:a", "2025-07", count * 100)]

    assert bool(beyond(history.compare(now, "months"))) is is_beyond


def test_a_site_that_is_silent_for_a_month_is_named_alone(monthly):
    for month in range(1, 7):
        monthly.add(
            [at("clinic:a", f"2025-0{month}", 90), at("clinic:b", f"2025-0{month}", 90)]
        )

    found = monthly.compare([at("clinic:b", "2025-07", 90)], "months")

    assert [(row[0], row[-1]) for row in found] == [
        ("clinic:a 2025-07", True),
        ("clinic:b 2025-07", False),
    ]


def test_a_site_is_not_compared_before_it_has_three_months(monthly):
    monthly.add([])
    for month in (2, 3):
        monthly.add([at("clinic:a", f"2025-0{month}", 900)])
    assert monthly.compare([at("clinic:a", "2025-04", 0)], "months") == []

    monthly.add([at("clinic:a", "2025-04", 900)])
    assert beyond(monthly.compare([], "months")) == []  # no row of the month at all
    assert beyond(monthly.compare([at("clinic:a", "2025-05", 9)], "months"))


def test_daily_increments_add_up_to_their_month(monthly):
    # January to March whole; of April, ten deliveries are not the month's end.
    for month in (1, 2, 3):
        monthly.add([at("clinic:a", f"2025-0{month}", 900)])
    monthly.add([at("clinic:a", "2025-05", 100), at("clinic:a", "2025-04", 450)])

    found = monthly.compare([at("clinic:a", "2025-05", 800)], "months")

    assert [row[:3] for row in found] == [("clinic:a 2025-05", 900.0, 900.0)]


def test_the_months_of_a_backlog_are_told_once_and_are_not_the_usual_ones(monthly):
    # January to April at once; from then on each row is sent three times.
    monthly.loads = 3
    monthly.add([at("clinic:a", f"2025-0{month}", 300) for month in range(1, 5)])
    for month in range(5, 8):
        now = [at("clinic:a", f"2025-0{month}", 900)]
        assert monthly.compare(now, "months") == []
        monthly.add(now)

    (found,) = monthly.compare([at("clinic:a", "2025-08", 900)], "months")

    assert found[:3] == ("clinic:a 2025-08", 900.0, 900.0)
    few = [at("clinic:a", "2025-08", 300)]
    assert beyond(monthly.compare(few, "months")) == ["clinic:a 2025-08"]


@pytest.mark.parametrize(("count", "is_beyond"), [(900, False), (899, True)])
def test_a_full_delivery_tells_a_whole_month_again(full, count, is_beyond):
    for _ in range(4):
        full.add([at("clinic:a", "2025-01", 1_000)])

    found = full.compare([at("clinic:a", "2025-01", count)], "months")

    assert [(row[0], row[-1]) for row in found] == [("clinic:a 2025-01", is_beyond)]


def test_the_newest_months_of_a_full_delivery_are_late_and_wait(full):
    months = [at("clinic:a", f"2025-0{month}", 1_000) for month in range(1, 5)]
    full.add_many(months, 5)  # the last one covers May, so that April is young

    young = [*months[:3], at("clinic:a", "2025-05", 1)]
    grains = {row[0] for row in full.compare(young, "months")}

    # The next covers June: May is 30 days old, one too few.
    assert "clinic:a 2025-05" not in grains
    assert "clinic:a 2025-03" in grains


# ------------------------------------------------------------------ scores


def scores(counts, instrument="phq9"):
    total = sum(counts.values())
    return [
        ("assessments", "score", instrument, str(points), count, total)
        for points, count in counts.items()
    ]


USUAL = {5: 1_000, 10: 2_000, 15: 1_000}  # mean 10, standard deviation 3.54


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (USUAL, []),
        ({6: 1_000, 11: 2_000, 16: 1_000}, ["phq9"]),
        ({5: 760, 10: 2_000, 15: 1_240}, []),
        # Mean 10, and three tenths of the middle moved to both ends.
        ({5: 1_600, 10: 800, 15: 1_600}, ["phq9"]),
        ({5: 1_590, 10: 820, 15: 1_590}, []),
    ],
)
def test_scores_may_move_so_far(monthly, counts, expected):
    monthly.add_many(scores(USUAL), 3)

    found = monthly.compare(scores(counts), "scores")

    assert sorted(set(beyond(found))) == expected


@pytest.mark.parametrize(
    ("shift", "is_beyond"), [(0.29, False), (0.31, True), (-0.31, True)]
)
def test_a_mean_may_move_by_three_tenths_of_a_deviation(shift, is_beyond):
    drift = Drift(maximum_score_distance=1.0)
    history = History(drift=drift)
    history.add_many(scores({0: 50_000, 20: 50_000}), 3)
    high = round(50_000 + shift * 50_000)

    found = history.compare(scores({0: 100_000 - high, 20: high}), "scores")

    assert [row[-1] for row in found] == [is_beyond, False]


def test_few_scores_are_not_compared(monthly):
    monthly.add_many(scores({5: 99}), 3)

    assert monthly.compare(scores({25: 99}), "scores") == []


@pytest.mark.parametrize(("counted", "expected"), [(200, []), (201, ["attendance"])])
def test_the_newest_rows_of_a_full_delivery_are_compared_by_themselves(
    full, counted, expected
):
    whole, newest = share("blank", 0, 90_000), share("newest_blank", 1_000, 10_000)
    full.add_many([whole, newest], 3)

    now = [share("blank", 2_000, 91_000), share("newest_blank", counted, 1_000)]

    assert beyond(full.compare(now, "shares")) == expected


def test_two_full_deliveries_have_no_usual_newest_rows(full):
    full.add_many([share("newest_blank", 0, 10_000)], 2)

    assert full.compare([share("newest_blank", 10_000, 10_000)], "shares") == []


# ------------------------------------------------------------------ left behind


def months(feed, counts):
    return [
        (feed, "month", "all sites", f"2025-{number:02}", count, None)
        for number, count in counts.items()
    ]


@pytest.mark.parametrize(
    ("first", "share", "is_beyond"),
    [(1, 1.0, False), (2, 0.75, False), (3, 0.5, False), (4, 0.25, True), (5, 0, True)],
)
def test_a_full_delivery_may_leave_half_of_the_one_before_behind(
    full, first, share, is_beyond
):
    full.add(months("sessions", dict.fromkeys((1, 2, 3, 4), 100)))
    now = months("sessions", dict.fromkeys(range(first, 6), 100))

    assert full.compare(now, "left_behind") == [("", 1.0, share, 0.5, is_beyond)]


@pytest.mark.parametrize(("old", "share"), [(1, 0.0), (2, 1.0)])
def test_a_row_in_a_thousand_is_no_month_that_is_covered(full, old, share):
    full.add(months("sessions", {1: 100}))
    now = months("sessions", {1: old, 2: 1_500})

    assert [row[2] for row in full.compare(now, "left_behind")] == [share]


@pytest.mark.parametrize(("before", "compared"), [(19, 0), (20, 1)])
def test_of_a_few_rows_nothing_is_left_behind(full, before, compared):
    full.add(months("sessions", {1: before}))

    assert len(full.compare(months("sessions", {2: 100}), "left_behind")) == compared


def test_an_increment_leaves_everything_behind(monthly):
    monthly.add_many(months("sessions", {1: 100}), 3)

    assert monthly.compare(months("sessions", {4: 100}), "left_behind") == []
