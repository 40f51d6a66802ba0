"""The pages of service comparisons as a reader has them, and the way to them and back."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = [390, 1440]


def opened(visit, service_pages, width):
    """Open each page in turn; one of them has figures, unless all are withheld."""
    for path in service_pages:
        yield path, visit(width, path=path)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_drawn_stays_within_the_screen_and_asks_nobody(
    visit, service_pages, width
):
    for path, found in opened(visit, service_pages, width):
        page = found.page
        undrawn = page.eval_on_selector_all(
            ".chart",
            """charts => charts.filter(chart => chart.querySelectorAll(
                 'svg path, svg text, svg line').length < 11).map(c => c.id)""",
        )
        wide = page.evaluate(
            """() => [...document.querySelectorAll('main *, header *, footer *')]
              .filter(e => !e.closest('.scroll') && !e.closest('.vh')
                           && e.getBoundingClientRect().right > innerWidth + 1)
              .map(e => e.tagName + '.' + e.className)"""
        )
        away = [u for u in found.requests if not u.startswith(("data:", "blob:"))]

        assert undrawn == [], path.name
        assert wide == [], path.name
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert away == [path.as_uri()]
        assert found.complaints == []


def test_no_text_of_a_chart_is_cut_off_or_undefined(visit, service_pages):
    for path, found in opened(visit, service_pages, 1440):
        cut = found.page.eval_on_selector_all(
            ".chart",
            """charts => charts.flatMap(chart => {
                 const frame = chart.querySelector('svg').getBoundingClientRect();
                 return [...chart.querySelectorAll('svg text')].filter(text => {
                   const box = text.getBoundingClientRect();
                   return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
                     || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
                 }).map(text => chart.id + ': ' + text.textContent); })""",
        )
        text = found.page.locator("main").inner_text()

        assert cut == [], path.name
        for bad in ("undefined", "NaN", "null", "[object"):
            assert bad not in text, path.name


def test_no_two_texts_of_a_chart_cover_each_other(visit, service_pages):
    for path, found in opened(visit, service_pages, 1440):
        covered = found.page.eval_on_selector_all(
            ".chart",
            """charts => charts.flatMap(chart => {
                 const boxes = [...chart.querySelectorAll('svg text')]
                   .filter(text => text.textContent.trim() && !text.hasAttribute('stroke'))
                   .map(text => [text.textContent, text.getBoundingClientRect()]);
                 return boxes.flatMap(([one, a], n) => boxes.slice(n + 1)
                   .filter(([two, b]) => one !== two
                     && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                     && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
                   .map(([two]) => `${chart.id}: ${one} / ${two}`)); })""",
        )

        assert covered == [], path.name


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(visit, axe, service_pages, width):
    for path, found in opened(visit, service_pages, width):
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
        assert len(result["passes"]) > 20


def test_the_index_leads_to_every_page_and_each_leads_back(visit, site, service_pages):
    page = visit().page
    links = page.locator("#services .services a")
    addresses = [link.get_attribute("href") for link in links.all()]

    assert sorted(addresses) == [f"comparisons/{path.name}" for path in service_pages]
    for address in addresses:
        title = page.locator(f'#services a[href="{address}"]').inner_text()
        page.locator(f'#services a[href="{address}"]').click()
        page.wait_for_selector("body[data-ready=yes]")
        assert page.locator("h1").inner_text() == title
        page.get_by_role("link", name="All comparisons").click()
        page.wait_for_selector("body[data-ready=yes]")
        assert page.url == f"{site.as_uri()}#section-services"
        assert page.locator("#section-services").is_visible()


def test_a_page_can_be_read_without_scripts(browser, service_pages):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in service_pages:
        page.goto(path.as_uri())
        assert page.locator("#answer h3").is_visible()
        assert all(table.is_visible() for table in page.locator(".table").all())
        assert not page.locator("button").first.is_visible()
    context.close()
