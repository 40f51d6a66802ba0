"""The people of one block as they are before any choice about their care."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate import streams
from pipelines.simulate.parameters import BLOCK_PATIENTS, DAYS_PER_YEAR, Parameters
from pipelines.simulate.service import NEVER, Service

ETHNICITIES = ("white", "asian", "black", "mixed", "other", "not_stated")
PAYERS = ("public", "insurer", "employer", "self")

SEVERITY_SPREAD_REFERENCE = 0.85
"""Latent SD by which severity is divided where a log odds is per SD."""


@dataclass(frozen=True)
class People:
    """One entry per person of the block."""

    block: int
    age: np.ndarray
    is_female: np.ndarray
    has_partner: np.ndarray
    ethnicity: np.ndarray
    payer: np.ndarray
    deprivation: np.ndarray
    site: np.ndarray
    referred_day: np.ndarray
    assessed_day: np.ndarray
    start_day: np.ndarray
    """Day 0 of the weeks: of the first session, or when it could have been."""

    is_chronic: np.ndarray
    is_resistant: np.ndarray
    episode_months: np.ndarray
    onset_months: np.ndarray
    prior_courses: np.ndarray
    severity: np.ndarray
    """Latent severity on day 0."""

    severity_sd: np.ndarray
    """The same, centred and in SD: what choices depend on."""

    usual: np.ndarray
    """Level people return to without treatment."""

    floor_own: np.ndarray
    """Standard normal: how far this person can improve."""

    rate_own: np.ndarray
    return_own: np.ndarray
    alliance: np.ndarray
    """By course: the second and third differ with a different clinician."""

    match: np.ndarray
    side_effects: np.ndarray
    bad_weeks: np.ndarray
    """How badly the weeks before went: a passing state that steers choices."""

    unmeasured: np.ndarray
    anxiety_trait: np.ndarray
    function_trait: np.ndarray
    sleep_trait: np.ndarray
    satisfaction_trait: np.ndarray
    homework_trait: np.ndarray
    death_day: np.ndarray
    moves_day: np.ndarray
    known_from_day: np.ndarray
    """First day on which the service could have seen the person."""

    is_weekly: np.ndarray
    agreed_sessions: np.ndarray

    def unmeasured_log_odds(self, parameters: Parameters) -> np.ndarray:
        """Return what the factor that no record shows adds to a choice, in log odds."""
        u = parameters.unmeasured
        return u.log_odds * (self.unmeasured - u.share)


def draw(parameters: Parameters, seed: int, block: int, service: Service) -> People:
    """Return the people of a block; always the whole block."""
    p, n = parameters.people, BLOCK_PATIENTS
    # a stream for each subject: a change in one leaves the others as they are
    who = streams.stream(seed, "people/who", block)
    when = streams.stream(seed, "people/when", block)
    illness = streams.stream(seed, "people/illness", block)
    response = streams.stream(seed, "people/response", block)
    traits = streams.stream(seed, "people/traits", block).standard_normal((6, n))

    age = np.clip(p.age_mean + p.age_spread * who.standard_normal(n), 18, 95)
    deprivation = who.integers(1, 6, n)
    referred = _referred_day(parameters, service, block, when.random(n))
    assessed = referred + 1 + when.gamma(1.5, p.wait_to_assessment_days / 1.5, n)
    start = assessed + 1 + when.gamma(2.0, p.wait_to_start_days / 2.0, n)
    start = _on_weekdays(start.astype(np.int64), parameters)

    is_chronic = illness.random(n) < p.chronic_share
    resistant_share = np.where(
        is_chronic, p.resistant_share_chronic, p.resistant_share_other
    )
    is_resistant = illness.random(n) < resistant_share
    months = _episode_months(illness.random(n), is_chronic)
    spread = np.sqrt(p.severity_spread**2 - 2 * p.severity_deprivation**2)
    severity = (
        p.severity_mean
        + p.severity_chronic * is_chronic
        + p.severity_deprivation * (3 - deprivation)
        + spread * illness.standard_normal(n)
    )
    mean = p.severity_mean + p.severity_chronic * p.chronic_share
    usual = (
        severity - p.usual_drop_mean - p.usual_drop_spread * illness.standard_normal(n)
    )
    floor_own = response.standard_normal(n)
    with_recovery = parameters.course.homework_with_recovery
    alliance = p.alliance_spread * response.standard_normal((3, n))
    s = parameters.stopping
    return People(
        block=block,
        age=age,
        is_female=who.random(n) < p.female_share,
        has_partner=who.random(n) < p.partner_share,
        ethnicity=_one_of(p.ethnicity_shares, who.random(n)),
        payer=_one_of(p.payer_shares, who.random(n)),
        deprivation=deprivation,
        site=_open_site(service, _one_of(service.site_shares, who.random(n)), referred),
        referred_day=referred,
        assessed_day=_on_weekdays(assessed.astype(np.int64), parameters),
        start_day=start,
        is_chronic=is_chronic,
        is_resistant=is_resistant,
        episode_months=months,
        onset_months=months
        + np.floor(illness.exponential(p.earlier_illness_months, n)).astype(np.int64),
        prior_courses=illness.poisson(np.where(is_chronic, *p.prior_courses_mean)),
        severity=severity.astype(np.float32),
        severity_sd=(severity - mean) / SEVERITY_SPREAD_REFERENCE,
        usual=usual.astype(np.float32),
        floor_own=floor_own,
        rate_own=response.standard_normal(n),
        return_own=response.standard_normal(n),
        alliance=alliance,
        match=response.standard_normal((3, n)),
        side_effects=response.standard_normal(n),
        bad_weeks=response.standard_normal(n),
        unmeasured=response.random(n) < parameters.unmeasured.share,
        anxiety_trait=traits[0],
        function_trait=traits[1],
        sleep_trait=traits[2],
        satisfaction_trait=traits[3],
        homework_trait=np.sqrt(1 - with_recovery**2) * traits[4]
        - with_recovery * floor_own,
        death_day=_death_day(parameters, age, referred, when),
        moves_day=_after(referred, when.exponential(1.0, n) / p.moves_away_rate),
        known_from_day=_known_from(parameters, referred, when),
        is_weekly=response.random(n) < s.weekly_share,
        agreed_sessions=np.array(s.agreed_sessions)[
            _one_of(s.agreed_sessions_shares, response.random(n))
        ],
    )


def _referred_day(parameters, service, block, uniform) -> np.ndarray:
    """Blocks follow each other in time; those beyond the service are spread."""
    if block < parameters.blocks:
        before, people = block * BLOCK_PATIENTS, parameters.block_patients(block)
        uniform = (before + uniform * people) / parameters.patients
    return np.searchsorted(service.arrivals, np.minimum(uniform, 1 - 1e-9), "right")


def _open_site(service, site, referred) -> np.ndarray:
    """Nobody is referred to a site that has closed: the next one that has not."""
    for _ in range(len(service.site_shares)):
        is_gone = referred + 60 >= service.site_closed_from[site]
        site = np.where(is_gone, (site + 1) % len(service.site_shares), site)
    return site


def _known_from(parameters, referred, when) -> np.ndarray:
    lived_here = 60 + when.exponential(3000.0, len(referred)).astype(np.int64)
    return np.maximum(referred - lived_here, -parameters.calendar.history_days)


def _one_of(shares, uniform: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.cumsum(shares)[:-1], uniform, "right")


def _episode_months(uniform: np.ndarray, is_chronic: np.ndarray) -> np.ndarray:
    """2 to 23 months, or 24 and more: 24 months is what chronic means."""
    short = 2 + np.floor(22 * uniform**1.6)
    long = 24 + np.floor(-np.log1p(-uniform) * 30)
    return np.minimum(np.where(is_chronic, long, short), 400).astype(np.int64)


def _on_weekdays(day: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Move Saturdays and Sundays into the week after, Monday to Friday in turn."""
    weekday = weekdays(parameters, day)
    monday = day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
    return monday + np.where(weekday > 4, np.arange(len(day)) % 5, 0)


def weekdays(parameters: Parameters, day: np.ndarray) -> np.ndarray:
    """Return the weekday of each day of the data, 0 for Monday."""
    first = np.datetime64(parameters.calendar.first_on).astype(np.int64)
    return (first + 3 + day) % 7  # 1970-01-01 was a Thursday


def _death_day(parameters, age, referred, when) -> np.ndarray:
    p = parameters.people
    rate = p.death_rate_at_40 * 2 ** ((age - 40) / p.death_doubling_years)
    return _after(referred + 1, when.exponential(1.0, len(age)) / rate)


def _after(day: np.ndarray, years: np.ndarray) -> np.ndarray:
    later = np.minimum(years * DAYS_PER_YEAR, NEVER // 2).astype(np.int64)
    return day + 1 + later
