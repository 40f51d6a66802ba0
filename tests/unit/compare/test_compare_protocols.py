import hashlib
from collections import Counter

import pytest
import yaml

from pipelines.compare import gate, units
from pipelines.compare.protocols import FOLDER, load, load_all
from pipelines.errors import UsageError
from pipelines.settings import PROJECT_ROOT

OURS = sorted(FOLDER.glob("*.yml"))
EVERY = load_all()


@pytest.fixture
def changed(tmp_path):
    """Write one of our protocols with changes and return its path."""

    def write(name="therapy_vs_usual_care", /, like=None, **changes):
        values = yaml.safe_load((FOLDER / f"{like or name}.yml").read_text())
        for key, value in changes.items():
            if value is None:
                del values[key]
            else:
                values[key] = value
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump(values))
        return path

    return write


def of(name):
    return load(FOLDER / f"{name}.yml")


def test_every_pair_of_arms_and_every_other_file_is_a_comparison():
    names = [one.comparison_id for one in EVERY]

    assert names == sorted(set(names))
    assert len(names) == 37
    assert Counter(one.mart for one in EVERY) == {
        "cmp_format": 6,
        "cmp_modality": 21,
        **{
            f"cmp_{path.stem}": 1
            for path in OURS
            if path.stem not in ("format", "modality")
        },
    }
    assert len({one.hash for one in EVERY}) == len(OURS) == 12


def test_of_several_arms_the_later_is_held_against_the_earlier():
    first, *_, last = of("format")

    assert first.comparison_id == "format_couple_vs_individual"
    assert (first.exposed.arm, first.comparator.arm) == ("couple", "individual")
    assert last.comparison_id == "format_group_vs_family"
    assert {one.mart for one in of("format")} == {"cmp_format"}


def test_designs_and_families_are_those_of_the_question():
    designs = {(one.mart.removeprefix("cmp_"), one.design, one.family) for one in EVERY}

    assert designs == {
        ("continued_vs_stopped_after_remission", "point_exposure", "relapse"),
        ("format", "point_exposure", "format"),
        ("long_vs_short_term", "sustained", "length"),
        ("long_vs_short_term_by_contract", "point_exposure", "length"),
        ("long_vs_short_term_fixed_52_weeks", "sustained", "length"),
        ("long_vs_short_term_from_week_26", "sustained", "length"),
        ("modality", "point_exposure", "modality"),
        ("therapy_plus_medication_vs_medication", "point_exposure", "medication"),
        ("therapy_plus_medication_vs_therapy", "point_exposure", "medication"),
        ("therapy_vs_usual_care", "randomised", "trial"),
        ("trial_therapy_plus_medication_vs_medication", "randomised", "trial"),
        ("trial_therapy_plus_medication_vs_therapy", "description", "trial"),
    }


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_protocol_carries_the_hash_of_its_file_and_speaks_in_sentences(path):
    content = path.read_bytes()
    for protocol in load(path):
        assert protocol.hash == hashlib.sha256(content).hexdigest()
        assert protocol.design in gate.DESIGNS
        assert all(caveat.endswith(".") for caveat in protocol.caveats)
        assert (protocol.strategies is not None) == (protocol.design == "sustained")
        assert set(protocol.arm_strategies) == {
            protocol.exposed.arm,
            protocol.comparator.arm,
        }
        assert all(text.endswith(".") for text in protocol.arm_strategies.values())


def test_what_the_trial_gave_is_called_computerised_cbt():
    trial = [one for one in EVERY if one.family == "trial"]

    assert len(trial) == 3
    for protocol in trial:
        assert "computerised CBT" in protocol.question
        assert any("computerised CBT" in caveat for caveat in protocol.caveats)


SEEN_BEFORE = (
    "last_phq9_points_before",
    "last_phq9_age_days_before",
    "mean_phq9_points_before",
    "recent_phq9_count_before",
)


def columns_of(mart):
    path = PROJECT_ROOT / "dbt_project" / "models" / "marts" / f"{mart}.yml"
    [model] = yaml.safe_load(path.read_text())["models"]
    return {column["name"] for column in model["columns"]}


@pytest.mark.parametrize("protocol", EVERY, ids=lambda one: one.comparison_id)
def test_what_a_protocol_names_is_in_the_contract_of_its_mart(protocol):
    wanted = {*protocol.covariates, *(f"is_{name}" for name in protocol.subgroups)}
    if not protocol.is_long_form:
        wanted |= {*units.KEYS, "baseline_phq9_points", "is_randomised"}
        for one in protocol.outcomes:
            wanted |= {*one.columns, one.is_due_column}
            if one.is_time:
                wanted |= set(units.followed(one))
            else:
                wanted |= {f"{name}_{one.month}mo" for name in SEEN_BEFORE}
    if protocol.design == "sustained":
        wanted |= {*units.STOPS, protocol.strategies.possible_by or "unit_id"}

    assert wanted - columns_of(protocol.mart) == set()


def test_what_a_comparison_is_by_is_no_covariate_of_it():
    for protocol in (*of("modality"), *of("format")):
        assert protocol.mart.removeprefix("cmp_") not in protocol.covariates
    [by_contract] = of("long_vs_short_term_by_contract")
    assert "intended_length" not in by_contract.covariates


def test_outcomes_of_a_trial_are_one_per_month_and_named_by_it():
    [trial] = of("therapy_vs_usual_care")

    assert [outcome.outcome_id for outcome in trial.outcomes] == [
        "bdi_ii_points_all_follow_ups",
        *(f"bdi_ii_points_{month}mo" for month in (2, 3, 5, 8)),
        *(f"bdi_ii_response_{month}mo" for month in (2, 3, 5, 8)),
    ]
    assert trial.outcomes[1].follow_up_month == 2
    assert trial.outcomes[0].follow_up_month is None


def test_a_shares_column_is_a_flag_and_its_role_is_a_benefit_unless_said():
    [length] = of("long_vs_short_term")
    found = {one.outcome_id: one for one in length.outcomes}

    assert found["phq9_points_24mo"].column == "phq9_points_24mo"
    assert found["phq9_points_24mo"].is_due_column == "is_due_24mo"
    assert found["phq9_response_12mo"].column == "is_phq9_response_12mo"
    roles = {name: one.role for name, one in found.items() if one.role != "benefit"}
    assert roles == {
        "phq9_deterioration_12mo": "harm",
        "phq9_item_9_12mo": "harm",
        "injury_12mo": "negative_control",
    }
    assert length.primary_outcome is found["phq9_points_12mo"]


def test_a_time_is_two_columns_and_ends_on_the_day_that_the_mart_counts_to():
    [relapse] = of("continued_vs_stopped_after_remission")
    outcome = relapse.primary_outcome

    assert outcome.is_time
    assert outcome.columns == (
        "phq9_ill_again_12mo_days",
        "phq9_ill_again_12mo_status",
    )
    with pytest.raises(ValueError, match="too many values"):
        _ = outcome.column
    path = PROJECT_ROOT / "dbt_project" / "seeds" / "thresholds.csv"
    [days] = [
        line.split(",")[1]
        for line in path.read_text().splitlines()
        if line.startswith("relapse_followed_days,")
    ]
    assert outcome.until_day == int(days)


def test_an_unknown_key_is_named_with_its_place_and_the_known_ones(changed):
    with pytest.raises(UsageError) as caught:
        load(changed(estimand="everyone"))

    message = str(caught.value)
    assert "therapy_vs_usual_care.yml" in message
    assert "unknown key 'estimand' at the top level" in message
    assert "known there: arms, assignment, causal_contrast" in message


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
    ({"design": "crossover"}, "at design"),
    ({"version": 0}, "at version"),
    ({"question_ids": ["4"]}, "at question_ids.0"),
    ({"population": None}, "'population' is a required property"),
    ({"covariates": ["Age"]}, "at covariates.0"),
    ({"family": "any"}, "at family"),
    ({"target": "everyone"}, "target is given with the design point_exposure"),
    ({"design": "point_exposure"}, "target is given with the design point_exposure"),
    ({"design": "sustained"}, "strategies is given with the design sustained"),
    ({"design": "sustained"}, "outcome 0 needs month in this design"),
    ({"exposed": None}, "either exposed and comparator are given, or arms"),
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
        load(changed("another_name", like="therapy_vs_usual_care"))


def test_a_file_that_is_not_yaml_is_refused(tmp_path):
    path = tmp_path / "broken.yml"
    path.write_text("a: [1, 2")

    with pytest.raises(UsageError, match="not valid YAML"):
        load(path)


def test_every_fault_is_told_at_once(changed):
    with pytest.raises(UsageError) as caught:
        load(changed(version="one", design="crossover"))

    assert "at version" in str(caught.value)
    assert "at design" in str(caught.value)


ARM = {"arm": "one", "label": "One", "strategy": "The first of three."}
SHORT = {"outcome_id": "phq9_points_6mo", "measure": "points", "month": 6}

RELAPSE = "continued_vs_stopped_after_remission"
TIME = {
    "outcome_id": "phq9_ill_again_12mo",
    "measure": "time_to_event",
    "month": 12,
    "until_day": 365,
    "estimators": ["iptw"],
}

SERVICE_FAULTS = [
    ("format", {"target": None}, "target is given with the design point_exposure"),
    ("format", {"target": "treated"}, "at target"),
    ("format", {"arms": None}, "either exposed and comparator are given, or arms"),
    ("format", {"exposed": ARM, "comparator": ARM}, "either exposed and comparator"),
    ("format", {"exposed": ARM}, "either exposed and comparator are given, or arms"),
    ("format", {"comparator": ARM}, "either exposed and comparator are given, or arms"),
    ("format", {"arms": [ARM, ARM | {"arm": "two"}]}, "at arms"),
    (
        "format",
        {"arms": [ARM, ARM | {"arm": "two"}, ARM | {"arm": "two"}]},
        "both arms have the same code",
    ),
    ("format", {"subgroups": ["tall"]}, "at subgroups.0"),
    (
        "format",
        {"outcomes": [SHORT | {"estimators": ["clone_censor_weight"]}]},
        "clone_censor_weight cannot estimate phq9_points_6mo",
    ),
    (
        "long_vs_short_term",
        {"outcomes": [SHORT | {"estimators": ["iptw"]}]},
        "iptw cannot estimate phq9_points_6mo",
    ),
    (
        "format",
        {
            "outcomes": [
                {"outcome_id": "phq9_response_6mo", "measure": "share", "month": 6}
                | {"estimators": ["ancova"]}
            ]
        },
        "ancova cannot estimate phq9_response_6mo",
    ),
    ("format", {"outcomes": [SHORT | {"month": 7, "estimators": ["aipw"]}]}, "0.month"),
    (
        "format",
        {"outcomes": [SHORT | {"role": "wish", "estimators": ["aipw"]}]},
        "outcomes.0.role",
    ),
    ("format", {"outcomes": [OUTCOME]}, "outcome 0 needs month in this design"),
    ("long_vs_short_term", {"strategies": None}, "strategies is given with the design"),
    ("long_vs_short_term", {"target": "overlap"}, "target is given with the design"),
    (
        RELAPSE,
        {"outcomes": [TIME | {"until_day": None}]},
        "at outcomes.0.until_day",
    ),
    (
        RELAPSE,
        {"outcomes": [TIME | {"measure": "share", "estimators": ["iptw"]}]},
        "outcome 0: until_day is given with the measure time_to_event, and only then",
    ),
    (
        "format",
        {"outcomes": [SHORT | {"measure": "time_to_event", "estimators": ["iptw"]}]},
        "outcome 0: until_day is given with the measure time_to_event, and only then",
    ),
    (
        RELAPSE,
        {"outcomes": [TIME | {"estimators": ["iptw", "aipw"]}]},
        "aipw cannot estimate phq9_ill_again_12mo",
    ),
    (RELAPSE, {"subgroups": ["chronic"]}, "subgroups cannot be held against"),
    (
        "long_vs_short_term",
        {"strategies": {"starts_in_week": 0}},
        "'long_ends' is a required property",
    ),
]


@pytest.mark.parametrize(("name", "changes", "said"), SERVICE_FAULTS)
def test_a_faulty_protocol_of_a_service_is_refused_too(changed, name, changes, said):
    with pytest.raises(UsageError) as caught:
        load(changed(name, **changes))

    assert said in str(caught.value)


def test_a_column_outcome_in_a_trial_needs_its_months(changed):
    with pytest.raises(UsageError, match="outcome 0 needs follow_up_months"):
        load(changed(outcomes=[SHORT | {"estimators": ["unadjusted"]}]))


def test_one_changed_letter_changes_the_hash(changed):
    [ours] = of("therapy_vs_usual_care")
    [same], [other] = (
        load(changed(population=text))
        for text in (ours.population, f"{ours.population} ")
    )

    assert same.hash != other.hash
    assert same.outcomes == ours.outcomes
