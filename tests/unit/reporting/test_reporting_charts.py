"""What a chart draws, before it is drawn."""

import json

import pytest

from pipelines.reporting import chart_rows, charts, effect_rows, reading, words
from pipelines.reporting.site import assets

LEAD = "comparison_id = 'therapy_vs_usual_care'"


def lead_scores(page):
    rows = reading.of(page.reports.scores_by_arm_and_follow_up, page.lead)
    return chart_rows.scores(page.lead, rows, page.instrument(rows[0]["instrument"]))


def forest(page):
    effects = page.reports.effects_by_comparison
    return effect_rows.forest(page.comparisons, effects, page.instrument("bdi_ii"))


def test_a_trajectory_names_the_severity_bands_on_its_axis(read_page):
    data = lead_scores(read_page())

    assert [name for _, name in data.bands] == [
        "Minimal 0–13",
        "Mild 14–19",
        "Moderate 20–28",
    ]
    assert data.months == (0, 2, 3, 5, 8)
    assert data.title == "Mean BDI-II, points (0–63; lower is better)"


def test_a_trajectory_without_bands_has_a_numbered_axis(read_page):
    page = read_page(
        "update reports.rpt_scores_by_arm_and_follow_up set instrument = 'swls'"
    )
    data = lead_scores(page)

    chart = charts.spec(charts.trajectory(data, page.styles, description="x"))

    assert data.bands == []
    assert "labelExpr" not in json.dumps(chart)
    assert data.title == "Mean SWLS, points (5–35)"


def test_a_hidden_point_is_not_drawn_and_its_number_says_hidden(read_page):
    page = read_page(
        "update reports.rpt_scores_by_arm_and_follow_up set mean_points = null, "
        "mean_low = null, mean_high = null, observed_count = null, is_suppressed = true "
        f"where {LEAD} and arm = 'therapy' and follow_up_month = 3"
    )

    rows = lead_scores(page).rows

    own = [row for row in rows if row.get("arm") == "Therapy"]
    point = next(r for r in own if r["kind"] == "point" and r["month"] == "3")
    number = next(r for r in own if r["kind"] == "scored" and r["x"] == 3)
    assert point["mean"] is None
    assert number["text"] == "hidden"


@pytest.mark.parametrize(
    ("extra_months", "printed"),
    [
        ("1, 4, 6, 7, 9", (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
        ("1, 4, 6, 7, 9, 12", (0, 6, 12)),
    ],
)
def test_of_many_follow_ups_each_half_year_is_written_out(
    read_page, extra_months, printed
):
    page = read_page(
        "insert into reports.rpt_scores_by_arm_and_follow_up select * replace "
        f"(unnest([{extra_months}]) as follow_up_month) "
        "from reports.rpt_scores_by_arm_and_follow_up where follow_up_month = 2"
    )

    data = lead_scores(page)

    written = {row["x"] for row in data.rows if row["kind"] == "scored"}
    drawn = {row["month"] for row in data.rows if row["kind"] == "point"}
    assert data.months == printed
    assert written == set(printed)
    assert {"2", "3", "5", "8"} < drawn
    rows = reading.of(page.reports.scores_by_arm_and_follow_up, page.lead)
    told = words.follow_up_gaps(page.lead, rows)
    assert ("at 3 months" in told) == (3 in printed)


def test_labels_of_lines_that_end_together_do_not_cover_each_other(read_page):
    page = read_page(
        f"update reports.rpt_scores_by_arm_and_follow_up set mean_points = 9 where {LEAD} "
        "and follow_up_month = 8"
    )

    data = lead_scores(page)

    first, second = (row for row in data.rows if row["kind"] == "label")
    gap = chart_rows.LABEL_GAP * (data.top - data.bottom)
    assert second["mean"] == pytest.approx(first["mean"] + gap)
    assert first["x"] == second["x"]


def test_withheld_rows_stay_in_the_forest_and_say_why(read_page):
    rows = forest(read_page()).rows

    notes = [row for row in rows if row["kind"] == "note"]
    assert len([row for row in rows if row["kind"] in ("row", "note")]) == 15
    assert len(notes) == 10
    assert all(row["note"].startswith("Withheld. ") for row in notes)
    assert not any(key in row for row in notes for key in ("adjusted", "plain"))


def test_hidden_rows_stay_in_the_forest(read_page):
    page = read_page(
        "update reports.rpt_effects_by_comparison set estimate = null, "
        "is_suppressed = true, is_withheld = false, exposed_observed_count = null"
    )

    notes = [row for row in forest(page).rows if row["kind"] == "note"]

    assert {row["note"] for row in notes} == {"Too few people to show"}
    assert {row["seen"] for row in notes} == {"hidden"}
    assert len(notes) == 15


def test_the_plain_estimate_stands_beside_the_adjusted_one(read_page):
    row = next(r for r in forest(read_page()).rows if r["left_text"] == "At 2 months")

    assert row["adjusted_text"] == "−3.0 (−6.7 to 0.8)"
    assert row["plain_text"] == "−4.8 (−9.1 to −0.4)"
    assert row["seen"] == "97 of 100"


def test_the_forest_axis_is_symmetric_and_holds_every_interval(read_page):
    data = forest(read_page())

    ends = [
        abs(v) for r in data.rows for k, v in r.items() if k.endswith(("_low", "_high"))
    ]
    assert data.bound >= max(ends)
    assert data.ticks == [-tick for tick in reversed(data.ticks)]


def test_the_smallest_important_difference_is_drawn_where_it_is_known(read_page):
    without = forest(read_page())
    page = read_page(
        "update reports.rpt_instruments set minimal_important_difference_points = 5"
    )

    assert without.reference_points == ()
    assert forest(page).reference_points == (-5.0, 5.0)


def test_a_flow_says_who_is_not_in_the_number(read_page):
    page = read_page()
    rows = reading.of(page.reports.patient_flow_by_arm, page.lead)

    bars = [
        row for row in chart_rows.flow(page.lead, rows).rows if row["kind"] == "bar"
    ]

    assert bars[0] | {"people_text": "52", "lost_text": None} == bars[0]
    assert bars[-1] | {"people_text": "25", "lost_text": "23"} == bars[-1]


def test_response_is_drawn_at_the_first_follow_up_only(read_page):
    page = read_page()
    pairs = effect_rows.first_responses(
        page.comparisons, page.reports.effects_by_comparison
    )

    data = effect_rows.response(pairs, {"bdi_ii": "BDI-II"})

    assert [row["outcome_id"] for _, row in pairs] == ["bdi_ii_response_2mo"] * 3
    assert [r["level_text"] for r in data.rows if r["kind"] == "bar"] == ["36", "21"]
    assert len([r for r in data.rows if r["kind"] == "note"]) == 2


def test_text_from_a_source_cannot_become_an_expression(read_page):
    label = "'+alert(1)+'"
    page = read_page(
        f"update reports.rpt_comparisons set exposed_label = '{label.replace(chr(39), chr(39) * 2)}'"
    )

    compiled = assets.compile_chart(
        charts.spec(charts.trajectory(lead_scores(page), page.styles, description="x"))
    )

    def expressions(node, inside=False):
        if isinstance(node, dict):
            for key, value in node.items():
                yield from expressions(value, key in ("signal", "expr", "update"))
        elif isinstance(node, list):
            for value in node:
                yield from expressions(value, inside)
        elif inside and isinstance(node, str):
            yield node

    assert label in json.dumps(compiled, ensure_ascii=False)
    assert not any("alert" in text for text in expressions(compiled))
