"""The documentation's site in Chromium: every page reads well in light and dark, and fits a narrow window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.accessibility import serious_faults
from tools.docs.__main__ import build

NARROW, WIDE = 400, 1400

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site from nothing."""
    folder = tmp_path_factory.mktemp("site")
    assert build(folder / "source", folder / "html") == 0
    return folder / "html"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def pages_of(site: Path) -> list[Path]:
    """Return the pages that a reader opens; search shows nothing without a question."""
    return sorted(path for path in site.rglob("*.html") if path.name not in {"genindex.html", "search.html"})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_on_any_page(site: Path, page: Page, scheme: str) -> None:
    """The pages' own colours in both schemes, the notebooks' outputs among them."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": WIDE, "height": 900})
    faults = {}
    for path in pages_of(site):
        page.goto(path.as_uri())
        if found := serious_faults(page, reads=True):
            faults[path.relative_to(site).as_posix()] = found

    assert faults == {}


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_no_page_scrolls_sideways(site: Path, page: Page, width: int) -> None:
    """Tables and code scroll in their own box."""
    page.set_viewport_size({"width": width, "height": 900})
    wider = []
    for path in pages_of(site):
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wider.append(path.relative_to(site).as_posix())

    assert wider == []


def test_every_picture_of_the_site_is_shown(site: Path, page: Page) -> None:
    """The moving one on the first page, too; nothing is asked from elsewhere."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    broken = []
    for path in pages_of(site):
        page.goto(path.as_uri())
        page.evaluate("Promise.all([...document.images].map(image => image.decode().catch(() => null)))")
        if page.evaluate("[...document.images].some(image => image.naturalWidth === 0)"):
            broken.append(path.relative_to(site).as_posix())

    assert broken == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
