"""What stands in a saved notebook: its size, its widgets, what export makes of it, and text that means harm."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import mistune
import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter, SlidesExporter
from playwright.sync_api import Browser

from tests.support.browser import CHROMIUM, FRONT_ENDS, Server
from tests.support.echo import echoing
from tests.support.environment import clean_environment
from tests.support.heavy import grainy_picture, serving
from tests.support.kernels import PATIENCE_S, Kernel

pytestmark = pytest.mark.slow

SMALL = "--size 1024x640 -f jpeg"
PROMPT = "three red circles on a blue sea"
HOSTILE = {  # the kinds that matter here; the figure's own test has more
    "link": "two\n\n[x](javascript:alert(1)) ](javascript:alert(1))",
    "end of all": "</pre></details></figure></td></table><b onclick=alert(1)>out</b><script>alert(1)</script>",
    "terminal": "\x1b[31mred\x1b]8;;http://x\x07link\x1b\\",
}
_ALL_DRAWN = """
count => [...document.querySelectorAll('figure img')].filter(each => each.naturalWidth).length === count
"""
_STEERING = set("\x00\x07\x08\x1b\u202d\u202e\u2066\u2067\u2068")


class Page(HTMLParser):
    """Collects what a browser would run or follow, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.active: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.active.append(f"{tag} {name}={value}")


def executed(folder: Path, environment: dict[str, str], *sources: str) -> nbformat.NotebookNode:
    """Return a notebook that nbclient ran from top to bottom."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext imgmagic", *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, timeout=int(PATIENCE_S), kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=environment)
    return notebook


@pytest.fixture(scope="module")
def saved(home: Path) -> Path:
    """Save a notebook with a run that waits, four tiles, and a run in the background."""
    environment = clean_environment(home, IMGMAGIC_PROVIDER="quick")
    cells = [f"%%imagine {options} {SMALL}\n{PROMPT}" for options in ("", "-n 4", "--no-wait")]
    path = home / "saved.ipynb"
    nbformat.write(executed(home, environment, *cells), path)
    return path


@pytest.fixture(scope="module")
def thirty(home: Path) -> Path:
    """Save a notebook with thirty different pictures, each as heavy as a photograph."""
    with serving(grainy_picture()) as base_url:
        with (home / "imgmagic" / "config.toml").open("a") as config:
            config.write(f'[providers.heavy]\ndialect = "generic"\nbase_url = "{base_url}"\nmodel = "any"\n')
        environment = clean_environment(home, IMGMAGIC_PROVIDER="heavy")
        notebook = executed(home, environment, *(f"%%imagine\n{PROMPT}, {number}" for number in range(30)))
    path = home / "thirty.ipynb"
    nbformat.write(notebook, path)
    return path


def shown(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the HTML of each output with a picture, in the order of the cells."""
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return [html for each in outputs if "<img" in (html := each.get("data", {}).get("text/html", ""))]


def test_a_saved_notebook_holds_hardly_any_widget_state(saved: Path) -> None:
    """What nbclient saves of our widgets is at most 10 KB, and no picture is in it."""
    notebook = nbformat.read(saved, as_version=4)

    state = str(notebook.metadata.get("widgets", ""))
    assert len(state) <= 10_000
    assert "application/vnd.jupyter.widget-view+json" not in saved.read_text()


def test_each_cell_holds_its_pictures(saved: Path) -> None:
    """Also that of the background run: nobody sits there, so its cell waits."""
    found = shown(nbformat.read(saved, as_version=4))

    assert [html.count("<img") for html in found] == [1, 4, 1]


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter, SlidesExporter])
def test_export_keeps_pictures_and_captions(saved: Path, exporter: Any) -> None:
    """In a page, in Markdown and in slides: six pictures with their alternative text, three captions."""
    text, _ = exporter().from_filename(str(saved))

    assert text.count(f'<img alt="{PROMPT}"') == 6
    assert text.count("<figcaption") == 3
    assert "simulated · gpt-image" in text
    assert "Error displaying widget" not in text


def test_thirty_pictures_are_a_small_file(thirty: Path) -> None:
    """Thirty originals of 1.5 MB are under 5 MB in the notebook."""
    assert len(shown(nbformat.read(thirty, as_version=4))) == 30
    assert thirty.stat().st_size < 5_000_000


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")
def test_thirty_pictures_open_quickly(thirty: Path, server: Server, browser: Browser) -> None:
    """In each front end all thirty are drawn soon after an empty notebook would stand there."""
    server.write("empty.ipynb", "")
    shutil.copy(thirty, server.folder)

    def opening_s(name: str, pictures: int, front_end: str) -> float:
        with browser.new_context() as context:
            page = context.new_page()
            began = time.monotonic()
            page.goto(server.address(name, front_end=front_end))
            page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
            page.wait_for_function(_ALL_DRAWN, arg=pictures)
            return time.monotonic() - began

    for front_end in FRONT_ENDS.values():
        opening_s("empty.ipynb", 0, front_end)  # the front end itself is loaded once
        empty_s, thirty_s = opening_s("empty.ipynb", 0, front_end), opening_s("thirty.ipynb", 30, front_end)
        assert thirty_s - empty_s < 10  # 0.4 s on a machine that others use too; the target is 2 s


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a front end was given: outputs, what widgets hold, and the page that was exported."""

    outputs: list[Any]
    widgets: list[dict[str, Any]]
    exported: str

    @property
    def html(self) -> list[str]:
        """Return every piece of HTML."""
        displayed = [html for each in self.outputs if (html := each.get("data", {}).get("text/html"))]
        held = [each["value"] for each in self.widgets if isinstance(each.get("value"), str)]
        return [*displayed, *held, self.exported]

    @property
    def texts(self) -> list[str]:
        """Return every piece of text."""
        found = [each["data"].get("text/plain", "") for each in self.outputs if "data" in each]
        found += [each["text"] for each in self.outputs if each["output_type"] == "stream"]
        found += [line for each in self.outputs if each["output_type"] == "error" for line in each["traceback"]]
        bars = ("text", "said", "known", "alt")
        return found + [each[name] for each in self.widgets for name in bars if name in each]


@pytest.fixture(scope="module")
def echo(kernel: Kernel, home: Path) -> Iterator[None]:
    """Run a server that says back what it is asked, known to the kernel."""
    with echoing() as base_url:
        with (home / "imgmagic" / "config.toml").open("a") as config:
            config.write(f'[providers.echo]\ndialect = "generic"\nbase_url = "{base_url}"\nmodel = "any"\n')
        yield


@pytest.fixture(scope="module", params=HOSTILE, ids=lambda name: name.replace(" ", "-"))
def hostile(kernel: Kernel, home: Path, echo: None, request: pytest.FixtureRequest) -> Shown:
    """Run cells with a text in every place that takes one; return all that was shown."""
    text = HOSTILE[request.param]
    name = text.encode("utf-8", "replace").decode().replace("/", "_").replace("\x00", "")[:60]
    (home / name).mkdir()
    kernel.run(f"import imgmagic\ntext, folder = {text!r}, {str(home / name)!r}")
    page = home / f"{request.param.replace(' ', '-')}.html"
    cells = [
        f"%imagine {SMALL} -o made --tag {{{{ text }}}} {{{{ text }}}}",
        f"%imagine {SMALL} --save {{{{ folder }}}} --alt {{{{ text }}}} a fox",
        "%imagine -p echo --no-stream {{ text }}",
        "%imagine -p echo --no-stream -n 2 -m refusing {{ text }}",
        "%imagine --size {{ text }} a fox",
        "%imagine --model {{ text }} --dry-run a fox",
        "%imagine -p {{ text }} a fox",
        "%imgmagic history -n 5",
        "%imgmagic show {{ imgmagic.history.last.id }}",
        "for number in range(4): get_ipython().run_line_magic('imgmagic', f'show {imgmagic.history.last.id - number}')",
        "%imgmagic usage --by tag",
        f"%imgmagic export {page}",
        "imgmagic.history",
        "imgmagic.history.last",
    ]
    messages = [message for cell in cells for message in kernel.run(cell).messages]
    kinds = ("display_data", "execute_result", "stream", "error")
    return Shown(
        outputs=[nbformat.v4.output_from_msg(each) for each in messages if each["msg_type"] in kinds],
        widgets=[
            state
            for each in messages
            if each["msg_type"] in ("comm_open", "comm_msg") and (state := each["content"]["data"].get("state"))
        ],
        exported=page.read_text(),
    )


def test_hostile_text_is_text_in_every_output(hostile: Shown) -> None:
    """As prompt, tag, alternative text, file name, revised prompt or error: nothing runs, nothing steers."""
    assert len(hostile.html) > 8
    for html in hostile.html:
        page = Page(html)
        assert page.active == []
        assert not {"script", "iframe", "object", "svg", "b", "a"} & set(page.tags)
        assert not set(html) & _STEERING
    assert len(hostile.texts) > 20
    assert [text for text in hostile.texts if set(text) & _STEERING] == []
    assert json.dumps([hostile.html, hostile.texts], ensure_ascii=False).encode()  # a lone surrogate cannot be sent


@pytest.mark.parametrize("exporter", [HTMLExporter, SlidesExporter, MarkdownExporter])
def test_hostile_text_is_text_in_what_is_exported(hostile: Shown, exporter: Any) -> None:
    """nbconvert's page has the active elements of its own template, and none more; so has what Markdown becomes."""
    cells = ([], hostile.outputs)
    notebooks = [nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=each)]) for each in cells]
    written = [exporter().from_notebook_node(each)[0] for each in notebooks]

    bare, full = (Page(mistune.html(each) if exporter is MarkdownExporter else each) for each in written)

    assert full.active == bare.active
    for tag in ("script", "a", "b", "iframe"):
        assert full.tags.count(tag) == bare.tags.count(tag)
