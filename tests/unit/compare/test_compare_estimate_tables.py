"""How estimates are read and stored: keys, bytes, families, faults that stop a run."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest
from made_up_comparisons import named

from pipelines.compare import cohort, estimate, protocols, store
from pipelines.errors import EstimateFailedError
from pipelines.settings import Gate, Settings

ID = "therapy_vs_usual_care"
MEDICATION = "trial_therapy_plus_medication_vs_medication"
SETTINGS = Settings(threads=1, memory_limit="1GB")


def effects_of(build, where="true"):
    return build.all(f"select * from estimates.effects where {where}")


def diagnostics_of(build, diagnostic_id, where="true"):
    return build.all(
        "select * from estimates.diagnostics "
        f"where diagnostic_id = '{diagnostic_id}' and {where}"
    )


def test_the_rows_say_what_the_contract_says():
    for table, kind in (
        ("effects", store.EffectRow),
        ("diagnostics", store.DiagnosticRow),
        ("curves", store.CurveRow),
    ):
        columns = re.findall(r"^\s+(\w+) ", store.DDL[table], flags=re.MULTILINE)
        assert columns == list(kind.__dataclass_fields__)


def test_an_empty_mart_gives_no_effect_and_says_why(build):
    build.write(ID, [])

    counts = estimate.run(build.path, SETTINGS)

    every = len(protocols.load_all())
    assert counts == {"effects": 0, "diagnostics": every, "curves": 0}
    [said] = diagnostics_of(build, "has_eligible_people", f"comparison_id = '{ID}'")
    assert said["is_passed"] is False
    assert said["note"] == f"The mart cmp_{ID} has no rows: nobody is eligible."


def test_a_missing_mart_is_said_and_does_not_stop_the_others(build, rows):
    build.write(ID, rows(ID))

    estimate.run(build.path, SETTINGS)

    said = {
        row["comparison_id"]: (row["is_passed"], row["note"])
        for row in diagnostics_of(build, "has_eligible_people")
    }
    assert said[ID][0] is True
    missing = said["trial_therapy_plus_medication_vs_therapy"]
    assert missing == (
        False,
        "The mart cmp_trial_therapy_plus_medication_vs_therapy was not built, "
        "so nothing is compared.",
    )
    assert {row["comparison_id"] for row in effects_of(build)} == {ID}


def planned(comparison_id, family):
    """Return a trial with one quick outcome, in a family of primary outcomes."""
    found = named(comparison_id, family=family)
    [quick] = [one for one in found.outcomes if one.outcome_id == "bdi_ii_points_2mo"]
    primary = protocols.Primary(quick.outcome_id, "ancova")
    return replace(found, outcomes=(quick,), primary=primary)


@pytest.mark.parametrize("is_one_family", [True, False])
def test_the_primary_outcomes_of_a_family_are_adjusted_together(
    build, rows, is_one_family
):
    for comparison_id in (ID, MEDICATION):
        build.write(comparison_id, rows(comparison_id, 40, 40))
    families = ("trial", "trial" if is_one_family else "medication")

    with duckdb.connect(build.path) as con:
        trials = map(planned, (ID, MEDICATION), families)
        estimate.estimate_all(con, tuple(trials), Gate())

    primary = sorted(effects_of(build, "is_primary"), key=lambda row: row["p_value"])
    assert len(primary) == 2
    times = (2, 1) if is_one_family else (1, 1)
    least = 0.0
    for row, many in zip(primary, times, strict=True):
        least = max(least, min(1, many * row["p_value"]))
        assert row["p_value_holm"] == pytest.approx(least, abs=2e-6)
    told = build.all(
        "select value, note from estimates.diagnostics "
        "where diagnostic_id = 'holm_family_size'"
    )
    assert [row["value"] for row in told] == [2 if is_one_family else 1] * 2
    assert all(
        row["p_value_holm"] is None for row in effects_of(build, "not is_primary")
    )


def test_a_withheld_primary_is_not_counted_in_its_family(build, rows):
    build.write(ID, rows(ID, 40, 40))
    build.write(MEDICATION, rows(MEDICATION, 12, 12))

    with duckdb.connect(build.path) as con:
        trials = tuple(planned(name, "trial") for name in (ID, MEDICATION))
        estimate.estimate_all(con, trials, Gate())

    shown, withheld = sorted(
        effects_of(build, "is_primary"), key=lambda row: row["is_withheld"]
    )
    assert shown["p_value_holm"] == shown["p_value"]
    assert withheld["p_value_holm"] is None
    told = build.all(
        "select value, note from estimates.diagnostics "
        "where diagnostic_id = 'holm_family_size'"
    )
    assert [row["value"] for row in told] == [1, 1]
    assert all("1 of 2 are withheld" in row["note"] for row in told)


def test_curves_start_at_baseline_and_count_who_was_seen(build, rows):
    build.write(ID, rows(ID, 30, 30, seen={(0, 5): 1, (0, 8): 0}))

    estimate.run(build.path, SETTINGS)

    points = build.all(
        "select time_month, people_count, observed_count, estimate, estimate_low "
        "from estimates.curves where arm = 'therapy' order by time_month"
    )
    assert [point["time_month"] for point in points] == [0, 2, 3, 5, 8]
    assert [point["observed_count"] for point in points] == [30, 30, 30, 1, 0]
    assert {point["people_count"] for point in points} == {30}
    assert [point["estimate"] is None for point in points][3:] == [False, True]
    assert [point["estimate_low"] is None for point in points][2:] == [
        False,
        True,
        True,
    ]


BROKEN = [
    ({"arm": "SECRET-42"}, "an arm that the protocol does not know"),
    ({"is_exposed": False}, "is_exposed at odds"),
    ({"is_exposed": None}, "is_exposed at odds"),
    ({"patient_id": None}, "no patient_id"),
    ({"episode_id": "syn:0_001"}, "repeat an episode"),
]


@pytest.mark.parametrize(("spoil", "said"), BROKEN)
def test_a_broken_mart_stops_with_counts_and_without_values(build, rows, spoil, said):
    made = rows(ID)
    for row in made:
        if row["patient_id"] == "syn:0_000":
            row.update(spoil)
    build.write(ID, made)

    with pytest.raises(EstimateFailedError, match=said) as caught:
        estimate.run(build.path, SETTINGS)

    assert re.search(r"\d+ row\(s\)", str(caught.value))
    assert "SECRET-42" not in str(caught.value)
    assert "syn:" not in str(caught.value)


def test_a_mart_without_a_column_is_named(build, rows):
    build.write(ID, rows(ID))
    build.execute(f"alter table marts.cmp_{ID} drop column cluster_id")

    with pytest.raises(EstimateFailedError, match=r"lacks the column.* cluster_id"):
        estimate.run(build.path, SETTINGS)


def test_rows_are_read_in_the_order_of_their_key(build, rows):
    build.write(ID, rows(ID)[::-1])
    [protocol] = [one for one in protocols.load_all() if one.comparison_id == ID]

    with duckdb.connect(build.path, read_only=True) as con:
        found, _ = cohort.read(con, protocol)

    keys = found.select("episode_id", "follow_up_month").rows()
    assert keys == sorted(keys)


def test_a_failure_leaves_the_earlier_estimates_as_they_were(build, rows):
    build.write(ID, rows(ID))
    estimate.run(build.path, SETTINGS)
    before = effects_of(build)
    made = rows(ID)
    made[0]["is_exposed"] = None
    build.write(ID, made)

    with pytest.raises(EstimateFailedError):
        estimate.run(build.path, SETTINGS)

    assert effects_of(build) == before


def test_a_failure_between_two_tables_leaves_all_three_as_they_were(
    build, rows, monkeypatch
):
    build.write(ID, rows(ID))
    estimate.run(build.path, SETTINGS)
    before = effects_of(build)
    build.write(ID, rows(ID, 40, 40))
    replace_table = store.replace

    def fail_on_curves(con, table, made):
        if table == "curves":
            raise EstimateFailedError("the disk is full")
        return replace_table(con, table, made)

    monkeypatch.setattr(store, "replace", fail_on_curves)
    with pytest.raises(EstimateFailedError, match="disk is full"):
        estimate.run(build.path, SETTINGS)

    assert effects_of(build) == before


def test_a_primary_on_two_scales_is_primary_on_the_first_only(build, rows):
    build.write(ID, rows(ID))
    [protocol] = [one for one in protocols.load_all() if one.comparison_id == ID]
    plain = replace(
        protocol, primary=protocols.Primary("bdi_ii_points_2mo", "unadjusted")
    )

    with duckdb.connect(build.path) as con:
        estimate.estimate_all(con, (plain,), Gate())

    [primary] = effects_of(build, "is_primary")
    assert primary["scale"] == "mean_difference"


def test_no_build_file_says_what_to_do(tmp_path):
    with pytest.raises(EstimateFailedError, match="outcomes build --stage marts"):
        estimate.run(tmp_path / "none.duckdb", SETTINGS)
    assert not (tmp_path / "none.duckdb").exists()


def test_rows_are_stored_rounded_and_in_the_order_of_their_key(build):
    def point(arm, month):
        return store.CurveRow(ID, "trajectory", arm, "x", month, 3, 3, 1 / 3, 0.0, 1.0)

    made = [point("b", 0), point("a", 8), point("a", 0), point("a", 2)]
    with duckdb.connect(build.path) as con:
        assert store.replace(con, "curves", made) == 4

    stored = build.all("select arm, time_month, estimate from estimates.curves")
    assert [(row["arm"], row["time_month"]) for row in stored] == [
        ("a", 0),
        ("a", 2),
        ("a", 8),
        ("b", 0),
    ]
    assert {row["estimate"] for row in stored} == {0.333333}


def test_a_number_that_is_not_finite_is_never_written(build, rows):
    point = store.CurveRow(
        ID, "trajectory", "a", "bdi_ii", 0, 1, 1, float("nan"), None, None
    )
    with (
        duckdb.connect(build.path) as con,
        pytest.raises(EstimateFailedError, match=r"curves .* finite in estimate"),
    ):
        store.replace(con, "curves", [point])


DUMP = """
import sys
from pathlib import Path
import duckdb
from pipelines.compare import estimate
from pipelines.settings import Settings

estimate.run(Path(sys.argv[1]), Settings(threads=int(sys.argv[2])))
with duckdb.connect(sys.argv[1], read_only=True) as con:
    for table in ("effects", "diagnostics", "curves"):
        for row in con.sql(f"from estimates.{table}").fetchall():
            sys.stdout.write(repr(row) + "\\n")
"""


def test_the_same_rows_give_the_same_bytes_on_any_thread_count_and_order(build, rows):
    def dump(made, threads):
        build.write(ID, made)
        build.write(MEDICATION, other)
        done = subprocess.run(
            [sys.executable, "-c", DUMP, str(build.path), str(threads)],
            env={
                **os.environ,
                "OPENBLAS_NUM_THREADS": str(threads),
                "OMP_NUM_THREADS": str(threads),
            },
            capture_output=True,
            check=True,
        )
        return done.stdout

    made = rows(ID, 41, 37, seen={(0, 5): 30, (1, 8): 29})
    other = rows(MEDICATION, 25, 31)
    first = dump(made, 1)

    assert first.count(b"\n") > 50
    assert dump(made, 2) == first
    assert dump(made[::-1], 2) == first
