"""The panel as people use it: JupyterLab and Notebook 7 in a real browser, by mouse and by keyboard alone."""

import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from imgmagic.notebook.panel.gallery import MOST_THUMBS
from imgmagic.simulator import Simulator
from tests.support.accessibility import serious_faults
from tests.support.browser import CHROMIUM, EACH_FRONT_END, SCREENSHOTS, Notebook, Server, opened
from tests.support.panels import (
    FREE,
    HANDS,
    PANEL,
    Keyboard,
    Mouse,
    card,
    ends,
    generate,
    opened_panel,
    panel_of,
    prompt,
    start,
)
from tests.support.until import until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")


# Records of the newest one's picture, as many as a year may bring.
MANY_RECORDS = """
from dataclasses import replace
import imgmagic
archive = imgmagic.default_session().archive
last = archive.history.get(imgmagic.history.last.id)
for _ in range(200):
    archive.history.settle(replace(archive.generation(last), id=archive.history.begin(last.started)), last.images)
"""
# How many pictures in memory the page made, and how many it held at most at a time.
COUNT_PICTURES = """
() => {
  const held = new Set();
  window.made = window.most = 0;
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = each => {
    const address = createObjectURL(each);
    window.made += 1;
    window.most = Math.max(window.most, held.add(address).size);
    return address;
  };
  URL.revokeObjectURL = each => { held.delete(each); revokeObjectURL(each); };
}
"""
# Slowly enough that every row is seen.
SCROLL_ON = """
async () => {
  const gallery = document.querySelector('.im-scroller');
  gallery.scrollTop += 300;
  await new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
  return gallery.scrollTop;
}
"""


@pytest.fixture(scope="module", params=EACH_FRONT_END)
def notebook(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with a panel in it, in each front end."""
    name = f"panel-{request.param.replace(' ', '')}.ipynb"
    with opened_panel(browser, server, name, front_end=request.param) as page:
        yield page


@pytest.fixture
def panel(notebook: Notebook) -> Iterator[Locator]:
    """Return the panel, with its dialogs closed and its form as new afterwards."""
    found = panel_of(notebook)
    yield found
    while notebook.page.locator("dialog[open]").count():
        notebook.page.keyboard.press("Escape")
    for name in ("Provider", "Model", "Quality"):
        choice = found.get_by_label(name, exact=True)
        if choice.count():
            choice.select_option("")
    found.get_by_label("Images", exact=True).fill("")
    for done in found.get_by_role("button", name="Stop editing").all():
        done.click()
    for options in found.locator(".im-more[open] summary").all():
        options.click()


@pytest.fixture(params=["mouse", pytest.param("keyboard", marks=pytest.mark.slow)])
def hands(notebook: Notebook, request: pytest.FixtureRequest) -> Iterator[Mouse | Keyboard]:
    """Use the panel by mouse, and by keyboard alone; whatever is typed there, no cell comes, goes or changes."""
    cells = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    prompt(panel_of(notebook)).focus()
    yield HANDS[request.param](notebook.page)
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == cells


def draw(panel: Locator, hands: Mouse | Keyboard, text: str) -> Locator:
    """Generate, and return the run's card at once."""
    hands.fill(prompt(panel), text)
    hands.generate(panel)
    return card(panel, text)


@pytest.mark.parametrize(
    "theme", ["JupyterLab Light", pytest.param("JupyterLab Dark", marks=pytest.mark.slow)], ids=["light", "dark"]
)
def test_axe_finds_no_serious_fault(notebook: Notebook, panel: Locator, theme: str) -> None:
    """In every state of the panel: the form with a fault, a run and the history; a record, a comparison, and code."""
    notebook.look(theme, 1400)
    generate(panel, "a calm lake")
    panel.get_by_label("Provider", exact=True).select_option("slow")
    panel.get_by_label("Images", exact=True).fill("12")
    expect(panel.locator(".im-fault:visible")).to_have_count(1)
    panel.locator(".im-more summary").click()
    vary = panel.get_by_role("button", name="Vary Quality", exact=True)
    vary.click()
    faults = serious(notebook, ".imgmagic-panel", reads=True)
    vary.click()
    panel.get_by_label("Images", exact=True).fill("")
    run = start(panel, "a rough sea")
    expect(run.locator("img:visible")).to_have_count(1)
    panel.locator(".im-thumb").last.press("e")
    panel.locator(".im-paint-canvas").wait_for()
    faults += serious(notebook, ".imgmagic-panel")
    ends(run)
    for number in (0, 1):
        panel.locator(".im-item input").nth(number).check()
    for opener in (".im-thumb >> nth=0", ".im-tools button:text('Compare')", ".im-go button:text('As code')"):
        panel.locator(opener).click()
        panel.locator("dialog[open]").wait_for()
        faults += serious(notebook, ".imgmagic-panel dialog[open]")
        notebook.page.keyboard.press("Escape")
    panel.get_by_role("button", name="Clear picks").click()
    panel.locator(".im-more summary").click()

    assert faults == []


def serious(notebook: Notebook, part: str, *, reads: bool = False) -> list[str]:
    """Return what axe finds in a part of the notebook's page."""
    # The front ends' own has no height, for which axe takes whatever is in it for invisible.
    notebook.page.add_style_tag(content="body { height: 100vh; }")
    return serious_faults(notebook.page, part, reads=reads)


def test_partial_images_come_before_the_picture(panel: Locator, hands: Mouse | Keyboard) -> None:
    """They are seen while the run goes on, in its own card."""
    hands.choose(panel.get_by_label("Provider", exact=True), "slow")

    run = draw(panel, hands, "a bad dog, xxl, drawn by hand")

    expect(run.locator(".im-line")).to_contain_text("partial image")
    expect(run.locator("img:visible")).to_have_count(1)
    expect(run).to_have_attribute("data-state", "running")
    expect(ends(run).locator("img:visible")).to_have_count(1)


@pytest.mark.slow
def test_a_new_run_comes_into_view(panel: Locator) -> None:
    """Whoever has scrolled to older pictures sees the one that was just asked for, and Tab reaches what is in view."""
    panel.get_by_label("Images", exact=True).fill("10")
    for number in range(4):
        generate(panel, f"duck {number}")
    panel.get_by_label("Images", exact=True).fill("")
    panel.locator(".im-scroller").evaluate("each => { each.scrollTop = each.scrollHeight; }")
    card(panel, "duck 0").locator(".im-thumb").focus()
    expect(card(panel, "duck 3")).not_to_be_in_viewport()

    newest = generate(panel, "a new duck")

    expect(newest).to_be_in_viewport()
    expect(panel.locator('.im-thumb[tabindex="0"]')).to_have_count(1)


def test_one_of_two_runs_is_stopped(panel: Locator, hands: Mouse | Keyboard) -> None:
    """Each run has its own Stop; the other one goes on to its end."""
    hen, owl = (draw(panel, hands, text) for text in ("a hen [simulate: hang]", "an owl"))

    hands.press(hen.get_by_role("button", name="Stop"))

    ends(hen, "cancelled")
    ends(owl)


def test_controls_change_with_the_model(panel: Locator, hands: Mouse | Keyboard) -> None:
    """Another model has other values; what a server does not take is gone, and says why."""
    hands.choose(panel.get_by_label("Model", exact=True), "gpt-image-2")
    expect(panel.get_by_label("Quality", exact=True).locator("option", has_text="max")).to_have_count(0)
    hands.choose(panel.get_by_label("Provider", exact=True), "yandex")

    expect(panel.get_by_label("Quality", exact=True)).to_have_count(0)
    expect(panel.locator(".im-chip", has_text="Quality")).to_have_attribute(
        "title", "This server ignores it: marked CURRENTLY NOT SUPPORTED."
    )


def test_two_pictures_are_compared(panel: Locator, hands: Mouse | Keyboard) -> None:
    """The words and parameters that differ are marked, and a slider lays one picture over the other."""
    ends(draw(panel, hands, "a red fox in the snow"))
    hands.choose(panel.get_by_label("Quality", exact=True), "low")
    ends(draw(panel, hands, "a blue fox in the snow"))
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", "a blue fox in the snow")

    for number in (0, 1):
        hands.pick(panel, number)
    hands.press(panel.get_by_role("button", name="Compare"))

    compared = panel.locator("dialog.im-compare[open]")
    expect(compared.locator("del, ins")).to_have_text(["blue", "red"])
    expect(compared.get_by_role("slider")).to_be_visible()
    expect(compared.locator(".im-differs")).to_contain_text(["quality"])
    hands.close(compared)
    expect(panel.get_by_role("button", name="Compare")).to_be_focused()
    hands.press(panel.get_by_role("button", name="Clear picks"))


def test_settings_are_used_again(panel: Locator, hands: Mouse | Keyboard) -> None:
    """From one record to the next older one, whose settings fill the form."""
    for text in ("an older boat", "a newer boat"):
        ends(draw(panel, hands, text))
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", "a newer boat")
    hands.fill(prompt(panel), "something else")

    hands.open(panel, 0)
    record = panel.locator("dialog.im-record[open]")
    expect(record.locator(".im-prompt")).to_have_text("a newer boat")
    hands.press(record.get_by_role("button", name="Older"))
    expect(record.locator(".im-prompt")).to_have_text("an older boat")
    hands.press(record.get_by_role("button", name="Use these settings"))

    expect(prompt(panel)).to_have_value("an older boat")
    expect(prompt(panel)).to_be_focused()


def test_a_star_a_note_and_words_find_a_record(panel: Locator, hands: Mouse | Keyboard) -> None:
    """A note is kept though its field was never left; the search looks in prompts and notes."""
    text = f"a starry lake by {type(hands).__name__}"
    ends(draw(panel, hands, text))
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", text)
    hands.open(panel, 0)
    record = panel.locator("dialog.im-record[open]")
    hands.press(record.get_by_role("button", name="Star"))
    expect(record.get_by_role("button", name="Starred")).to_have_attribute("aria-pressed", "true")
    hands.fill(record.get_by_label("Note"), f"for the poster of {type(hands).__name__}")
    hands.close(record)

    starred, search = panel.get_by_role("checkbox", name="starred"), panel.get_by_label("Search the history")
    hands.press(starred)
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", text)
    expect(panel.locator(".im-thumb").first).to_have_attribute("aria-label", re.compile("starred"))
    hands.press(starred)
    hands.fill(search, "words that are nowhere")
    expect(panel.locator(".im-item")).to_have_count(0)
    hands.fill(search, f"poster {type(hands).__name__}")
    expect(panel.locator(".im-item")).to_have_count(1)
    hands.fill(search, "")
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", text)


def test_a_record_is_forgotten_once_asked_twice(panel: Locator, hands: Mouse | Keyboard) -> None:
    """To keep it is the choice at hand."""
    ends(draw(panel, hands, "a mistake"))
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", "a mistake")
    hands.open(panel, 0)
    record = panel.locator("dialog.im-record[open]")

    hands.press(record.get_by_role("button", name="Forget…"))
    expect(record.get_by_role("button", name="Keep")).to_be_focused()
    hands.press(record.get_by_role("button", name="Forget for good"))

    expect(record).to_be_hidden()
    expect(panel.locator('.im-thumb[title="a mistake"]')).to_have_count(0)


def test_a_cell_from_the_panel_asks_the_same(
    notebook: Notebook, panel: Locator, hands: Mouse | Keyboard, quick: Simulator
) -> None:
    """Copied, pasted into a cell, and run, it sends the same request and shows the picture."""
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = f"a green lighthouse by {type(hands).__name__} of {notebook.path.stem}"
    hands.choose(panel.get_by_label("Quality", exact=True), "low")
    run = ends(draw(panel, hands, text))
    expect(run).to_be_visible()
    hands.open(panel, 0)
    record = panel.locator("dialog.im-record[open]")
    hands.press(record.get_by_role("button", name="As code"))
    copy = panel.get_by_role("button", name="Copy: As a cell")
    hands.press(copy)
    expect(copy).to_have_text("Copied")
    for dialog in (panel.locator("dialog.im-code[open]"), record):
        hands.close(dialog)
    hands.go_to_cell(notebook, FREE)
    for key in ("Control+a", "Control+v", "Control+Enter"):
        notebook.page.keyboard.press(key)

    notebook.output(FREE).locator(f'figure img[alt="{text}"]').wait_for()
    of_panel, of_cell = [each.body for each in quick.requests if each.body.get("prompt") == text]
    assert of_cell == of_panel
    assert of_cell["quality"] == "low"


def test_a_part_of_a_picture_is_changed(panel: Locator, hands: Mouse | Keyboard, quick: Simulator) -> None:
    """Edit opens the painter beside the form; what is painted is the mask, and the versions are one click apart."""
    text = f"a stormy sky by {type(hands).__name__}"
    fox = ends(draw(panel, hands, f"a red fox for {type(hands).__name__}"))
    number = fox.locator(".im-name").inner_text()

    hands.edit(panel, 0)
    hands.paint(panel.locator(".imgmagic-painter"))
    ends(draw(panel, hands, text))
    hands.open(panel, 0)
    record = panel.locator("dialog.im-record[open]")
    expect(record.locator(".im-prompt")).to_have_text(text)
    family = record.get_by_role("group", name="Family")
    expect(family.locator("[aria-current]")).to_have_text(re.compile("→ #[0-9]+"))
    hands.press(family.get_by_role("button", name=number, exact=True))
    expect(record.get_by_role("heading", name=f"Picture {number}")).to_be_visible()
    expect(family.locator("[aria-current]")).to_have_text(number)
    hands.close(record)

    asked = next(each for each in quick.requests if each.body.get("prompt") == text)
    assert asked.path.endswith("/images/edits")
    assert [file.name for file in asked.files][-1] == "mask"
    hands.press(panel.get_by_role("button", name="Stop editing"))
    expect(panel.locator(".imgmagic-painter")).to_have_count(0)
    expect(panel.get_by_label("Start from", exact=True)).to_have_value("")


def test_a_fault_stands_at_its_control(panel: Locator) -> None:
    """Before anything is sent, and read out with the control."""
    panel.get_by_label("Images", exact=True).fill("12")

    expect(panel.get_by_label("Images", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(panel.get_by_label("Images", exact=True)).to_have_accessible_description(
        "12 is out of range; 1 to 10 are allowed."
    )


def saved_notebook(notebook: Notebook) -> nbformat.NotebookNode:
    """Save with something changed, and return the file."""
    notebook.cell(FREE).locator(".cm-content").click()
    notebook.page.keyboard.type(" ")
    return notebook.save()


@pytest.mark.slow
def test_a_saved_panel_is_a_plain_summary(notebook: Notebook, server: Server, browser: Browser) -> None:
    """No widget in the file; opened without a kernel it shows the last pictures and sums, and no error."""
    saved = saved_notebook(notebook)

    outputs = saved.cells[PANEL].outputs
    kinds: set[str] = {kind for output in outputs for kind in output.data}
    assert kinds == {"text/html", "text/plain"}
    del saved.metadata["kernelspec"], saved.metadata["language_info"]  # so that the front end asks for a kernel
    nbformat.write(saved, server.folder / "reopened-panel.ipynb")
    with opened(browser, server, "reopened-panel.ipynb", front_end=notebook.front_end, kernel=False) as again:
        output = again.output(PANEL)
        output.locator("figure img").first.wait_for()
        expect(output).to_contain_text("this session")
        expect(output).not_to_contain_text("Error displaying widget")
        expect(output).not_to_contain_text("Loading widget")


@pytest.mark.slow
def test_a_reload_in_mid_run_loses_nothing(notebook: Notebook, panel: Locator) -> None:
    """The page goes away while a picture is drawn; the panel that comes back shows the run and its end."""
    saved_notebook(notebook)
    panel.get_by_label("Provider", exact=True).select_option("slow")
    expect(start(panel, "a swan in the mist")).to_have_attribute("data-state", "running")

    notebook.page.reload()
    notebook.page.locator(".imgmagic-panel").wait_for()

    expect(prompt(panel)).to_have_value("a swan in the mist")
    expect(ends(card(panel, "a swan in the mist")).locator("img:visible")).to_have_count(1)


def test_a_long_history_takes_few_pictures_at_a_time(notebook: Notebook, panel: Locator) -> None:
    """One scrolls past hundreds of thumbnails, and the page holds the last of them."""
    generate(panel, "one of many")
    notebook.page.evaluate(COUNT_PICTURES)
    notebook.cell(FREE).locator(".cm-content").fill(MANY_RECORDS)
    notebook.run(FREE)

    until(lambda: notebook.page.evaluate(SCROLL_ON) and notebook.page.evaluate("made") > 120, "no more thumbnails come")

    assert 30 < notebook.page.evaluate("most") <= MOST_THUMBS
    assert panel.locator(".im-item").count() < 80


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"], ids=["light", "dark"])
def test_screens_for_people_to_look_at(notebook: Notebook, panel: Locator, theme: str) -> None:
    """Wide and narrow, light and dark, as they are shipped; nothing is wider than its place."""
    for width in (1400, 600):
        notebook.look(theme, width)
        until(lambda: fits(panel), "the panel is wider than its place")
        name = f"panel-{notebook.path.stem}-{theme.rsplit(maxsplit=1)[-1]}-{width}.png".lower()
        notebook.page.screenshot(path=SCREENSHOTS / name)
    notebook.look(theme, 1400)


def fits(panel: Locator) -> Any:
    return panel.evaluate("each => each.scrollWidth <= each.clientWidth")
