"""Made-up people who went on with therapy or stopped, and became ill again, or not."""

import numpy as np
import polars as pl
from made_up_comparisons import named
from scipy.special import expit

from pipelines.compare.protocols import ColumnOutcome

RELAPSE = "continued_vs_stopped_after_remission"
EVENT_ID = "phq9_ill_again_12mo"
UNTIL = 365
RATES = {True: 1 / 700, False: 1 / 350}
"""Events a day of people in the middle, by whether therapy went on."""

OUTCOME = ColumnOutcome(
    EVENT_ID,
    "time_to_event",
    12,
    "benefit",
    ("unadjusted", "iptw", "overlap"),
    UNTIL,
)


def protocol(**changes):
    """Return our protocol of relapse, with the covariates of `people`."""
    given = {
        "covariates": ("baseline_phq9_points", "is_female"),
        "outcomes": (OUTCOME,),
    }
    return named(RELAPSE, **(given | changes))


def people(count, seed, *, lost=0.2, confounding=0.8):
    """Return units of whom the more severe go on, and become ill sooner.

    A share of `lost` is no longer followed from some day on. Severity doubles the rate
    for each standard deviation or so.
    """
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=count)
    goes_on = rng.random(count) < expit(confounding * severity + 0.2)
    rate = np.where(goes_on, RATES[True], RATES[False]) * np.exp(0.6 * severity)
    event = rng.exponential(1 / rate)
    died = rng.exponential(6000, count)
    left = np.where(rng.random(count) < lost, rng.uniform(0, UNTIL, count), np.inf)
    first = np.minimum(np.minimum(event, died), left)
    days = np.minimum(np.ceil(first), UNTIL)
    status = np.select([first == event, first == died], ["event", "died"], "censored")
    status = np.where(first > UNTIL, "censored", status)
    arms = protocol().exposed.arm, protocol().comparator.arm
    units = [f"unit_{number:06d}" for number in range(count)]
    return pl.DataFrame(
        {
            "comparison_id": RELAPSE,
            "unit_id": units,
            "episode_id": units,
            "patient_id": units,
            "cluster_id": [f"clinician_{number % 150:03d}" for number in range(count)],
            "source": "made_up",
            "arm": np.where(goes_on, *arms).tolist(),
            "is_exposed": goes_on,
            "is_randomised": False,
            "baseline_phq9_points": 16 + 3 * severity,
            "is_female": rng.random(count) < 0.6,
            f"{EVENT_ID}_days": days.astype(int),
            f"{EVENT_ID}_status": status.tolist(),
            "is_due_12mo": True,
            "scores_12mo_count": rng.integers(1, 9, count),
            "scored_12mo_days": np.minimum(days + 20, UNTIL).astype(int),
            "sessions_12mo_count": np.where(goes_on, rng.integers(1, 9, count), 0),
            "is_found_at_return": (status == "event") & (rng.random(count) < 0.3),
        }
    )


def level(is_exposed, until=UNTIL, draws=400_000, seed=1):
    """Return the true share ill again, and days lost, had everybody been in one arm."""
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=draws)
    event = rng.exponential(1 / (RATES[is_exposed] * np.exp(0.6 * severity)))
    died = rng.exponential(6000, draws)
    has_event = (event <= until) & (event < died)
    return has_event.mean(), np.where(has_event, until - event, 0.0).mean()
