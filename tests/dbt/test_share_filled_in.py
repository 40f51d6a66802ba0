"""The test of a share among the rows of another model, on both sides of its share."""

import re

import duckdb
import jinja2
import pytest
import yaml

from pipelines.transform import DBT_PROJECT

MACRO = DBT_PROJECT / "tests" / "generic" / "share_filled_in.sql"
MODEL = DBT_PROJECT / "models" / "marts" / "fct_episode_outcomes.yml"


def arguments() -> dict:
    """What fct_episode_outcomes asks: a baseline of those who came to treatment."""
    document = yaml.safe_load(MODEL.read_text(encoding="utf-8"))
    (test,) = (
        test["share_filled_in"]
        for test in document["models"][0]["data_tests"]
        if "share_filled_in" in test
    )
    return {**test["arguments"], "of": "fct_episodes", "model": "fct_episode_outcomes"}


def rows_without_a_value(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    text = MACRO.read_text(encoding="utf-8")
    body = re.sub(r"{%-? (end)?test.*?%}|{{ config.*?}}", "", text, flags=re.DOTALL)
    sql = jinja2.Environment(autoescape=False).from_string(body)
    return con.execute(sql.render(**arguments())).fetchall()


@pytest.mark.parametrize(("with_baseline", "failed"), [(7, []), (6, [(4,)])])
def test_only_those_who_came_to_treatment_need_a_baseline(with_baseline, failed):
    with duckdb.connect() as con:
        con.execute(
            "create table fct_episodes as select 'treated' || n as episode_id, "
            "1 as attended_treatment_sessions_count from range(10) rows(n) union all "
            "select 'waiting' || n, 0 from range(50) rows(n)"
        )
        con.execute(
            "create table fct_episode_outcomes as select episode_id, 'phq9' as "
            "instrument, case when row_number() over () <= ? and "
            "starts_with(episode_id, 'treated') then 12 end as baseline_points "
            "from (from fct_episodes order by episode_id)",
            [with_baseline],
        )
        con.execute(
            "insert into fct_episode_outcomes select episode_id, 'wai_sr', null "
            "from fct_episodes"
        )

        assert rows_without_a_value(con) == failed
