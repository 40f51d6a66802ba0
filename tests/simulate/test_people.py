from itertools import pairwise

import numpy as np
import pytest
from simulate.small_service import SEED, default, drawn

from pipelines.errors import UsageError
from pipelines.simulate import indication, people, service
from pipelines.simulate.parameters import (
    BLOCK_PATIENTS,
    described_parameters,
    scenario,
    scenario_names,
)


@pytest.fixture(scope="module")
def crowd():
    """Four blocks of people."""
    place = service.build(default(), SEED)
    return [people.draw(default(), SEED, number, place) for number in range(4)]


def _all(crowd, name):
    return np.concatenate([getattr(block, name) for block in crowd], axis=-1)


def _is_near(values, mean, sds=4.5):
    values = np.asarray(values, float)
    return abs(values.mean() - mean) < sds * values.std() / np.sqrt(len(values))


def test_shares_are_those_of_the_parameters(crowd):
    p, chronic = default().people, _all(crowd, "is_chronic")
    resistant = _all(crowd, "is_resistant")

    assert _is_near(chronic, p.chronic_share)
    assert _is_near(resistant[chronic], p.resistant_share_chronic)
    assert _is_near(resistant[~chronic], p.resistant_share_other)
    assert _is_near(resistant, 0.2)
    assert _is_near(_all(crowd, "is_female"), p.female_share)


def test_severity_is_normal_around_its_formula(crowd):
    p, chronic = default().people, _all(crowd, "is_chronic")
    middle = p.severity_mean + p.severity_chronic * chronic
    left = _all(crowd, "severity") - middle

    assert _is_near(left, 0)
    assert left.std() == pytest.approx(p.severity_spread, rel=0.03)
    assert abs((left**3).mean()) < 0.1


def test_poorer_people_are_more_severe(crowd):
    poor = _all(crowd, "deprivation")
    severity = _all(crowd, "severity")

    found = severity[poor == 1].mean() - severity[poor == 5].mean()

    expected = 4 * default().people.severity_deprivation
    assert found == pytest.approx(expected, abs=0.1)


def test_chronic_means_two_years_or_more(crowd):
    months = _all(crowd, "episode_months")

    assert np.array_equal(months >= 24, _all(crowd, "is_chronic"))
    assert (_all(crowd, "onset_months") >= months).all()


def test_days_follow_each_other_and_avoid_weekends(crowd):
    referred, start = _all(crowd, "referred_day"), _all(crowd, "start_day")
    first = np.datetime64(default().calendar.first_on)

    assert (referred < start).all()
    assert np.is_busday(first + start).all()
    assert (referred >= 0).all()
    assert (referred < default().data_days).all()


def test_blocks_follow_each_other_in_time(crowd):
    for earlier, later in pairwise(crowd):
        assert earlier.referred_day.max() <= later.referred_day.min()


def test_nobody_is_referred_to_a_site_that_has_closed(crowd):
    place = service.build(default(), SEED)
    closed = place.site_closed_from[_all(crowd, "site")]

    assert (_all(crowd, "referred_day") < closed).all()


def test_a_crest_brings_people(crowd):
    p = default().people
    drop = _all(crowd, "severity") - _all(crowd, "usual")

    assert _is_near(drop, p.usual_drop_mean)


def test_more_ill_people_get_medication_and_long_contracts():
    made = drawn(default())
    sick = made.people.severity
    new = made.choices.medication_week < service.NEVER
    long = made.choices.contract != indication.SHORT_TERM

    assert sick[new].mean() > sick[~new & ~made.choices.on_medication].mean() + 0.1
    assert sick[long].mean() > sick[~long].mean() + 0.1
    assert made.people.is_chronic[long].mean() > 1.5 * (
        made.people.is_chronic[~long].mean()
    )


def test_medication_starts_within_the_grace_period_and_only_if_on_none():
    made = drawn(default())
    week = made.choices.medication_week
    new = week < service.NEVER

    assert set(np.unique(week[new])) == set(range(indication.GRACE_WEEKS + 1))
    assert not (new & made.choices.on_medication).any()
    assert np.array_equal(week[new], made.choices.grace_week[new])


def test_the_unmeasured_factor_doubles_the_odds_where_it_is_switched_on():
    odds = {}
    for log_odds in (0.0, np.log(2)):
        changed = default().changed(
            unmeasured={"log_odds": float(log_odds)},
            indication={"medication_points": 0.0, "medication_bend": 0.0},
        )
        starts, has = [], []
        for number in range(8):
            made = drawn(changed, 1, number)
            free = ~made.choices.on_medication
            starts.append((made.choices.medication_week < service.NEVER)[free])
            has.append(made.people.unmeasured[free])
        starts, has = np.concatenate(starts), np.concatenate(has)
        share = [starts[has].mean(), starts[~has].mean()]
        odds[log_odds] = share[0] / (1 - share[0]) / (share[1] / (1 - share[1]))

    assert odds[0.0] == pytest.approx(1, abs=0.15)
    assert odds[np.log(2)] == pytest.approx(2, abs=0.35)


def test_couples_have_partners():
    made = drawn(default())
    is_couple = made.choices.format == indication.FORMATS.index("couple")

    assert made.people.has_partner[is_couple].all()


def test_clinicians_work_at_the_persons_site():
    made = drawn(default())
    site = made.place.clinician_site[made.choices.clinicians]

    assert (site == made.people.site).all()


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_builds(name):
    made = scenario(name, patients=5000)

    assert made.scenario == name
    assert made.sites_count <= made.clinicians_count


def test_small_clinics_are_small():
    made = scenario("small_clinics", patients=6000)

    assert made.patients / made.sites_count <= 60


def test_every_parameter_says_what_it_is():
    for rows in described_parameters().values():
        for name, row in rows.items():
            assert set(row) == {"value", "unit", "source", "about"}, name
            kinds = ("Project methods", "Published", "Our choice")
            assert row["source"].startswith(kinds), name


def test_every_parameter_is_read_somewhere():
    from pathlib import Path

    folder = Path(people.__file__).parent
    code = "\n".join(path.read_text() for path in folder.glob("*.py"))
    formed = {"wsas_loading", "isi_loading", "swls_loading"}
    for rows in described_parameters().values():
        for name in set(rows) - formed:
            assert f".{name}" in code, name


def test_an_unknown_parameter_is_refused():
    with pytest.raises(UsageError, match=r"course\.speed"):
        default().changed(course={"speed": 1})
    with pytest.raises(UsageError, match="shape"):
        default().changed(course={"modality_floor": [0.0]})
    with pytest.raises(UsageError, match="no scenario"):
        scenario("wishful")


def test_parameters_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        default().course.rate_median = 1.0


def test_a_block_is_always_whole():
    made = drawn(scenario("default", patients=10))

    assert len(made.people.age) == BLOCK_PATIENTS
