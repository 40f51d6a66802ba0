"""The trial's published mixed model, through our own function.

Everitt BS, Hothorn T. A Handbook of Statistical Analyses Using R (HSAUR), "Analyzing
longitudinal data I", for the trial of Proudfoot et al., Psychol Med 2003;33:217-227:
a random intercept per patient, maximum likelihood, months 2, 3, 5 and 8.
"""

import numpy as np
import pytest

from pipelines.compare import mixed

MONTHS = (2, 3, 5, 8)


@pytest.fixture(scope="module")
def fitted(trial):
    person, follow_up = np.nonzero(~np.isnan(trial.scores))
    return mixed.fit(
        points=trial.scores[person, follow_up],
        months=np.array(MONTHS)[follow_up],
        is_exposed=trial.is_exposed[person],
        patients=trial.patients[person],
        covariates={
            "baseline_points": trial.baseline[person],
            "is_on_medication_at_start": trial.is_on_medication[person],
            "is_current_episode_over_6_months": trial.is_over_6_months[person],
        },
    )


def test_the_groups_have_the_published_sizes(trial):
    def size(is_exposed, is_on_medication):
        return int(
            np.sum(
                (trial.is_exposed == is_exposed)
                & (trial.is_on_medication == is_on_medication)
            )
        )

    assert (size(True, False), size(True, True)) == (22, 30)
    assert (size(False, False), size(False, True)) == (34, 14)


def test_it_uses_280_scores_of_97_people(fitted):
    assert (fitted.scores_count, fitted.people_count) == (280, 97)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("baseline_points", 0.640),
        ("month", -0.705),
        ("is_exposed", -2.329),
        ("is_on_medication_at_start", -2.825),
        ("is_current_episode_over_6_months", 0.197),
    ],
)
def test_a_coefficient_is_the_published_one(fitted, name, published):
    assert fitted.coefficients[name] == pytest.approx(published, abs=5e-4)


def test_the_contrasts_error_and_the_likelihood_are_the_published_ones(fitted):
    assert fitted.contrast.estimate == pytest.approx(-2.329, abs=5e-4)
    assert fitted.contrast.std_error == pytest.approx(1.670, abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-935.75, abs=5e-3)
