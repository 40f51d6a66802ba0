"""The page as a reader has it: drawn, quiet, usable by keyboard, on any screen."""

import csv
from datetime import date, timedelta

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = [390, 720, 1440]
"""A phone; a desktop at 200 % zoom; a desktop (px)."""

CHARTS = ".chart"


def drawn(page):
    """Charts with the number of marks that have a size."""
    return page.eval_on_selector_all(
        CHARTS,
        """charts => charts.map(chart => [chart.id, [...chart.querySelectorAll(
             'svg path, svg text, svg line')].filter(mark => {
               const box = mark.getBoundingClientRect();
               return box.width + box.height > 0; }).length])""",
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_every_chart_is_drawn_and_nothing_complains(visit, width):
    found = visit(width)

    charts = drawn(found.page)

    assert charts
    assert all(marks > 10 for _, marks in charts), charts
    assert found.complaints == []


def test_no_request_leaves_the_page(visit, site):
    found = visit()
    page = found.page
    for button in page.locator("button[data-act=table]").all():
        button.click()
    with page.expect_download():
        page.locator("button[data-act=png]").first.click()
    refused = page.evaluate(
        "fetch('https://example.org/').then(() => 'sent', () => 'refused')"
    )

    away = [url for url in found.requests if not url.startswith(("data:", "blob:"))]
    assert away == [site.as_uri()]
    assert refused == "refused"


def test_no_text_of_a_chart_is_undefined(visit):
    text = visit().page.locator("main").inner_text()

    for bad in ("undefined", "NaN", "null", "None of", "[object"):
        assert bad not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows_the_page_sideways(visit, width):
    page = visit(width).page

    wide = page.evaluate(
        """() => [...document.querySelectorAll('main *, header *, footer *')]
          .filter(e => !e.closest('.scroll') && !e.closest('.vh')
                       && e.getBoundingClientRect().right > innerWidth + 1)
          .map(e => e.tagName + '.' + e.className)"""
    )

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert wide == []


def test_charts_scroll_inside_their_card_on_a_phone(visit):
    page = visit(390).page

    boxes = page.eval_on_selector_all(
        ".scroll:has(.chart)",
        "boxes => boxes.map(b => [b.scrollWidth - b.clientWidth, b.tabIndex, b.clientWidth])",
    )

    assert any(hidden > 0 for hidden, _, _ in boxes)
    assert all(tab == (0 if hidden > 1 else -1) for hidden, tab, _ in boxes)
    assert all(width < 390 for _, _, width in boxes)


def test_no_text_of_a_chart_is_cut_off(visit):
    page = visit().page

    cut = page.eval_on_selector_all(
        CHARTS,
        """charts => charts.flatMap(chart => {
             const frame = chart.querySelector('svg').getBoundingClientRect();
             return [...chart.querySelectorAll('svg text')].filter(text => {
               const box = text.getBoundingClientRect();
               return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
                 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
             }).map(text => chart.id + ': ' + text.textContent); })""",
    )

    assert cut == []


def test_show_table_shows_the_rows_and_hides_them_again(visit):
    page = visit().page

    for button in page.locator("button[data-act=table]").all():
        table = page.locator(f"#{button.get_attribute('aria-controls')}")
        assert not table.is_visible()
        button.click()
        assert table.is_visible()
        assert button.inner_text() == "Hide table"
        assert button.get_attribute("aria-expanded") == "true"
        assert table.locator("tbody tr").count() > 0
        button.click()
        assert not table.is_visible()
        assert button.inner_text() == "Show table"


DOWNLOADS = 8
"""Chromium asks before it saves more than ten files of one page."""


def test_csv_holds_the_rows_of_the_table(visit, tmp_path):
    page = visit().page
    figures = page.eval_on_selector_all(
        "figure:has(button[data-act=csv])", "all => all.map(f => f.id)"
    )
    assert figures

    for number, name in enumerate(figures):
        if number and number % DOWNLOADS == 0:
            page = visit().page
        with page.expect_download() as download:
            page.locator(f"#{name} button[data-act=csv]").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        text = file.read_bytes().decode("utf-8-sig")
        release = page.evaluate("document.body.dataset.release")
        assert file.name == f"{name}_{release}.csv"
        assert text.count("\r\n") >= 2
        table = page.locator(f"#{name}-table")
        if table.count():
            headings = table.locator("thead th").all_text_contents()
            assert next(csv.reader([text.split("\r\n")[0]])) == headings


def test_png_is_a_picture_of_the_chart(visit, tmp_path):
    page = visit().page

    with page.expect_download() as download:
        page.locator("button[data-act=png]").first.click()
    file = tmp_path / "chart.png"
    download.value.save_as(file)

    data = file.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20]) > 800
    assert len(data) > 20_000


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(visit, axe, width):
    page = visit(width).page
    for button in page.locator("button[data-act=table]").all():
        button.click()
    for summary in page.locator("summary").all():
        summary.click()

    page.evaluate(axe)
    result = page.evaluate("axe.run({ resultTypes: ['violations'] })")

    found = [
        f"{item['id']}: {item['help']} ({len(item['nodes'])}) {item['nodes'][0]['html'][:200]}"
        for item in result["violations"]
    ]
    assert found == []
    assert len(result["passes"]) > 20


def test_each_chart_has_one_label_and_a_table_beside_it(visit):
    page = visit().page

    labels = page.eval_on_selector_all(
        CHARTS,
        "charts => charts.map(c => c.querySelectorAll('[aria-label]').length + c.hasAttribute('aria-label'))",
    )

    assert labels
    assert set(labels) == {1}
    for chart in page.locator(CHARTS).all():
        figure = chart.locator("xpath=ancestor::figure")
        assert figure.locator("button[data-act=table]").count() == 1


def test_everything_can_be_reached_and_seen_by_keyboard(visit):
    page = visit().page
    seen, unmarked = [], []

    for _ in range(200):
        page.keyboard.press("Tab")
        spot = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
                 const f = e.closest('figure');
                 return [e.tagName, (f ? f.id + ' ' : '') + e.textContent.trim().slice(0, 40),
                         parseFloat(s.outlineWidth), s.outlineStyle]; }"""
        )
        if spot[0] == "BODY":
            break
        seen.append(spot[1])
        if spot[2] < 2 or spot[3] == "none":
            unmarked.append(spot)

    assert seen[0] == "Skip to the figures"
    assert unmarked == []
    buttons = page.locator("main button, main summary").count()
    assert len([s for s in seen if s]) >= buttons
    order = [name for name in dict.fromkeys(s.split(" ")[0] for s in seen)]
    figures = page.eval_on_selector_all("figure", "all => all.map(f => f.id)")
    assert [name for name in order if name in figures] == figures


def test_a_table_opens_by_keyboard(visit):
    page = visit().page
    button = page.locator("button[data-act=table]").first

    button.focus()
    page.keyboard.press("Enter")

    assert page.locator(f"#{button.get_attribute('aria-controls')}").is_visible()


def test_the_page_says_itself_when_it_is_late(visit):
    due = visit().page.evaluate("document.body.dataset.due")
    if not due:
        assert not visit().page.locator("#late").is_visible()
        return
    day = date.fromisoformat(due[:10])

    before = visit(now=f"{day - timedelta(days=1)}T12:00:00Z").page.locator("#late")
    after = visit(now=f"{day + timedelta(days=2)}T12:00:00Z").page.locator("#late")

    assert not before.is_visible()
    assert after.is_visible()
    assert after.inner_text().startswith("This page is late.")


def test_a_pointer_shows_the_numbers_of_a_point(visit):
    page = visit().page
    page.locator("[id^=scores_] .chart").first.scroll_into_view_if_needed()
    point = page.locator(
        "[id^=scores_] .chart .mark-symbol path[fill]:not([fill=none])"
    )
    box = next(
        item
        for item in (p.bounding_box() for p in point.all())
        if item and item["width"] > 5
    )

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    page.locator("#tip").wait_for(state="visible")
    assert "Mean, points" in page.locator("#tip").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#tip").is_visible()


def test_it_prints_whole_and_without_buttons(visit):
    page = visit().page

    page.emulate_media(media="print")

    assert not page.locator("button").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator("h1").is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")


def test_without_scripts_the_tables_are_shown(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.as_uri())

    tables = page.locator(".table")
    assert tables.count() > 0
    assert all(table.is_visible() for table in tables.all())
    assert not page.locator("button").first.is_visible()
    context.close()
