"""A panel in a browser, used as people do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import FRONT_ENDS, Notebook, Server, opened

LOAD, PANEL, BUSY, FREE = 0, 1, 2, 3  # the cells of every notebook
CELLS = ("%load_ext imgmagic", "%imgmagic panel", "import time; time.sleep(2)", "")


# The key that moves the focus towards an element; none where it is.
_TOWARDS = """
wanted => {
  const now = document.activeElement;
  if (now === wanted) return "";
  return now.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING ? "Shift+Tab" : "Tab";
}
"""


@dataclass(frozen=True)
class Mouse:
    """Someone who points and clicks, and types only text."""

    page: Page

    def press(self, target: Locator) -> None:
        target.click()

    def fill(self, target: Locator, text: str) -> None:
        target.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def choose(self, select: Locator, option: str) -> None:
        select.select_option(label=option)

    def generate(self, panel: Locator) -> None:
        self.press(panel.get_by_role("button", name="Generate", exact=True))

    def open(self, panel: Locator, number: int) -> None:
        self.press(ended(panel).locator(".im-thumb").nth(number))

    def pick(self, panel: Locator, number: int) -> None:
        self.press(ended(panel).locator("input").nth(number))

    def edit(self, panel: Locator, number: int) -> None:
        tile = ended(panel).nth(number)
        tile.hover()
        self.press(tile.get_by_role("button", name="Edit"))

    def paint(self, painter: Locator) -> None:
        """Draw a rectangle over the upper part of the picture."""
        self.press(painter.get_by_role("button", name="Rectangle"))
        canvas = painter.locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 2, box["y"] + 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] * 0.35, steps=6)
        self.page.mouse.up()
        expect(painter.get_by_role("status")).not_to_have_text(re.compile(r"^0\.0 %"))

    def close(self, dialog: Locator) -> None:
        self.press(dialog.get_by_role("button", name="Close"))

    def go_to_cell(self, notebook: Notebook, number: int) -> None:
        notebook.cell(number).locator(".cm-content").click()


@dataclass(frozen=True)
class Keyboard:
    """Someone who has no mouse."""

    page: Page

    def reach(self, target: Locator) -> None:
        """Tab to an element."""
        for _ in range(200):
            key = target.evaluate(_TOWARDS)
            if not key:
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"Tab does not reach {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Space")

    def fill(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def choose(self, select: Locator, option: str) -> None:
        self.reach(select)
        wanted = "(each, text) => [...each.options].findIndex(option => option.text === text) - each.selectedIndex"
        steps = select.evaluate(wanted, option)
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")

    def generate(self, panel: Locator) -> None:
        self.reach(prompt(panel))
        self.page.keyboard.press("Control+Enter")

    def open(self, panel: Locator, number: int) -> None:
        self._walk(panel, number)
        self.page.keyboard.press("Enter")

    def pick(self, panel: Locator, number: int) -> None:
        self._walk(panel, number)
        self.page.keyboard.press("c")

    def edit(self, panel: Locator, number: int) -> None:
        self._walk(panel, number)
        self.page.keyboard.press("e")

    def paint(self, painter: Locator) -> None:
        """Draw a rectangle from the middle of the picture downwards."""
        painter.locator("canvas").first.wait_for()
        self.reach(painter.locator("canvas").first)
        for key in ("r", "Space", *["ArrowRight"] * 8, *["ArrowDown"] * 8, "Space"):
            self.page.keyboard.press(key)
        expect(painter.get_by_role("status")).not_to_have_text(re.compile(r"^0\.0 %"))

    def close(self, dialog: Locator) -> None:
        self.page.keyboard.press("Escape")
        dialog.wait_for(state="hidden")

    def go_to_cell(self, notebook: Notebook, number: int) -> None:
        """Leave the panel, walk down, and write."""
        self.page.keyboard.press("Escape")
        for _ in range(number - PANEL):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def _walk(self, panel: Locator, number: int) -> None:
        """Go to a thumbnail: Tab to whichever can be reached, then by arrows."""
        self.reach(panel.locator('.im-thumb[tabindex="0"]'))
        self.page.keyboard.press("Home")
        for _ in range(number):
            self.page.keyboard.press("ArrowRight")


HANDS = {"mouse": Mouse, "keyboard": Keyboard}


@contextmanager
def opened_panel(
    browser: Browser, server: Server, name: str, *, front_end: str, busy: str = CELLS[BUSY]
) -> Iterator[Notebook]:
    """Open a notebook with a panel in it, and with a history of its own."""
    settings = {"history_url": f"{name}.sqlite", "size": "1024x640", "output_format": "jpeg"}  # which is soonest drawn
    configured = [f"%config ImagineMagics.{setting} = {value!r}" for setting, value in settings.items()]
    server.write(name, "\n".join([CELLS[LOAD], *configured]), CELLS[PANEL], busy, CELLS[FREE])
    with opened(browser, server, name, front_end=FRONT_ENDS[front_end]) as notebook:
        notebook.page.set_viewport_size({"width": 1400, "height": 1000})
        notebook.run(LOAD, PANEL)
        panel_of(notebook).wait_for()
        yield notebook


def panel_of(notebook: Notebook) -> Locator:
    return notebook.page.locator(".imgmagic-panel")


def prompt(panel: Locator) -> Locator:
    return panel.get_by_label("Prompt", exact=True)


def ended(panel: Locator) -> Locator:
    """Return the tiles of what has ended, newest first."""
    return panel.locator('.im-item:not([data-state="running"], [data-state="waiting"])')


def card(panel: Locator, text: str) -> Locator:
    """Return the newest tile whose prompt holds a text."""
    return panel.locator(".im-item").filter(has=panel.page.locator(f'.im-thumb[title*="{text}"]')).first


def ends(run: Locator, state: str = "completed") -> Locator:
    """Wait until a run has ended so and the history has it, and return its tile."""
    expect(run).to_have_attribute("data-state", state, timeout=30_000)
    expect(run.locator(".im-name")).to_have_text(re.compile(r"#\d+"))
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
    ended(panel).locator(".im-thumb").nth(number).click()
    dialog = panel.locator("dialog.im-record[open]")
    dialog.wait_for()
    return dialog
