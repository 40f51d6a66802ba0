import numpy as np
import pytest

from pipelines.simulate import instruments

GRID = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0])
PHQ9 = instruments.phq9(0.15)
COUNT = 60_000


def _draw(questionnaire, severity, seed=1):
    rng = np.random.default_rng(seed)
    shown = np.full(COUNT, severity, np.float32)
    totals = questionnaire.totals(shown, rng.random(COUNT, np.float32))
    uniforms = rng.random((COUNT, questionnaire.items_count), np.float32)
    return totals, questionnaire.answers(shown, totals, uniforms)


@pytest.mark.parametrize(
    "questionnaire", [PHQ9, instruments.gad7()], ids=lambda q: q.name
)
@pytest.mark.parametrize("severity", GRID)
def test_item_means_are_those_of_the_closed_form(questionnaire, severity):
    slopes = np.array(questionnaire.slopes)[:, None]
    gap = severity - np.array(questionnaire.thresholds)
    expected = (1 / (1 + np.exp(-slopes * gap))).sum(1)

    _, answers = _draw(questionnaire, severity)

    assert answers.mean(0) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("severity", GRID)
def test_totals_follow_the_convolution(severity):
    expected = PHQ9.total_probabilities(np.array([severity]))[0]

    totals, _ = _draw(PHQ9, severity)

    found = np.bincount(totals, minlength=28) / COUNT
    assert np.abs(found - expected).max() < 0.007
    assert PHQ9.expected_total(np.array([severity]))[0] == pytest.approx(
        (expected * np.arange(28)).sum()
    )


@pytest.mark.parametrize(
    "questionnaire", [PHQ9, instruments.gad7()], ids=lambda q: q.name
)
def test_answers_add_up_to_the_total_and_stay_in_range(questionnaire):
    rng = np.random.default_rng(2)
    shown = rng.normal(0, 1.5, COUNT).astype(np.float32)
    totals = questionnaire.totals(shown, rng.random(COUNT, np.float32))
    uniforms = rng.random((COUNT, questionnaire.items_count), np.float32)

    answers = questionnaire.answers(shown, totals, uniforms)

    assert np.array_equal(answers.sum(1), totals)
    assert answers.min() == 0
    assert answers.max() == 3


def test_people_who_seek_help_score_as_the_calibration_says():
    rng = np.random.default_rng(3)
    shown = rng.normal(0, 1, 200_000).astype(np.float32)
    totals = PHQ9.totals(shown, rng.random(200_000, np.float32))
    answers = PHQ9.answers(shown, totals, rng.random((200_000, 9), np.float32))

    assert totals.mean() == pytest.approx(14.65, abs=0.1)
    assert totals.std() == pytest.approx(6.25, abs=0.1)
    assert (answers[:, 8] >= 2).mean() == pytest.approx(0.147, abs=0.01)


def test_coupled_items_go_together_and_keep_their_own_means():
    loose, tight = instruments.phq9(0.0), instruments.phq9(0.5)

    _, apart = _draw(loose, 0.0)
    _, together = _draw(tight, 0.0)

    assert abs(np.corrcoef(apart[:, 0], apart[:, 1])[0, 1]) < 0.03
    assert np.corrcoef(together[:, 0], together[:, 1])[0, 1] > 0.3
    assert abs(np.corrcoef(together[:, 4], together[:, 5])[0, 1]) < 0.03
    assert together.mean(0) == pytest.approx(apart.mean(0), abs=0.02)


def test_quantiles_are_those_of_the_distribution():
    """One uniform: a higher one never gives a lower total."""
    shown = np.zeros(1000, np.float32)
    uniform = np.linspace(0, 0.999, 1000, dtype=np.float32)

    totals = PHQ9.totals(shown, uniform)

    below = np.cumsum(PHQ9.total_probabilities(np.zeros(1))[0])
    expected = np.searchsorted(below, uniform, "right")
    assert (np.diff(totals.astype(int)) >= 0).all()
    assert (totals == expected).mean() > 0.97


def test_severities_past_the_grid_are_kept_at_its_end():
    far = np.array([-50.0, 50.0], np.float32)

    totals = PHQ9.totals(far, np.array([0.5, 0.5], np.float32))

    assert totals.tolist() == [0, 27]


def test_other_instruments_share_severity_by_their_loading():
    rng = np.random.default_rng(4)
    severity, trait, noise = rng.standard_normal((3, 200_000))

    made = instruments.mixed(0.7, 0.6, severity, trait, noise)

    assert np.corrcoef(made, severity)[0, 1] == pytest.approx(0.7, abs=0.01)
    assert np.corrcoef(made, trait)[0, 1] == pytest.approx(
        np.sqrt(0.51 * 0.6), abs=0.01
    )
    assert made.var() == pytest.approx(1, abs=0.02)


def test_points_on_a_line_are_rounded_and_kept_in_range():
    made = instruments.points_on_line(np.array([-9.0, 0.0, 0.26, 9.0]), 20, 2, 0, 30)

    assert made.tolist() == [2, 20, 21, 30]
