"""Published figures that the seeds carry and that no model's unit test pins; reads files."""

import csv

from pipelines.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def figures(seed: str, key: str, column: str) -> dict[str, float]:
    """Return the figures of one column by key; blanks are left out."""
    with (SEEDS / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        return {
            row[key]: float(row[column]) for row in csv.DictReader(file) if row[column]
        }


def test_the_smallest_differences_that_matter():
    points = figures("instruments", "instrument", "minimal_important_difference_points")
    shares = figures("instruments", "instrument", "minimal_important_difference_share")

    assert points == {"phq9": 5, "qles_q_sf": 12, "isi": 6}
    assert shares == {"bdi_ii": 0.175}


def test_the_low_doses_that_do_not_count():
    doses = figures("ingredients", "ingredient", "excluded_up_to_daily_dose_mg")

    assert doses.pop("trazodone") == 100
    assert set(doses.values()) == {50}
    assert set(doses) == {
        "amitriptyline",
        "clomipramine",
        "desipramine",
        "dosulepin",
        "doxepin",
        "imipramine",
        "nortriptyline",
        "trimipramine",
    }


def test_a_dose_that_does_not_count_is_below_the_minimum_dose():
    minimum = figures("ingredients", "ingredient", "minimum_daily_dose_mg")
    excluded = figures("ingredients", "ingredient", "excluded_up_to_daily_dose_mg")

    assert all(excluded[name] < minimum[name] for name in excluded)
