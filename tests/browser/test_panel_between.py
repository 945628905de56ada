"""The panel when something comes between: a busy kernel, its cell run again, a closed tab, a restart, a lacking key."""

import base64
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from imgmagic.simulator import Simulator
from tests.support.browser import CHROMIUM, EACH_FRONT_END, Notebook, Server
from tests.support.panels import (
    BUSY,
    FREE,
    LOAD,
    PANEL,
    card,
    ends,
    generate,
    opened_panel,
    opened_record,
    panel_of,
    prompt,
    start,
)
from tests.support.until import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)"),
]

SECRET = "sk-of-a-test-0123456789abcdef"
# A cell that runs until the test lets it go, and then says in which threads IPython was told of a cell's end meanwhile.
HELD = """
import threading, time
from pathlib import Path
told = []
get_ipython().events.register("post_execute", lambda: told.append(threading.current_thread().name))
while not Path("let-go").exists():
    time.sleep(0.05)
print("told in", told)
"""
SAVE_STATE = "jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
# It asks first: waiting for its end must wait.
RESTART = "() => { window.restarted = jupyterapp.commands.execute('kernelmenu:restart') }"


@pytest.fixture(scope="module", params=EACH_FRONT_END)
def notebook(server: Server, browser: Browser, quick: Simulator, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with a panel in it, in each front end; the provider `paid` lacks a key."""
    paid = f'[providers.paid]\ndialect = "openai"\nbase_url = "{quick.base_url}"\nkey_env = "PAID_KEY"\n'
    config = server.folder.parent / "imgmagic" / "config.toml"
    config.write_text(config.read_text().replace(paid, "") + paid)
    name = f"between-{request.param.replace(' ', '')}.ipynb"
    with opened_panel(browser, server, name, front_end=request.param, busy=HELD) as page:
        yield page


@pytest.fixture
def panel(notebook: Notebook) -> Locator:
    return panel_of(notebook)


def choose(panel: Locator, provider: str) -> None:
    panel.get_by_label("Provider", exact=True).select_option(provider)


def test_generate_and_stop_act_while_a_cell_runs(notebook: Notebook, panel: Locator, slow: Simulator) -> None:
    """The server gets the request and sees it stopped before the cell ends, and IPython is told of no cell's end."""
    choose(panel, "slow")
    prompt(panel).fill("a patient heron [simulate: slow]")
    before = len(slow.requests)
    notebook.run(LOAD)  # upon which the panel was last refreshed from the shell that runs cells
    notebook.start(BUSY)
    until(lambda: "*" in notebook.prompt(BUSY), "the cell does not run")

    panel.get_by_role("button", name="Generate", exact=True).click()
    until(lambda: len(slow.requests) > before, "no request came")
    card(panel, "a patient heron").get_by_role("button", name="Stop").click()
    stopped = until(lambda: slow.requests[-1].closed_at and slow.requests[-1], "the server sees nothing")

    assert "*" in notebook.prompt(BUSY)
    assert stopped.state == "disconnected"
    (notebook.path.parent / "let-go").touch()
    notebook.finish(BUSY)
    (notebook.path.parent / "let-go").unlink()
    expect(notebook.output(BUSY)).to_contain_text("told in []")
    ends(card(panel, "a patient heron"), "cancelled")


def test_a_cell_that_runs_again_keeps_its_panel(notebook: Notebook, panel: Locator) -> None:
    """What runs goes on, and what is filled in stays."""
    choose(panel, "slow")
    start(panel, "a heron at dusk")

    notebook.run(PANEL)

    expect(panel).to_have_count(1)
    expect(prompt(panel)).to_have_value("a heron at dusk")
    ends(card(panel, "a heron at dusk"))


def test_a_tab_closed_in_mid_run_loses_nothing(
    notebook: Notebook, panel: Locator, server: Server, slow: Simulator
) -> None:
    """The picture is finished without a page; a new tab finds it in the panel and in the history."""
    saved(notebook)
    choose(panel, "slow")
    before = len(slow.requests)
    start(panel, "a swan in the mist")
    until(lambda: slow.requests[before:], "no request came")
    closed, notebook.page = notebook.page, notebook.page.context.new_page()
    closed.close()
    until(lambda: slow.requests[before].closed_at, "no end")
    assert slow.requests[before].state != "disconnected"

    notebook.page.goto(server.address(notebook.path.name, front_end=notebook.front_end))

    reopened = panel_of(notebook)
    ends(card(reopened, "a swan in the mist"))
    expect(reopened.locator(".im-thumb").first).to_have_attribute("title", "a swan in the mist")
    expect(reopened.locator(".im-thumb img:visible").first).to_be_visible()


def test_another_page_takes_no_words_away(notebook: Notebook, panel: Locator, server: Server) -> None:
    """Two pages show one panel; what is written in one stays there when the other opens anew."""
    saved(notebook)
    other = notebook.page.context.new_page()
    other.goto(server.address(notebook.path.name, front_end=notebook.front_end))
    theirs = prompt(other.locator(".imgmagic-panel"))
    prompt(panel).fill("my words")
    expect(prompt(panel)).to_have_value("my words")
    theirs.fill("their words")
    other.locator(".imgmagic-panel").get_by_role("button", name="As code").click()  # the kernel has heard of them then
    other.locator("dialog.im-code[open]").wait_for()

    other.reload()
    theirs.wait_for()
    expect(theirs).to_have_value("their words")

    expect(prompt(panel)).to_have_value("my words")
    other.close()
    notebook.page.bring_to_front()
    notebook.page.keyboard.press("Escape")  # the code is shown in both pages
    expect(panel.locator("dialog[open]")).to_have_count(0)


def test_two_panels_keep_their_controls_apart(notebook: Notebook, panel: Locator) -> None:
    """A label belongs to the control of its own panel; offers and faults are found in the same way, by their ids."""
    notebook.cell(FREE).locator(".cm-content").fill("%imgmagic panel")
    notebook.run(FREE)
    second = notebook.output(FREE).locator(".imgmagic-panel")

    second.get_by_text("Prompt", exact=True).click()

    expect(second.locator("textarea").first).to_be_focused()
    notebook.cell(FREE).locator(".cm-content").fill("None")
    notebook.run(FREE)
    expect(panel).to_have_count(1)


def saved(notebook: Notebook) -> str:
    """Save with something changed, and return what stands in the file."""
    notebook.cell(FREE).locator(".cm-content").click()
    notebook.page.keyboard.type(" ")
    return nbformat.writes(notebook.save())


def test_a_key_is_in_no_file_and_leaves_in_its_header(notebook: Notebook, panel: Locator, quick: Simulator) -> None:
    """With all widget state saved, neither page nor file holds it in any form; the session asks with it."""
    notebook.page.evaluate(SAVE_STATE)
    choose(panel, "paid")
    field = panel.get_by_label("Set a key for this session")
    field.fill(SECRET)
    field.press("Enter")
    expect(field).to_have_value("")
    expect(field).to_be_hidden()

    generate(panel, "a paid heron")

    assert quick.requests[-1].headers["authorization"] == f"Bearer {SECRET}"
    file, page = saved(notebook), notebook.page.content()
    notebook.page.evaluate(SAVE_STATE)
    assert '"application/vnd.jupyter.widget-state+json"' in file
    assert "_esm" in file
    for form in (SECRET, *in_base64(SECRET)):
        assert form not in file
        assert form not in page


def in_base64(text: str) -> Iterator[str]:
    """Yield how a text looks inside base64, wherever in a group of three bytes it begins."""
    for before in range(3):
        encoded = base64.b64encode(b" " * before + text.encode()).decode()
        yield encoded[4 if before else 0 : -4]


def test_a_restart_in_mid_run_keeps_what_was_finished(notebook: Notebook, panel: Locator, quick: Simulator) -> None:
    """One of two pictures is there when the kernel goes; the next panel shows it, and says that the run broke off."""
    choose(panel, "quick")
    panel.get_by_label("Images", exact=True).fill("2")
    herons = f"two herons for {notebook.path.stem} [simulate: hang once]"
    start(panel, herons)
    expect(panel.locator('.im-item[data-state="running"] .im-line', has_text="done")).to_have_count(1)

    notebook.page.evaluate(RESTART)
    notebook.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    notebook.page.evaluate("() => window.restarted")
    expect(panel.get_by_role("alert")).to_contain_text("Run the cell again; finished pictures are in the history.")
    for cell in (LOAD, PANEL):  # their numbers begin anew, so that a cell that ran may look like before
        notebook.start(cell)

    panel.locator(f'.im-thumb[title="{herons}"]').first.wait_for()
    record = opened_record(panel)
    expect(record.locator("img.im-large")).to_have_count(1)
    expect(record.locator("dd", has_text="interrupted")).to_be_visible()
