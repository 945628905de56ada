"""What people see: JupyterLab and Notebook 7 in a real browser, live, stopped, saved and opened again."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter, SlidesExporter
from playwright.sync_api import Browser, Locator, expect

from imgmagic.simulator import Simulator
from tests.support.browser import CHROMIUM, EACH_FRONT_END, FRONT_ENDS, SCREENSHOTS, Notebook, Server, opened, shift
from tests.support.until import until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

PROMPT = "three red circles on a blue sea at night"
LOAD, SLOW, QUICK, FOUR, STUCK, TEN, ANY, BELOW, REFUSED, AWAY = range(10)  # the cells of every notebook
CELLS = (
    "%load_ext imgmagic\nfrom time import time_ns",
    f"%%imagine --provider slow\n{PROMPT}",
    f"%%imagine --provider quick\n{PROMPT}",
    "%%imagine -n 4 -p slow -s 1152x768 -f jpeg --alt lighthouse\nno. {{ time_ns() }} [simulate: moderation once]",
    "%%imagine -n 4 -p quick -s 1024x640 -f jpeg\na lighthouse no. {{ time_ns() }} [simulate: slow once]",
    "%%imagine -n 10 -p brisk -s 1024x640 -f jpeg\nno. {{ time_ns() }} [simulate: moderation once]",
    "%imagine -n {{ count }} -p brisk -s 1024x640 -f jpeg no. {{ time_ns() }}",
    "'what stands below'",
    "%%imagine -n 2 -s 100x100\na fox for $3 or $5",
    f"%%imagine -n 2 -p quick -s 1024x640 -f jpeg\n{PROMPT} [simulate: slow]",
)
# The lowest contrast of any text of ours in an output against the notebook behind it (WCAG 2.2, relative luminance).
_FAINTEST = """
output => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = rgb => rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const page = channels(getComputedStyle(output.closest('.jp-Notebook')).backgroundColor).slice(0, 3);
  const contrast = element => {
    const [r, g, b, a = 1] = channels(getComputedStyle(element).color);
    const ink = [r, g, b].map((c, i) => a * c + (1 - a) * page[i]);
    const [low, high] = [luminance(ink), luminance(page)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  return Math.min(...[...output.querySelectorAll(
    '.imgmagic-bar span, .imgmagic-bar button, figcaption, summary, .widget-html-content div')].map(contrast));
}
"""
# Keeps what a polite live region is told.
_HEARD = """
region => {
  const heard = window.heard = [region.textContent];
  new MutationObserver(() => heard.push(region.textContent)).observe(region, {childList: true, subtree: true});
}
"""


# Whether nothing holds the output's height any more, as the front end and the bar do while the figure comes.
_SETTLED = "output => ![output, ...output.querySelectorAll('*')].some(each => each.style.minHeight)"


@pytest.fixture(scope="module", params=EACH_FRONT_END)
def notebook(home: Path, server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with the extension loaded, in each front end, with the state of widgets saved."""
    name = f"{request.param.replace(' ', '')}.ipynb"
    server.write(name, *CELLS)
    settings = home / "jupyter-config" / "lab" / "user-settings" / "@jupyter-widgets" / "jupyterlab-manager"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "plugin.jupyterlab-settings").write_text('{"saveState": true}')
    with opened(browser, server, name, front_end=FRONT_ENDS[request.param]) as page:
        page.hide_side_bar()
        page.run(LOAD)
        yield page


def screenshot(notebook: Notebook, name: str) -> None:
    """Keep a picture of the page for people to look at."""
    notebook.page.screenshot(path=SCREENSHOTS / f"{name.replace(' ', '-').lower()}.png")


def figure(output: Locator) -> dict[str, Any]:
    """Return what an output shows for good: each picture's alternative text and width when decoded, and the text."""
    output.locator("figure img").first.wait_for()
    pictures = output.locator("figure img")
    pictures.first.evaluate("image => image.decode()")
    shown = pictures.evaluate_all("all => all.map(each => [each.alt, each.naturalWidth])")
    return {"pictures": shown, "text": output.inner_text()}


def accessible(notebook: Notebook) -> list[tuple[str, str]]:
    """Return role and name of everything that a screen reader meets in the page; of a live region, how it speaks."""
    client = notebook.page.context.new_cdp_session(notebook.page)
    nodes = [each for each in client.send("Accessibility.getFullAXTree")["nodes"] if not each["ignored"]]
    live = [
        (each["role"]["value"], prop["value"]["value"])
        for each in nodes
        for prop in each.get("properties", [])
        if prop["name"] == "live"
    ]
    return [*live, *((each["role"]["value"], each.get("name", {}).get("value", "")) for each in nodes)]


def test_picture_grows_in_its_place(notebook: Notebook) -> None:
    """Partial images replace each other while the cell runs; neither the box nor what stands below moves."""
    notebook.watch(SLOW)
    notebook.run(SLOW)
    shown = figure(notebook.output(SLOW))
    seen = notebook.seen()
    live = [each for each in seen if each["live"]]
    after = seen[seen.index(live[-1]) :]

    pictures = list(dict.fromkeys(picture for each in live for picture in each["pictures"]))
    assert len(pictures) >= 2
    assert live[0]["pictures"] == []
    assert shift([each["frames"][0] for each in live]) == 0
    assert shift([each["below"] for each in live]) == 0
    assert min(each["height"] for each in after) >= min(after[0]["height"], after[-1]["height"])  # it never collapses
    assert "Stop" in live[0]["text"]
    assert shown["pictures"] == [[PROMPT, 768]]
    assert "gpt-image" in shown["text"]
    assert notebook.output(SLOW).locator(".imgmagic-bar").count() == 0


def test_stop_works_in_the_middle(notebook: Notebook, slow: Simulator) -> None:
    """Stop is reached by Tab and pressed by key; the cell ends at once, the server sees it, the next cell works."""
    notebook.start(SLOW)
    notebook.output(SLOW).locator(".imgmagic-frame img:visible").wait_for()
    for _ in range(20):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate("() => document.activeElement.className") == "imgmagic-stop":
            break
    notebook.page.keyboard.press("Space")
    notebook.finish(SLOW)
    notebook.output(SLOW).get_by_text("stopped after").wait_for()
    stopped = until(lambda: slow.requests[-1].closed_at and slow.requests[-1], "the server sees nothing")
    notebook.run(QUICK)

    assert stopped.state == "disconnected"
    assert figure(notebook.output(QUICK))["pictures"] == [[PROMPT, 768]]


def test_the_interrupt_button_stops_all_tiles(notebook: Notebook, slow: Simulator) -> None:
    """The toolbar's ■ in the middle of four streams: the cell is idle, the server sees four connections close."""
    before = len(slow.requests)
    notebook.start(FOUR)
    notebook.output(FOUR).locator(".imgmagic-frame img:visible").nth(2).wait_for()
    notebook.interrupt()
    notebook.finish(FOUR)
    notebook.output(FOUR).get_by_text("stopped after").wait_for()
    until(lambda: all(each.closed_at for each in slow.requests[before:]), "the server sees nothing")

    states = sorted(each.state for each in slow.requests[before:])
    assert states == ["answered", "disconnected", "disconnected", "disconnected"]  # one was refused at once


def test_what_is_finished_stays_when_the_rest_is_stopped(notebook: Notebook, quick: Simulator) -> None:
    """Three of four are there when ■ is clicked: they stand in the figure, and its caption says what happened."""
    notebook.start(STUCK)
    notebook.output(STUCK).locator(".imgmagic-text", has_text="3 of 4 finished").wait_for()
    notebook.interrupt()
    notebook.finish(STUCK)
    shown = figure(notebook.output(STUCK))
    stuck = until(lambda: [each for each in quick.requests if each.state == "disconnected"], "the server sees nothing")

    assert len(shown["pictures"]) == 3
    assert "3 of 4 finished" in shown["text"]
    assert len(stuck) >= 1


def test_saved_file_is_small_and_opens_without_a_kernel(notebook: Notebook, server: Server, browser: Browser) -> None:
    """With widget state saved too, the file is small; anybody who opens it sees picture and caption."""
    notebook.run(QUICK)
    figure(notebook.output(QUICK))
    saved = notebook.save()
    saved.cells = saved.cells[QUICK:]
    saved.metadata["changed"] = "so that no signature of this machine makes it trusted"
    saved.metadata["kernelspec"]["name"] = "gone"
    del saved.metadata["language_info"]
    reopened = notebook.path.with_stem("reopened")
    nbformat.write(saved, reopened)

    assert len(reopened.read_bytes()) < 150_000
    assert 0 < len(str(saved.metadata.get("widgets", ""))) <= 10_000
    with opened(browser, server, reopened.name, front_end=notebook.front_end, kernel=False) as page:
        shown = figure(page.output(0))
        screenshot(page, f"reopened-{notebook.path.stem}")
        assert shown["pictures"] == [[PROMPT, 768]]
        assert "gpt-image" in shown["text"]
        assert not re.search("(Error displaying|Loading) widget", page.page.inner_text("body"))


@pytest.mark.slow
def test_dollars_are_no_mathematics(server: Server, browser: Browser) -> None:
    """A prompt with dollar signs is listed as it was typed, where other outputs are typeset."""
    other = "from IPython.display import HTML\nHTML('<div>$y$</div>')"
    drawn = "%load_ext imgmagic\n%imagine --provider quick --quiet $x^2$ for $5"
    server.write("dollars.ipynb", drawn, "%imgmagic history", other)
    with opened(browser, server, "dollars.ipynb") as notebook:
        notebook.run(0, 1, 2)
        notebook.output(2).locator("mjx-container").wait_for()

        assert "$x^2$ for $5" in notebook.output(1).inner_text()
        assert notebook.output(1).locator("mjx-container").count() == 0


# Four in a cell of 1600 px, ten in one of less than 500.
@pytest.mark.slow
@pytest.mark.parametrize(("cell", "theme", "width"), [(FOUR, "Light", 1780), (TEN, "Dark", 500)], ids=["four", "ten"])
def test_tiles_with_one_failure_look_calm(notebook: Notebook, cell: int, theme: str, width: int) -> None:
    """In both themes and any width boxes of one size never move, the failed one says why, all text is readable."""
    notebook.look(f"JupyterLab {theme}", width)
    notebook.watch(cell)
    notebook.start(cell)
    reason = notebook.output(cell).locator(".imgmagic-reason")
    reason.wait_for()
    notebook.output(cell).locator(".imgmagic-frame img:visible").nth(1).wait_for()
    notebook.cell(cell).evaluate("each => each.scrollIntoView()")
    screenshot(notebook, f"{notebook.path.stem}-{cell}-{theme}-{width}-live")
    faint = notebook.output(cell).evaluate(_FAINTEST)
    fits = reason.evaluate("each => each.scrollWidth <= each.clientWidth")
    notebook.finish(cell)
    figure(notebook.output(cell))
    screenshot(notebook, f"{notebook.path.stem}-{cell}-{theme}-{width}-done")
    frames = [each["frames"] for each in notebook.seen() if each["live"]]

    assert fits
    assert all(shift(place) == 0 for place in zip(*frames, strict=True))
    assert shift([frame[2:] for frame in frames[0]]) == 0
    assert frames[0][0][2] / frames[0][0][3] == pytest.approx(1.5 if cell == FOUR else 1.6, rel=0.02)
    assert min(faint, notebook.output(cell).evaluate(_FAINTEST)) >= 4.5  # WCAG 2.2, 1.4.3


def test_prompt_is_not_coloured_as_python(notebook: Notebook) -> None:
    """Words and quotes of Python in a prompt look like the rest of it; once the cell is commented out it is Python."""
    cell, keyboard = notebook.cell(BELOW), notebook.page.keyboard
    coloured = cell.locator(".cm-line span[class]")
    expect(coloured).to_have_text(["'what stands below'"])
    cell.locator(".cm-content").click()
    keyboard.press("Control+a")
    keyboard.type("%%imagine\nfor a fox in a \"house\" -- and 'snow'")
    expect(coloured).to_have_count(0)
    expect(cell.locator(".cm-line").nth(1)).to_have_text("for a fox in a \"house\" -- and 'snow'")
    screenshot(notebook, f"{notebook.path.stem}-prompt")
    keyboard.press("Control+a")
    keyboard.press("Control+/")
    expect(coloured).to_have_text(["# %%imagine", "# for a fox in a \"house\" -- and 'snow'"])
    keyboard.press("Control+a")
    keyboard.type("'what stands below'")
    expect(coloured).to_have_text(["'what stands below'"])


@pytest.mark.parametrize(
    "width", [pytest.param(600, marks=pytest.mark.slow), 1200, pytest.param(1900, marks=pytest.mark.slow)]
)
def test_nothing_moves_and_nothing_scrolls_however_many_pictures(notebook: Notebook, width: int) -> None:
    """From the first moment to the figure, in both themes: no scrollbar, even rows, and each picture stays in place."""
    for place, count in enumerate((1, 2, 4, 5, 10)):
        notebook.look(f"JupyterLab {('Light', 'Dark')[(place + width // 600) % 2]}", width)
        notebook.cell(LOAD).locator(".cm-content").fill(f"count = {count}")
        notebook.run(LOAD)
        notebook.watch(ANY)
        notebook.run(ANY)
        shown = figure(notebook.output(ANY))
        until(lambda: notebook.output(ANY).evaluate(_SETTLED), "the cell's place is held for ever")
        seen = notebook.seen()
        screenshot(notebook, f"{notebook.path.stem}-{count}-pictures-{width}")

        tops = notebook.output(ANY).locator("figure img").evaluate_all("all => all.map(each => each.offsetTop)")
        rows = Counter(tops).values()
        first = next(index for index, each in enumerate(seen) if each["live"])
        assert {name for each in seen for name in each["scrolling"]} == set(), count
        assert shift([each["below"] for each in seen[first:]]) < 1, count
        assert all(shift(places) < 1 for places in zip(seen[first]["frames"], seen[-1]["kept"], strict=True)), count
        assert len(shown["pictures"]) == count
        assert max(rows) - min(rows) <= 1, count


def test_a_screen_reader_is_told_what_goes_on(notebook: Notebook) -> None:
    """Stop and the pictures have names, and what goes on is announced politely, seldom and never twice."""
    notebook.start(FOUR)
    notebook.output(FOUR).locator(".imgmagic-said").evaluate(_HEARD)
    notebook.output(FOUR).locator(".imgmagic-frame img:visible").nth(2).wait_for()
    polite = notebook.output(FOUR).get_by_role("status").inner_text()
    tree = accessible(notebook)
    notebook.finish(FOUR)
    heard = notebook.page.evaluate("() => heard")
    finished = accessible(notebook)

    assert ("button", "Stop") in tree
    assert tree.count(("image", "lighthouse")) >= 3
    assert ("status", "polite") in tree
    assert ("StaticText", polite) in tree
    assert finished.count(("button", "lighthouse")) == 3  # each opens large
    assert heard == list(dict.fromkeys(heard))
    assert 2 <= len(heard) <= 6


def test_an_error_is_one_block(notebook: Notebook) -> None:
    """Its plain text is saved with it and not shown; a click on code selects the whole of it; the cell has failed."""
    notebook.run(REFUSED)
    output = notebook.output(REFUSED)
    output.get_by_text("--no-check", exact=True).click()
    selected = notebook.page.evaluate("() => String(getSelection())")
    kept = notebook.save().cells[REFUSED].outputs
    screenshot(notebook, f"error-{notebook.path.stem}")

    assert output.inner_text().count("100x100 does not fit") == 1
    assert output.inner_text().strip().startswith("The request is not valid")
    assert selected == "--no-check"
    assert [each.output_type for each in kept] == ["display_data", "error"]


@pytest.mark.slow
def test_a_page_that_is_reloaded_in_mid_run_is_given_the_figure(notebook: Notebook) -> None:
    """Also where the live view was saved: its widgets are gone when the kernel is free to answer."""
    notebook.start(AWAY)
    notebook.output(AWAY).locator(".imgmagic-frame").first.wait_for()
    notebook.save()
    notebook.page.reload()
    notebook.output(AWAY).locator("figure img").first.wait_for()
    shown = figure(notebook.output(AWAY))

    assert [width for _, width in shown["pictures"]] == [768, 768]
    assert "finished while this page was away" in shown["text"]
    assert "Error displaying widget" not in shown["text"]
    assert re.search(r"\d", notebook.prompt(AWAY))


def test_export_shows_picture_and_caption(notebook: Notebook) -> None:
    """Converted to a page, to Markdown and to slides, the notebook holds the picture, its prompt and its caption."""
    notebook.run(QUICK)
    notebook.save()

    for exporter in (HTMLExporter, MarkdownExporter, SlidesExporter):
        text, _ = exporter().from_filename(str(notebook.path))
        assert f'<img alt="{PROMPT}"' in text
        assert "data:image/webp;base64," in text
        assert "gpt-image" in text
        assert "Error displaying widget" not in text
