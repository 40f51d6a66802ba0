import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.release.cells import Cell, Difference, Rate, Status, Sum, Told
from pipelines.release.disclosure import (
    REASON_WITHOUT_COUNTS,
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
    ("profile", "one", "other", "shown"),
    [
        ("default", 100, 100, (100, 100, False)),  # nobody between them
        ("default", 100, 99, (100, None, True)),
        ("default", 99, 100, (100, None, True)),  # either way round
        ("default", 100, 90, (100, None, True)),
        ("default", 100, 88, (100, None, True)),  # 12 apart, 10 as shown
        ("default", 97, 87, (95, None, True)),  # 10 apart, also as shown
        ("default", 102, 91, (100, None, True)),  # 11 apart, 10 as shown
        ("default", 98, 88, (100, None, True)),  # 10 apart
        ("default", 100, 87, (100, 85, False)),
        ("default", 101, 101, (100, 100, False)),
        ("public_data", 100, 99, (100, 99, False)),
    ],
)
def test_the_difference_of_two_counts_is_zero_or_large_enough(
    profile, one, other, shown
):
    sql = protect(
        f"select {one} as one, {other} as other",
        ["one", "other"],
        (Cell("one"), Cell("other")),
        (),
        (),
        (),
        (),
        profile,
        RULES,
        (Difference(("one", "other"), hides=("other",)),),
    )
    assert duckdb.sql(sql).fetchall() == [shown]


@pytest.mark.parametrize(
    ("profile", "clinicians", "shown"),
    [
        ("default", 0, True),  # none recorded: the rule does not apply
        ("default", 1, False),
        ("default", 4, False),
        ("default", 5, True),
        ("default", 10, True),  # no count of people
        ("public_data", 1, True),
    ],
)
def test_a_figure_has_enough_clinicians_behind_it(profile, clinicians, shown):
    sql = protect(
        f"select {clinicians} as clinicians, 50 as better",
        ["clinicians", "better"],
        (Cell("clinicians", reveals=("better",), is_of_clinicians=True),),
        (),
        (),
        (),
        (),
        profile,
        RULES,
    )
    row = duckdb.sql(sql).fetchone()

    assert (row[1] is not None) is shown
    assert row[2] is not shown


STATUS = Status(
    "word", "units", "at_least", "asked", "scored", "amber", "floor", ("k",)
)


def judged(profile="default", rules=RULES, **values):
    given = {"units": 100, "k": 50, "asked": 100, "scored": 100, **values}
    limits = "30 as at_least, 0.9::double as amber, 0.7::double as floor"
    counts = ", ".join(f"{n}::bigint as {name}" for name, n in given.items())
    sql = protect(
        f"select {counts}, {limits}",
        [*given, "at_least", "amber", "floor"],
        (Cell("units"), Cell("k"), Cell("asked"), Cell("scored")),
        (Rate("rate", "k", "units"),),
        (),
        (),
        (),
        profile,
        rules,
        status=STATUS,
    )
    row = duckdb.sql(sql).pl().to_dicts()[0]
    return row["word"], row["k"], row["rate"]


@pytest.mark.parametrize(
    ("values", "exact", "as_shown"),
    [
        ({"units": 30}, "shown", "shown"),
        ({"units": 29}, "too_few", "shown"),  # 30 as shown
        ({"units": 28}, "too_few", "shown"),
        ({"units": 27}, "too_few", "too_few"),  # 25 as shown
        ({"units": 32}, "shown", "shown"),
        ({"scored": 90}, "shown", "shown"),
        ({"scored": 89}, "amber", "shown"),  # 90 as shown
        ({"scored": 92}, "shown", "shown"),
        ({"scored": 87}, "amber", "amber"),  # 85 as shown
        ({"scored": 70}, "amber", "amber"),
        ({"scored": 69}, "too_incomplete", "amber"),  # 70 as shown
        ({"scored": 68}, "too_incomplete", "amber"),
        ({"scored": 67}, "too_incomplete", "too_incomplete"),
        ({"scored": 0}, "too_incomplete", "too_incomplete"),
        ({"asked": "null", "scored": "null"}, "too_incomplete", "too_incomplete"),
        ({"asked": 0, "scored": 0}, "too_incomplete", "too_incomplete"),
    ],
)
def test_a_rate_is_judged_on_the_counts_as_they_are_shown(values, exact, as_shown):
    word, k, rate = judged(**values)
    assert word == as_shown
    assert (k is None) is (rate is None) is (as_shown in ("too_few", "too_incomplete"))

    assert judged("public_data", **values)[0] == exact
    assert judged(rules=Disclosure(rounding_base=1), **values)[0] == exact


def test_counts_shown_alike_are_judged_alike():
    """The word tells nothing of a count that the rounded count does not."""
    for column in ("units", "scored"):
        told = {}
        for n in range(13, 101):
            told.setdefault(5 * ((2 * n + 5) // 10), set()).add(
                judged(**{column: n})[0]
            )
        assert {len(words) for words in told.values()} == {1}, told


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
        (Told("why", fallback=REASON_WITHOUT_COUNTS),),
        (),
        profile,
        RULES,
    )
    found = {row[0] for row in duckdb.sql(sql).fetchall()}

    assert found == {told, None}
