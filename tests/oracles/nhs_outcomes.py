"""The NHS two-measure outcomes of a finished course (METHODS 3).

Δ = first − last ("Let B = baseline, E = end/window score; Δ=B−E").

- "caseness (NHS): PHQ-9≥10 **or** anxiety measure ≥ cut-off (GAD-7≥8) at first
  score"
- "recovery: caseness at first **and** below cut-off on **both** at last"
- "reliable improvement: (ΔPHQ≥6 or ΔGAD≥4) and the other not reliably worse"
- "reliable deterioration: (ΔPHQ≤−6 or ΔGAD≤−4) and the other not reliably better"
- "no reliable change: otherwise (incl. one up, one down)"
- "reliable recovery: recovery AND reliable improvement"
- "PHQ-only variants: same with PHQ-9 alone; report separately `*_phq`"
- NHS counting: "referral ended in period; ≥2 attended *treatment* contacts
  ("finished course"); first and last recorded scores; [...] recovery and
  reliable-recovery denominator = finished − not-at-caseness."

Choices that METHODS leaves:

- N1 "First and last recorded": of each measure by itself, among the scores that
  belong to the episode, from 30 days before T0 up to the end of the episode. The
  days of the two measures need not be the same.
- N2 Paired: the last score is another questionnaire on a later day. A measure with
  scores on one day has a first score and no last one.
- N3 Same day: the smallest key is used, for the first and for the last score.
- N4 "Reliable improvement/deterioration denominator = all finished": a course without
  first and last scores of both measures stays in it and counts as not improved, not
  deteriorated, not recovered: false, not null. The average of a flag is then the rate
  that METHODS counts, and has_paired_scores says how many could be judged. Likewise
  the PHQ variants with the PHQ-9 pair. (DESIGN 4's "not measured, never zero" would
  say null; METHODS names the denominator.)
- N5 has_paired_scores asks for both measures.
- N6 GAD-7 is the only anxiety measure; the instrument is named where it has a score.
- N7 Not at caseness: recovery and reliable recovery are null. Caseness at first is
  true if one measure says so, false if both say no, else unknown; "finished −
  not-at-caseness" keeps the unknown in the denominator, as not recovered. The PHQ
  variants' caseness is that of the PHQ-9 alone.
- N8 Ended is ended by the gap (episodes.py); the two contacts may be on one day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from oracles.episodes import Episode
from oracles.records import Score

CASE_PHQ, CASE_GAD = 10, 8
CHANGE_PHQ, CHANGE_GAD = 6, 4
FINISHED_COURSE_SESSIONS = 2


@dataclass(frozen=True, slots=True)
class Recovery:
    """Outcomes of one finished course; None is not known or does not apply."""

    finished_on: date
    treatment_sessions_count: int
    first_phq9_points: int | None
    last_phq9_points: int | None
    first_anxiety_points: int | None
    last_anxiety_points: int | None
    anxiety_instrument: str | None
    has_paired_scores: bool
    is_caseness_at_first: bool | None
    is_recovered: bool | None
    is_reliably_improved: bool
    is_reliably_deteriorated: bool
    is_reliably_recovered: bool | None
    is_recovered_phq: bool | None
    is_reliably_improved_phq: bool
    is_reliably_deteriorated_phq: bool
    is_reliably_recovered_phq: bool | None


def outcomes(episode: Episode, scores: Sequence[Score]) -> Recovery | None:
    """Return a finished course's outcomes; None if it is not one.

    Args:
        episode: The episode.
        scores: The PHQ-9 and GAD-7 scores that belong to it, by day and key.
    """
    sessions = episode.attended_treatment_sessions_count
    if not episode.is_finished or sessions < FINISHED_COURSE_SESSIONS:
        return None
    first_phq, last_phq = _ends(episode, scores, "phq9")
    first_gad, last_gad = _ends(episode, scores, "gad7")

    case_phq = _at_least(first_phq, CASE_PHQ)
    case = any3(case_phq, _at_least(first_gad, CASE_GAD))
    has_phq, has_pair = last_phq is not None, None not in (last_phq, last_gad)

    phq_fell, phq_rose = _changed(first_phq, last_phq, CHANGE_PHQ)
    gad_fell, gad_rose = _changed(first_gad, last_gad, CHANGE_GAD)
    improved = has_pair and ((phq_fell and not gad_rose) or (gad_fell and not phq_rose))
    worse = has_pair and ((phq_rose and not gad_fell) or (gad_rose and not phq_fell))

    recovered = has_pair and last_phq < CASE_PHQ and last_gad < CASE_GAD
    recovered_phq = has_phq and last_phq < CASE_PHQ
    is_no_case, is_no_case_phq = case is False, case_phq is False
    return Recovery(
        finished_on=episode.ended_on,
        treatment_sessions_count=sessions,
        first_phq9_points=first_phq,
        last_phq9_points=last_phq,
        first_anxiety_points=first_gad,
        last_anxiety_points=last_gad,
        anxiety_instrument="gad7" if first_gad is not None else None,
        has_paired_scores=has_pair,
        is_caseness_at_first=case,
        is_recovered=None if is_no_case else recovered,
        is_reliably_improved=improved,
        is_reliably_deteriorated=worse,
        is_reliably_recovered=None if is_no_case else recovered and improved,
        is_recovered_phq=None if is_no_case_phq else recovered_phq,
        is_reliably_improved_phq=phq_fell,
        is_reliably_deteriorated_phq=phq_rose,
        is_reliably_recovered_phq=(
            None if is_no_case_phq else recovered_phq and phq_fell
        ),
    )


def _ends(
    episode: Episode, scores: Sequence[Score], instrument: str
) -> tuple[int | None, int | None]:
    start = episode.index_on - timedelta(days=30)
    course = [
        s
        for s in scores
        if s.instrument == instrument and start <= s.completed_on <= episode.ended_on
    ]
    if not course:
        return None, None
    first, newest = course[0], course[-1].completed_on
    if newest == first.completed_on:
        return first.points, None
    return first.points, next(s.points for s in course if s.completed_on == newest)


def _at_least(points: int | None, cut_off: int) -> bool | None:
    return None if points is None else points >= cut_off


def _changed(first: int | None, last: int | None, reliable: int) -> tuple[bool, bool]:
    if first is None or last is None:
        return False, False
    return first - last >= reliable, last - first >= reliable


def any3(*values: bool | None) -> bool | None:
    """Return whether any holds: one true settles it, else one unknown does."""
    if any(values):
        return True
    return None if any(v is None for v in values) else False
