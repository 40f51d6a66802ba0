"""Episodes derived from one patient's sessions (METHODS 4.3, 4.1, 3).

- "New episode: no psychotherapy contact for ≥120 d (sensitivity 90, 180)."
- "T0 = first attended *treatment* session."
- "End = last attended session before gap (known only after 120 d → freeze data
  120 d before extract)." So it is finished once 120 days of data follow the end.
- 4.1 "Short: ≤25 sessions"; "Long: ≥1 year **or** ≥50 sessions"; "These leave a gap
  (26–49 sessions, <1 y) → class `intermediate`, never merged silently."
- 3 "Attendance: attended/(attended+DNA+late-cancel<24 h)": the counts of those.
- 4.2 "Psychotherapy failure: ≥8 attended sessions without reliable improvement";
  3 "reliable improvement": ΔPHQ≥6; 1: "Baseline score = last PHQ-9 in [T0−30 d, T0];
  if none, first in (T0, T0+7 d] and before session 2".
- 3 "also report [...] 'left before reliable improvement'".

Choices that METHODS leaves:

- E1 A contact is an attended session of any type: an attended assessment or
  follow-up bridges a gap and can be the end (METHODS says "last attended session",
  and only T0 says *treatment*). `contact="treatment"` reads it the other way.
- E2 A session without a type counts as treatment.
- E3 A run of contacts without an attended treatment session has no T0 and is no
  episode; it does keep two runs together (E1).
- E4 Same day: the session with the smallest key is the first.
- E5 The first session speaks for modality, format, clinician and site even where
  it says nothing; the next session is not asked.
- E6 A session that was not attended belongs to the latest run of contacts that had
  begun on or before its day, however long ago, also where that run is no episode
  (E3); before the first run, to the first, however long before. On the day a run
  begins it belongs to that run, whatever its key.
- E7 Dose counts attended treatment sessions; so do the length classes and the 8
  sessions of a failure.
- E8 Short needs less than a year (365 days from T0 to the last treatment session: a
  follow-up does not make treatment longer), else it would be long as well. Not
  classed while it may go on, unless it is already long.
- E9 A death by data_to ends an episode at once: METHODS' 120 days are there because
  another session may come. `death_ends=False` waits for the gap all the same.
- E10 `data_to` is the source's, not the patient's observed_to.
- E11 Failure is judged on the last PHQ-9 after the baseline up to the end; after 8
  sessions without both scores it is unknown.
- E12 "End = last attended session before gap" is read as of any type, like a contact
  (E1). `end="treatment"` takes the last attended treatment session.
- E13 Without both scores, and while it goes on, it is unknown whether a person left
  before improving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from oracles.records import Score, Session

GAP_DAYS = 120
SHORT_UP_TO, LONG_FROM, LONG_FROM_DAYS = 25, 50, 365
FAILURE_FROM_SESSIONS, RELIABLE_CHANGE = 8, 6


@dataclass(frozen=True, slots=True)
class Episode:
    """One course of care. Days count from T0 (index_on)."""

    patient_id: str
    position: int
    index_on: date
    last_treatment_on: date
    last_contact_on: date
    ended_on: date | None
    is_finished: bool
    first_session: Session
    second_treatment_on: date | None
    attended_treatment_sessions_count: int
    attended_contacts_count: int
    not_attended_count: int
    cancelled_late_count: int
    days_since_prior_episode: int | None

    @property
    def length_days(self) -> int:
        """Days from T0 to the last attended treatment session (E8)."""
        return (self.last_treatment_on - self.index_on).days

    @property
    def length_class(self) -> str | None:
        """Descriptive label (E8)."""
        sessions = self.attended_treatment_sessions_count
        if sessions >= LONG_FROM or self.length_days >= LONG_FROM_DAYS:
            return "long_term"
        if not self.is_finished:
            return None
        return "short_term" if sessions <= SHORT_UP_TO else "intermediate"


def is_treatment(session: Session) -> bool:
    """Say whether a session is one of treatment (E2)."""
    return session.session_type in ("treatment", None)


def derive(
    sessions: Sequence[Session],
    data_to: date,
    gap_days: int = GAP_DAYS,
    contact: str = "any",
    died_on: date | None = None,
    end: str = "any",
    death_ends: bool = True,
) -> list[Episode]:
    """Build one patient's episodes, in order.

    Args:
        sessions: All of the patient's sessions, in any order.
        data_to: Last day that the data cover.
        gap_days: Days without a contact from which a new episode starts.
        contact: `any`, or `treatment` for the other reading of E1.
        died_on: The day of death.
        end: `any`, or `treatment` for the other reading of E12.
        death_ends: False for the other reading of E9.
    """
    ordered = sorted(sessions, key=lambda s: (s.held_on, s.session_id))
    attended = [
        s
        for s in ordered
        if s.attendance == "attended" and (contact == "any" or is_treatment(s))
    ]
    runs: list[list[Session]] = []
    for session in attended:
        if runs and (session.held_on - runs[-1][-1].held_on).days < gap_days:
            runs[-1].append(session)
        else:
            runs.append([session])

    episodes: list[Episode] = []
    for n, run in enumerate(runs):
        treated = [s for s in run if is_treatment(s)]
        if not treated:
            continue
        until = runs[n + 1][0].held_on if n + 1 < len(runs) else date.max
        begin = run[0].held_on if n else date.min
        within = [s for s in ordered if begin <= s.held_on < until]
        last = (run if end == "any" else treated)[-1].held_on
        is_finished = (data_to - run[-1].held_on).days >= gap_days or (
            death_ends and died_on is not None and died_on <= data_to
        )
        before = episodes[-1] if episodes else None
        episodes.append(
            Episode(
                patient_id=run[0].patient_id,
                position=len(episodes),
                index_on=treated[0].held_on,
                last_treatment_on=treated[-1].held_on,
                last_contact_on=last,
                ended_on=last if is_finished else None,
                is_finished=is_finished,
                first_session=treated[0],
                second_treatment_on=treated[1].held_on if len(treated) > 1 else None,
                attended_treatment_sessions_count=len(treated),
                attended_contacts_count=len(run),
                not_attended_count=_count(within, "did_not_attend"),
                cancelled_late_count=_count(within, "cancelled_late_by_patient"),
                days_since_prior_episode=(
                    (treated[0].held_on - before.last_contact_on).days
                    if before
                    else None
                ),
            )
        )
    return episodes


def _count(sessions: Sequence[Session], attendance: str) -> int:
    return sum(s.attendance == attendance for s in sessions)


def baseline(episode: Episode, phq9: Sequence[Score]) -> Score | None:
    """Return the baseline among an episode's PHQ-9 scores, by day and key.

    Same day: the smallest key (E4).
    """
    start = episode.index_on
    before = [s for s in phq9 if start - timedelta(days=30) <= s.completed_on <= start]
    if before:
        latest = max(s.completed_on for s in before)
        return next(s for s in before if s.completed_on == latest)
    second = episode.second_treatment_on or date.max
    after = [
        s
        for s in phq9
        if start < s.completed_on <= start + timedelta(days=7)
        and s.completed_on < second
    ]
    return after[0] if after else None


def last_score(episode: Episode, first: Score, phq9: Sequence[Score]) -> Score | None:
    """Return the last score after the baseline's day, up to the end (E11, E4)."""
    until = episode.ended_on or date.max
    later = [s for s in phq9 if first.completed_on < s.completed_on <= until]
    if not later:
        return None
    latest = max(s.completed_on for s in later)
    return next(s for s in later if s.completed_on == latest)


def has_failed(episode: Episode, phq9: Sequence[Score]) -> bool | None:
    """Say whether an episode was a psychotherapy failure (4.2, E7, E11)."""
    if episode.attended_treatment_sessions_count < FAILURE_FROM_SESSIONS:
        return False
    first = baseline(episode, phq9)
    last = last_score(episode, first, phq9) if first else None
    return None if last is None else first.points - last.points < RELIABLE_CHANGE


def left_unimproved(episode: Episode, phq9: Sequence[Score]) -> bool | None:
    """Say whether a finished episode ended before reliable improvement (3)."""
    if not episode.is_finished:
        return None
    first = baseline(episode, phq9)
    last = last_score(episode, first, phq9) if first else None
    return None if last is None else first.points - last.points < RELIABLE_CHANGE
