import hashlib

import pytest
import yaml

from pipelines.compare import gate
from pipelines.compare.protocols import FOLDER, load, load_all
from pipelines.errors import UsageError

OURS = sorted(FOLDER.glob("*.yml"))


@pytest.fixture
def changed(tmp_path):
    """Write our first protocol with changes and return its path."""

    def write(name="therapy_vs_usual_care", /, **changes):
        values = yaml.safe_load((FOLDER / "therapy_vs_usual_care.yml").read_text())
        for key, value in changes.items():
            if value is None:
                del values[key]
            else:
                values[key] = value
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump(values))
        return path

    return write


def test_our_protocols_are_the_three_of_the_design():
    assert [protocol.comparison_id for protocol in load_all()] == [
        "therapy_vs_usual_care",
        "trial_therapy_plus_medication_vs_medication",
        "trial_therapy_plus_medication_vs_therapy",
    ]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_protocol_says_computerised_cbt_and_carries_the_hash_of_its_file(path):
    protocol = load(path)

    assert protocol.hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "computerised CBT" in protocol.question
    assert any("computerised CBT" in caveat for caveat in protocol.caveats)
    assert all(caveat.endswith(".") for caveat in protocol.caveats)
    assert protocol.design in gate.DESIGNS
    assert set(protocol.strategies) == {protocol.exposed.arm, protocol.comparator.arm}


def test_therapy_plus_medication_against_therapy_is_a_description_only():
    designs = {protocol.comparison_id: protocol.design for protocol in load_all()}

    assert designs == {
        "trial_therapy_plus_medication_vs_medication": "randomised",
        "trial_therapy_plus_medication_vs_therapy": "description",
        "therapy_vs_usual_care": "randomised",
    }


def test_outcomes_are_one_per_month_named_by_questionnaire_measure_and_month():
    ids = [outcome.outcome_id for outcome in load(OURS[-1]).outcomes]

    assert ids == [
        "bdi_ii_points_all_follow_ups",
        "bdi_ii_points_2mo",
        "bdi_ii_points_3mo",
        "bdi_ii_points_5mo",
        "bdi_ii_points_8mo",
        "bdi_ii_response_2mo",
        "bdi_ii_response_3mo",
        "bdi_ii_response_5mo",
        "bdi_ii_response_8mo",
    ]


def test_an_unknown_key_is_named_with_its_place_and_the_known_ones(changed):
    with pytest.raises(UsageError) as caught:
        load(changed(estimand="everyone"))

    message = str(caught.value)
    assert "therapy_vs_usual_care.yml" in message
    assert "unknown key 'estimand' at the top level" in message
    assert "known there: caveats, comparator, comparison_id" in message


def test_an_unknown_key_inside_an_arm_is_found_too(changed):
    arm = {"arm": "therapy", "label": "Therapy", "strategy": "Some therapy.", "x": 1}

    with pytest.raises(UsageError, match="unknown key 'x' at exposed"):
        load(changed(exposed=arm))


OUTCOME = {
    "instrument": "bdi_ii",
    "measure": "points",
    "follow_up_months": [2],
    "estimators": ["ancova"],
}
PRIMARY = {"outcome_id": "bdi_ii_points_2mo", "estimator_id": "ancova"}

FAULTS = [
    ({"design": "sustained"}, "at design"),
    ({"version": 0}, "at version"),
    ({"question_ids": ["4"]}, "at question_ids.0"),
    ({"population": None}, "'population' is a required property"),
    ({"covariates": ["age"]}, "at covariates.0"),
    ({"primary": {**PRIMARY, "outcome_id": "phq9_points_2mo"}}, "is not among"),
    ({"primary": {**PRIMARY, "estimator_id": "mixed_model"}}, "is not among"),
    ({"outcomes": [OUTCOME, OUTCOME], "primary": PRIMARY}, "is listed twice"),
    (
        {"outcomes": [OUTCOME, {**OUTCOME, "measure": "response"}], "primary": PRIMARY},
        "ancova cannot estimate bdi_ii_response_2mo",
    ),
    (
        {"outcomes": [{**OUTCOME, "follow_up_months": "all"}], "primary": PRIMARY},
        "ancova cannot estimate bdi_ii_points_all_follow_ups",
    ),
    (
        {
            "comparator": {
                "arm": "therapy",
                "label": "Same",
                "strategy": "The same one.",
            }
        },
        "both arms have the same code",
    ),
]


@pytest.mark.parametrize(("changes", "said"), FAULTS)
def test_a_faulty_protocol_is_refused_and_says_where(changed, changes, said):
    with pytest.raises(UsageError) as caught:
        load(changed(**changes))

    assert said in str(caught.value)


def test_a_file_named_otherwise_than_its_comparison_is_refused(changed):
    with pytest.raises(UsageError, match="differs from the file's name"):
        load(changed("another_name"))


def test_a_file_that_is_not_yaml_is_refused(tmp_path):
    path = tmp_path / "broken.yml"
    path.write_text("a: [1, 2")

    with pytest.raises(UsageError, match="not valid YAML"):
        load(path)


def test_every_fault_is_told_at_once(changed):
    with pytest.raises(UsageError) as caught:
        load(changed(version="one", design="sustained"))

    assert "at version" in str(caught.value)
    assert "at design" in str(caught.value)
