"""The list of service comparisons, and the page of each: shown, withheld, hidden."""

import json
import posixpath
import re
from dataclasses import replace

import pytest
from unit.reporting import report_database, service_figures
from unit.reporting.test_reporting_page import Ids, own

from pipelines.reporting import check_words, reading
from pipelines.reporting.site import build, records
from pipelines.reporting.site.figure import PageContext
from pipelines.reporting.site.page import render, render_service
from pipelines.reporting.site.service_page import sections_of
from pipelines.reporting.tables import read_reports

SHOWN, WITHHELD = service_figures.SHOWN, service_figures.WITHHELD
HIDDEN, PAIR = service_figures.HIDDEN, service_figures.PAIR
PRIMARY = f"comparison_id = '{SHOWN}' and is_primary"
CONTROL = f"comparison_id = '{SHOWN}' and outcome_id = 'injury_12mo'"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of the fixture with service comparisons, by file name."""
    folder = tmp_path_factory.mktemp("site")
    with report_database.open_reports() as con:
        service_figures.add(con)
        build(
            con, folder, replace(report_database.PASSPORT, disclosure_profile="default")
        )
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
    }


@pytest.fixture
def read(con):
    """Read the fixture with service comparisons after spoiling it with SQL."""
    service_figures.add(con)

    def read_it(*statements):
        report_database.spoil(con, *statements)
        reports = read_reports(con)
        stated = reading.comparisons(reports)
        page = PageContext(reports, report_database.PASSPORT, stated)
        by_id = {one.id: one for one in page.services}
        return page, by_id

    return read_it


def figures(page, service):
    return {f.id: f for section in sections_of(page, service) for f in section.figures}


def text_of(html: str) -> str:
    html = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def address(comparison_id: str) -> str:
    return f"comparisons/{comparison_id}.html"


def test_each_comparison_run_has_a_page_and_no_other_has(site):
    found = {name for name in site if not name.startswith("quality/")}
    assert found == {"index.html", *map(address, service_figures.RUN)}


def test_the_index_lists_each_with_its_answer_or_its_reason_and_links_to_it(site):
    html = site["index.html"]
    found = re.findall(
        r'<li class="\w+"><a href="([^"]*)">.*?<p>(.*?)</p>', html, re.DOTALL
    )
    lines = dict(found)

    assert set(lines) == set(map(address, service_figures.RUN))
    assert "5 comparisons of this service were run: 3 shown, 2 withheld" in html
    assert lines[address(SHOWN)].startswith(
        "Estimated effect, not randomised: 2.2 points"
    )
    assert "It is about adults who start therapy" in lines[address(SHOWN)]
    assert "It does not show what a trial would" in lines[address(SHOWN)]
    assert lines[address(PAIR)].startswith(
        "Estimated effect, not randomised: no clear difference"
    )
    assert lines[address(WITHHELD)] == f"Withheld. {service_figures.REASON}"
    assert lines[address(HIDDEN)] == "Too few people to show."


def test_the_trials_sections_hold_no_service_comparison(site, trial_page):
    html = site["index.html"]
    start, end = (
        html.index('id="section-outcomes"'),
        html.index('id="section-services"'),
    )
    trials = html[start:end]

    assert "3 comparisons were run: " in trials
    assert "Long-term" not in trials
    assert "section-services" not in trial_page


def test_names_are_told_apart_where_the_sides_are_called_alike(read):
    _, services = read()

    titles = [one.title for one in services.values()]
    assert len(set(titles)) == len(titles)
    assert services[SHOWN].title == "Long-term therapy v short-term therapy"
    assert services[WITHHELD].title.endswith(", from week 26")


def test_a_page_has_every_part_of_the_protocol(site, read):
    _, services = read()
    row = services[SHOWN].row
    text = text_of(site[address(SHOWN)]).replace("&#39;", "'")

    for key in ("question", "population", "time_zero", "assignment", "follow_up"):
        assert row[key] in text
    for key in ("causal_contrast", "exposed_strategy", "comparator_strategy"):
        assert row[key] in text
    for line in (*row["eligibility"].split("\n"), *row["caveats"].split("\n")):
        assert line in text
    assert row["protocol_hash"] in text
    assert "23 November 2026" in text
    assert "5 comparisons of this service were run: 3 shown, 2 withheld" in text


@pytest.mark.parametrize("comparison_id", [WITHHELD, HIDDEN])
def test_a_comparison_that_is_not_shown_has_words_and_no_figure(
    site, read, comparison_id
):
    html = site[address(comparison_id)]

    page, services = read()
    assert set(figures(page, services[comparison_id])) == {"answer", "protocol"}
    assert 'class="headlines' not in html
    assert '<svg class="marks' not in html
    title = re.search(r'<h3 id="answer-title">(.*?)</h3>', html)[1]
    assert not re.search(r"\d", title)
    assert "Estimated effect" not in html
    saved = json.loads(re.search(r'<script id="csv"[^>]*>(.*?)</script>', html)[1])
    assert saved["answer"].count("\r\n") == 1  # the headings alone


def test_every_figure_of_a_page_has_its_passport(read):
    page, services = read()

    for figure in figures(page, services[SHOWN]).values():
        assert figure.passport.release_id == report_database.PASSPORT.release_id
        assert services[SHOWN].comparison.version in figure.passport.version


def test_a_page_shows_all_that_it_must(read):
    page, services = read()

    assert list(figures(page, services[SHOWN])) == [
        *("answer", "in_hundred", "horizons", "effects", "harms", "sessions"),
        *("followers", "subgroups", "specifications", "balance", "trust", "protocol"),
    ]


def test_each_time_says_who_is_on_treatment(read):
    page, services = read()

    rows = figures(page, services[SHOWN])["horizons"].content
    told = {(row["when"], row["what"]): row for row in rows}
    at_year = told["12 months", "Mean score"]
    assert at_year["exposed"].endswith("; on treatment or just off it")
    assert at_year["comparator"].endswith("; off treatment")
    later = told["24 months", "Mean score"]
    assert later["exposed"].endswith("; off treatment")
    rows = figures(page, services[PAIR])["horizons"].content
    assert all("treatment" not in row["exposed"] for row in rows)


def test_people_on_both_sides_are_never_added_up(site):
    """Under two strategies one person may stand on both sides."""
    text = text_of(site[address(SHOWN)])

    assert "1,680 v 3,640" in text
    assert "5,320" not in text


def test_subgroups_say_whether_they_differ(read):
    page, services = read()
    figure = figures(page, services[SHOWN])["subgroups"]
    assert figure.title == "No clear sign that it differs between groups of people"

    page, services = read(
        "update reports.rpt_effects_by_comparison set estimate_high = -0.1 "
        "where scale = 'interaction_mean_difference' and population_id = 'chronic'"
    )
    figure = figures(page, services[SHOWN])["subgroups"]
    assert figure.title == (
        "The difference is not the same for everyone: depressed for two years or more"
    )

    page, services = read(
        "delete from reports.rpt_effects_by_comparison where population_id <> 'all'"
    )
    assert "subgroups" not in figures(page, services[SHOWN])


def test_the_specification_panel_marks_the_pre_declared_one(read):
    page, services = read()
    figure = figures(page, services[PAIR])["specifications"]

    assert (
        "Agreement across specifications is a description, not evidence."
        in figure.caveat
    )
    assert "bounds" in figure.caveat
    main = [row for row in figure.table.rows if row["is_primary"]]
    assert len(main) == 1
    names = [row["estimator"] for row in figure.table.rows]
    assert names[0] == "Weighted to those who could have had either, as planned"
    assert len(set(names)) == len(names)
    assert "bounds" not in figures(page, services[SHOWN])["specifications"].caveat


def test_the_negative_control_raises_an_alarm_or_none(read):
    _, services = read()
    service = services[SHOWN]
    control = next(o for o in service.outcomes if o.role == "negative_control")
    effect = service.effect(control)

    assert check_words.trust(service, effect) == "The negative control raises no alarm"
    told = check_words.negative_control(service, control, effect)
    assert told.startswith("Which side people are on should not change how many had an")
    assert told.endswith("No alarm. That does not rule out something unrecorded.")
    assert check_words.negative_control(service, None, None).startswith(
        "None was named"
    )


def test_a_control_that_differs_speaks_against_the_estimate(read):
    _, services = read(
        "update reports.rpt_diagnostics_by_comparison set is_passed = false "
        "where diagnostic_id = 'negative_control_alarm'"
    )
    service = services[SHOWN]
    control = next(o for o in service.outcomes if o.role == "negative_control")
    effect = service.effect(control)

    assert "speaks against" in check_words.trust(service, effect)
    told = check_words.negative_control(service, control, effect)
    assert "It differs where it should not." in told


def test_without_its_check_the_controls_interval_decides(read):
    _, services = read(
        "delete from reports.rpt_diagnostics_by_comparison "
        "where diagnostic_id = 'negative_control_alarm'",
        f"update reports.rpt_effects_by_comparison set estimate_low = 0.01 where {CONTROL}",
    )
    service = services[SHOWN]
    control = next(o for o in service.outcomes if o.role == "negative_control")

    assert check_words.is_alarm(service, service.effect(control))


def test_a_hidden_control_tells_nothing(read):
    _, services = read(
        f"update reports.rpt_effects_by_comparison set estimate = null where {CONTROL}",
    )
    service = services[SHOWN]
    control = next(o for o in service.outcomes if o.role == "negative_control")
    effect = service.effect(control)

    assert check_words.negative_control(service, control, effect).endswith(
        "tells nothing."
    )


def test_an_e_value_never_shows_confounding(read):
    _, services = read()
    first, second = check_words.e_value(services[SHOWN])

    assert "both keeping to a strategy and the outcome 2.1 times as likely" in first
    assert "To bring the interval to no difference: 1.6 times." in first
    assert second == (
        "An E-value never shows that such a thing exists, or that none does."
    )
    assert "both the choice and the outcome" in check_words.e_value(services[PAIR])[0]


def test_an_e_value_may_be_absent_or_its_limit_one(read):
    _, services = read(
        "update reports.rpt_diagnostics_by_comparison set value = 1 "
        "where diagnostic_id = 'e_value_of_limit'"
    )
    told = check_words.e_value(services[SHOWN])[0]
    assert told.endswith("The interval includes no difference already.")

    _, services = read(
        "delete from reports.rpt_diagnostics_by_comparison "
        "where diagnostic_id = 'e_value'"
    )
    assert check_words.e_value(services[SHOWN]) == ["Not given for this estimate."]


def test_the_tipping_point_is_told_for_each_side(read):
    _, services = read()
    told = check_words.tipping_point(services[SHOWN])

    assert "differ by 6.4 points, against the finding" in told[1]
    assert told[2] == "Short-term therapy: no score can be so far off."
    assert check_words.tipping_point(services[PAIR]) == [
        "The interval includes no difference, so there is nothing to tip."
    ]


def test_sessions_for_an_extra_responder_need_a_clear_difference(read):
    page, services = read()
    clear = dict(figures(page, services[SHOWN])["sessions"].content)
    other = dict(figures(page, services[PAIR])["sessions"].content)

    assert clear["Sessions for each extra responder"][0].startswith("About ")
    assert other["Sessions for each extra responder"][0].startswith("Not given: ")


def test_hidden_counts_and_diagnostics_leave_the_page_standing(read):
    page, services = read(
        "update reports.rpt_diagnostics_by_comparison set value = null, "
        "is_passed = null, is_suppressed = true",
        "update reports.rpt_effects_by_comparison set exposed_count = null, "
        "exposed_observed_count = null, exposed_effective_count = null, "
        f"is_suppressed = true where comparison_id = '{SHOWN}'",
    )
    found = figures(page, services[SHOWN])

    assert found["balance"].chart is None
    assert found["followers"].title.endswith("is hidden")
    assert "hidden" in found["followers"].table.cells()[0]
    assert "not shown" in found["sessions"].title


def test_pages_are_well_formed_and_point_nowhere_else(site):
    for name, html in site.items():
        bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
        parsed = Ids(bare)
        assert len(parsed.ids) == len(set(parsed.ids)), name
        assert set(parsed.references) <= set(parsed.ids)
        assert parsed.open == []
        links = set(re.findall(r"""href=["']([^"'#]+)""", bare))
        if name == "index.html":
            comparisons = {link for link in links if not link.startswith("quality/")}
            assert comparisons == set(map(address, service_figures.RUN))
        elif not name.startswith("quality/"):
            assert links == {"../index.html"}
        there = (posixpath.join(posixpath.dirname(name), link) for link in links)
        assert {posixpath.normpath(path) for path in there} <= set(site)
        assert not re.findall(r"https?:|//cdn|@import|<link|<iframe|<img", own(html))
        assert "connect-src 'none'" in html


def test_no_hyphen_stands_for_a_minus_and_nothing_is_a_cause(site):
    for name, html in site.items():
        text = text_of(html)
        assert not re.findall(r"(?<![\w-])-\d", text), name
        if name != "index.html":
            assert "because of" not in text


def test_text_of_a_protocol_is_shown_as_text_and_simulated_people_are_labelled(read):
    nasty = "</script><img src=x onerror=alert(1)>"
    page, services = read(
        "update reports.rpt_sources set is_simulated = true",
        "update reports.rpt_comparisons set "
        + ", ".join(
            f"{name} = '{nasty}'"
            for name in ("exposed_label", "question", "caveats", "population")
        ),
    )

    for html in (render(page), render_service(page, services[WITHHELD])):
        assert "<img" not in own(html)
        assert "&lt;img src=x onerror=alert(1)&gt;" in html
        assert "<strong>Simulated data.</strong>" in html


def test_an_index_without_a_trial_leads_with_the_service(read):
    page, _ = read(
        *(
            f"delete from reports.rpt_{table} where comparison_id like 'trial_%' "
            "or comparison_id = 'therapy_vs_usual_care'"
            for table in ("effects_by_comparison", "scores_by_arm_and_follow_up")
        )
    )
    html = render(page)

    assert "3 of 5" in html
    assert html.index('id="section-services"') < html.index('id="section-questions"')
    assert 'id="section-comparisons"' not in html


def test_a_question_leads_to_the_page_that_answers_it(read):
    page, _ = read(
        "update reports.rpt_questions set status = 'answered', "
        f"comparison_id = '{SHOWN}' where question_id = 'Q15'"
    )
    rows = {row["question_id"]: row for row in records.questions(page).content}

    assert rows["Q15"]["service"].address == address(SHOWN)
    assert rows["Q1"]["service"] is None
