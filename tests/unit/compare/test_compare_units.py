"""The units of a wide mart: read, refused, sampled and described."""

import numpy as np
import polars as pl
import pytest
from made_up_comparisons import (
    by_contract,
    choices,
    courses,
    new_build,
    outcome,
    over_weeks,
    write,
)

from pipelines.compare import protocols, units
from pipelines.compare.units import OLDEST_DAYS
from pipelines.errors import EstimateFailedError

ID = "long_vs_short_term_by_contract"
MONTH = 12


@pytest.fixture
def made():
    return choices(60, 1)


def read(made, protocol=None):
    con = new_build()
    write(con, ID, made)
    return units.read(con, protocol or by_contract())


def changed(made, name, value, rows=(3,)):
    """Return units with another value in some rows."""
    here = pl.Series([number in rows for number in range(made.height)])
    return made.with_columns(made[name].set(here, value))


def test_units_come_in_order_of_key_and_carry_their_arm(made):
    found, why_none = read(made[::-1])

    assert why_none == ""
    assert found["unit_id"].to_list() == sorted(made["unit_id"])
    exposed = by_contract().exposed.arm
    assert found["is_exposed"].to_list() == [arm == exposed for arm in made["arm"]]
    assert 0 < found["is_exposed"].sum() < 60


def test_of_several_arms_only_the_pairs_people_are_read(made):
    arms = ["cbt", "supportive", "cognitive"]
    kinds = made.with_columns(arm=pl.Series([arms[n % 3] for n in range(60)]))
    pair = by_contract(
        exposed=protocols.Arm("supportive", "S", "x"),
        comparator=protocols.Arm("cognitive", "C", "x"),
    )
    found, _ = read(kinds, pair)

    assert set(found["arm"]) == {"supportive", "cognitive"}
    assert found.height == 40
    con = new_build()
    write(con, ID, kinds)
    assert units.count(con, pair) == 40
    write(con, ID, kinds.drop("arm"))  # which `read` refuses with its reason
    assert units.count(con, pair) == 0
    assert found["is_exposed"].sum() == 20
    assert (found["is_exposed"] == (found["arm"] == "supportive")).all()


def test_no_mart_no_rows_and_no_people_of_the_pair_are_told_apart(made):
    found, why_none = units.read(new_build(), by_contract())
    assert found is None
    assert why_none == f"The mart cmp_{ID} was not built, so nothing is compared."

    nobody = (
        None,
        f"The mart cmp_{ID} has no rows: nobody is eligible.",
    )
    assert read(made.clear()) == nobody
    assert read(made.with_columns(arm=pl.lit("other"))) == nobody


@pytest.mark.parametrize(
    "name",
    [
        "cluster_id",
        "is_female",
        "is_chronic",
        "phq9_points_12mo",
        "is_due_12mo",
        "is_exposed",
    ],
)
def test_a_column_that_is_not_there_is_named(made, name):
    with pytest.raises(EstimateFailedError, match=rf"lacks the column\(s\) {name}\."):
        read(made.drop(name), by_contract(subgroups=("chronic",)))


def test_a_sustained_mart_must_say_who_stopped_when():
    con = new_build()
    courses(20, 1).build(con)
    protocol = over_weeks()
    found, _ = units.read(con, protocol)
    assert found.height == 20  # nobody has an arm on day 0, and all are read
    assert units.count(con, protocol) == 20
    assert found["is_exposed"].null_count() == 20

    write(con, "long_vs_short_term", changed(found, "stop_week", None))
    with pytest.raises(EstimateFailedError, match=r"1 row\(s\) have no stop_week"):
        units.read(con, protocol)
    write(con, "long_vs_short_term", found.drop("remitted_week"))
    with pytest.raises(EstimateFailedError, match=r"lacks .* remitted_week"):
        units.read(con, protocol)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("unit_id", "unit_000007", r"2 row\(s\) repeat a unit_id"),
        ("patient_id", None, r"1 row\(s\) have no patient_id"),
        ("cluster_id", None, r"1 row\(s\) have no cluster_id"),
    ],
)
def test_a_broken_key_is_counted_and_never_repeated(made, name, value, said):
    with pytest.raises(EstimateFailedError, match=said) as caught:
        read(changed(made, name, value))

    assert "in 60 rows" in str(caught.value)
    assert "unit_0" not in str(caught.value)


def test_an_outcome_that_is_not_due_is_neither_observed_nor_missing(made):
    made = changed(made, "is_due_12mo", False, rows=range(10))
    made = changed(made, "is_due_12mo", None, rows=range(10, 15))
    made = changed(made, "phq9_points_12mo", None, rows=(0, 20, 21))
    frame, _ = read(made)

    found = units.sample(frame, outcome())

    assert found.frame["unit_id"].to_list() == made["unit_id"].to_list()[15:]
    assert np.flatnonzero(~found.is_observed).tolist() == [5, 6]
    np.testing.assert_array_equal(np.isnan(found.values), ~found.is_observed)
    np.testing.assert_array_equal(
        found.values[7:], made["phq9_points_12mo"].to_numpy()[22:]
    )
    assert found.is_exposed.tolist() == frame["is_exposed"].to_list()[15:]
    assert found.cluster.tolist() == made["cluster_id"].to_list()[15:]


def test_a_share_is_one_or_nothing(made):
    frame, _ = read(changed(made, "is_phq9_response_12mo", None))
    found = units.sample(frame, outcome("phq9_response_12mo"))

    assert set(found.values[found.is_observed]) == {0.0, 1.0}
    assert np.flatnonzero(~found.is_observed).tolist() == [3]


def test_units_marked_are_kept_with_what_is_theirs(made):
    frame, _ = read(changed(made, "phq9_points_12mo", None))
    found = units.sample(frame, outcome())
    keep = np.arange(60) % 3 == 0

    only = found.only(keep)

    assert only.frame["unit_id"].to_list() == made["unit_id"].to_list()[::3]
    np.testing.assert_array_equal(only.values, found.values[::3])
    assert only.is_observed.tolist() == [True, False, *[True] * 18]


def test_who_is_not_known_to_belong_is_in_neither_population(made):
    chronic = [True] * 20 + [False] * 30 + [None] * 10
    made = made.with_columns(is_chronic=pl.Series(chronic))

    assert units.population(made, "all").height == 60
    inside = units.population(made, "chronic")
    outside = units.population(made, "not_chronic")
    assert inside["unit_id"].to_list() == made["unit_id"].to_list()[:20]
    assert outside["unit_id"].to_list() == made["unit_id"].to_list()[20:50]


def seen(last, mean, age, recent, baseline=20.0):
    frame = pl.DataFrame(
        {
            "baseline_phq9_points": [baseline],
            f"last_phq9_points_before_{MONTH}mo": [last],
            f"mean_phq9_points_before_{MONTH}mo": [mean],
            f"last_phq9_age_days_before_{MONTH}mo": [age],
            f"recent_phq9_count_before_{MONTH}mo": [recent],
        },
        schema_overrides=dict.fromkeys(
            (
                f"last_phq9_points_before_{MONTH}mo",
                f"mean_phq9_points_before_{MONTH}mo",
                f"last_phq9_age_days_before_{MONTH}mo",
            ),
            pl.Int64,
        ),
    )
    [found] = units.seen_before(frame, MONTH)
    return found


def test_what_was_seen_before_a_window():
    found = seen(last=9, mean=11, age=30, recent=2)

    assert len(found) == 11
    assert found[0] == 0.9
    # 0.9 is beyond two of the five knots: (0.8^3 and 0.4^3) / 1.7^2, and no more
    np.testing.assert_allclose(found[1:4], [0.512 / 2.89, 0.064 / 2.89, 0], atol=1e-12)
    np.testing.assert_allclose(found[4:], [0, 0.3, 0.27, 0.09, 2, 1, 1.1])


def test_many_recent_scores_count_as_four_and_none_as_none():
    assert seen(9, 11, 30, 9)[8:10].tolist() == [4, 1]
    assert seen(9, 11, 30, 4)[8:10].tolist() == [4, 1]
    assert seen(9, 11, 30, 3)[8:10].tolist() == [3, 1]
    assert seen(9, 11, 30, 0)[8:10].tolist() == [0, 0]


def test_who_was_never_seen_has_the_score_of_day_zero_and_an_old_one():
    found = seen(None, None, None, 0)
    age = OLDEST_DAYS / 100

    assert found[0] == 2.0
    assert found[4:].tolist() == [1, age, age * 2, age**2, 0, 0, 2.0]
    np.testing.assert_allclose(found[1:4], seen(20, 20, 300, 0)[1:4])
    assert np.isfinite(found).all()


def test_an_arm_is_told_by_what_its_mart_has(made):
    frame = made.with_columns(
        is_return_score_12mo=pl.Series([True] * 15 + [False] * 45),
        sessions_12mo_count=pl.Series(range(60)),
    )
    arm = by_contract().comparator

    told = units.described(frame, arm, np.arange(60) < 30)

    assert {rule.diagnostic_id: rule.value for rule in told} == {
        "return_share": 0.5,
        "sessions_mean": 14.5,
    }
    for rule in told:
        assert rule.arm == arm.arm
        assert rule.note.startswith(arm.label)
        assert rule.is_passed is None
