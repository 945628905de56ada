import re
from html.parser import HTMLParser

from imgmagic.notebook.output.grid import grid_html, grid_text
from tests.support.swept import swept

STYLES = ["oil", "ink <i>", "gouache"]


class Reader(HTMLParser):
    """Keeps the heads and the pictures of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.heads: dict[str, list[str]] = {"col": [], "row": []}
        self.alts: list[str] = []
        self.tags: set[str] = set()
        self._scope = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self._scope = named.get("scope") or "" if tag == "th" else ""
        if tag == "img":
            self.alts.append(named["alt"] or "")

    def handle_data(self, data: str) -> None:
        if self._scope:
            self.heads[self._scope].append(data)
            self._scope = ""


def test_a_grid_is_a_real_table_with_heads() -> None:
    """Columns and rows have heads with a scope, and each picture an alternative text with its values."""
    page = Reader(grid_html(swept({"style": STYLES, "quality": ["low", "high"]})))

    assert page.heads == {"col": STYLES, "row": ["low", "high"]}
    assert len(page.alts) == 6
    assert page.alts[3] == "a lighthouse, style oil, quality high (style oil, quality high)"
    assert not page.tags & {"script", "style", "i", "b"}


def test_failures_stand_in_their_places() -> None:
    """A cell that failed says why, one that was not drawn says so, and the rest is there."""
    html = grid_html(swept({"style": STYLES}, failed=[2], missing=[3]))

    assert html.count("<img") == 1
    assert "failed: openai answered 400: &lt;b&gt;blocked&lt;/b&gt;." in html
    assert "not drawn" in html
    assert "run it again to draw what is missing (2 cells)" in html


def test_further_axes_make_titled_grids() -> None:
    """Each value of a third axis has a table with a caption, and takes stand side by side."""
    html = grid_html(swept({"style": STYLES, "quality": ["low", "high"], "light": ["dusk", "dawn"]}, n=2))

    assert re.findall(r"<caption[^>]*>([^<]*)<", html) == ["light dusk", "light dawn"]
    assert html.count("<img") == 24
    assert "take 2" in html


def test_a_large_sweep_is_shown_as_a_sample() -> None:
    """Past a hundred tiles the grid is an even sample, which says so, and the page stays small."""
    html = grid_html(swept({"a": list(range(30)), "b": list(range(30))}))
    page = Reader(html)

    assert len(page.alts) <= 100
    assert page.heads["col"][0] == "0"
    assert page.heads["col"][-1] == "29"
    assert "a sample of 900 pictures is shown" in html
    assert len(html) < 3_000_000


def test_the_text_names_every_cell_and_where_it_is() -> None:
    """As text a sweep is a table of values, states and places."""
    text = grid_text(swept({"style": ["oil", "ink"], "quality": ["low", "high"]}, failed=[4]))

    assert re.search(r"oil +low +11 +completed", text)
    assert re.search(r"ink +high +14 +failed: openai answered 400", text)
    assert "3 pictures in 4 cells · gpt-image-2" in text
