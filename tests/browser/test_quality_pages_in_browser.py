"""The data-quality pages as a reader has them: on any screen, by keyboard, on paper."""

from datetime import date, timedelta

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = [390, 1440]

A4_WIDTH_PX = 1031
"""Between the margins of a sheet on its side: 273 mm. Three years of months must fit."""


def opened(visit, quality_pages, width):
    for path in quality_pages:
        yield path, visit(width, path=path)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_stays_within_the_screen_and_asks_nobody(
    visit, quality_pages, width
):
    for path, found in opened(visit, quality_pages, width):
        page = found.page
        wide = page.evaluate(
            """() => [...document.querySelectorAll('main *, header *, footer *')]
              .filter(e => !e.closest('.scroll') && !e.closest('.vh')
                           && e.getBoundingClientRect().right > innerWidth + 1)
              .map(e => e.tagName + '.' + e.className)"""
        )
        refused = page.evaluate(
            "fetch('https://example.org/').then(() => 'sent', () => 'refused')"
        )
        away = [u for u in found.requests if not u.startswith(("data:", "blob:"))]
        odd = page.evaluate(
            """() => [...document.querySelectorAll('main *')]
              .filter(e => !e.children.length && !e.closest('pre'))
              .map(e => e.textContent.trim())
              .filter(t => ['undefined', 'null', 'NaN', 'None'].includes(t)
                           || t.includes('[object'))"""
        )

        assert wide == [], path.name
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert away == [path.as_uri()]
        assert refused == "refused"
        assert all("example.org" in told for told in found.complaints), path.name
        assert odd == [], path.name


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(visit, axe, quality_pages, width):
    for path, found in opened(visit, quality_pages, width):
        page = found.page
        for button in page.locator("button[data-act=table]").all():
            button.click()
        for summary in page.locator("summary").all():
            summary.click()

        page.evaluate(axe)
        result = page.evaluate("axe.run({ resultTypes: ['violations'] })")

        told = [
            f"{item['id']}: {item['help']} {item['nodes'][0]['html'][:200]}"
            for item in result["violations"]
        ]
        assert told == [], path.name
        assert len(result["passes"]) > 15


def test_a_reader_goes_from_the_index_to_a_check_and_back(visit, site):
    page = visit().page
    page.get_by_role("link", name="Can I trust this month?").first.click()
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator("h1").inner_text() == "Can I trust this month?"

    link = page.locator(".heat th a").first
    name = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator("h1").inner_text() == name

    page.get_by_role("link", name="Can I trust this month?").click()
    page.wait_for_selector("body[data-ready=yes]")
    assert page.locator("#section-found").is_visible()
    page.locator(".product a").click()
    page.wait_for_selector("body[data-ready=yes]")
    assert page.url == site.as_uri()


def test_everything_can_be_reached_and_seen_by_keyboard(visit, quality_pages):
    page = visit(path=quality_pages[0]).page
    reached, unmarked = 0, []
    for _ in range(400):
        page.keyboard.press("Tab")
        tag, text, outline = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
                 return [e.tagName, e.textContent.trim().slice(0, 40),
                         s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth)]; }"""
        )
        if tag == "BODY":
            break
        reached += 1
        if outline < 2:
            unmarked.append(text)

    wanted = page.locator("main a, main button, main summary").count()
    assert unmarked == []
    assert reached >= wanted


def test_the_newest_month_is_in_view_on_a_phone(visit, quality_pages):
    page = visit(390, path=quality_pages[0]).page
    places = page.eval_on_selector_all(
        ".heat",
        """boxes => boxes.map(box => [
             box.scrollLeft + box.clientWidth >= box.scrollWidth - 1,
             box.scrollWidth > box.clientWidth + 1, box.tabIndex])""",
    )

    assert places
    assert all(is_at_end for is_at_end, _, _ in places)
    assert all(tab == (0 if scrolls else -1) for _, scrolls, tab in places)


def test_a_cell_of_a_heat_map_is_never_told_by_colour_alone(visit, quality_pages):
    page = visit(path=quality_pages[0]).page
    silent = page.eval_on_selector_all(
        ".heat tbody td[class]",
        "cells => cells.filter(c => !c.textContent.trim()).map(c => c.className)",
    )

    assert page.locator(".heat tbody td[class]").count() > 0
    assert silent == []


def test_a_due_day_that_passes_is_told_as_the_page_is_read(visit, quality_pages):
    marks = visit(path=quality_pages[0]).page.locator("[data-overdue]")
    if marks.count() == 0:
        pytest.skip("no source of this release has a day on which it is due")
    due = date.fromisoformat(marks.first.get_attribute("data-overdue"))
    for days, is_told in ((-1, False), (0, False), (1, True)):
        now = f"{due + timedelta(days=days)}T12:00:00Z"
        page = visit(path=quality_pages[0], now=now).page
        assert page.locator("[data-overdue]").first.is_visible() is is_told


def test_a_drawn_trend_has_one_label_and_its_words_are_not_cut_off(
    visit, quality_pages
):
    drawn = 0
    for path, found in opened(visit, quality_pages, 1440):
        charts = found.page.locator(".drawn")
        for chart in charts.all():
            drawn += 1
            assert chart.get_attribute("role") == "img"
            assert chart.get_attribute("aria-label").startswith("Line chart.")
            figure = chart.locator("xpath=ancestor::figure")
            assert figure.locator("button[data-act=table]").count() == 1
        cut = charts.evaluate_all(
            """charts => charts.flatMap(chart => {
                 const frame = chart.querySelector('svg').getBoundingClientRect();
                 return [...chart.querySelectorAll('svg text')].filter(text => {
                   const box = text.getBoundingClientRect();
                   return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
                     || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
                 }).map(text => text.textContent); })"""
        )
        assert cut == [], path.name
    if not drawn:
        pytest.skip("no check of this release found a row that may be shown")


def test_csv_of_a_page_is_saved_whole(visit, quality_pages, tmp_path):
    page = visit(path=quality_pages[0]).page
    figures = page.eval_on_selector_all(
        "figure:has(button[data-act=csv])", "all => all.map(f => f.id)"
    )

    for name in figures[:8]:
        with page.expect_download() as download:
            page.locator(f"#{name} button[data-act=csv]").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert file.read_bytes().decode("utf-8-sig").count("\r\n") >= 2


def test_it_prints_whole_and_without_buttons(visit, quality_pages):
    page = visit(path=quality_pages[0]).page

    page.emulate_media(media="print")

    assert not page.locator("button").first.is_visible()
    assert not page.locator("nav").is_visible()
    name, month = (
        page.locator(f".heat tbody {cell}").first.evaluate("c => c.offsetWidth")
        for cell in ("th[scope=row]", "td")
    )
    assert name + 36 * month <= A4_WIDTH_PX
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_page_can_be_read_without_scripts(browser, quality_pages):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in quality_pages:
        page.goto(path.as_uri())
        assert page.locator("main h3").first.is_visible()
        assert all(table.is_visible() for table in page.locator(".table").all())
        assert not page.locator("button").first.is_visible()
    context.close()
