"""Every rule of the methods has its place and its proof, and no proof is made up.

Reads files only. Each check is also run on a spoiled copy, to show that it can fail.
"""

import re
from collections import Counter
from dataclasses import replace

import pytest
from docs.names_of_the_project import (
    ROOT,
    is_known_proof,
    places,
    seed_rows,
    unit_tests,
)

from pipelines.checks import rules as page
from pipelines.checks.rules import CASE_BOOK, Rule

RULES = page.read()
NO_RULE_OF_THE_METHODS = {
    "stg_": "which load and which row counts (docs/runbooks, not the methods)",
    "dim_": "who and where: descriptions, the newest row wins",
    "int_feeds_supplied_by_namespace__": "what a source sends (not measured)",
    "int_sources_observed__": "up to which day a source's data run",
    "int_patients_merged_across_sources__": "descriptions, the newest row wins",
    "agg_outcomes_by_arm_and_follow_up__": "counts of the trial's page",
    "agg_patient_flow_by_arm__": "counts of the trial's page",
    "agg_measures_by_month__": "grouping, no rule of its own",
    "cmp_": "one comparison's rows each",
    "int_assessments_scheduled_by_month__": "follow-ups of the trial, in months",
    "int_episodes_scored_at_follow_ups__": "follow-ups of the trial, in months",
}
"""Unit tests that no rule names, by the start of their name, with the reason."""


# each check returns what is wrong, so that it can be run on a spoiled copy too


def badly_written(rules: list[Rule]) -> list[str]:
    return [
        rule.rule_id
        for rule in rules
        if not re.fullmatch(r"[a-z]+\.[a-z0-9_]+", rule.rule_id)
        or rule.status not in ("built", "later")
        or not (rule.rule and rule.part and rule.source)
        or rule.rule.endswith(".")
    ]


def repeated(rules: list[Rule]) -> list[str]:
    counted = Counter(rule.rule_id for rule in rules)
    return [name for name, times in counted.items() if times > 1]


def built_without_proof(rules: list[Rule]) -> list[str]:
    return [rule.rule_id for rule in rules if rule.is_built and not rule.proven_by]


def later_without_reason(rules: list[Rule]) -> list[str]:
    return [rule.rule_id for rule in rules if not rule.is_built and len(rule.note) < 15]


def unknown_places(rules: list[Rule]) -> list[str]:
    return [
        f"{rule.rule_id}: {name}"
        for rule in rules
        for name in rule.where
        if name not in places() and not (ROOT / name).is_file()
    ]


def built_without_place(rules: list[Rule]) -> list[str]:
    return [rule.rule_id for rule in rules if rule.is_built and not rule.where]


def unknown_proofs(rules: list[Rule]) -> list[str]:
    return [
        f"{rule.rule_id}: {proof}"
        for rule in rules
        for proof in rule.proven_by
        if not is_known_proof(proof)
    ]


def proofs_of_other_models(rules: list[Rule]) -> list[str]:
    """A unit test proves a rule only of the model that it runs."""
    return [
        f"{rule.rule_id}: {proof}"
        for rule in rules
        for proof in rule.proven_by
        if proof in unit_tests() and proof.partition("__")[0] not in rule.where
    ]


def oracles_on_their_own(rules: list[Rule]) -> list[str]:
    """An oracle's own stories prove it, not the models: those must agree with it."""
    return [
        rule.rule_id
        for rule in rules
        if any(
            proof.startswith("tests/oracles/test_stories") for proof in rule.proven_by
        )
        and "tests/oracles/test_oracles_agree.py" not in rule.proven_by
    ]


def promised_stories_missing(rules: list[Rule], stories: Counter[str]) -> list[str]:
    return [
        rule.rule_id
        for rule in rules
        if CASE_BOOK in rule.proven_by and not stories[rule.rule_id]
    ]


def stories_of_unknown_rules(rules: list[Rule], stories: Counter[str]) -> list[str]:
    return sorted(set(stories) - {rule.rule_id for rule in rules})


def stories_of_later_rules(rules: list[Rule], stories: Counter[str]) -> list[str]:
    later = {rule.rule_id for rule in rules if not rule.is_built}
    return sorted(set(stories) & later)


def unit_tests_without_rule(rules: list[Rule]) -> list[str]:
    named = {proof for rule in rules for proof in rule.proven_by}
    return sorted(
        test
        for test in unit_tests() - named
        if not test.startswith(tuple(NO_RULE_OF_THE_METHODS))
    )


def seed_rows_without_rule(rules: list[Rule]) -> list[str]:
    return sorted(seed_rows() - {row for rule in rules for row in rule.seed_rows})


def unknown_seed_rows(rules: list[Rule]) -> list[str]:
    return sorted({row for rule in rules for row in rule.seed_rows} - seed_rows())


CHECKS = (
    badly_written,
    repeated,
    built_without_proof,
    built_without_place,
    later_without_reason,
    unknown_places,
    unknown_proofs,
    proofs_of_other_models,
    oracles_on_their_own,
    unit_tests_without_rule,
    seed_rows_without_rule,
    unknown_seed_rows,
)
CHECKS_OF_STORIES = (
    promised_stories_missing,
    stories_of_unknown_rules,
    stories_of_later_rules,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_table_of_rules_is_whole(check):
    assert check(RULES) == []


@pytest.mark.parametrize("check", CHECKS_OF_STORIES, ids=lambda check: check.__name__)
def test_the_case_book_and_the_rules_agree(check):
    assert check(RULES, page.stories_by_rule()) == []


def test_no_excuse_is_left_over():
    for start in NO_RULE_OF_THE_METHODS:
        assert any(test.startswith(start) for test in unit_tests()), start


SOUND = RULES[0]
FIRST_NAMED_TEST = next(
    proof for rule in RULES for proof in rule.proven_by if proof in unit_tests()
)


OTHER_TEST = next(
    test for test in sorted(unit_tests()) if not test.startswith(SOUND.where)
)


def spoil(check) -> list[Rule]:
    """Return a copy of the rules that the check must refuse."""
    changed = {
        badly_written: {"rule_id": "Not A Name"},
        built_without_proof: {"proven_by": ()},
        built_without_place: {"where": ()},
        later_without_reason: {"status": "later", "note": ""},
        unknown_places: {"where": ("int_there_is_no_such_model",)},
        unknown_proofs: {"proven_by": ("int_episodes_failed__nobody_wrote_this",)},
        proofs_of_other_models: {"proven_by": (OTHER_TEST,)},
        oracles_on_their_own: {"proven_by": ("tests/oracles/test_stories.py",)},
        unknown_seed_rows: {"seed_rows": ("thresholds.no_such_days",)},
    }
    if check is repeated:
        return [*RULES, SOUND]
    if check is unit_tests_without_rule:
        return [
            replace(rule, proven_by=tuple(set(rule.proven_by) - {FIRST_NAMED_TEST}))
            for rule in RULES
        ]
    if check is seed_rows_without_rule:
        return [
            replace(
                rule,
                seed_rows=tuple(set(rule.seed_rows) - {"thresholds.pdc_window_days"}),
            )
            for rule in RULES
        ]
    return [replace(SOUND, **changed[check]), *RULES[1:]]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_spoiled_table_is_refused(check):
    assert len(check(spoil(check))) == 1


@pytest.mark.parametrize(
    "proof",
    [
        "tests/oracles/test_there_is_none.py",
        "tests/oracles/test_stories.py::test_that_nobody_wrote",
        "fct_episodes__no_such_test",
    ],
)
def test_a_proof_that_does_not_exist_is_refused(proof):
    assert not is_known_proof(proof)


def test_spoiled_stories_are_refused():
    later = next(rule for rule in RULES if not rule.is_built)
    promising = [replace(SOUND, proven_by=(CASE_BOOK,))]

    assert promised_stories_missing(promising, Counter()) == [SOUND.rule_id]
    assert promised_stories_missing(promising, Counter([SOUND.rule_id])) == []
    assert stories_of_unknown_rules(RULES, Counter(["no.rule"])) == ["no.rule"]
    assert stories_of_later_rules(RULES, Counter([later.rule_id])) == [later.rule_id]


def test_a_story_counts_once_for_each_rule_it_names(tmp_path):
    folder = tmp_path / "casebook"
    folder.mkdir()
    (folder / "a.csv").write_text("case,rules\none,a.b c.d\ntwo,a.b a.b\nnone,\n")

    assert page.stories_by_rule(tmp_path) == {"a.b": 2, "c.d": 1}


def test_the_page_shows_every_rule_and_is_as_the_generator_writes_it():
    text = (ROOT / "docs" / "methods.md").read_text("utf-8")

    assert all(f"`{rule.rule_id}`" in text for rule in RULES)
    assert page.render() == text
