"""A browser that records every request, and the page to look at.

`OUTCOMES_SITE` points to a real release's index.html; without it the page is built
from the fixture. Chromium is Debian's; the accessibility checker comes from npm by the
lock file beside this one.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from unit.reporting import quality_figures, report_database, service_figures

from pipelines.reporting.site import build

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("OUTCOMES_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

MOST_PAGES = 4
"""Of hundreds of pages made alike, how many of a kind are opened."""


@dataclass
class Visit:
    """An open page with what it asked for and what it complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The index under test."""
    real = os.environ.get("OUTCOMES_SITE")
    if real:
        return Path(real).resolve(strict=True)
    folder = tmp_path_factory.mktemp("site")
    with report_database.open_reports() as con:
        service_figures.add(con)
        quality_figures.add(con)
        build(con, folder, report_database.PASSPORT)
    return folder / "index.html"


@pytest.fixture(scope="session")
def service_pages(site) -> list[Path]:
    """The pages of service comparisons beside the page under test; may be none."""
    return sorted((site.parent / "comparisons").glob("*.html"))


@pytest.fixture(scope="session")
def quality_pages(site) -> list[Path]:
    """The data-quality index, then some pages of checks, those with a trend first, and
    some of stages."""
    folder = site.parent / "quality"
    checks = sorted((folder / "checks").glob("*.html"), key=_drawn_first)
    stages = sorted((folder / "stages").glob("*.html"))
    return [folder / "index.html", *checks[:MOST_PAGES], *stages[:MOST_PAGES]]


def _drawn_first(path: Path) -> tuple[bool, str]:
    return ('class="drawn"' not in path.read_text(encoding="utf-8"), path.name)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, site: Path):
    """Open the page at a size; `now` sets its clock, `path` opens another page."""
    contexts = []

    def open_it(
        width: int = 1440,
        height: int = 900,
        now: str | None = None,
        path: Path | None = None,
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True
        )
        contexts.append(context)
        found = Visit(context.new_page())
        context.on("request", lambda request: found.requests.append(request.url))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("console", _keep_complaints(found))
        if now:
            found.page.clock.set_fixed_time(now)
        found.page.goto((path or site).as_uri())
        found.page.wait_for_selector("body[data-ready=yes]", timeout=30_000)
        return found

    yield open_it
    for context in contexts:
        context.close()


def _keep_complaints(found: Visit) -> Callable:
    def keep(message) -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(message.text)

    return keep


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The accessibility checker's source, installed by the lock file."""
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail("npm is not installed; the accessibility check needs it.")
    subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=folder,
        check=True,
    )
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
