"""What people see: JupyterLab and Notebook 7 in a real browser, live, stopped, saved and opened again."""

import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from browser import CHROMIUM, FRONT_ENDS, SCREENSHOTS, Notebook, Server, opened, shift, until
from nbconvert import HTMLExporter, MarkdownExporter, SlidesExporter
from playwright.sync_api import Browser, Locator

from imgmagic.simulator import Simulator

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

PROMPT = "three red circles on a blue sea at night"
LOAD, SLOW, QUICK = 0, 1, 2  # the cells of every notebook
CELLS = ("%load_ext imgmagic", f"%%imagine --provider slow\n{PROMPT}", f"%%imagine --provider quick\n{PROMPT}")
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


@pytest.fixture(scope="module", params=FRONT_ENDS, ids=lambda name: name)
def notebook(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with the extension loaded, in each front end."""
    name = f"{request.param.replace(' ', '')}.ipynb"
    server.write(name, *CELLS)
    with opened(browser, server, name, front_end=FRONT_ENDS[request.param]) as page:
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


def test_picture_grows_in_its_place(notebook: Notebook) -> None:
    """Partial images replace each other while the cell runs; neither the box nor what stands below moves."""
    notebook.watch(SLOW)
    notebook.run(SLOW)
    seen = notebook.seen()
    shown = figure(notebook.output(SLOW))

    pictures = list(dict.fromkeys(picture for each in seen for picture in each["pictures"]))
    assert len(pictures) >= 2
    assert seen[0]["pictures"] == []
    assert shift([each["frames"][0] for each in seen]) == 0
    assert shift([each["below"] for each in seen]) == 0
    assert "Stop" in seen[0]["text"]
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
    notebook.output(SLOW).get_by_text("imagine: cancelled").wait_for()
    stopped = until(lambda: slow.requests[-1].closed_at and slow.requests[-1], "the server sees nothing")
    notebook.run(QUICK)

    assert stopped.state == "disconnected"
    assert figure(notebook.output(QUICK))["pictures"] == [[PROMPT, 768]]


def test_saved_file_is_small_and_opens_without_a_kernel(notebook: Notebook, server: Server, browser: Browser) -> None:
    """The saved file holds a preview and no widget state; anybody who opens it sees picture and caption."""
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
    assert len(str(saved.metadata.get("widgets", ""))) < 10_000
    with opened(browser, server, reopened.name, front_end=notebook.front_end, kernel=False) as page:
        shown = figure(page.output(0))
        screenshot(page, f"reopened-{notebook.path.stem}")
        assert shown["pictures"] == [[PROMPT, 768]]
        assert "gpt-image" in shown["text"]
        assert not re.search("(Error displaying|Loading) widget", page.page.inner_text("body"))


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


def test_four_tiles_with_one_failure_look_calm(server: Server, browser: Browser) -> None:
    """In both themes and any width four boxes of one size never move, the failed one says why, all text is readable."""
    failing = "%%imagine -n 4 -p slow -s 1152x768 -f jpeg\na lighthouse [simulate: moderation once]"
    server.write("looks.ipynb", CELLS[LOAD], failing, "'what stands below'")
    with opened(browser, server, "looks.ipynb") as page:
        page.run(LOAD)
        page.page.keyboard.press("Control+b")  # the side bar
        for theme, width in (("Light", 1600), ("Dark", 500)):
            command = f"jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {theme}'}})"
            page.page.evaluate(command)
            page.page.set_viewport_size({"width": width, "height": 900})
            page.watch(1)
            page.start(1)
            page.output(1).locator(".imgmagic-frame img:visible").nth(1).wait_for()
            screenshot(page, f"four-{theme}-{width}-live")
            faint = page.output(1).evaluate(_FAINTEST)
            page.finish(1)
            figure(page.output(1))
            screenshot(page, f"four-{theme}-{width}-done")
            frames = [each["frames"] for each in page.seen()]
            faint_at_end = page.output(1).evaluate(_FAINTEST)

            assert all(shift([each[place] for each in frames]) == 0 for place in range(4))
            assert len({tuple(frame[2:]) for frame in frames[0]}) == 1
            assert frames[0][0][2] / frames[0][0][3] == pytest.approx(1.5, rel=0.02)
            assert min(faint, faint_at_end) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter, SlidesExporter])
def test_export_shows_picture_and_caption(notebook: Notebook, exporter: Any) -> None:
    """Converted to a page, to Markdown and to slides, the notebook holds the picture, its prompt and its caption."""
    text, _ = exporter().from_filename(str(notebook.path))

    assert f'<img alt="{PROMPT}"' in text
    assert "data:image/webp;base64," in text
    assert "gpt-image" in text
    assert "Error displaying widget" not in text
