"""Relapse after confirmed remission (METHODS 3 "Operational relapse", ruled by 9).

- 9 "T0 is the *confirming* (second) score below 5; event PHQ-9 ≥ 10 (the "6 above"
  clause is redundant); interval-censored [...]. Loss and leaving the service are
  censoring, death is competing."
- 3 "two consecutive PHQ-9<5 ≥14 d apart"; "Interval-censored: event date =
  midpoint; require ≥1 score per 90 d or censor."

- 3 "one "reoccurrence" curve plus a 180-d split".

Choices that METHODS leaves:

- R1 Consecutive: the first score below 5 opens a run that a score of 5 or more
  closes; the confirming score is the first in the run at least 14 days after the
  run's first. With weekly scores no two neighbours are ever 14 days apart. More
  than 90 days between two scores close a run as well: nobody knows what was between.
  `neighbours=True` asks for two neighbouring scores instead.
- R2 The remission is looked for among the episode's scores from its T0 on (day 0
  included), after its end too while they belong to it.
- R3 METHODS' remission row says "B≥10 to be counted": whose PHQ-9 baseline was below
  10 or is not known did not remit and cannot relapse. The relapse rule does not
  repeat it; `baseline_from=None` reads it without.
- R4 After T0 all of the patient's PHQ-9 count, also those of a later episode: who
  relapses and comes back is a relapse. `within_episode=True` looks at the episode's.
- R5 Same day: one score, that with the smallest key.
- R6 A score 90 days after the one before is in time, 91 is not: the follow-up ends at
  the score before the gap. It also ends at the last score of all.
- R7 The midpoint of an odd number of days is rounded down.
- R8 Death counts up to 90 days after the last score (it was in time); later it is
  censored at that score. Scores after death are not believed. A death on the day of
  a score at or above 10 is a relapse.
- R9 event_low_on is the last score below 10 before the event (T0 at the earliest).
- R10 The first remission of an episode is followed, the first event ends it.
- R11 scores_count_after counts the days with a score after T0 up to the end of the
  follow-up, the event's included.
- R12 The split counts from T0 to the midpoint: a recurrence from day 180 on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from oracles.records import Score

BELOW, CONFIRM_DAYS, EVENT_FROM, EVERY_DAYS = 5, 14, 10, 90
BASELINE_FROM, RECURRENCE_FROM_DAYS = 10, 180


@dataclass(frozen=True, slots=True)
class Relapse:
    """The follow-up of one confirmed remission."""

    remitted_on: date
    status: str
    event_low_on: date | None
    event_high_on: date | None
    relapsed_on: date | None
    censored_on: date | None
    died_on: date | None
    last_below_on: date
    scores_count_after: int
    event_collection_reason: str | None = None

    @property
    def is_relapsed(self) -> bool:
        """The event was seen."""
        return self.status == "relapsed"

    @property
    def reoccurrence(self) -> str | None:
        """Relapse or recurrence (R12); None without an event."""
        if not self.is_relapsed:
            return None
        late = self.followed_days >= RECURRENCE_FROM_DAYS
        return "recurrence" if late else "relapse"

    @property
    def followed_days(self) -> int:
        """Days from T0 to the event, the death or the end of the follow-up."""
        end = self.relapsed_on or self.died_on or self.censored_on
        return (end - self.remitted_on).days


def one_a_day(scores: Sequence[Score]) -> list[Score]:
    """Keep one score per day (R5), in order."""
    days: dict[date, Score] = {}
    for score in sorted(scores, key=lambda s: (s.completed_on, s.assessment_id)):
        days.setdefault(score.completed_on, score)
    return list(days.values())


def confirm(scores: Sequence[Score], neighbours: bool = False) -> date | None:
    """Return the day of the confirming score below 5 (R1)."""
    opened: date | None = None
    before: date | None = None
    for score in scores:
        lost = before and (score.completed_on - before).days > EVERY_DAYS
        before = score.completed_on
        if score.points >= BELOW:
            opened = None
        elif opened is None or lost:
            opened = score.completed_on
        elif (score.completed_on - opened).days >= CONFIRM_DAYS:
            return score.completed_on
        elif neighbours:
            opened = score.completed_on
    return None


def follow(
    episode_phq9: Sequence[Score],
    all_phq9: Sequence[Score],
    index_on: date,
    baseline_points: int | None,
    died_on: date | None = None,
    *,
    baseline_from: int | None = BASELINE_FROM,
    neighbours: bool = False,
    within_episode: bool = False,
) -> Relapse | None:
    """Follow an episode's first confirmed remission; None if there was none.

    Args:
        episode_phq9: The PHQ-9 scores that belong to the episode.
        all_phq9: All of the patient's PHQ-9 scores.
        index_on: The episode's T0.
        baseline_points: The episode's PHQ-9 baseline.
        died_on: The day of death.
        baseline_from: The least baseline; None for the other reading of R3.
        neighbours: The other reading of R1.
        within_episode: The other reading of R4.
    """
    if baseline_from is not None and (
        baseline_points is None or baseline_points < baseline_from
    ):
        return None
    alive = died_on or date.max
    own = one_a_day([s for s in episode_phq9 if index_on <= s.completed_on <= alive])
    remitted_on = confirm(own, neighbours)
    if remitted_on is None:
        return None
    source = own if within_episode else one_a_day(all_phq9)
    later = [s for s in source if remitted_on < s.completed_on <= alive]

    last, count = remitted_on, 0
    for score in later:
        day = score.completed_on
        if (day - last).days > EVERY_DAYS:
            break
        count += 1
        if score.points >= EVENT_FROM:
            middle = last + timedelta(days=(day - last).days // 2)
            reason = score.collection_reason
            return Relapse(
                *(remitted_on, "relapsed", last, day, middle),
                *(None, None, last, count, reason),
            )
        last = day
    if died_on is not None and (died_on - last).days <= EVERY_DAYS:
        return Relapse(
            remitted_on, "died", None, None, None, None, died_on, last, count
        )
    return Relapse(remitted_on, "censored", None, None, None, last, None, last, count)
