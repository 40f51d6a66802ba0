import numpy as np
import pytest
from simulate.small_service import default, happened

from pipelines.simulate import service
from pipelines.simulate.observation import (
    AT_FOLLOW_UP,
    AT_RETURN,
    AT_SESSION,
)
from pipelines.simulate.strategies import ATTENDED


@pytest.fixture(scope="module", params=[0, 1])
def block(request):
    """A block."""
    return happened(request.param)


def _in_data(block):
    day = block.people.start_day + 7 * np.arange(len(block.seen))[:, None]
    return day < block.endings.gone_day


def _logit(share):
    return np.log(share / (1 - share))


def test_scores_at_sessions_are_seen_by_the_formula(block):
    """Second sessions of people whose first score was seen: its value counts."""
    o = default().observation
    attended = (block.course.attendance == ATTENDED) & (block.course.course_number == 1)
    number = np.cumsum(attended, 0)
    second = attended & (number == 2) & _in_data(block)
    week, who = np.nonzero(second)
    kept = (block.seen[0, who] == AT_SESSION) & ~(
        block.endings.is_unplanned[0, who]
        & (block.endings.last_attended_week[0, who] == week)
    )
    week, who = week[kept], who[kept]
    logit = (
        _logit(o.score_share)
        + block.service.site_collection[block.people.site[who]]
        - o.missing_per_point * (block.course.points[0, who] - 10.0)
        - o.missing_per_latent * block.course.shown[week, who]
    )
    share = 1 / (1 + np.exp(-logit))
    seen = block.seen[week, who] == AT_SESSION
    for inside in (
        np.ones(len(who), bool),
        block.course.points[0, who] >= 18,
        block.course.points[0, who] < 12,
    ):
        error = np.sqrt((share * (1 - share))[inside].sum()) / inside.sum()
        assert abs(seen[inside].mean() - share[inside].mean()) < 4 * error


def test_last_scores_are_skipped_where_a_course_ends_unplanned(block):
    ends, who = block.endings, np.arange(len(block.people.age))
    last = ends.last_attended_week[0]
    # attended past the first visit, so that only the skipping differs
    ended = (last > 0) & (block.course.stopped_week[0] < service.NEVER)
    ended &= ends.ended_day[0] < service.NEVER
    seen = block.seen[np.maximum(last, 0), who] == AT_SESSION

    planned = seen[ended & ~ends.is_unplanned[0]].mean()
    unplanned = seen[ended & ends.is_unplanned[0]].mean()

    kept = 1 - default().observation.last_skipped
    assert unplanned / planned == pytest.approx(kept, abs=0.12)


def test_nothing_is_seen_of_people_who_are_gone(block):
    assert not block.seen[~_in_data(block)].any()


def test_session_scores_come_from_attended_sessions(block):
    attended = block.course.attendance == ATTENDED

    assert attended[block.seen == AT_SESSION].all()


def test_other_scores_come_from_people_not_in_therapy(block):
    away = block.course.course_number == 0

    assert away[block.seen == AT_FOLLOW_UP].all()
    assert away[block.seen == AT_RETURN].all()


def test_people_who_come_because_they_are_ill_are_worse(block):
    points = block.course.points

    by_return = points[block.seen == AT_RETURN].mean()
    by_plan = points[block.seen == AT_FOLLOW_UP].mean()

    assert by_return > by_plan + 1.5


def test_only_some_sites_send_scores_every_four_weeks(block):
    weeks = default().observation.follow_up_weeks
    week, who = np.nonzero(block.seen == AT_FOLLOW_UP)
    between = ~np.isin(week, weeks)
    sites = block.service.site_is_monitored[block.people.site[who]]

    assert between.any()
    assert sites[between].all()
    stopped = np.where(
        block.course.stopped_week[:, who] <= week, block.course.stopped_week[:, who], -1
    ).max(0)
    assert ((week - stopped)[between] % 4 == 0).all()


def test_a_third_to_three_fifths_are_followed_up_at_six_months(block):
    started = block.course.started_week[0] == 0
    away = started & (block.course.course_number[26] == 0) & _in_data(block)[26]
    away &= ~block.choices.is_in_trial

    share = (block.seen[26, away] == AT_FOLLOW_UP).mean()

    assert 0.35 < share < 0.6
