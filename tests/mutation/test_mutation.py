"""The mutation script on a small model: no dbt, a handful of mutants."""

import json
import re
from dataclasses import replace

import duckdb
import pytest
from mutation import changes, models, mutants, page, run, survivors
from mutation.changes import COMPARISON, SEED, THRESHOLD
from mutation.mutants import Mutant
from mutation.seeds import Cutoff, cutoffs, steps
from mutation.unit_tests import UnitTests
from mutation.warehouse import Warehouse

from pipelines import transform

SOURCE = """\
{# One row per score. #}
select
    scores.score_id,
    -- >= is not changed in a comment, nor is '>=' in a string
    scores.points >= {{ threshold('cut') }} as is_case,
    '>= 3' as note
from {{ ref('scores') }} as scores
"""
THRESHOLD_SQL = """(
        select thresholds.amount
        from {thresholds} as thresholds
        where thresholds.threshold = 'cut'
    )"""
FIXTURE = "select 'low' as score_id, 9 as points"
HIGHER = "union all select 'high' as score_id, 10 as points"
EXPECTED = "select 'low' as score_id, false as is_case"
HIGHER_EXPECTED = "union all select 'high' as score_id, true as is_case"


def compiled(scores: str, thresholds: str) -> str:
    """The model as dbt compiles it, reading these relations."""
    body = SOURCE.partition("#}\n")[2]
    body = body.replace("{{ ref('scores') }}", scores)
    return body.replace(
        "{{ threshold('cut') }}", THRESHOLD_SQL.format(thresholds=thresholds)
    )


def unit_test(fixture: str, expected: str) -> str:
    """A unit test as dbt runs it."""
    body = compiled("__dbt__cte__scores", "__dbt__cte__thresholds")
    return f"""
    -- Build actual result given inputs
with dbt_internal_unit_test_actual as (
  select
    "score_id","is_case", 'actual' as "actual_or_expected"
  from (
    with  __dbt__cte__scores as (
-- Fixture (for scores)
{fixture}
),  __dbt__cte__thresholds as (
select 'cut' as threshold, 10 as amount
) {body}
  ) _dbt_internal_unit_test_actual
),
dbt_internal_unit_test_expected as (
  select
    "score_id", "is_case", 'expected' as "actual_or_expected"
  from ({expected}) _dbt_internal_unit_test_expected
)
select * from dbt_internal_unit_test_actual
"""


@pytest.fixture
def built(tmp_path):
    """The seeds of a warehouse."""
    path = tmp_path / "outcomes.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema seeds")
        con.execute(
            "create table seeds.thresholds as "
            "select 'cut' as threshold, 10::double as amount"
        )
        con.execute(
            "create table seeds.instruments as "
            "select 'phq9' as instrument, 5 as mild_from_points"
        )
    return path


@pytest.fixture
def read(tmp_path):
    """Returns the small model, with a unit test of these rows, as dbt leaves it."""

    def read_it(fixture: str, expected: str) -> models.Model:
        path = "models/marts/fct_scores.sql"
        node = {
            "name": "fct_scores",
            "resource_type": "model",
            "package_name": "p",
            "original_file_path": path,
            "fqn": ["p", "marts", "fct_scores"],
            "depends_on": {"nodes": ["model.p.scores", "seed.p.thresholds"]},
        }
        test = {"name": "fct_scores__both_sides", "model": "fct_scores"}
        target = tmp_path / "target"
        for name, text in {
            "manifest.json": json.dumps(
                {"nodes": {"a": node}, "unit_tests": {"b": test}}
            ),
            f"compiled/p/{path}": compiled(
                '"outcomes"."marts"."scores"', '"outcomes"."seeds"."thresholds"'
            ),
            "run/p/fct_scores__both_sides.sql": unit_test(fixture, expected),
            f"project/{path}": SOURCE,
        }.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text, "utf-8")
        (model,) = models.read(target, target / "project")
        return model

    return read_it


def test_a_unit_test_with_rows_on_both_sides_kills_every_mutant(read, built):
    model = read(f"{FIXTURE} {HIGHER}", f"{EXPECTED} {HIGHER_EXPECTED}")
    found = mutants.of_model(model, {}, built)

    assert len(found) == 4
    assert {(m.killer, m.is_error, text) for m, text in found} == {
        ("unit test", False, "")
    }


def test_a_unit_test_without_the_row_at_the_threshold_lets_mutants_live(read, built):
    model = read(FIXTURE, EXPECTED)
    found = [mutant for mutant, _ in mutants.of_model(model, {}, built)]

    alive = [m for m in found if not m.killer]
    assert {m.change for m in alive} == {
        ">= → >",
        "threshold('cut') → (threshold('cut') + 1)",
    }
    assert {(m.number, m.line) for m in alive} == {
        (5, "scores.points >= threshold('cut') as is_case,")
    }


def test_a_unit_test_that_fails_on_the_unchanged_model_stops_the_run(read, built):
    with pytest.raises(ValueError, match="both_sides fails on the unchanged model"):
        UnitTests([read(FIXTURE, HIGHER_EXPECTED.removeprefix("union all "))], built)


def test_a_change_that_does_not_run_is_an_error(read, built):
    tests = UnitTests([read(FIXTURE, EXPECTED)], built)

    assert tests.verdict("fct_scores", "select nothing") == (
        "error",
        "fct_scores__both_sides",
    )


def test_a_seeds_cutoff_is_moved_in_its_copy_and_put_back(read, built):
    model = read(f"{FIXTURE} {HIGHER}", f"{EXPECTED} {HIGHER_EXPECTED}")
    tests = UnitTests([model], built)
    moved = cutoffs(built, [model])

    assert moved == [
        Cutoff("thresholds", "cut", "amount", "10", "+ 1"),
        Cutoff("thresholds", "cut", "amount", "10", "- 1"),
    ]
    assert [tests.verdict_on_seed(c)[0] for c in moved] == ["differs", "differs"]
    assert tests.verdict("fct_scores", model.text) == ("survives", "")


def test_a_warehouse_builds_what_follows_from_a_change_and_undoes_it(built, tmp_path):
    def model(name: str, text: str) -> models.Model:
        reads = tuple(re.findall(r"ref\('(\w+)'\)", text))
        return models.Model(name, "intermediate", text, text, reads)

    first = model("first", "select 10 >= threshold('cut') as flag")
    second = model("second", "select not flag as flag from ref('first')")
    untouched = model("untouched", "select 1 as a")
    raw = tmp_path / "raw.duckdb"
    duckdb.connect(str(raw)).close()
    warehouse = Warehouse([first, second, untouched], built, raw)

    def flag() -> list[tuple]:
        return warehouse.con.execute("select flag from intermediate.second").fetchall()

    with warehouse.with_text("first", first.text.replace(">=", ">")) as changed:
        assert changed == {"first", "second"}
        assert flag() == [(True,)]
    with warehouse.with_text("first", first.text.replace("10", "11")) as changed:
        assert changed == set()
    with (
        pytest.raises(duckdb.Error),
        warehouse.with_text("first", "select nothing"),
    ):
        pass
    with warehouse.with_seed(Cutoff("thresholds", "cut", "amount", "10", "+ 1")) as c:
        assert c == {"first", "second"}
    assert flag() == [(False,)]


DEAD = Mutant(COMPARISON, "fct_a", 3, "a > 1", "> → >=", "unit test")
ALIVE = Mutant(THRESHOLD, "fct_a", 3, "a > 1", "1 → 2", "")
OTHER = Mutant("sort order", "fct_a", 4, "order by a asc", "asc → desc", "")
MOVED = Mutant(
    SEED, "seeds/thresholds.csv", 0, "cut", "amount 10 → 10 + 1", "case book"
)


def test_a_survivor_needs_a_reason_and_a_reason_a_survivor():
    found = [DEAD, ALIVE, OTHER, MOVED]

    assert survivors.complaints(found, {}) == ["no reason: fct_a | a > 1 | 1 → 2"]
    assert survivors.complaints(found, {ALIVE.key: "why"}) == []
    assert survivors.complaints([DEAD], {ALIVE.key: "why"}) == [
        "no such survivor: fct_a | a > 1 | 1 → 2"
    ]
    assert survivors.complaints([], {ALIVE.key: "why"}, places={"fct_b"}) == []


def test_the_page_gives_the_share_and_every_survivor_with_its_reason():
    found = [*[DEAD] * 3, ALIVE, OTHER, MOVED]
    text = page.page(found, {ALIVE.key: "there is no 2"})

    assert "**3 of 4 mutants fail a test (75.0 %)**" in text
    assert "| fct_a, line 3 | `a > 1` | `1 → 2` | there is no 2 |" in text
    assert "| cut-off of a seed | 1 | 0 | 0 | 1 | 0 | 0 | 100.0 % |" in text
    assert "| fct_a | 4 | 3 | 0 | 0 | 0 | 1 | 75.0 % |" in text
    assert page.share([]) == 1.0


def test_every_reason_is_written_on_the_page():
    text = run.PAGE.read_text("utf-8")

    missing = [key for key, why in survivors.read().items() if f"| {why} |" not in text]
    assert missing == []


@pytest.mark.slow
def test_the_page_counts_the_mutants_that_there_are(tmp_path):
    """If not: `make mutation` and read what it says."""
    target, _ = run.build(tmp_path, "compile")
    found = models.read(target, transform.DBT_PROJECT, has_tests=False)
    by_column = seed_columns()
    counted = {
        model.name: len(
            [
                change
                for change in changes.changes(model.text, by_column, model.source)
                if change.kind in changes.EXPLAINED
            ]
        )
        for model in found
        if model.folder in models.CHANGED
    }
    written = dict(
        re.findall(
            r"^\| ((?:int|fct|dim|cmp)_\w+) \| (\d+) \|", run.PAGE.read_text(), re.M
        )
    )

    assert {name: n for name, n in counted.items() if n} == {
        name: int(n) for name, n in written.items()
    }


def seed_columns() -> dict[str, str]:
    """The seeds' numeric columns, from their files: a compile builds no seed."""
    with duckdb.connect() as con:
        con.execute("create schema seeds")
        for path in (transform.DBT_PROJECT / "seeds").glob("*.csv"):
            con.execute(f"create table seeds.{path.stem} as from read_csv('{path}')")
        return steps(con)


def test_a_reason_is_needed_for_each_row_of_survivors_csv(tmp_path):
    file = tmp_path / "survivors.csv"
    file.write_text("place,line,change,why\nfct_a,a > 1,1 → 2,\n", "utf-8")

    with pytest.raises(ValueError, match="has no reason"):
        survivors.read(file)


def test_a_mutant_is_told_apart_by_what_its_line_says_and_not_by_its_number():
    assert replace(ALIVE, number=9).key == ALIVE.key
