import numpy as np
import pytest
from simulate.small_service import SEED, default, drawn, happened, run

from pipelines.simulate import course, indication, service, strategies, truth
from pipelines.simulate.parameters import scenario
from pipelines.simulate.strategies import ATTENDED, BY_SERVICE, NO_SESSION

STILL = {
    "passing_noise": 0.0,
    "weekly_noise": 0.0,
    "relapse_rate": 0.0,
    "homework_gain": 0.0,
}


def _expit(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture(scope="module")
def made():
    """One block and what it needs."""
    return drawn(default())


@pytest.fixture(scope="module")
def natural(made):
    """The block as it happens by itself."""
    return run(made)


def test_the_same_noise_gives_the_same_run(made, natural):
    again = run(drawn(default()))

    assert np.array_equal(again.points, natural.points)
    assert np.array_equal(again.attendance, natural.attendance)


def test_a_longer_run_repeats_a_shorter_one(made, natural):
    longer = run(drawn(default(), weeks=90))

    assert np.array_equal(longer.points[:59], natural.points[:59])
    assert np.array_equal(longer.attendance[:59], natural.attendance[:59])


def test_a_person_fares_the_same_in_any_company(made, natural):
    who = np.arange(3, 900, 7)
    taken = drawn(default())
    taken.people = truth._taken(made.people, who)
    taken.choices = truth._taken(made.choices, who)
    taken.noise = truth._taken(made.noise, who)

    alone = run(taken)

    assert np.array_equal(alone.points, natural.points[:, who])
    assert np.array_equal(alone.stopped_week, natural.stopped_week[:, who])


def test_in_therapy_severity_falls_to_its_floor_by_the_formula():
    still = drawn(
        default().changed(
            course=STILL,
            calendar={"seasonal_shift": 0.0},
            medication={"floor_gain": 0.0, "rate_gain": 0.0},
        ),
        weeks=20,
    )
    ran = run(still, length="fixed", starts_therapy=True)
    floor, reach = (
        part[0]
        for part in course.levels(
            still.parameters,
            still.place,
            still.people,
            still.choices,
            ran.modality,
            ran.format,
        )
    )
    week = np.arange(20)[:, None]

    expected = floor + (still.people.severity - floor) * (1 - reach) ** week

    assert np.abs(ran.shown - expected).max() < 1e-4


def test_after_therapy_severity_drifts_back_by_the_formula():
    still = drawn(
        default().changed(
            course=STILL,
            calendar={"seasonal_shift": 0.0},
            medication={"floor_gain": 0.0, "rate_gain": 0.0, "later_start": -50.0},
            returns={"again_rate": 0.0},
        ),
        weeks=60,
    )
    ran = run(still, length="short", starts_therapy=True, starts_medication=False)
    at_26 = np.flatnonzero((ran.stopped_week[0] == 26) & ~still.choices.on_medication)
    c, who = still.parameters.course, still.people
    rate = c.return_rate * np.exp(
        c.return_rate_chronic * who.is_chronic + c.return_rate_spread * who.return_own
    )
    left = who.severity - ran.shown

    found = left[59, at_26] / left[26, at_26]

    expected = (1 - rate[at_26] * np.exp(-26 / c.dose_weeks)) ** 33
    assert len(at_26) > 50
    assert found == pytest.approx(expected, abs=2e-3)


def test_speeds_and_floors_follow_their_distributions(made):
    c, p = default().course, default().people
    floors, reaches = course.levels(
        default(),
        made.place,
        made.people,
        made.choices,
        np.full(len(made.people.age), indication.MODALITIES.index("cognitive")),
        np.zeros(len(made.people.age), int),
    )
    chronic = made.people.is_chronic
    rate = -np.log1p(-reaches[0])
    not_cut = np.log(rate[~chronic])

    assert np.median(not_cut) == pytest.approx(np.log(c.rate_median), abs=0.09)
    inner = np.quantile(not_cut, [0.1, 0.5])
    assert (inner[1] - inner[0]) / 1.2816 == pytest.approx(c.rate_spread, rel=0.1)
    resistant = made.people.is_resistant
    gap = (
        floors[0][chronic & ~resistant].mean() - floors[0][~chronic & ~resistant].mean()
    )
    through = c.floor_severity * p.severity_spread * (0.25 / 0.85)
    assert gap == pytest.approx(c.floor_chronic + through, abs=0.25)


def test_stopping_follows_its_logit():
    """By score, with the terms that only the generator knows switched off."""
    plain = drawn(
        default().changed(
            stopping={
                "better_than_it_looks": 0.0,
                "bad_weeks": 0.0,
                "middle_bump": 0.0,
            },
            service={"clinician_stop_spread": 0.0},
        )
    )
    s, ran = plain.parameters.stopping, run(plain)
    planned = (ran.attendance != NO_SESSION) & (ran.attendance != BY_SERVICE)
    planned &= ran.course_number == 1
    attended = planned & (ran.attendance == ATTENDED)
    sessions = np.cumsum(attended, 0)
    week, who = np.nonzero(planned & (sessions > 2) & (ran.started_week[0] == 0))
    points = ran.points[week, who]
    last = np.zeros(len(week), int)
    for i, (w, p) in enumerate(zip(week, who, strict=True)):
        earlier = np.flatnonzero(attended[:w, p])[-1]
        last[i] = ran.points[earlier, p]
    is_short = ran.contract[who] == indication.SHORT_TERM
    gap = np.where(plain.people.is_weekly[who], 1, 2)
    gap = np.where(week >= s.spaced_from_week, s.spaced_weeks, gap)
    gap = np.where(week >= s.sparse_from_week, s.sparse_weeks, gap)
    done = is_short & (sessions[week, who] >= plain.people.agreed_sessions[who])
    share = _expit(
        s.base
        + s.below_caseness * (points < 10)
        + s.below_remission * (points < 5)
        + s.jump * (points >= last + 6)
        + s.severe * (points >= 20)
        + s.long_contract * ~is_short
        + s.contract_done * done
        + s.missed * ~attended[week, who]
        + np.log(gap)
    )
    stops = ran.stopped_week[0, who] == week
    bins = {
        "remitted": points < 5,
        "below caseness": (points >= 5) & (points < 10),
        "ill": (points >= 10) & (points < 20),
        "severe": points >= 20,
        "long": ~is_short,
        "agreed": done,
        "missed": ~attended[week, who],
        "worse": points >= last + 6,
    }
    for name, inside in bins.items():
        error = np.sqrt((share * (1 - share))[inside].sum()) / inside.sum()
        assert inside.sum() > 40, name
        assert abs(stops[inside].mean() - share[inside].mean()) < 4 * error, name


def test_stopping_has_terms_that_no_record_shows():
    """The same score, a worse passing week: more people leave."""
    loud = drawn(
        default().changed(stopping={"bad_weeks": 1.5, "better_than_it_looks": 0.0})
    )
    ran = run(loud)
    planned = (ran.attendance == ATTENDED) & (ran.course_number == 1)
    planned[:3] = False
    week, who = np.nonzero(planned & (ran.points >= 10))
    passing = loud.noise.passing[week, who]
    stops = ran.stopped_week[0, who] == week

    assert stops[passing > 0.7].mean() > 1.3 * stops[passing < -0.7].mean()


def test_early_leavers_are_as_many_as_stated(made, natural):
    started = natural.started_week[0] == 0
    s = default().stopping

    after_first = natural.stopped_week[0, started] == 0

    error = np.sqrt(s.no_return_after_first / started.sum())
    assert abs(after_first.mean() - s.no_return_after_first) < 4 * error


def test_two_in_five_do_not_return_under_us_attendance():
    us = drawn(scenario("us_attendance", patients=8192), weeks=4)
    ran = run(us)
    started = ran.started_week[0] == 0

    share = (ran.stopped_week[0, started] == 0).mean()

    assert share == pytest.approx(0.4, abs=0.07)


def test_planned_sessions_are_attended_by_the_formula(made, natural):
    s = default().stopping
    week, who = np.nonzero((natural.attendance >= 0) & (natural.course_number == 1))
    later = (week > 0) & (natural.attendance[week, who] != BY_SERVICE)
    week, who = week[later], who[later]
    logit = np.log(s.attended_share / (1 - s.attended_share))
    share = _expit(logit + s.attended_severity * (natural.shown[week, who] + 0.7))

    found = (natural.attendance[week, who] == ATTENDED).mean()

    assert abs(found - share.mean()) < 4 * np.sqrt(share.mean() * 0.14 / len(week))


def test_nobody_is_seen_in_a_closed_week(made, natural):
    week, who = np.nonzero(natural.attendance == ATTENDED)
    first = natural.started_week[natural.course_number[week, who] - 1, who] == week
    calendar = (made.people.start_day[who] + 7 * week) // 7

    closed = made.place.is_closed[made.people.site[who], calendar]

    assert not (closed & ~first).any()
    assert (natural.attendance == BY_SERVICE).any()


def test_fixed_length_keeps_everybody_to_week_52(made):
    ran = run(made, length="fixed", starts_therapy=True)

    assert ran.stopped_week[0].min() >= 52


def test_short_length_ends_by_week_26(made):
    ran = run(made, length="short", starts_therapy=True)

    assert ran.stopped_week[0].max() == 26


def test_dynamic_length_lets_go_only_after_two_low_scores(made):
    ran = run(made, length="dynamic", starts_therapy=True)
    early = np.flatnonzero(ran.stopped_week[0] < 52)

    assert len(early) > 100
    for person in early[:200]:
        seen = (ran.attendance[:, person] == ATTENDED) & (
            ran.course_number[:, person] == 1
        )
        low, since, confirmed = None, None, False
        for week in np.flatnonzero(seen):
            low = ran.points[week, person] < 5
            since = (week if since is None else since) if low else None
            confirmed |= low and week - since >= 4
        assert confirmed


def test_stopping_from_week_26_is_spread_evenly_over_six_weeks(made):
    ran = run(made, length="stop", starts_therapy=True)
    stay = run(made, length="stay", starts_therapy=True)
    inside = stay.course_number[26] == 1

    weeks = ran.stopped_week[0, inside]

    counts = np.bincount(weeks - 26, minlength=6)
    assert len(counts) == 6
    expected = inside.sum() / 6
    assert ((counts - expected) ** 2 / expected).sum() < 20.5  # 5 df, p = .001
    assert stay.stopped_week[0, inside].min() >= 52


def test_before_they_part_two_strategies_agree(made):
    stay, stop = run(made, length="stay"), run(made, length="stop")

    assert np.array_equal(stay.points[:27], stop.points[:27])
    assert not np.array_equal(stay.points[40], stop.points[40])


def test_medication_starts_or_not_as_set(made):
    yes, no = run(made, starts_medication=True), run(made, starts_medication=False)
    new = ~made.choices.on_medication

    assert yes.on_medication[:5, new].any(0).all()
    assert not no.on_medication[:5, new].any()


def test_medication_stops_at_its_rate():
    calm = drawn(
        default().changed(
            medication={
                "stop_side_effects": 0.0,
                "stop_family": 1.0,
                "later_start": -50.0,
            },
            returns={"again_rate": 0.0},
        ),
        weeks=40,
    )
    m = calm.parameters.medication
    ran = run(calm, starts_therapy=False, starts_medication=False)
    on = calm.choices.on_medication

    left = ran.on_medication[39, on].mean()

    expected = (1 - m.stop_later) ** 39
    assert abs(left - expected) < 4 * np.sqrt(expected * (1 - expected) / on.sum())


def test_the_unmeasured_factor_moves_the_floor():
    shift = 0.6
    base, moved = (
        drawn(default().changed(unmeasured={"floor_shift": value}))
        for value in (0.0, shift)
    )
    floor = [
        course.levels(
            m.parameters,
            m.place,
            m.people,
            m.choices,
            m.choices.modality,
            m.choices.format,
        )[0][0]
        for m in (base, moved)
    ]
    has = base.people.unmeasured

    difference = floor[1] - floor[0]

    assert (difference[has].mean() - difference[~has].mean()) == pytest.approx(
        shift, 1e-3
    )


def test_people_with_the_unmeasured_factor_start_more_often_and_stay_longer():
    found = {}
    for log_odds in (0.0, np.log(6)):
        made = drawn(default().changed(unmeasured={"log_odds": float(log_odds)}))
        has, started = made.people.unmeasured, made.choices.is_started
        ran = run(made)
        left = (ran.stopped_week[0] < 20) & started
        found[log_odds] = (
            started[has].mean() - started[~has].mean(),
            left[has].sum() / started[has].sum()
            - left[~has].sum() / started[~has].sum(),
        )

    assert found[0.0] == pytest.approx((0, 0), abs=0.06)
    assert found[np.log(6)][0] > 0.2
    assert found[np.log(6)][1] < -0.2


def test_winter_is_worse_by_about_half_a_point():
    place = service.build(default(), SEED)
    p = default().calendar
    worst = (p.worst_day_of_year - place.first_day_of_year) % 365
    days = np.array([worst, worst + 182])
    phq9 = course.instruments.phq9(0.15)

    points = phq9.expected_total(place.season_on(days))

    assert points[0] - phq9.expected_total(np.zeros(1))[0] == pytest.approx(
        0.5, abs=0.1
    )
    assert points[1] - phq9.expected_total(np.zeros(1))[0] == pytest.approx(
        -0.5, abs=0.1
    )


def test_later_courses_come_after_a_gap():
    ran = happened(0).course
    gap = default().returns.gap_weeks
    for earlier in range(strategies.LAST_COURSE - 1):
        again = ran.started_week[earlier + 1] < service.NEVER
        wait = ran.started_week[earlier + 1] - ran.stopped_week[earlier]
        assert again.any()
        assert wait[again].min() >= gap


def test_who_comes_back_is_ill():
    ran = happened(0).course
    for earlier in range(1, strategies.LAST_COURSE):
        who = np.flatnonzero(ran.started_week[earlier] < service.NEVER)
        assert ran.points[ran.started_week[earlier, who], who].min() >= 10
