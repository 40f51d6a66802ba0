"""Faults of single patients, courses of care, medications and diagnoses."""

import polars as pl

from pipelines.simulate.faults.planting import (
    Fault,
    changed,
    days_later,
    number,
)

OTHER_FAULTS = (
    Fault(
        "dose_in_grams",
        "medications",
        "daily_dose_mg",
        "A dose in grams where milligrams are agreed.",
        changed(
            number("daily_dose_mg") > 0,
            daily_dose_mg=number("daily_dose_mg") / 1000,
        ),
        "medications.daily_dose_is_plausible",
    ),
    Fault(
        "dose_in_micrograms",
        "medications",
        "daily_dose_mg",
        "A dose in micrograms where milligrams are agreed.",
        changed(
            number("daily_dose_mg") > 10, daily_dose_mg=number("daily_dose_mg") * 1000
        ),
        "medications.daily_dose_mg_is_between_0_and_10000",
    ),
    Fault(
        "negative_supply",
        "medications",
        "days_supply",
        "A supply of -30 days: a return to the pharmacy.",
        changed(pl.col("days_supply").is_not_null(), days_supply="-30"),
        "medications.days_supply_is_between_1_and_400",
    ),
    Fault(
        "tablets_as_days",
        "medications",
        "days_supply",
        "A supply of 900 days: the number of tablets was sent.",
        changed(pl.col("days_supply").is_not_null(), days_supply="900"),
        "medications.days_supply_is_between_1_and_400",
    ),
    Fault(
        "medication_ends_before_it_starts",
        "medications",
        "ended_on",
        "The last day of use lies before the first.",
        changed(
            pl.col("started_on").is_not_null(), ended_on=days_later("started_on", -9)
        ),
        "medications.ended_on_is_not_before_started_on",
    ),
    Fault(
        "ingredient_in_capitals",
        "medications",
        "ingredient",
        "A brand name in capitals in place of the ingredient.",
        changed(None, ingredient="ZOLOFT"),
        "medications.ingredient_is_lower_snake_case",
    ),
    Fault(
        "ingredient_unknown",
        "medications",
        "ingredient",
        "An ingredient misspelt in lower case.",
        changed(None, ingredient="sertralin"),
        "medications.ingredient_is_known",
    ),
    Fault(
        "atc_against_ingredient",
        "medications",
        "atc_code",
        "The code of another ingredient.",
        changed(pl.col("ingredient") == "sertraline", atc_code="N06AX16"),
        "medications.atc_code_is_the_ingredients",
    ),
    Fault(
        "episode_ends_before_it_starts",
        "episodes",
        "ended_on",
        "The course ends before it starts.",
        changed(
            pl.col("started_on").is_not_null(), ended_on=days_later("started_on", -20)
        ),
        "episodes.ended_on_is_not_before_started_on",
    ),
    Fault(
        "referral_after_the_start",
        "episodes",
        "referred_on",
        "The referral is three months later than the course.",
        changed(
            pl.col("started_on").is_not_null(), referred_on=days_later("started_on", 90)
        ),
        "episodes.referral_is_not_after_the_start",
    ),
    Fault(
        "episode_longer_than_illness",
        "episodes",
        "current_episode_months",
        "The current episode is longer than the time since the first onset.",
        changed(None, current_episode_months="300", depression_onset_months="12"),
        "episodes.illness_is_not_shorter_than_its_episode",
    ),
    Fault(
        "ended_but_ongoing",
        "episodes",
        "end_reason",
        "A course with a last day whose reason to end is that it goes on.",
        changed(pl.col("ended_on").is_not_null(), end_reason="ongoing"),
        "episodes.ongoing_courses_have_no_end",
    ),
    Fault(
        "code_in_another_system",
        "diagnoses",
        "code",
        "A SNOMED CT code in place of one of ICD-10.",
        changed(None, code="35489007"),
        "diagnoses.code_is_icd10",
    ),
    Fault(
        "diagnosis_in_the_future",
        "diagnoses",
        "recorded_on",
        "A diagnosis recorded in 2090.",
        changed(None, recorded_on="2090-01-01"),
        "diagnoses.recorded_on_is_not_in_the_future",
    ),
    Fault(
        "age_93_with_birth_year",
        "patients",
        "birth_year",
        "A birth year for somebody marked as aged 90 or over.",
        changed(None, birth_year="1931", is_aged_90_plus="true"),
        "patients.birth_year_is_blank_if_aged_90_plus",
    ),
    Fault(
        "age_93_without_the_mark",
        "patients",
        "birth_year",
        "A birth year 93 years back, and no mark of 90 or over.",
        changed(None, birth_year="1931", is_aged_90_plus="false"),
        "patients.age_over_89_is_marked",
    ),
    Fault(
        "unborn",
        "patients",
        "birth_year",
        "A birth year after the data end.",
        changed(None, birth_year="2085"),
        "patients.birth_year_is_not_in_the_future",
    ),
    Fault(
        "sex_in_another_code",
        "patients",
        "sex",
        "1 and 2 in place of female and male.",
        changed(None, sex="2"),
        "patients.sex_is_a_known_code",
    ),
    Fault(
        "region_not_available",
        "patients",
        "region",
        "The word N/A for a region that is not known.",
        changed(None, region="N/A"),
        "patients.groups_are_not_words_for_missing",
    ),
    Fault(
        "observed_backwards",
        "patients",
        "observed_to",
        "The last day of observation lies before the first.",
        changed(
            pl.col("observed_from").is_not_null(),
            observed_to=days_later("observed_from", -1),
        ),
        "patients.observed_to_is_not_before_observed_from",
    ),
)
