"""The panel's gallery as people use it: pictures one by one, rated, compared, filtered, kept; with scrollbars shown."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from imgmagic.notebook.panel.gallery import MOST_COMPARED
from tests.support.browser import CHROMIUM, SCREENSHOTS, Notebook, Server, until
from tests.support.panels import FREE, ended, ends, generate, opened_panel, panel_of, prompt, start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)"),
]

# How many tiles can be seen whole, in the gallery and in the window.
IN_SIGHT = """
panel => {
  const box = panel.querySelector('.im-scroller').getBoundingClientRect();
  const seen = each => {
    const { top, bottom } = each.getBoundingClientRect();
    return top >= box.top && bottom <= Math.min(box.bottom, innerHeight);
  };
  return [...panel.querySelectorAll('.im-item')].filter(seen).length;
}
"""
# What is wider than its place, or is cut off at its side.
TOO_WIDE = """
panel => {
  const box = panel.querySelector('.im-track').getBoundingClientRect();
  const isOut = each => each.getBoundingClientRect().right > box.right + 1;
  const out = [...panel.querySelectorAll('.im-item')].filter(isOut);
  const wide = [...panel.querySelectorAll('*')].filter(each => each.scrollWidth > each.clientWidth + 1
    && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX));
  return [...out, ...wide].map(each => each.className);
}
"""


@pytest.fixture(scope="module")
def notebook(server: Server, browser: Browser) -> Iterator[Notebook]:
    """Open a notebook with a panel that has 40 pictures of 5 generations; the front ends show it alike."""
    with opened_panel(browser, server, "gallery.ipynb", front_end="JupyterLab") as page:
        panel = panel_of(page)
        page.hide_side_bar()
        panel.get_by_label("Images", exact=True).fill("8")
        for number in range(5):
            generate(panel, f"a fox {number}")
        panel.get_by_label("Images", exact=True).fill("")
        yield page


@pytest.fixture
def panel(notebook: Notebook) -> Iterator[Locator]:
    found = panel_of(notebook)
    yield found
    while notebook.page.locator("dialog[open]").count():
        notebook.page.keyboard.press("Escape")


def test_each_picture_of_a_run_is_a_tile_of_its_own(panel: Locator) -> None:
    """Named by its generation and its place in it, newest first."""
    names = ended(panel).locator(".im-name")

    expect(names.nth(0)).to_have_text("#5.1")
    expect(names.nth(8)).to_have_text("#4.1")
    expect(ended(panel).locator("img:visible").nth(7)).to_be_visible()


def test_two_dozen_pictures_are_in_sight(notebook: Notebook, panel: Locator) -> None:
    """In a window of 1400 pixels."""
    notebook.page.set_viewport_size({"width": 1400, "height": 1000})
    panel.locator(".im-scroller").evaluate("each => each.scrollTop = 0")
    panel.locator(".im-gallery").scroll_into_view_if_needed()
    panel.evaluate("each => each.scrollIntoView()")

    until(lambda: panel.evaluate(IN_SIGHT) >= 24, "fewer than 24 pictures are in sight")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"], ids=["light", "dark"])
@pytest.mark.parametrize("width", [600, 1200, 1900])
def test_nothing_is_cut_off_or_scrolls_sideways(notebook: Notebook, panel: Locator, theme: str, width: int) -> None:
    """Narrow and wide, light and dark."""
    notebook.look(theme, width)
    panel.locator(".im-gallery").scroll_into_view_if_needed()

    until(lambda: panel.evaluate(TOO_WIDE) == [], "something is wider than its place")
    name = f"gallery-{notebook.path.stem}-{theme.rsplit(maxsplit=1)[-1]}-{width}.png".lower()
    notebook.page.screenshot(path=SCREENSHOTS / name)
    notebook.look("JupyterLab Light", 1400)


def test_twenty_pictures_are_rated_by_forty_five_keys(notebook: Notebook, panel: Locator) -> None:
    """One opens the large view and goes on from picture to picture; the place is where one stopped."""
    ended(panel).locator(".im-thumb").first.focus()
    keys = ["Enter", *(key for number in range(20) for key in (str(1 + number % 5), "ArrowRight")), "Escape"]
    assert len(keys) <= 45

    notebook.page.keyboard.press(keys[0])
    panel.locator("dialog.im-record[open]").wait_for()
    for key in keys[1:-1]:
        notebook.page.keyboard.press(key)
    expect(panel.locator("dialog.im-record .im-dialog-title")).to_have_text("Picture #3.5", timeout=20_000)
    notebook.page.keyboard.press(keys[-1])

    expect(panel.locator('.im-item[data-key="3.5"] .im-thumb')).to_be_focused()
    panel.locator(".im-scroller").evaluate("each => { each.scrollTop = 0; }")
    for index in range(20):
        tile = panel.locator(f'.im-item[data-key="{5 - index // 8}.{1 + index % 8}"]')
        expect(tile.locator(".im-marks")).to_have_text(f"{1 + index % 5}/5")


def test_filters_say_what_they_let_through(panel: Locator) -> None:
    """And one button shows everything again."""
    panel.locator('.im-item[data-key="5.2"] .im-thumb').press("5")
    expect(panel.locator('.im-item[data-key="5.2"] .im-marks')).to_have_text("5/5")

    panel.get_by_label("Only this rating or better").select_option(label="rated 5")

    expect(panel.locator(".im-filtered")).to_contain_text("Only pictures rated 5 or better.")
    panel.get_by_role("button", name="Show all").click()
    expect(panel.locator(".im-filtered")).to_be_hidden()


def test_nine_pictures_are_compared_and_a_tick_too_many_says_so(panel: Locator) -> None:
    """Also those of one run."""
    for number in range(MOST_COMPARED + 1):
        ended(panel).locator("input").nth(number).click()

    expect(panel.locator(".im-remark")).to_have_text("At most 9 pictures can be compared: unpick one first.")
    expect(ended(panel).locator("input:checked")).to_have_count(MOST_COMPARED)
    panel.get_by_role("button", name="Compare").click()
    compared = panel.locator("dialog.im-compare[open]")
    expect(compared.locator("figure img:visible")).to_have_count(MOST_COMPARED)
    expect(compared.locator("figcaption").first).to_contain_text("#5.1")
    panel.page.keyboard.press("Escape")
    panel.get_by_role("button", name="Clear picks").click()
    expect(panel.locator(".im-remark")).to_have_text("")


def test_the_boundary_of_two_pictures_is_drawn_on_them(panel: Locator) -> None:
    """The pictures are the handle, for the mouse as for the arrow keys."""
    for number in (0, 9):
        ended(panel).locator("input").nth(number).click()
    panel.get_by_role("button", name="Compare").click()
    stack = panel.locator("dialog.im-compare[open] .im-stack")
    box = until(stack.bounding_box, "the pictures are not there")

    panel.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    panel.page.mouse.down()
    panel.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, steps=3)
    panel.page.mouse.up()

    slider = stack.get_by_role("slider")
    assert abs(int(slider.input_value()) - 25) <= 2
    slider.press("ArrowRight")
    assert (
        stack.locator(".im-over").evaluate("each => each.style.clipPath")
        == f"inset(0px 0px 0px {slider.input_value()}%)"
    )
    panel.page.keyboard.press("Escape")
    panel.get_by_role("button", name="Clear picks").click()


def test_stop_all_stops_whatever_runs(notebook: Notebook, panel: Locator) -> None:
    """One button, there only while something runs."""
    for text in ("an owl [simulate: hang]", "a hen [simulate: hang]"):
        start(panel, f"{text} in {notebook.path.stem}")
    stop = panel.get_by_role("button", name="Stop all")

    stop.click()

    for number in (0, 1):
        ends(ended(panel).nth(number), "cancelled")
    expect(stop).to_be_hidden()


def test_a_check_takes_no_refusal_away(panel: Locator) -> None:
    """Why nothing was sent stays until what it is about changes."""
    prompt(panel).fill("")
    panel.get_by_role("button", name="Generate", exact=True).click()
    expect(panel.locator(".im-fault", has_text="Write what to draw.")).to_be_visible()

    panel.get_by_label("Quality", exact=True).select_option("low")
    expect(panel.locator(".im-price")).to_have_text(re.compile(".+"))
    panel.page.wait_for_timeout(400)  # longer than the check of the form takes

    expect(panel.locator(".im-fault", has_text="Write what to draw.")).to_be_visible()
    prompt(panel).fill("a fox")
    expect(panel.locator(".im-fault", has_text="Write what to draw.")).to_be_hidden()
    panel.get_by_label("Quality", exact=True).select_option("")


def test_a_failure_says_what_to_do_next(panel: Locator) -> None:
    """A block across the panel, until it is closed; the settings come back with one click."""
    ends(start(panel, "a boat [simulate: moderation]"), "failed")
    block = panel.locator(".im-problem")

    expect(block.locator("h3")).to_have_text("The server refused the content")
    expect(block.locator(".im-next")).to_contain_text("Change the prompt")
    block.get_by_role("button", name="Use these settings").click()
    expect(prompt(panel)).to_have_value("a boat [simulate: moderation]")
    block.get_by_role("button", name="Close").click()
    expect(block).to_have_count(0)


def test_an_original_is_downloaded(notebook: Notebook, panel: Locator) -> None:
    """The bytes that the server sent, under the name that the store gives them."""
    panel.locator('.im-item[data-key="5.2"] .im-thumb').click()
    record = panel.locator("dialog.im-record[open]")

    with notebook.page.expect_download() as found:
        record.get_by_role("button", name="Download").click()

    assert found.value.suggested_filename.endswith(".jpg")
    assert found.value.path().read_bytes().startswith(b"\xff\xd8\xff")


def test_code_goes_into_a_new_cell_below(notebook: Notebook, panel: Locator) -> None:
    """The cell that asks for the same stands right under the panel's."""
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    before = cells.count()
    prompt(panel).fill("a fox for a cell")
    panel.locator(".im-go").get_by_role("button", name="As code").click()

    panel.get_by_role("button", name="Insert below: As a cell").click()

    expect(cells).to_have_count(before + 1)
    expect(notebook.cell(FREE - 1).locator(".cm-content")).to_contain_text("a fox for a cell")
