"""A panel in a browser, used as people do."""

from collections.abc import Iterator
from contextlib import contextmanager

from browser import FRONT_ENDS, Notebook, Server, opened
from playwright.sync_api import Browser, Locator, expect

LOAD, PANEL, BUSY, FREE = 0, 1, 2, 3  # the cells of every notebook
CELLS = ("%load_ext imgmagic", "%imgmagic panel", "import time; time.sleep(2)", "")


@contextmanager
def opened_panel(
    browser: Browser, server: Server, name: str, *, front_end: str, busy: str = CELLS[BUSY]
) -> Iterator[Notebook]:
    """Open a notebook with a panel in it, and with a history of its own."""
    own_history = f"%config ImagineMagics.history_url = '{name}.sqlite'"
    server.write(name, f"{CELLS[LOAD]}\n{own_history}", CELLS[PANEL], busy, CELLS[FREE])
    with opened(browser, server, name, front_end=FRONT_ENDS[front_end]) as notebook:
        notebook.page.set_viewport_size({"width": 1400, "height": 1000})
        notebook.run(LOAD, PANEL)
        panel_of(notebook).wait_for()
        yield notebook


def panel_of(notebook: Notebook) -> Locator:
    return notebook.page.locator(".imgmagic-panel")


def prompt(panel: Locator) -> Locator:
    return panel.get_by_label("Prompt", exact=True)


def card(panel: Locator, text: str) -> Locator:
    """Return the newest run whose prompt holds a text."""
    return panel.locator(".im-run").filter(has=panel.page.locator(".im-run-title", has_text=text)).first


def ends(run: Locator, state: str = "completed") -> Locator:
    """Wait until a run has ended so, and return it."""
    expect(run).to_have_attribute("data-state", state, timeout=30_000)
    return run


def start(panel: Locator, text: str) -> Locator:
    """Generate by keyboard, and return the run's card at once."""
    prompt(panel).fill(text)
    prompt(panel).press("Control+Enter")
    found = card(panel, text)
    found.wait_for()
    return found


def generate(panel: Locator, text: str) -> Locator:
    """Generate by keyboard, and return the run's card when it has ended."""
    return ends(start(panel, text))


def opened_record(panel: Locator, number: int = 0) -> Locator:
    panel.locator(".im-thumb").nth(number).click()
    dialog = panel.locator("dialog.im-record[open]")
    dialog.wait_for()
    return dialog
