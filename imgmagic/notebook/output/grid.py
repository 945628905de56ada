"""The durable output of a sweep: labelled tables of previews as plain HTML, and the same as text with paths.

Like a figure, it must survive reopening without a kernel, an untrusted notebook, nbconvert and GitHub: no script, no
style sheet. It is a real table, so a screen reader names column and row with each picture; a wide one scrolls in its
own box, where its heads stay in sight. Hundreds of pictures would make the notebook unusable, so above `MOST_TILES` the
table shows an even sample, and says so.
"""

from collections.abc import Iterator

from markupsafe import Markup

from imgmagic.display.data_uri import data_uri
from imgmagic.display.request_line import describe_cell
from imgmagic.display.sanitize import shorten, strip_control, to_html
from imgmagic.display.sweep_line import describe_sweep, found_before
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.domain.sweep_shape import SweepGrid
from imgmagic.domain.wording import count_noun
from imgmagic.errors import StoreError
from imgmagic.notebook.output.details import details_html
from imgmagic.notebook.output.figure import original_mark, shown_preview
from imgmagic.notebook.output.style import CAPTION, MUTED
from imgmagic.notebook.output.table import Column, table_text
from imgmagic.notebook.output.tile_size import fit

MOST_TILES = 100
_ALL_BYTES = 1_900_000  # of the previews of one grid: as base64, with the page around them, 3 MB of the notebook's file
_SIDES = ((4, 320, 512), (12, 240, 480), (40, 200, 400))  # tiles at most, CSS pixels, pixels of a preview
_SMALL_SIDES = (160, 320)

_INK = "color:var(--jp-content-font-color1,inherit)"
_PAPER = "background:var(--jp-layout-color0,Canvas)"
_LINE = "border:1px solid var(--jp-border-color2,#bdbdbd)"
_BOX = "overflow:auto;width:fit-content;max-width:100%;max-height:85vh"
_TABLE = (
    f"border-collapse:separate;border-spacing:0;table-layout:auto;margin:0;width:auto;{_INK};"
    "font-size:var(--jp-ui-font-size1,13px)"
)
_HEAD = (
    f"padding:4px 8px;font-weight:600;line-height:1.4;white-space:normal;overflow-wrap:break-word;{_PAPER};{_LINE};"
    "position:sticky"
)
_CELL = f"padding:4px;text-align:left;vertical-align:top;{_PAPER};{_LINE}"


def grid_html(sweep: Sweep, *, longest_side: int | None = 768, quality: int = 80) -> str:
    """Return the grids of a sweep as HTML, with a caption.

    Args:
        sweep: what to show.
        longest_side: the longest side of a preview, in pixels; None embeds the original bytes.
        quality: of a preview, 1 to 100.
    """
    shown = sweep.shape.sample(MOST_TILES // _takes(sweep))
    painter = _Painter(sweep, longest_side=longest_side, quality=quality, cells=sum(len(grid) for grid in shown))
    tables = Markup("").join(painter.table(grid) for grid in shown)
    lines = Markup("<br>").join(_text(line) for line in caption_lines(sweep))
    caption = Markup('<figcaption style="{}">{}</figcaption>').format(CAPTION, lines)
    figure = Markup(
        '<figure class="mathjax_ignore tex2jax_ignore" style="margin:0">{}{}{}</figure>'  # as display.sanitize.NO_MATH
    )
    return str(figure.format(tables, caption, _details(sweep)))


def grid_text(sweep: Sweep) -> str:
    """Return a sweep as a table of text: each cell's values, how it ended, and where its pictures are."""
    names = [axis.name for axis in sweep.axes]
    columns = [Column(title=name) for name in names]
    columns += [Column(title="#", is_number=True), Column(title="status"), Column(title="picture", is_whole=True)]
    rows = [row for cell in sweep.cells[:MOST_TILES] for row in _text_rows(cell)]
    return "\n".join(
        [f'"{shorten(sweep.template)}"', table_text(columns, rows), *map(strip_control, caption_lines(sweep))]
    )


def caption_lines(sweep: Sweep) -> list[str]:
    """Return the caption: one line of facts, then one line for each thing worth knowing."""
    return [describe_sweep(sweep), *_remarks(sweep)]


def _remarks(sweep: Sweep) -> Iterator[str]:
    tiles = len(sweep) * _takes(sweep)
    if tiles > MOST_TILES:
        yield f"a sample of {tiles:,} pictures is shown; the sweep's table and its folder have all"
    if found := sum(cell.is_found for cell in sweep.cells):
        yield found_before(found, len(sweep))
    if sweep.error is not None:
        yield f"the sweep ended early: {sweep.error.message}"
    if sweep.missing and sweep.status is Status.CANCELLED:
        yield f"stopped; run it again to draw what is missing ({count_noun(len(sweep.missing), 'cell')})"
    yield from dict.fromkeys(notice for each in sweep.generations for notice in each.notices)
    yield from sweep.notices


def cell_words(cell: SweptCell) -> str:
    """Return what a cell shows instead of missing pictures; empty if none is missing."""
    if cell.generation is None:
        return cell.note or "not drawn"
    if cell.error is not None:
        return f"{cell.status}: {cell.error.message}"
    return "" if cell.is_complete else str(cell.status)


class _Painter:
    """Draws the tables of one sweep, keeping the total size of all previews small."""

    def __init__(self, sweep: Sweep, *, longest_side: int | None, quality: int, cells: int) -> None:
        self._sweep = sweep
        self._by_number = {cell.cell.number: cell for cell in sweep.cells}
        tiles = max(1, cells * _takes(sweep))
        self._side, preview = _sides(tiles)
        self._longest = None if longest_side is None else min(preview, longest_side)
        self._quality = quality
        # An equal share for each, not first come, first served: the last row must look as good as the first.
        self._most_bytes = _ALL_BYTES // tiles

    def table(self, grid: SweepGrid) -> Markup:
        """Return one labelled grid, in a box that scrolls, also with the keyboard."""
        named = grid.title or f"{grid.across}{f' by {grid.down}' if grid.down else ''}"
        title = (
            Markup(
                '<caption style="caption-side:top;text-align:left;padding:4px 0;font-weight:600;{}">{}</caption>'
            ).format(_INK, _text(grid.title))
            if grid.title
            else Markup("")
        )
        rows = Markup("").join(self._row(grid, place) for place in range(len(grid.rows)))
        return Markup(
            '<div role="region" tabindex="0" aria-label="{}" style="{}"><table style="{}">{}<thead><tr>{}</tr></thead>'
            "<tbody>{}</tbody></table></div>"
        ).format(_text(f"sweep: {named}"), _BOX, _TABLE, title, self._heads(grid), rows)

    def _heads(self, grid: SweepGrid) -> Markup:
        corner = f"{grid.across} →" + (f" {grid.down} ↓" if grid.down else "")
        first = Markup(
            '<td style="{};left:0;top:0;z-index:2;{};font-weight:400;white-space:nowrap;text-align:left">{}</td>'
        ).format(_HEAD, MUTED, _text(corner))
        heads = (
            Markup('<th scope="col" style="{};top:0;z-index:1;text-align:left;max-width:{}px">{}</th>').format(
                _HEAD, max(self._side, 80), _text(label)
            )
            for label in grid.columns
        )
        return first + Markup("").join(heads)

    def _row(self, grid: SweepGrid, place: int) -> Markup:
        head = Markup(
            '<th scope="row" style="{};left:0;z-index:1;text-align:left;vertical-align:top;min-width:64px;'
            'max-width:160px">'
            "{}</th>"
        )
        cells = (self._cell(self._by_number[cell.number]) for cell in grid.cells[place])
        return Markup("<tr>{}{}</tr>").format(head.format(_HEAD, _text(grid.rows[place])), Markup("").join(cells))

    def _cell(self, cell: SweptCell) -> Markup:
        generation = cell.generation
        pictures = Markup("") if generation is None else Markup("").join(self._pictures(cell, generation))
        words = cell_words(cell)
        said = Markup("")
        if words:
            said = Markup('<div style="{};width:{}px;overflow-wrap:anywhere">{}</div>').format(
                MUTED, max(self._side, 120), _text(shorten(words, 300))
            )
        row = Markup('<div style="display:flex;gap:4px">{}</div>').format(pictures) if pictures else Markup("")
        return Markup('<td style="{}">{}{}</td>').format(_CELL, row, said)

    def _pictures(self, cell: SweptCell, generation: Generation) -> Iterator[Markup]:
        count, alt = len(generation.images), self._sweep.alt or cell.prompt
        for number in range(count):
            take = f", take {number + 1}" if count > 1 else ""
            try:
                yield self._picture(generation.images[number], f"{alt} ({cell.cell.title}{take})")
            except StoreError as error:
                yield Markup('<div style="{};width:120px">{}</div>').format(MUTED, _text(error.message))

    def _picture(self, image: GeneratedImage, alt: str) -> Markup:
        preview = shown_preview(image, longest_side=self._longest, quality=self._quality, most_bytes=self._most_bytes)
        size = fit(preview.width, preview.height, self._side)
        tag = Markup('<img alt="{}"{} width="{}" height="{}" style="max-width:none;border-radius:2px" src="{}">')
        source = data_uri(preview.data, preview.format)
        return tag.format(_text(alt), original_mark(image), size.width, size.height, source)


def tile_side(tiles: int) -> int:
    """Return the longest side on the screen of each of this many tiles, in CSS pixels."""
    return _sides(tiles)[0]


def _sides(tiles: int) -> tuple[int, int]:
    return next(((shown, preview) for most, shown, preview in _SIDES if tiles <= most), _SMALL_SIDES)


def _takes(sweep: Sweep) -> int:
    return max((each.request.n for each in sweep.generations), default=1)


def _details(sweep: Sweep) -> Markup:
    rows = [f"prompt: {sweep.template}", *(describe_cell(cell) for cell in sweep.cells[:MOST_TILES])]
    return Markup(details_html("\n".join(rows)))  # noqa: S704 - it is escaped there


def _text_rows(cell: SweptCell) -> Iterator[list[str]]:
    generation = cell.generation
    number = "" if generation is None or generation.id is None else str(generation.id)
    first = [*cell.labels.values(), number, shorten(cell_words(cell) or str(cell.status), 60)]
    paths = [""] if generation is None else list(_paths(generation)) or [""]
    yield [*first, paths[0]]
    yield from ([*("" for _ in first), path] for path in paths[1:])


def _paths(generation: Generation) -> Iterator[str]:
    for number in range(len(generation.images)):
        try:
            yield strip_control(generation.images[number].name or "")
        except StoreError as error:
            yield error.message


def _text(text: str) -> Markup:
    return Markup(to_html(text))  # noqa: S704 - it is escaped there
