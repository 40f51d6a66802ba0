"""A figure that does not say where it comes from is not rendered."""

from dataclasses import fields, replace

import pytest

from pipelines.reporting.passport import FigurePassport, MissingPassportError
from pipelines.reporting.site.figure import Figure
from pipelines.reporting.site.page import sections_of
from pipelines.reporting.tables import Table

NAMES = [item.name for item in fields(FigurePassport)]


@pytest.mark.parametrize("blank", NAMES)
def test_every_part_must_be_filled(blank):
    whole = {name: "x" for name in NAMES}

    FigurePassport(**whole)
    with pytest.raises(MissingPassportError, match=blank):
        FigurePassport(**{**whole, blank: ""})


@pytest.mark.parametrize("nothing", [None, {}, "20261122T201530Z"])
def test_a_figure_without_a_passport_is_refused(nothing):
    with pytest.raises(MissingPassportError, match="figure scores has no passport"):
        Figure(
            id="scores",
            title="x",
            definition="x",
            caveat="x",
            passport=nothing,
            table=Table((), ()),
            span=6,
        )


def test_every_figure_of_the_page_says_release_version_population_and_checks(read_page):
    page = read_page()

    figures = [f for section in sections_of(page) for f in section.figures]

    assert len(figures) == 13
    assert len({figure.id for figure in figures}) == 13
    for figure in figures:
        told = dict(figure.passport.entries())
        assert told["Release"] == "20261122T201530Z"
        assert told["Checks"] == "233 of 234 checks passed, with 1 warning"
        assert "dates are relative" in told["Data as of"]
        assert told["Suppression"] == "none: public data"
    scores = dict(figures[0].passport.entries())
    assert scores["Version"] == "protocol 1 (5d0c3a9b71e2)"
    assert scores["Population"].startswith("People whose course of care was allocated")


def test_hidden_rows_are_counted_in_the_passport(read_page):
    page = read_page(
        "update reports.rpt_patient_flow_by_arm set people_count = null, "
        "is_suppressed = true where comparison_id = 'therapy_vs_usual_care' "
        "and step_number = 6",
        disclosure_profile="default",
    )

    figures = {f.id: f for s in sections_of(page) for f in s.figures}

    hidden = figures["flow_therapy_vs_usual_care"].passport.suppression
    shown = figures[
        "flow_trial_therapy_plus_medication_vs_medication"
    ].passport.suppression
    assert hidden == "2 of 12 rows hidden"
    assert shown == "no row of this figure is hidden"


def test_a_passport_cannot_be_taken_off_afterwards(read_page):
    figure = next(f for s in sections_of(read_page()) for f in s.figures)

    with pytest.raises(MissingPassportError):
        replace(figure, passport=None)
