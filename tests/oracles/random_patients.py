"""Random patients with edge cases at every threshold.

Two made-up services that send no episodes, with different last days. Sessions,
scores and supplies stand in chains whose steps are the thresholds themselves and
their neighbours, so that most patients lie on both sides of several of them. Keys
are shuffled: a choice that follows the key differs from one that follows the row.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from oracles.records import Assessment, Patient, Session, Supply

SERVICES = {"north": ("a", date(2026, 1, 1)), "south": ("b", date(2025, 10, 15))}
"""Namespace and last day of each source."""

SESSION_GAPS = (0, 1, 7, 7, 7, 7, 14, 28, 60, 89, 90, 91, 119, 119, 120, 120, 121)
RARE_SESSION_GAPS = (179, 180, 181, 300)
DAYS_TO_END = (0, 1, 30, 118, 119, 119, 120, 120, 121, 122)
SCORE_GAPS = (0, 1, 7, 7, 7, 13, 13, 14, 14, 15, 28, 45, 88, 89, 90, 90, 91, 92, 120)
BASELINE_DAYS = (-32, -31, -30, -29, -1, 0, 0, 1, 6, 7, 8)
LOW_SCORES = (4,) * 10 + (0, 1, 2, 3) * 2 + (5, 5, 9, 10, 10, 11, 18)
ANY_SCORES = (3, 4, 5, 8, 9, 9, 10, 10, 11, 13, 14, 15, 16, 19, 20, 21, 26)
PHQ_MOVES = (-7, -6, -6, -5, -5, -1, 0, 1, 5, 6, 6, 7)
GAD_SCORES = (2, 4, 7, 7, 8, 8, 9, 11, 12, 15, 20)
GAD_MOVES = (-5, -4, -4, -3, -3, 0, 3, 3, 4, 4, 5)
DEATH_DAYS = (0, 1, 45, 89, 90, 91, 100)
FILL_STEPS = (-25, -7, -1, 0, 0, 0, 1, 2, 10, 29, 30, 30, 31, 31, 32, 60, 100)
SUPPLIES = (1, 7, 14, 28, 28, 30, 30, 42, 84, 90)
DOSES = {
    "sertraline": (25, 49, 50, 100),
    "citalopram": (10, 19, 20, 40),
    "mirtazapine": (7.5, 14, 15, 30),
    "trazodone": (50, 100, 101, 150),
    "amitriptyline": (25, 50, 51, 75),
    "lithium": (400,),
    "antidepressant_unspecified": (10,),
}
ATTENDANCE = (
    ("attended",) * 12
    + ("did_not_attend",) * 3
    + ("cancelled_late_by_patient", "cancelled_by_patient", "cancelled_by_service")
)
SESSION_TYPES = ("treatment",) * 8 + (None, "assessment", "follow_up")


@dataclass
class Population:
    """What all patients' records are made of."""

    patients: list[Patient] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)


def make(count: int, seed: int = 20260301) -> Population:
    """Draw patients and all their records."""
    draw = random.Random(seed)
    population = Population()
    for n in range(count):
        source = "south" if n % 3 == 0 else "north"
        space, data_to = SERVICES[source]
        patient_id = f"{space}:p{n}"
        sessions = _sessions(draw, space, n, patient_id, data_to)
        scores = _assessments(draw, space, n, patient_id, sessions, data_to)
        died_on = None
        if scores and draw.random() < 0.1:
            days = sorted(s.completed_on for s in scores)
            day = days[-1] if draw.random() < 0.75 else draw.choice(days)
            died_on = day + timedelta(days=draw.choice(DEATH_DAYS))
        start = min(s.held_on for s in sessions)
        population.patients.append(
            Patient(patient_id, source, data_to, died_on, draw.randint(1940, 2005))
        )
        population.sessions += sessions
        population.assessments += scores
        population.supplies += [
            s
            for s in _supplies(draw, space, n, patient_id, start)
            if s.started_on is None or s.started_on <= data_to
        ]
    return population


def _keys(draw: random.Random, prefix: str, count: int) -> list[str]:
    keys = [f"{prefix}_{k:03d}" for k in range(count)]
    draw.shuffle(keys)
    return keys


def _days(draw: random.Random) -> tuple[list[int], bool]:
    """Return the days of the sessions from the first, and whether all came."""
    kind = draw.random()
    if kind < 0.04:  # around 25 and 50 sessions
        count = draw.choice((24, 25, 26, 27, 48, 49, 50, 51))
        return [n * draw.choice((3, 4)) for n in range(count)], True
    if kind < 0.08:  # around a year
        last = draw.choice((363, 364, 365, 366))
        return [*range(0, 330, draw.choice((30, 60, 110))), last], True
    days = [0]
    for _ in range(draw.choice((0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14))):
        gaps = SESSION_GAPS if draw.random() < 0.93 else RARE_SESSION_GAPS
        if draw.random() < 0.4:
            gaps = (7,)
        days.append(days[-1] + draw.choice(gaps))
    return days, draw.random() < 0.2


def _sessions(
    draw: random.Random, space: str, n: int, patient_id: str, data_to: date
) -> list[Session]:
    days, all_came = _days(draw)
    came = [all_came or draw.choice(ATTENDANCE) for _ in days]
    attended = [d for d, c in zip(days, came, strict=True) if c in (True, "attended")]
    near_end = draw.random() < 0.5
    room = draw.choice(DAYS_TO_END) if near_end else draw.randint(123, 700)
    # the last attended session stands `room` days before the end of the data
    shift = data_to - timedelta(days=room + (attended or days)[-1])
    keys = _keys(draw, f"{space}:s{n}", len(days))
    sessions = []
    for day, here, key in zip(days, came, keys, strict=True):
        held_on = shift + timedelta(days=day)
        attendance = "attended" if here is True else here
        if attendance == "attended" and held_on > data_to:
            continue
        sessions.append(
            Session(
                key,
                patient_id,
                held_on,
                attendance,
                "treatment" if all_came else draw.choice(SESSION_TYPES),
                f"{space}:c{draw.randrange(9)}",
                f"{space}:site{draw.randrange(3)}",
                draw.choice(("cbt", "interpersonal", "psychodynamic", None)),
                draw.choice(("individual", "group", None)),
                draw.choice(("in_person", "video", None)),
            )
        )
    return sessions


def _assessments(
    draw: random.Random,
    space: str,
    n: int,
    patient_id: str,
    sessions: list[Session],
    data_to: date,
) -> list[Assessment]:
    day_0 = min(
        (s.held_on for s in sessions if s.attendance == "attended"),
        default=sessions[0].held_on,
    )
    days = [
        day_0 + timedelta(days=draw.choice(BASELINE_DAYS))
        for _ in range(draw.choice((0, 0, 1, 2)))
    ]
    share = draw.choice((0.0, 0.3, 0.9))
    days += [s.held_on for s in sessions if draw.random() < share]
    day = draw.choice(sessions).held_on
    for _ in range(draw.choice((0, 0, 2, 4, 6, 8))):
        day += timedelta(days=draw.choice(SCORE_GAPS))
        days.append(day)
    days = sorted(d for d in days if d <= data_to)

    is_low = draw.random() < 0.45
    phq, gad = draw.choice(ANY_SCORES), draw.choice(GAD_SCORES)
    rows: list[tuple[str, date, int]] = []
    for day in days:
        if is_low:
            phq = draw.choice(LOW_SCORES) if rows else draw.choice(ANY_SCORES)
        elif draw.random() < 0.7:
            phq = min(27, max(0, phq + draw.choice(PHQ_MOVES)))
        else:
            phq = draw.choice(ANY_SCORES)
        gad = min(21, max(0, gad + draw.choice(GAD_MOVES)))
        if draw.random() < 0.92:
            rows.append(("phq9", day, phq))
        if draw.random() < 0.6:
            late = timedelta(days=draw.choice((0, 0, 0, 1, -3)))
            rows.append(("gad7", min(day + late, data_to), gad))
    keys = _keys(draw, f"{space}:q{n}", len(rows))
    return [
        _answered(draw, Assessment(key, patient_id, instrument, day), points)
        for key, (instrument, day, points) in zip(keys, rows, strict=True)
    ]


def _answered(draw: random.Random, bare: Assessment, points: int) -> Assessment:
    """Send a score as a total, as answers, with gaps, or contradicting itself."""
    count = 9 if bare.instrument == "phq9" else 7
    kind = draw.random()
    total: int | None = points
    items: list[int | None] = []
    if kind > 0.6:
        items = [points // count] * count
        for n in range(points % count):
            items[n] += 1
        draw.shuffle(items)
        total = None
        missing = 0
        if kind > 0.97:  # three missing, with a total sometimes
            missing, total = 3, draw.choice((None, points))
        elif kind > 0.95:
            total = points - 1 if points else 1
        elif kind > 0.9:
            total = points
        elif kind > 0.8:
            missing = draw.choice((1, 2))
            total = draw.choice((None, None, None, points))
        for n in draw.sample(range(count), missing):
            items[n] = None
    return Assessment(
        bare.assessment_id,
        bare.patient_id,
        bare.instrument,
        bare.completed_on,
        total,
        draw.choice((None, "session", "scheduled_follow_up", "return")),
        tuple(items),
    )


def _supplies(
    draw: random.Random, space: str, n: int, patient_id: str, start: date
) -> list[Supply]:
    rows = []
    for ingredient in draw.sample(sorted(DOSES), draw.choice((0, 0, 1, 1, 2, 3))):
        day = start + timedelta(days=draw.randint(-250, 200))
        if draw.random() < 0.05:
            rows.append((ingredient, "reported", None, None, None, None, True))
        is_pharmacy = draw.random() < 0.7
        for _ in range(draw.choice((1, 1, 2, 3, 4, 6, 9))):
            kind = (
                "dispensed"
                if is_pharmacy
                else draw.choice(("dispensed", "prescribed", "reported"))
            )
            supply: int | None = draw.choice(SUPPLIES)
            ended_on = None
            if not is_pharmacy and draw.random() < 0.25:
                ended_on = day + timedelta(days=draw.choice((0, 5, 29, 41, 42)))
            if draw.random() < 0.02:
                supply = None
            dose = draw.choice((*DOSES[ingredient], None))
            use = draw.choice((None, None, None, True, False))
            rows.append((ingredient, kind, day, supply, ended_on, dose, use))
            if draw.random() < 0.9:  # else the next is on the same day
                day += timedelta(days=(supply or 30) + draw.choice(FILL_STEPS))
    keys = _keys(draw, f"{space}:m{n}", len(rows))
    return [Supply(key, patient_id, *row) for key, row in zip(keys, rows, strict=True)]
