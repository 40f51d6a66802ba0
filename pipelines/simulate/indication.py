"""Choices made by day 0: who is seen, who starts, and on what.

Each depends on how ill people are, and on terms that no record shows and no
estimator is told: a passing state, bends in the effect of severity, a clinician's
and a site's habits, and (by scenario) an unmeasured factor.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.simulate import instruments, streams
from pipelines.simulate.columns import codes
from pipelines.simulate.parameters import BLOCK_PATIENTS, Parameters
from pipelines.simulate.people import People
from pipelines.simulate.service import NEVER, PRESCRIBERS, Service
from pipelines.simulate.strategies import expit

MODALITIES = tuple(
    code
    for code in codes("episodes", "modality")
    if code not in ("usual_care", "other")
)
FORMATS = codes("sessions", "format")
FAMILY = FORMATS.index("family")

SHORT_TERM, LONG_TERM, OPEN_ENDED = 0, 1, 2
CONTRACTS = codes("episodes", "intended_length")

POINTS_MEAN, POINTS_SPREAD = 15.3, 6.0
"""PHQ-9 of people who are referred, in points."""

THOUGHTS_FROM = 0.9
"""SD of severity from which suicidal thoughts are taken to be frequent."""

GRACE_WEEKS = 4
"""Medication that starts in weeks 0 to 4 starts with therapy: 30 days."""


@dataclass(frozen=True)
class Choices:
    """What is chosen by day 0, one entry per person."""

    is_seen: np.ndarray
    is_started: np.ndarray
    is_in_trial: np.ndarray
    is_trial_therapy: np.ndarray
    had_medication: np.ndarray
    on_medication: np.ndarray
    """On an antidepressant for six weeks or more on day 0."""

    medication_week: np.ndarray
    """Week of a new start within the grace period; NEVER if none."""

    grace_week: np.ndarray
    """Week in which a person made to start would: the same for everybody's clone."""

    contract: np.ndarray
    modality: np.ndarray
    format: np.ndarray
    clinicians: np.ndarray
    """Clinician of the first, second and third course: 3 x people."""


def choose(
    parameters: Parameters, seed: int, people: People, service: Service
) -> Choices:
    """Return the choices as they happen by themselves."""
    p, n = parameters.indication, BLOCK_PATIENTS
    u = streams.stream(seed, "choices", people.block).random((20, n))
    chronic, resistant = people.is_chronic, people.is_resistant
    points = points_on_day_zero(parameters, seed, people, service)
    sick = _severity_behind_choices(p.latent_share, people, points)
    hidden = people.unmeasured_log_odds(parameters)
    clinicians = _clinicians(parameters, people, service, u[:5])
    had = u[5] < expit(
        p.prior_medication_intercept + p.prior_medication_resistant * resistant
    )
    current = u[6] < expit(
        p.current_medication_intercept
        + p.current_medication_prior * had
        + p.current_medication_resistant * resistant
        + p.current_medication_severity * sick
    )
    current &= had | (u[7] < p.first_medication_share)
    is_seen = u[8] < expit(
        p.seen_intercept + p.seen_chronic * chronic + p.seen_mild * (sick < -1)
    )
    start = (
        p.start_intercept
        + p.start_severity_bend * (sick**2 - 1)
        + p.start_chronic * chronic
        + p.start_on_medication * current
        + p.start_bad_weeks * people.bad_weeks
        + hidden
    )
    in_trial = is_seen & (u[9] < p.trial_share)
    by_lot = u[10] < 0.5
    started = is_seen & np.where(in_trial, by_lot, u[11] < expit(start))
    return Choices(
        is_seen=is_seen,
        is_started=started,
        is_in_trial=in_trial,
        is_trial_therapy=in_trial & by_lot,
        had_medication=had | current,
        on_medication=current,
        medication_week=_medication_week(
            parameters,
            people,
            service,
            clinicians[0],
            had,
            current,
            sick,
            hidden,
            u[12:14],
        ),
        grace_week=np.floor(u[13] * (GRACE_WEEKS + 1)).astype(np.int64),
        contract=_contract(p, chronic, sick, hidden, u[14:16]),
        modality=_pick(
            np.log(p.modality_shares)
            + np.outer(sick, p.modality_severity)
            + np.outer(chronic, p.modality_chronic)
            + service.site_modality[people.site]
            + np.outer(hidden, _only(MODALITIES, "psychodynamic"))
            + np.outer(hidden, _only(MODALITIES, "behavioural")),
            u[16],
        ),
        format=_format(p, people, sick, hidden, u[17]),
        clinicians=clinicians,
    )


def points_on_day_zero(
    parameters: Parameters, seed: int, people: People, service: Service
) -> np.ndarray:
    """Return the PHQ-9 of day 0, the same one that the weeks begin with."""
    passing = streams.normals(seed, "noise/passing", people.block, 1)[0]
    uniform = streams.uniforms(seed, "noise/score", people.block, 1)[0]
    shown = (
        people.severity
        + passing * np.float32(parameters.course.passing_noise)
        + service.season_on(people.start_day)
    )
    phq9 = instruments.phq9(parameters.instruments.item_coupling)
    return phq9.totals(shown, uniform)


def _severity_behind_choices(share: float, people: People, points) -> np.ndarray:
    """Mostly the score; in part what only those in the room can tell."""
    seen = (points - POINTS_MEAN) / POINTS_SPREAD
    return (1 - share) * seen + share * people.severity_sd


def _medication_week(
    parameters, people, service, clinician, had, current, sick, hidden, u
) -> np.ndarray:
    """Week of a new start in the grace period."""
    p = parameters.indication
    thoughts = sick > THOUGHTS_FROM
    prescriber = np.isin(service.clinician_credential[clinician], PRESCRIBERS)
    logit = (
        p.medication_intercept
        + p.medication_points * POINTS_SPREAD * sick
        + p.medication_thoughts * thoughts
        + p.medication_prior * had
        + p.medication_resistant * people.is_resistant
        + p.medication_bend * np.maximum(people.severity_sd - 0.5, 0) ** 2
        + p.medication_prescriber * prescriber
        + service.site_medication[people.site]
        + hidden
    )
    starts = ~current & (u[0] < expit(logit))
    return np.where(starts, np.floor(u[1] * (GRACE_WEEKS + 1)), NEVER).astype(np.int64)


def _contract(p, chronic, sick, hidden, u) -> np.ndarray:
    logit = (
        p.long_intercept + p.long_chronic * chronic + p.long_severity * sick + hidden
    )
    long = np.where(u[1] < p.open_ended_share, OPEN_ENDED, LONG_TERM)
    return np.where(u[0] < expit(logit), long, SHORT_TERM)


def _format(p, people, sick, hidden, u) -> np.ndarray:
    logits = np.log(p.format_shares) + np.outer(sick, p.format_severity)
    logits += np.outer(hidden, _only(FORMATS, "group"))
    no_couple = np.outer(~people.has_partner, _only(FORMATS, "couple"))
    return _pick(logits - 50 * no_couple, u)


def _clinicians(parameters, people, service, u) -> np.ndarray:
    """First, second and third clinician; experts get more of the resistant."""
    first = service.clinicians_of(people.site, u[0])
    again = service.clinicians_of(people.site, u[1])
    swap = (
        people.is_resistant
        & service.clinician_is_expert[again]
        & ~service.clinician_is_expert[first]
    )
    first = np.where(swap, again, first)
    same = parameters.returns.same_clinician_share
    second = np.where(u[2] < same, first, service.clinicians_of(people.site, u[3]))
    third = np.where(u[4] < same, second, service.clinicians_of(people.site, u[1]))
    return np.stack([first, second, third])


def _pick(logits: np.ndarray, u: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(1, keepdims=True))
    below = np.cumsum(odds, 1)
    return (below < (u * below[:, -1])[:, None]).sum(1)


def _only(names: tuple[str, ...], name: str) -> np.ndarray:
    return np.array([float(other == name) for other in names])
