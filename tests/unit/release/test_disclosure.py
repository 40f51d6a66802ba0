import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.release.disclosure import (
    REASON_WITHOUT_COUNTS,
    Cell,
    Rate,
    Sum,
    choose_profile,
    protect,
    shown_count,
    smallest_shown,
)
from pipelines.settings import Disclosure

RULES = Disclosure()
CELLS = (
    Cell("people", reveals=("better",)),
    Cell("better", "people", reveals=("mean",)),
)
RATES = (Rate("rate", "better", "people"),)


def protected(people, better, profile="default", rules=RULES):
    sql = protect(
        f"select {people} as people, {better} as better, 1.2345::double as mean",
        ["people", "better", "mean"],
        CELLS,
        RATES,
        ("mean",),
        (),
        (),
        profile,
        rules,
    )
    return duckdb.sql(sql).fetchall()[0]


@pytest.mark.parametrize(
    ("people", "better", "shown"),
    [
        # people, better, mean, rate, is_suppressed
        (100, 13, (100, 15, 1.23, 0.15, False)),  # shown as 15
        (100, 12, (100, None, None, None, True)),  # would be shown as 10
        (100, 10, (100, None, None, None, True)),
        (100, 1, (100, None, None, None, True)),
        (100, 87, (100, 85, 1.23, 0.85, False)),  # 13 are left over, 15 as shown
        (100, 88, (100, None, None, None, True)),  # 12 left over, 10 as shown
        (100, 0, (100, 0, 1.23, 0.0, False)),  # nobody may be shown
        (100, 100, (100, 100, 1.23, 1.0, False)),  # nobody is left over
        (12, 0, (None, None, None, None, True)),  # too few in all
        (0, 0, (0, 0, 1.23, None, False)),
        (103, 52, (105, 50, 1.23, 0.47619, False)),  # rate from the rounded counts
    ],
)
def test_a_count_and_what_it_leaves_are_zero_or_large_enough(people, better, shown):
    assert protected(people, better) == pytest.approx(shown)


def test_without_rounding_the_threshold_is_eleven():
    rules = Disclosure(rounding_base=1)
    assert protected(100, 11, rules=rules)[1] == 11
    assert protected(100, 10, rules=rules)[1] is None
    assert protected(100, 89, rules=rules)[1] == 89
    assert protected(100, 90, rules=rules)[1] is None


def test_public_data_is_shown_as_it_is():
    assert protected(3, 1, "public_data") == pytest.approx((3, 1, 1.2345, 1 / 3, False))


def test_the_smallest_count_shown_follows_the_profile():
    assert smallest_shown("default", RULES) == 11
    assert smallest_shown("public_data", RULES) == 1


def build_of(*profiles):
    """One load per profile, each of a source of its own."""
    return build_with(*((f"source_{n}", p, n) for n, p in enumerate(profiles)))


def build_with(*loads):
    con = duckdb.connect()
    con.execute("create schema staging")
    con.execute(
        "create table staging.stg_loads (load_id varchar, source varchar, "
        "disclosure_profile varchar, accepted_at timestamp)"
    )
    for n, (source, profile, minute) in enumerate(loads):
        con.execute(
            "insert into staging.stg_loads values (?, ?, ?, ?)",
            [str(n), source, profile, f"2026-03-01 00:{minute:02}:00"],
        )
    return con


def test_what_a_source_said_last_of_itself_holds():
    became_private = build_with(("s", "public_data", 1), ("s", "default", 2))
    became_public = build_with(("s", "public_data", 2), ("s", "default", 1))

    assert choose_profile(became_private, Disclosure()) == "default"
    assert choose_profile(became_public, Disclosure()) == "public_data"


def test_a_sum_is_made_from_the_counts_that_are_shown():
    sql = protect(
        "select 97 as all_of_them, 52 as these, 45 as those",
        ["all_of_them", "these", "those"],
        (Cell("these", reveals=("all_of_them",)), Cell("those")),
        (),
        (),
        (),
        (Sum("all_of_them", ("these", "those")),),
        "default",
        RULES,
    )
    assert duckdb.sql(sql).fetchall() == [(95, 50, 45, False)]


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (1, None), (12, None), (13, 15), (97, 95), (98, 100)]
)
def test_a_single_count_is_hidden_or_rounded(count, shown):
    assert shown_count(count, "default", RULES) == shown
    assert shown_count(count, "public_data", RULES) == count


@pytest.mark.parametrize(
    ("sent", "chosen"),
    [
        (["public_data"], "public_data"),
        (["public_data", "default"], "default"),
        (["default"], "default"),
        ([], "default"),
    ],
)
def test_the_strictest_source_decides(sent, chosen):
    assert choose_profile(build_of(*sent), Disclosure()) == chosen


def test_settings_may_be_stricter_but_not_laxer():
    assert (
        choose_profile(build_of("public_data"), Disclosure(profile="default"))
        == "default"
    )
    with pytest.raises(UsageError, match="not every source"):
        choose_profile(build_of("default"), Disclosure(profile="public_data"))
    with pytest.raises(UsageError, match="must be one of"):
        choose_profile(build_of("default"), Disclosure(profile="none"))


@pytest.mark.parametrize(
    ("profile", "told"),
    [("public_data", "7 people"), ("default", REASON_WITHOUT_COUNTS)],
)
def test_a_sentence_with_counts_is_replaced_where_counts_are_hidden(profile, told):
    sql = protect(
        "select '7 people' as why union all select null",
        ["why"],
        (),
        (),
        (),
        ("why",),
        (),
        profile,
        RULES,
    )
    found = {row[0] for row in duckdb.sql(sql).fetchall()}

    assert found == {told, None}
