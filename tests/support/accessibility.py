"""What axe finds in a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_faults(page: Page, part: str = "body", *, reads: bool = False) -> list[str]:
    """Return the serious and critical faults that axe finds in a part of the page, which `reads` text for certain."""
    found = Axe().run(page, context=part).response
    read = [node for each in found["passes"] if each["id"] == "color-contrast" for node in each["nodes"]]
    assert read or not reads, "axe saw no text"
    faults = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
    return [f"{each['id']}: {node['html'][:120]} {node['failureSummary']}" for each in faults for node in each["nodes"]]
