"""The oracles over a whole population, and the comparison with the marts.

Counts and field names only: a row of a real build must not reach a log.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from oracles import episodes, medication_spells, nhs_outcomes, relapse, scoring
from oracles.random_patients import Population
from oracles.records import Patient

Rows = dict[tuple, dict[str, Any]]

READING = {"end": "any"}
"""Which reading of METHODS 4.3 the marts are held against (episodes.py, E12)."""

MINIMUM_COMBINED_DAYS = 28
ADHERENT_FROM_SHARE = 0.8
RELAPSE_FIELDS = (
    "remitted_on",
    "status",
    "is_relapsed",
    "reoccurrence",
    "event_low_on",
    "event_high_on",
    "event_collection_reason",
    "relapsed_on",
    "censored_on",
    "last_below_on",
    "followed_days",
    "scores_count_after",
)


def _grouped(records: Iterable[Any]) -> dict[str, list]:
    groups: dict[str, list] = defaultdict(list)
    for record in records:
        groups[record.patient_id].append(record)
    return groups


class Expected:
    """What METHODS says the marts should hold, by table."""

    def __init__(self, population: Population) -> None:
        self.fct_episodes: Rows = {}
        self.fct_episode_recoveries: Rows = {}
        self.fct_relapses: Rows = {}
        self.fct_medication_spells: Rows = {}
        sessions = _grouped(population.sessions)
        assessments = _grouped(population.assessments)
        supplies = _grouped(population.supplies)
        for patient in population.patients:
            spells = medication_spells.join(supplies[patient.patient_id])
            self._add_spells(patient, spells)
            found = episodes.derive(
                sessions[patient.patient_id],
                patient.data_to,
                died_on=patient.died_on,
                **READING,
            )
            scores = scoring.scores_of(assessments[patient.patient_id])
            self._add_episodes(patient, found, scores, spells)

    def _add_spells(self, patient: Patient, spells: list) -> None:
        for spell in spells:
            key = (spell.patient_id, spell.ingredient, spell.started_on)
            self.fct_medication_spells[key] = {
                "records_count": spell.records_count,
                "covered_days": spell.covered_days,
                "is_only_known_at_index": spell.is_only_known_at_index,
                "ended_on": spell.ended_on,
                "is_antidepressant": (
                    spell.ingredient not in medication_spells.NOT_ANTIDEPRESSANTS
                ),
                "is_dose_known": medication_spells.is_dose_known(spell),
                "is_adequate_trial": medication_spells.is_adequate(
                    spell, patient.data_to
                ),
                **_adherence(patient, spell, spells),
            }

    def _add_episodes(
        self, patient: Patient, found: list, scores: list, spells: list
    ) -> None:
        split = scoring.split_by_episode(scores, [e.index_on for e in found])
        all_phq9 = [s for s in scores if s.instrument == "phq9"]
        has_failed: bool | None = False
        for episode in found:
            key = (patient.patient_id, episode.index_on)
            own = split[episode.position]
            phq9 = [s for s in own if s.instrument == "phq9"]
            self.fct_episodes[key] = {
                **_described(patient, episode, spells),
                "has_failed_prior_episode": has_failed,
                "is_left_before_improvement": episodes.left_unimproved(episode, phq9),
            }
            has_failed = nhs_outcomes.any3(
                has_failed, episodes.has_failed(episode, phq9)
            )
            course = nhs_outcomes.outcomes(episode, own)
            if course is not None:
                self.fct_episode_recoveries[key] = {
                    "source": patient.source,
                    **{f: getattr(course, f) for f in course.__slots__},
                }
            first = episodes.baseline(episode, phq9)
            followed = relapse.follow(
                phq9,
                all_phq9,
                episode.index_on,
                first and first.points,
                patient.died_on,
            )
            if followed is not None:
                self.fct_relapses[key] = {
                    "source": patient.source,
                    **{name: getattr(followed, name) for name in RELAPSE_FIELDS},
                }


def _adherence(patient: Patient, spell: medication_spells.Spell, spells: list) -> dict:
    is_new = medication_spells.is_new_start(spell, spells)
    found = {"is_new_start": is_new}
    for days, window in ((84, 115), (180, 232)):
        found[f"is_persistent_{days}"] = (
            medication_spells.is_persistent(
                spell.started_on,
                spells,
                days,
                window,
                patient.data_to,
                patient.died_on,
            )
            if is_new
            else None
        )
    share = (
        medication_spells.pdc(
            spell.started_on, spells, patient.data_to, patient.died_on
        )
        if is_new
        else None
    )
    return {
        **found,
        "pdc_share": None if share is None else round(share, 9),
        "is_adherent": None if share is None else share >= ADHERENT_FROM_SHARE,
    }


def _described(patient: Patient, episode: episodes.Episode, spells: list) -> dict:
    first = episode.first_session
    treated = episode.attended_treatment_sessions_count
    days = medication_spells.overlap_days(
        spells, episode.index_on, episode.last_contact_on
    )
    is_combined: bool | None = days >= MINIMUM_COMBINED_DAYS
    if any(
        s.is_only_known_at_index
        and s.ingredient not in medication_spells.NOT_ANTIDEPRESSANTS
        for s in spells
    ):  # what the undated one covers is unknown
        days, is_combined = None, is_combined or None
    return {
        "source": patient.source,
        "site_id": first.site_id,
        "first_clinician_id": first.clinician_id,
        "modality": first.modality,
        "format": first.format,
        "delivery_mode": first.delivery_mode,
        "length_class": episode.length_class,
        "age_at_start_years": episode.index_on.year - patient.birth_year,
        "attended_sessions_count": treated,
        "attended_treatment_sessions_count": treated,
        "attended_contacts_count": episode.attended_contacts_count,
        "restarts_count": 0,
        "ended_before_treatment": False,
        "is_transfer": False,
        "is_re_referral": episode.position > 0,
        "overlaps_another_episode": False,
        "not_attended_count": episode.not_attended_count,
        "cancelled_late_count": episode.cancelled_late_count,
        "length_days": episode.length_days,
        "is_derived": True,
        "has_relative_dates": False,
        "is_first_episode": episode.position == 0,
        "is_finished": episode.is_finished,
        "started_on": episode.index_on,
        "ended_on": episode.ended_on,
        "prior_episodes_count": episode.position,
        "days_since_prior_episode": episode.days_since_prior_episode,
        "medication_overlap_days": days,
        "is_combined_descriptively": is_combined,
    }


def differences(expected: Rows, found: Rows) -> dict[str, int]:
    """Count rows that only one side has, and rows that differ, by field."""
    counts = {
        "(rows the oracle has alone)": len(expected.keys() - found.keys()),
        "(rows the model has alone)": len(found.keys() - expected.keys()),
    }
    for key in expected.keys() & found.keys():
        for name, value in expected[key].items():
            other = found[key].get(name, value)
            if isinstance(other, float):
                other = round(other, 9)
            if other != value:
                counts[name] = counts.get(name, 0) + 1
    return {name: count for name, count in sorted(counts.items()) if count}


def keyed(columns: list[str], rows: list[tuple], key: Callable[[dict], tuple]) -> Rows:
    """Return a table's rows by key.

    Raises:
        AssertionError: Two rows have one key.
    """
    table = [dict(zip(columns, row, strict=True)) for row in rows]
    by_key = {key(row): row for row in table}
    assert len(by_key) == len(table), "two rows of the model have one key"
    return by_key
