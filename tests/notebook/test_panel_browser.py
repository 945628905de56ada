"""The panel as people use it: JupyterLab and Notebook 7 in a real browser, by mouse and by keyboard alone."""

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from browser import CHROMIUM, FRONT_ENDS, SCREENSHOTS, Notebook, Server, opened, until
from panels import FREE, PANEL, generate, opened_panel, opened_record, panel_of, prompt
from playwright.sync_api import Browser, Locator, expect

from imgmagic.simulator import Simulator

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")


@pytest.fixture(scope="module", params=FRONT_ENDS, ids=lambda name: name)
def notebook(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with a panel in it, in each front end."""
    name = f"panel-{request.param.replace(' ', '')}.ipynb"
    with opened_panel(browser, server, name, front_end=request.param) as page:
        yield page


@pytest.fixture
def panel(notebook: Notebook) -> Iterator[Locator]:
    """Return the panel, with its dialogs closed and its form as new."""
    found = panel_of(notebook)
    yield found
    while notebook.page.locator("dialog[open]").count():
        notebook.page.keyboard.press("Escape")
    for name in ("Provider", "Model", "Quality"):
        choice = found.get_by_label(name, exact=True)
        if choice.count():
            choice.select_option("")
    found.get_by_label("Images", exact=True).fill("")


def runs(panel: Locator, state: str) -> Locator:
    return panel.locator(f'.im-run[data-state="{state}"]')


def test_a_round_by_mouse(notebook: Notebook, panel: Locator) -> None:
    """Generate with partial images, change the model, compare, reuse, star, search."""
    first = generate(panel, "a red fox in the snow")
    expect(first.locator("img:visible")).to_have_count(1)
    panel.get_by_label("Quality", exact=True).select_option("low")
    generate(panel, "a blue fox in the snow")

    panel.locator(".im-item input").nth(0).check()
    panel.locator(".im-item input").nth(1).check()
    panel.get_by_role("button", name="Compare").click()
    compared = panel.locator("dialog.im-compare[open]")
    expect(compared.locator("del, ins")).to_have_text(["blue", "red"])
    expect(compared.get_by_role("slider")).to_be_visible()
    expect(compared.locator(".im-differs")).to_contain_text(["quality"])
    notebook.page.keyboard.press("Escape")
    panel.get_by_role("button", name="Clear").click()


def test_controls_change_with_the_model(panel: Locator) -> None:
    """Another model has other values; what a server does not take is gone, and says why."""
    panel.get_by_label("Model", exact=True).select_option("gpt-image-2")
    expect(panel.get_by_label("Quality", exact=True).locator("option", has_text="max")).to_have_count(0)
    panel.get_by_label("Provider", exact=True).select_option("yandex")
    expect(panel.get_by_label("Quality", exact=True)).to_have_count(0)
    expect(panel.locator(".im-chip", has_text="Quality")).to_have_attribute(
        "title", "This server ignores it: marked CURRENTLY NOT SUPPORTED."
    )


def test_settings_are_reused_and_records_found_again(panel: Locator) -> None:
    """Open, star, use these settings; the star and words of the prompt find the record."""
    record = opened_record(panel, 1)
    record.get_by_role("button", name="Star").click()
    expect(record.get_by_role("button", name="Starred")).to_have_attribute("aria-pressed", "true")
    record.get_by_role("button", name="Use these settings").click()
    expect(prompt(panel)).to_have_value("a red fox in the snow")
    panel.get_by_role("checkbox", name="starred").check()
    expect(panel.locator(".im-item")).to_have_count(1)
    panel.get_by_role("checkbox", name="starred").uncheck()
    panel.get_by_label("Search the history").fill("blue")
    expect(panel.locator(".im-item")).to_have_count(1)
    panel.get_by_label("Search the history").fill("")
    expect(panel.locator(".im-item").nth(1)).to_be_visible()


def test_one_of_two_runs_is_stopped(panel: Locator) -> None:
    """Each run has its own Stop; partial images stand in both."""
    panel.get_by_label("Provider", exact=True).select_option("slow")
    for text in ("a hen", "an owl"):
        prompt(panel).fill(text)
        prompt(panel).press("Control+Enter")
    expect(runs(panel, "running")).to_have_count(2)
    panel.locator(".im-run", has_text="a hen").get_by_role("button", name="Stop").click()

    expect(panel.locator(".im-run", has_text="a hen")).to_have_attribute("data-state", "cancelled", timeout=20_000)
    expect(panel.locator(".im-run", has_text="an owl")).to_have_attribute("data-state", "completed", timeout=20_000)


def test_a_fault_stands_at_its_control(panel: Locator) -> None:
    """Before anything is sent, and read out with the control."""
    panel.get_by_label("Images", exact=True).fill("12")

    expect(panel.get_by_label("Images", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(panel.get_by_label("Images", exact=True)).to_have_accessible_description(
        "12 is out of range; 1 to 10 are allowed."
    )


def test_a_round_by_keyboard_alone(notebook: Notebook, panel: Locator) -> None:
    """Write, generate, walk the filmstrip, open, star, pick, compare, close: no key reaches the notebook's commands."""
    keyboard = notebook.page.keyboard
    cells = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    prompt(panel).focus()
    keyboard.press("Control+a")
    keyboard.type("a bad dog, xxl, drawn by hand")
    keyboard.press("Control+Enter")
    card = panel.locator(".im-run").filter(has=notebook.page.locator(".im-run-title", has_text="a bad dog")).first
    expect(card).to_have_attribute("data-state", "completed", timeout=30_000)
    expect(panel.locator(".im-thumb").first).to_have_attribute("title", "a bad dog, xxl, drawn by hand")

    panel.get_by_role("checkbox", name="this session").focus()
    keyboard.press("Tab")
    keyboard.press("Home")
    expect(panel.locator(".im-thumb").first).to_be_focused()
    keyboard.press("c")
    keyboard.press("ArrowRight")
    keyboard.press("s")
    keyboard.press("c")
    expect(panel.locator(".im-item input:checked")).to_have_count(2)
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_dialogs_open_and_close_by_keyboard(notebook: Notebook, panel: Locator) -> None:
    """Escape closes and gives the focus back; arrows walk from record to record."""
    keyboard = notebook.page.keyboard
    panel.get_by_role("checkbox", name="this session").focus()
    for _ in range(2):  # over Clear
        keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Compare")).to_be_focused()
    keyboard.press("Enter")
    panel.locator("dialog.im-compare[open]").wait_for()
    keyboard.press("Escape")
    expect(panel.get_by_role("button", name="Compare")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    panel.locator("dialog.im-record[open]").wait_for()
    keyboard.press("ArrowLeft")
    expect(panel.locator("dialog.im-record .im-prompt")).to_have_text("a bad dog, xxl, drawn by hand")
    keyboard.press("Escape")
    panel.get_by_role("button", name="Clear").click()


def test_a_cell_from_the_panel_asks_the_same(notebook: Notebook, panel: Locator, quick: Simulator) -> None:
    """Copied, pasted into a cell, and run, it sends the same request."""
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = generate(panel, "a green lighthouse at dawn")
    card.get_by_role("button", name="Open").click()
    record = panel.locator("dialog.im-record[open]")
    record.wait_for()
    record.get_by_role("button", name="As code").click()
    panel.get_by_role("button", name="Copy: As a cell").click()
    expect(panel.get_by_role("button", name="Copy: As a cell")).to_have_text("Copied")
    for _ in range(2):
        notebook.page.keyboard.press("Escape")
    notebook.cell(FREE).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.press("Control+v")
    notebook.page.keyboard.press("Control+Enter")
    notebook.output(FREE).locator("figure img").wait_for()

    drawn = [each.body for each in quick.requests if each.body.get("prompt") == "a green lighthouse at dawn"]
    assert len(drawn) >= 2
    assert drawn[-1] == drawn[-2]


def saved_notebook(notebook: Notebook) -> nbformat.NotebookNode:
    """Save with something changed, and return the file."""
    notebook.cell(FREE).locator(".cm-content").click()
    notebook.page.keyboard.type(" ")
    return notebook.save()


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


def test_a_reload_in_mid_run_loses_nothing(notebook: Notebook, panel: Locator) -> None:
    """The page goes away while a picture is drawn; the panel that comes back shows the run and its end."""
    saved_notebook(notebook)
    panel.get_by_label("Provider", exact=True).select_option("slow")
    prompt(panel).fill("a swan in the mist")
    prompt(panel).press("Control+Enter")
    expect(runs(panel, "running")).to_have_count(1)

    notebook.page.reload()
    notebook.page.locator(".imgmagic-panel").wait_for()

    expect(prompt(panel)).to_have_value("a swan in the mist")
    card = panel.locator(".im-run", has_text="a swan in the mist")
    expect(card).to_have_attribute("data-state", "completed", timeout=20_000)
    expect(card.locator("img:visible")).to_have_count(1)


def test_screens_for_people_to_look_at(notebook: Notebook, panel: Locator) -> None:
    """Wide and narrow, as they are shipped; nothing is wider than its place."""
    for width in (1400, 600):
        notebook.page.set_viewport_size({"width": width, "height": 1000})
        until(lambda: fits(panel), "the panel is wider than its place")
        panel.screenshot(path=SCREENSHOTS / f"panel-{width}.png")
    notebook.page.set_viewport_size({"width": 1400, "height": 1000})


def fits(panel: Locator) -> Any:
    return panel.evaluate("each => each.scrollWidth <= each.clientWidth")
