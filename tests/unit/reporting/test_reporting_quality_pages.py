"""The data-quality pages: what they say, where they lead, and what they never say."""

import posixpath
import re
from dataclasses import replace
from pathlib import Path

import pytest
from unit.reporting import quality_figures as figures
from unit.reporting import report_database
from unit.reporting.test_reporting_page import Ids, own

from pipelines.errors import PipelineError
from pipelines.reporting import reading
from pipelines.reporting.site import (
    assets,
    build,
    quality_checks,
    quality_found,
    quality_index,
    quality_pages,
    quality_stages,
)
from pipelines.reporting.site.figure import PageContext
from pipelines.reporting.tables import OPTIONAL, read_reports

INDEX = "quality/index.html"
BUSY = f"quality/checks/sessions.{figures.BUSY}.html"
RULE = f"quality/checks/sessions.{figures.RULE}.html"
MEDICATION = "quality/checks/medications.medication_id_is_given.html"
NASTY = "</script><img src=x onerror=alert(1)>\"&'{{7*7}}"


def quality_of(con) -> dict[str, str]:
    """The data-quality pages alone, by file name."""
    passport = replace(report_database.PASSPORT, disclosure_profile="default")
    reports = read_reports(con)
    return dict(quality_pages.pages(PageContext(reports, passport, ())))


def build_site(folder: Path, con) -> dict[str, str]:
    build(con, folder, replace(report_database.PASSPORT, disclosure_profile="default"))
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of the fixture with the reports on data quality, by file name."""
    with report_database.open_reports() as con:
        figures.add(con)
        return build_site(tmp_path_factory.mktemp("site"), con)


@pytest.fixture
def read(con):
    """Read the fixture after spoiling it; `only` leaves the other reports out."""

    def read_it(*statements, only=None):
        if only is None:
            figures.add(con)
        else:
            figures.create(con, *only)
        report_database.spoil(con, *statements)
        reports = read_reports(con)
        stated = reading.comparisons(reports)
        return PageContext(reports, report_database.PASSPORT, stated)

    return read_it


def bare(html: str) -> str:
    return re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare(html)))


def test_each_check_of_what_sources_send_has_a_page_and_each_stage_has_one(site):
    landing = [row for row in figures.CATALOGUE if row[0] == "landing"]
    landing = [row for row in landing if row[4] == "warning"]
    expected = {f"quality/checks/{row[1]}.{row[2]}.html" for row in landing}
    stages = {"landing", "raw", "staging", "marts", "reports"}

    found = {name for name in site if name.startswith("quality/")}
    assert found == {
        INDEX,
        *expected,
        *(f"quality/stages/{stage}.html" for stage in stages),
    }


def test_every_link_leads_to_a_page_and_a_place_that_are_there(site):
    ids = {name: set(Ids(bare(html)).ids) for name, html in site.items()}
    seen = 0
    for name, html in site.items():
        for link in re.findall(r'<a [^>]*href="([^"]*)"', bare(html)):
            way, _, place = link.partition("#")
            there = posixpath.normpath(posixpath.join(posixpath.dirname(name), way))
            there = there if way else name
            assert there in site, f"{name}: {link}"
            assert not place or place in ids[there], f"{name}: {link}"
            seen += 1
    assert seen > 60


def test_the_index_leads_to_the_answer_and_every_page_leads_back(site):
    assert 'href="quality/index.html"' in site["index.html"]
    for name, html in site.items():
        if name.startswith("quality/"):
            depth = name.count("/")
            assert f'href="{"../" * depth}index.html"' in html, name
        if name.count("/") == 2:
            assert 'href="../index.html#section-' in html, name


def test_pages_are_well_formed_and_allow_nothing_from_elsewhere(site):
    for name, html in site.items():
        if not name.startswith("quality/"):
            continue
        parsed = Ids(re.sub(r"<svg.*?</svg>", "", bare(html), flags=re.DOTALL))
        assert len(parsed.ids) == len(set(parsed.ids)), name
        assert set(parsed.references) <= set(parsed.ids)
        assert parsed.open == []
        plain = own(html)
        assert not re.findall(r"https?:|//cdn|@import|<link|<iframe|<img|xmlns", plain)
        assert not re.findall(r"<[^>]*\son[a-z]+=", plain)
        assert "connect-src 'none'" in html
        assert "unsafe-eval" not in html
        assert ">None<" not in html
        assert not re.findall(r"(?<![\w-])-\d", text_of(html)), name


def test_a_page_of_a_check_carries_no_vega_and_two_fonts(site):
    vega = assets.scripts()[0]

    assert vega not in site[INDEX]
    assert vega not in site[BUSY]
    assert site[INDEX].count("@font-face") == 4
    assert site[BUSY].count("@font-face") == 2
    assert max(len(html) for name, html in site.items() if "checks/" in name) < 130_000


def test_many_checks_make_pages_of_a_bounded_size(con):
    figures.add_many(con, checks=4, months=36)
    pages = {name: len(html) for name, html in quality_of(con).items()}

    assert len([name for name in pages if "/checks/" in name]) == 4
    assert max(size for name, size in pages.items() if "/checks/" in name) < 200_000
    # four checks, 36 months, three sources: 432 cells, laid out once and saved once
    assert pages[INDEX] < 260_000


def test_the_same_reports_give_the_same_bytes(site):
    with report_database.open_reports() as con:
        figures.add(con)
        again = quality_of(con)

    assert again == {name: site[name] for name in site if name.startswith("quality/")}


def test_text_of_any_report_is_shown_as_text(con):
    figures.add(con)
    quoted = NASTY.replace("'", "''")
    kept = {"status", "report", "output_id", "stage", "kind", "check_id", "feed"}
    kept |= {"table_name", "worst_check_id"}
    for name, columns in OPTIONAL.items():
        for column in columns.split():
            if figures.column_type(column) == "varchar" and column not in kept:
                con.execute(f"update reports.rpt_{name} set {column} = '{quoted}'")
    con.execute(f"update reports.rpt_check_catalogue set query = 'is_failed {quoted}'")
    con.execute(f"update reports.rpt_drift_by_feed set feed = '{quoted}'")
    con.execute(f"update reports.rpt_refused_deliveries set kind = '{quoted}'")
    con.execute(
        "insert into reports.rpt_checks_by_feed_and_month "
        f"select * replace ('{quoted}' as check_id, '{quoted}' as feed) "
        "from reports.rpt_checks_by_feed_and_month limit 3"
    )

    pages = quality_of(con)

    assert len(pages) > 8
    for name, html in pages.items():
        assert "<img" not in own(html), name
        assert html.count("</script>") == html.count("<script"), name
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages[INDEX]
    assert "{{7*7}}" in pages[INDEX]


SENTENCES = [
    ("usability_by_report", quality_index.can_be_used, "does not say which reports", "No report was judged"),
    ("freshness_by_source", quality_index.freshness, "does not say how fresh", "No source has delivered"),
    ("refused_deliveries", quality_index.refused, "does not list refused", "No delivery was refused"),
    ("drift_by_feed", quality_index.drift, "does not compare deliveries", "No delivery has an earlier one"),
    ("checks_by_feed_and_month", lambda page: quality_found.by_source(page)[0], "does not say what the checks found", "No check was run on a row"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "figure", "absent", "empty"), SENTENCES)
def test_an_absent_report_and_an_empty_one_say_so_in_words(
    read, name, figure, absent, empty
):
    without = figure(read(only=[other for other in OPTIONAL if other != name]))
    assert absent in without.title
    assert without.empty == f"{without.title}."
    assert not without.content

    with report_database.open_reports() as con:
        figures.create(con, name)
        reports = read_reports(con)
        page = PageContext(reports, report_database.PASSPORT, ())
        nothing = figure(page)
    assert empty in nothing.title
    assert not nothing.content


def test_a_release_without_any_of_the_reports_has_its_pages(con, tmp_path):
    pages = build_site(tmp_path, con)

    assert "This release does not say which reports can be used" in pages[INDEX]
    assert not [name for name in pages if name.startswith("quality/checks/")]
    assert "Every record is accounted for" in pages[INDEX]
    assert 'id="usability"' not in pages["index.html"]
    assert 'class="value">0</dd>' in pages[INDEX]
    assert "Sources on time" not in pages[INDEX]


def test_a_report_without_a_column_is_an_error_that_names_it(con):
    figures.create(con, "freshness_by_source")
    con.execute("alter table reports.rpt_freshness_by_source drop column next_due_on")

    with pytest.raises(PipelineError, match=r"rpt_freshness_by_source .*\n?.*next_due"):
        read_reports(con)


def test_reports_are_listed_the_worst_first_each_with_its_shape_and_reason(read):
    figure = quality_index.can_be_used(read())
    lines = [(row["title"], row["shape"], row["told"]) for row in figure.content]

    assert figure.title == (
        "2 of 5 reports can be used; 1 with care; 1 should not be relied on; "
        "1 was not measured"
    )
    assert lines == [
        ("Therapy and medication", "fail", "Do not rely on it"),
        ("Length of therapy", "warning", "Use with care"),
        ("Outcomes by month", "pass", "Can be used"),
        ("Variation between sites", "pass", "Can be used"),
        ("Homework", "absent", "Not measured"),
    ]


def test_the_worst_check_is_linked_where_its_name_means_one_check(read):
    page = read(
        "update reports.rpt_usability_by_report set worst_check_id = 'twice' "
        "where report = 'homework'",
        *(
            "insert into reports.rpt_check_catalogue select * replace "
            f"('twice' as check_id, '{feed}' as table_name) "
            "from reports.rpt_check_catalogue limit 1"
            for feed in ("sessions", "medications")
        ),
    )
    by_title = {row["title"]: row for row in quality_index.can_be_used(page).content}

    busy = f"checks/sessions.{figures.BUSY}.html"
    fills = "checks/medications.fills_do_not_overlap.html"
    assert by_title["Length of therapy"]["address"] == busy
    assert by_title["Therapy and medication"]["address"] == fills
    assert by_title["Homework"]["address"] == ""
    assert by_title["Homework"]["check"] == "Twice"
    assert by_title["Outcomes by month"]["check"] == ""
    scored = "fct_assessments.fct_assessments__follow_up_scored"
    assert page.quality.named(scored)[1] == "stages/marts.html#table_fct_assessments"


def test_a_source_with_nothing_in_force_is_listed_first_and_says_so(read):
    page = read(
        "update reports.rpt_freshness_by_source set is_in_force = false, "
        "newest_delivery_on = null, data_to = null where source = 'simulated_east'"
    )
    figure = quality_index.freshness(page)
    east = figure.content[0]

    assert figure.title.endswith("of East (simulated), nothing in force")
    assert (east["name"], east["newest"], east["covers"]) == (
        "East",
        "nothing in force",
        "nothing",
    )
    assert east["sent"] == "2 November 2026"


def test_a_status_nobody_knows_is_told_as_it_is(read):
    page = read("update reports.rpt_usability_by_report set status = 'under_review'")
    row = quality_index.can_be_used(page).content[0]

    assert (row["shape"], row["told"]) == ("hidden", "Under review")


def test_a_late_source_is_late_and_one_on_time_can_become_so(site):
    rows = re.findall(r'<tr role="row"><th role="rowheader".*?</tr>', site[INDEX], re.S)
    north, east = (row for row in rows if "Last sent" in row)

    assert "North is late" in site[INDEX]
    assert "</svg>late</span>" in north
    assert "data-overdue" not in north
    assert 'data-overdue="2026-12-03" hidden' in east
    assert "on time" in east
    assert '<span class="tag">Simulated</span>' in east
    assert "Simulated" not in north
    assert "what is new, every 31 days" in north


def test_refused_deliveries_are_listed_the_last_first_with_kind_and_reason(read):
    figure = quality_index.refused(read())

    assert figure.title == "2 deliveries were refused, the last on 3 November 2026"
    assert [row["delivery"] for row in figure.content] == ["2026-11-01", "2026-10-01"]
    assert [row["told"] for row in figure.content] == [
        "Not as agreed",
        "Looks like it names people",
    ]
    assert figure.content[1]["when"] == "2 October 2026, 07:30 UTC"
    assert "instrumnet" in figure.table.csv()


def test_only_what_moved_beyond_its_limit_is_laid_out_and_all_of_it_saved(read):
    figure = quality_index.drift(read())

    assert figure.title == "2 of 4 figures moved beyond their limit"
    found = [(row["what"], row["earlier_value"], row["value"], row["limit_value"]) for row in figure.content]  # fmt: skip
    assert found == [
        ("Blank share", "2.1%", "18.4%", "7.1%"),
        ("Rows", "1,204", "310", "700"),
    ]
    assert figure.table.csv().count("\r\n") == 5


def test_a_figure_that_may_not_be_shown_is_hidden_and_many_are_cut_short(read):
    many = quality_index.MOST_MOVED + 5
    page = read(
        "update reports.rpt_drift_by_feed set earlier_value = null where feed = 'sessions'",
        "insert into reports.rpt_drift_by_feed select source, 'sessions', measure, "
        f"'unit ' || n, 1.5, 9, 2, true from reports.rpt_drift_by_feed, range({many}) "
        "as extra(n) where feed = 'sessions'",
    )
    figure = quality_index.drift(page)

    assert len(figure.content) == quality_index.MOST_MOVED
    assert (
        f"{many + 2 - quality_index.MOST_MOVED} more are in the CSV"
        in figure.definition
    )
    hidden = [row for row in figure.content if row["earlier_value"] == "hidden"]
    assert len(hidden) == 1


def test_headlines_come_from_the_reports(read):
    told = {one.label: (one.value, one.note) for one in quality_pages.headlines(read())}

    assert told == {
        "Reports that can be used": ("2 of 5", "Do not rely on Therapy and medication"),
        "Sources on time": ("1 of 2", "Late: North"),
        "Records set aside": ("0", "Of 624 that came in; kept, not loaded"),
        "Deliveries refused": ("2", "The last on 3 November 2026"),
    }


@pytest.mark.parametrize(
    ("hidden", "value", "note"),
    [
        ("yielded_count", "0", "Kept, not loaded"),
        ("quarantined_count", "Hidden", "Too few to show"),
    ],
)
def test_hidden_record_counts_are_hidden_in_the_headline(read, hidden, value, note):
    page = read(
        f"update reports.rpt_reconciliation_by_feed set {hidden} = null "
        "where feed = 'patients'"
    )
    told = {one.label: one for one in quality_pages.headlines(page)}

    assert told["Records set aside"].value == value
    assert told["Records set aside"].note == note


def test_a_record_check_gives_readers_its_reports_and_engineers_its_query(site):
    html = site[BUSY]
    text = text_of(html)

    assert "<h1>Clinician day has room for its sessions</h1>" in html
    assert "Length of therapy Use with care." in text
    assert "Outcomes by month Can be used." in text
    assert "Plausibility: can it be true?" in text
    assert "Clinician and day. The share is out of every clinician and day" in text
    assert "Up to 1 in 100. Group sessions on training days reach it." in text
    assert "41 of 1,200 failed." in text
    assert "count(*) &gt; 16 as is_failed" in html
    assert "Look for sessions that were exported once per participant." in text
    assert "quarantine/" not in text


def test_a_rule_of_the_contract_leads_to_the_rows_it_set_aside(site):
    text = text_of(site[RULE])

    assert "Rows that fail are set aside" in text
    assert "quarantine/*/*/sessions.parquet" in text
    assert "check_id = &#39;held_on_is_given&#39;" in text
    assert "row_position" in text
    assert "No report depends on it" in text
    assert "A few slips are to be expected." in text


def test_a_check_that_judged_nothing_says_so_and_draws_nothing(site):
    text = text_of(site[MEDICATION])

    assert "No month was tested" in text
    assert "It has no result in this run." in text
    assert 'class="drawn"' not in site[MEDICATION]


def test_a_check_of_a_whole_delivery_stands_on_the_page_of_its_stage(site):
    text = text_of(site["quality/stages/landing.html"])

    assert "Session id is given once no result conformance critical" in text
    assert not [name for name in site if "given_once" in name]


def test_a_check_without_tolerance_says_so(site):
    text = text_of(site[f"quality/checks/sessions.{figures.QUIET}.html"])

    assert "Nothing: a single failure counts against its reports." in text
    assert "Nothing failed in 14 months" in text


def test_many_outputs_are_counted_in_the_title_and_named_below(read):
    outputs = "outcomes_by_month, length_of_therapy, homework, some_other_report"
    page = read(
        f"update reports.rpt_check_catalogue set taints = '{outputs}' "
        f"where check_id = '{figures.BUSY}'"
    )
    figure = quality_checks.readers(page, page.quality.check("sessions", figures.BUSY))

    assert figure.title == "4 reports depend on it"
    parts = {part: texts for part, texts, _ in figure.content}
    assert parts["Some other report"] == ["Not judged in this release."]


def test_hidden_counts_of_a_check_are_too_few_to_show(read):
    page = read(
        "update reports.rpt_data_quality_by_check set failed_count = null "
        f"where check_id = '{figures.BUSY}'",
        "update reports.rpt_data_quality_by_check set status = 'error' "
        f"where check_id = '{figures.RULE}'",
    )

    def last_run(check_id):
        check = page.quality.check("sessions", check_id)
        return dict(
            (p[0], p[1]) for p in quality_checks.engineers(page, check).content
        )["Last run"]

    assert last_run(figures.BUSY) == ["Too few to show."]
    assert last_run(figures.RULE) == ["It could not be evaluated."]
    assert last_run(figures.QUIET) == ["None of 5,200 failed."]


def test_checks_that_would_share_a_page_stop_the_build(read):
    page = read(
        "insert into reports.rpt_check_catalogue select * replace "
        "(upper(check_id) as check_id) from reports.rpt_check_catalogue "
        f"where check_id = '{figures.BUSY}'"
    )

    with pytest.raises(PipelineError, match="would share the page"):
        list(quality_pages.pages(page))


def test_a_stage_lists_each_table_with_how_its_checks_ended(read):
    page = read(
        "insert into reports.rpt_data_quality_by_check values ('marts', "
        "'fct_episodes', 'broken', 'dbt', 'conformance', 'critical', 'error', null, null)"
    )
    section = quality_stages.sections_of(page, "marts")[0]
    by_id = {figure.id: figure for figure in section.figures}

    scored = by_id["table_fct_assessments"]
    assert scored.title == "fct_assessments: its one check did not pass"
    assert [row["state"] for row in scored.content] == ["warning"]
    assert scored.content[0]["why"] == "Few follow-ups are scored."
    episodes = by_id["table_fct_episodes"]
    assert [row["state"] for row in episodes.content] == ["fail", "absent"]


def test_a_check_in_the_catalogue_that_did_not_run_has_no_result(read):
    page = read("delete from reports.rpt_data_quality_by_check")
    section = quality_stages.sections_of(page, "landing")[0]
    by_id = {figure.id: figure for figure in section.figures}

    assert by_id["table_sessions"].title == (
        "sessions: 4 checks, none with a result in this run"
    )
    assert all(row["state"] == "absent" for row in by_id["table_sessions"].content)
