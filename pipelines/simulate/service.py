"""Sites, clinicians and the calendar: what is drawn once for the whole service."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from pipelines.simulate import streams
from pipelines.simulate.parameters import Parameters

HORIZON_WEEKS = 4 * 53
"""Weeks past the end of the data for which the calendar is known: potential
outcomes run on."""

LATEST_START_WEEKS = 60
"""Weeks past the end of the data by which the last referred would have started."""

REGIONS = ("north", "midlands", "east", "london", "south_east", "south_west")

PRESCRIBERS = (0, 4)
"""Credentials that can prescribe: psychiatrist and nurse practitioner."""

NEVER = 2**30
"""A day or week that does not come."""


@dataclass(frozen=True)
class Service:
    """What people come to."""

    first_day_of_year: int
    """Day of the year of day 0."""

    site_shares: np.ndarray
    site_region: np.ndarray
    site_intercept: np.ndarray
    site_medication: np.ndarray
    site_modality: np.ndarray
    site_collection: np.ndarray
    site_is_monitored: np.ndarray
    site_closed_from: np.ndarray
    """Day a site closes for good; NEVER for most."""

    is_closed: np.ndarray
    """Sites x weeks of the calendar: only first sessions of a course are held."""

    clinician_site: np.ndarray
    clinician_shares: np.ndarray
    clinician_intercept: np.ndarray
    clinician_slope: np.ndarray
    clinician_stop: np.ndarray
    clinician_credential: np.ndarray
    clinician_is_expert: np.ndarray
    season: np.ndarray
    """Latent shift by day of the year."""

    arrivals: np.ndarray
    """Share of referrals up to the end of each day of the data."""

    site_first_clinician: np.ndarray
    """Clinicians are numbered site by site; one more entry than sites."""

    def clinicians_of(self, site: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return a clinician of each site, by caseload shares."""
        edges = np.concatenate([[0.0], np.cumsum(self.clinician_shares)])
        low = edges[self.site_first_clinician[site]]
        high = edges[self.site_first_clinician[site + 1]]
        found = np.searchsorted(edges, low + uniform * (high - low), "right") - 1
        return np.clip(
            found,
            self.site_first_clinician[site],
            self.site_first_clinician[site + 1] - 1,
        )

    def season_on(self, day: np.ndarray) -> np.ndarray:
        """Return the latent shift of each day of the data."""
        return self.season[(day + self.first_day_of_year) % len(self.season)]


@lru_cache(maxsize=4)
def build(parameters: Parameters, seed: int) -> Service:
    """Return the service; the same parameters and seed give the same one."""
    p, sites, clinicians = (
        parameters.service,
        parameters.sites_count,
        parameters.clinicians_count,
    )
    draw = streams.stream(seed, "service")
    site_shares = _shares(np.exp(p.site_size_spread * draw.standard_normal(sites)))
    counts = _spread_over(site_shares, clinicians)
    site = np.repeat(np.arange(sites), counts)
    size = np.exp(p.clinician_size_spread * draw.standard_normal(clinicians))
    kinds = len(parameters.indication.modality_shares)
    credential = np.searchsorted(
        np.cumsum(p.credential_shares)[:-1], draw.random(clinicians), "right"
    )
    gone = draw.random(sites) < p.closed_for_good_share
    closed_from = np.where(
        gone, (0.3 + 0.6 * draw.random(sites)) * parameters.data_days, NEVER
    )
    return Service(
        first_day_of_year=_first_day(parameters).timetuple().tm_yday - 1,
        site_shares=site_shares,
        site_region=draw.integers(0, len(REGIONS), sites),
        site_intercept=p.site_intercept * _centred(draw, site_shares),
        site_medication=p.site_medication_spread * draw.standard_normal(sites),
        site_modality=p.site_modality_spread * draw.standard_normal((sites, kinds)),
        site_collection=parameters.observation.site_spread
        * draw.standard_normal(sites),
        site_is_monitored=_spread_flags(draw, sites, p.monitored_share),
        site_closed_from=closed_from.astype(np.int64),
        clinician_site=site,
        clinician_shares=size,
        clinician_intercept=p.clinician_intercept * _centred(draw, _shares(size)),
        clinician_slope=p.clinician_slope * draw.standard_normal(clinicians),
        clinician_stop=p.clinician_stop_spread * draw.standard_normal(clinicians),
        clinician_credential=credential,
        clinician_is_expert=draw.random(clinicians) < p.resistance_expert_share,
        is_closed=_closed_weeks(parameters, draw, sites),
        season=_season(parameters),
        arrivals=_arrivals(parameters),
        site_first_clinician=np.concatenate([[0], np.cumsum(counts)]),
    )


def _first_day(parameters: Parameters) -> date:
    return date.fromisoformat(parameters.calendar.first_on)


def _season(parameters: Parameters) -> np.ndarray:
    p = parameters.calendar
    angle = 2 * np.pi * (np.arange(365) - p.worst_day_of_year) / 365
    return (p.seasonal_shift * np.cos(angle)).astype(np.float32)


def _arrivals(parameters: Parameters) -> np.ndarray:
    days = np.arange(parameters.data_days)
    day_of_year = (days + _first_day(parameters).timetuple().tm_yday - 1) % 365
    is_slow = ((day_of_year >= 212) & (day_of_year < 243)) | (day_of_year >= 334)
    is_weekend = (days + _first_day(parameters).weekday()) % 7 >= 5
    weight = (1 - parameters.calendar.summer_dip * is_slow) * ~is_weekend
    return np.cumsum(weight) / weight.sum()


def _closed_weeks(
    parameters: Parameters, draw: np.random.Generator, sites: int
) -> np.ndarray:
    # a block runs as many weeks as its first person has, its last person's too
    data_weeks = parameters.data_days // 7
    weeks = data_weeks + max(HORIZON_WEEKS, data_weeks + LATEST_START_WEEKS)
    week_of_year = (
        (np.arange(weeks) * 7 + _first_day(parameters).timetuple().tm_yday - 1) % 365
    ) // 7
    closed = (week_of_year >= 51) & (
        draw.random((sites, weeks)) < parameters.calendar.closed_weeks_year_end
    )
    begins = draw.random((sites, weeks)) < parameters.service.closures_a_year / 52
    lasts = draw.integers(2, 5, (sites, weeks))
    for ahead in range(4):
        on = begins[:, : weeks - ahead] & (lasts[:, : weeks - ahead] > ahead)
        closed[:, ahead:] |= on
    return closed


def _centred(draw: np.random.Generator, shares: np.ndarray) -> np.ndarray:
    """Standard normals less their mean by shares: a small service is no luckier."""
    drawn = draw.standard_normal(len(shares))
    return drawn - (shares * drawn).sum()


def _spread_flags(draw: np.random.Generator, count: int, share: float) -> np.ndarray:
    """Flag the stated share exactly, so that a small service has some."""
    flags = np.arange(count) < max(1, round(share * count))
    return draw.permutation(flags) if share > 0 else np.zeros(count, bool)


def _shares(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()


def _spread_over(shares: np.ndarray, count: int) -> np.ndarray:
    """Return whole numbers that add up to `count`, at least 1, near the shares."""
    spare = count - len(shares)
    counts = 1 + np.floor(shares * spare).astype(np.int64)
    order = np.argsort(-(shares * spare - np.floor(shares * spare)), kind="stable")
    counts[order[: count - counts.sum()]] += 1
    return counts
