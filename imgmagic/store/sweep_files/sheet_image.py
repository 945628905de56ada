"""A contact sheet as pictures: each labelled grid drawn by Pillow, for a PNG or the pages of a PDF."""

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image, ImageDraw

from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.domain.sweep_shape import SweepGrid
from imgmagic.errors import StoreError
from imgmagic.store.images.originals import StoredImages
from imgmagic.store.images.previews import make_preview
from imgmagic.store.sweep_files.fonts import LabelFonts
from imgmagic.store.sweep_files.sheet_head import SheetHead

_SIDES = (384, 320, 256, 192, 128, 96, 64)  # of a picture, in pixels: the largest with which the sheet stays bounded
MOST_PIXELS = 60_000_000
GAP, MARGIN, TEXT_SIZE = 8, 24, 16
_TITLE_SIZE = 26
_LABEL_LINES, _TITLE_LINES, _PROMPT_LINES, _ABOUT_LINES = 3, 2, 4, 3
_LEAST = 64  # the shortest edge of a box, in which a word can be read
_LEFT = 160  # the width of the row heads
_LEAST_WIDTH = 480  # of a sheet, so that its head can be read
GONE, NOT_SHOWN, AN_SVG = "gone", "cannot be shown", "an SVG"  # in the place of a picture
PAPER, INK, MUTED, _LINE = "white", "#111111", "#555555", "#cccccc"


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Where things are on the sheet of one grid: pictures of at most `side` in boxes of `wide` by `high`."""

    side: int
    wide: int
    high: int
    takes: int
    left: int

    @property
    def cell(self) -> int:
        """Return the width of a cell, its gap among it."""
        return self.takes * (self.wide + GAP)

    def width(self, grid: SweepGrid) -> int:
        """Return the width of a grid's sheet."""
        return max(2 * MARGIN + self.left + self.cell * len(grid.columns), _LEAST_WIDTH)


def draw_sheets(sweep: Sweep, head: SheetHead) -> list[Image.Image]:
    """Return one picture per grid of the sweep, the first one with the whole head and the others with the prompt.

    Raises:
        StoreError: no font has some letter of a label, or the sweep is too large for a picture.
    """
    grids = sweep.shape.grids
    fonts = LabelFonts(TEXT_SIZE, "".join(_all_text(sweep, grids, head)))
    layout = _layout(sweep, grids)
    by_number = {cell.cell.number: cell for cell in sweep.cells}
    first, *further = grids
    later = replace(head, title="", about="")
    titled = LabelFonts(_TITLE_SIZE, head.title + "…") if head.title else fonts
    sheets = [_Sheet(first, head, layout, fonts, titled), *(_Sheet(grid, later, layout, fonts) for grid in further)]
    return [sheet.draw(by_number) for sheet in sheets]


def stacked(sheets: Sequence[Image.Image]) -> Image.Image:
    """Return the sheets of several grids as one picture, one below the other."""
    if len(sheets) == 1:
        return sheets[0]
    whole = Image.new("RGB", (max(sheet.width for sheet in sheets), sum(sheet.height for sheet in sheets)), PAPER)
    y = 0
    for sheet in sheets:
        whole.paste(sheet, (0, y))
        y += sheet.height
    return whole


def missing_words(cell: SweptCell) -> str:
    """Return why a cell has no picture; empty where it has one."""
    if cell.generation is not None and len(cell.generation.images):
        return ""
    if cell.error is not None:
        return f"{cell.status}: {cell.error.message}"
    return cell.note or str(cell.status or "not drawn")


class _Sheet:
    """Draws one grid."""

    def __init__(
        self,
        grid: SweepGrid,
        head: SheetHead,
        layout: _Layout,
        fonts: LabelFonts,
        title_fonts: LabelFonts | None = None,
    ) -> None:
        self._grid = grid
        self._layout = layout
        self._fonts = fonts
        width = layout.width(grid)
        room = width - 2 * MARGIN
        self._title_fonts = title_fonts or fonts
        self._title = self._title_fonts.wrap(head.title, room, lines=_TITLE_LINES)
        self._prompt = fonts.wrap(head.prompt, room, lines=_PROMPT_LINES)
        self._about = fonts.wrap(head.about, room, lines=_ABOUT_LINES)
        self._name = [grid.title] if grid.title else []
        self._heads = [fonts.wrap(label, layout.cell - GAP, lines=_LABEL_LINES) for label in grid.columns]
        head_lines = max(len(lines) for lines in self._heads)
        lines = len(self._prompt) + len(self._about) + len(self._name) + 1 + head_lines
        self._top = MARGIN + len(self._title) * self._title_fonts.height + lines * fonts.height
        height = self._top + MARGIN + len(grid.rows) * (layout.high + GAP)
        self._image = Image.new("RGB", (width, height), PAPER)

    def draw(self, by_number: dict[int, SweptCell]) -> Image.Image:
        """Return the sheet."""
        self._draw_head()
        self._draw_corner()
        first = self._top - self._fonts.height * max(len(lines) for lines in self._heads)
        for column, lines in enumerate(self._heads):
            self._draw_lines(lines, self._x(column), first)
        for row, cells in enumerate(self._grid.cells):
            label = self._fonts.wrap(self._grid.rows[row], self._layout.left - GAP, lines=_LABEL_LINES)
            self._draw_lines(label, MARGIN, self._y(row))
            for column, cell in enumerate(cells):
                self._draw_cell(by_number[cell.number], self._x(column), self._y(row))
        return self._image

    def _draw_head(self) -> None:
        y = MARGIN
        for line in self._title:
            self._title_fonts.draw(self._image, (MARGIN, y), line, color=INK)
            y += self._title_fonts.height
        for lines, color in ((self._prompt, INK), (self._about, MUTED), (self._name, INK)):
            self._draw_lines(lines, MARGIN, y, color=color)
            y += len(lines) * self._fonts.height

    def _draw_corner(self) -> None:
        if not self._layout.left:
            return
        words = self._fonts.wrap(f"{self._grid.across} → {self._grid.down} ↓", self._layout.left - GAP, lines=2)
        self._draw_lines(words, MARGIN, self._top - self._fonts.height * len(words), color=MUTED)

    def _draw_lines(self, lines: Sequence[str], x: int, y: int, *, color: str = INK) -> None:
        for number, line in enumerate(lines):
            self._fonts.draw(self._image, (x, y + number * self._fonts.height), line, color=color)

    def _draw_cell(self, cell: SweptCell, x: int, y: int) -> None:
        side, wide, high = self._layout.side, self._layout.wide, self._layout.high
        words = missing_words(cell)
        if words:
            ImageDraw.Draw(self._image).rectangle((x, y, x + self._layout.cell - GAP, y + high), outline=_LINE)
            lines = self._fonts.wrap(words, self._layout.cell - 3 * GAP, lines=max(1, high // self._fonts.height - 1))
            self._draw_lines(lines, x + GAP, y + GAP, color=MUTED)
            return
        images = () if cell.generation is None else cell.generation.images
        for number in range(len(images)):
            small, left = small_picture(partial(_read, images, number), side), x + number * (wide + GAP)
            if isinstance(small, str):
                lines = self._fonts.wrap(small, wide, lines=2)
                self._draw_lines(lines, left, y, color=MUTED)
            else:
                self._image.paste(small, (left, y), small)

    def _x(self, column: int) -> int:
        return MARGIN + self._layout.left + column * self._layout.cell

    def _y(self, row: int) -> int:
        return self._top + GAP + row * (self._layout.high + GAP)


def small_picture(load: Callable[[], bytes], side: int) -> Image.Image | str:
    """Return a picture whose sides have at most `side` pixels, or what stands in its place.

    `load` returns the original; it raises StoreError where it is gone. One picture that is not there, or that cannot be
    shown, must not cost the sheet.
    """
    try:
        data = load()
    except StoreError:
        return GONE
    try:
        preview = make_preview(data, longest_side=side, quality=90)
    except StoreError:
        return NOT_SHOWN
    if preview.format == "svg":
        return AN_SVG
    with warnings.catch_warnings(), Image.open(io.BytesIO(preview.data)) as image:
        small = image.convert("RGBA")
    small.thumbnail((side, side))
    return small


def _read(images: Sequence[GeneratedImage], number: int) -> bytes:
    return images[number].data


def _layout(sweep: Sweep, grids: Sequence[SweepGrid]) -> _Layout:
    takes = max((len(each.images) for each in sweep.generations), default=1) or 1
    left = _LEFT if grids[0].down else 0
    sizes = list(_sizes(sweep)) or [(1, 1)]
    largest = max(_LEAST, *(max(size) for size in sizes))
    shares = [(width / max(width, height), height / max(width, height)) for width, height in sizes]
    for side in (min(each, largest) for each in _SIDES):
        wide, high = (max(_LEAST, round(side * max(share[edge] for share in shares))) for edge in (0, 1))
        layout = _Layout(side=side, wide=wide, high=high, takes=takes, left=left)
        pixels = sum(layout.width(grid) * (200 + len(grid.rows) * (high + GAP)) for grid in grids)
        if pixels <= MOST_PIXELS and max(layout.width(grid) for grid in grids) < 32_000:
            return layout
    raise StoreError(
        f"no contact sheet was made: {len(sweep):,} cells are too many for one picture.",
        remedy="Write an .html sheet, or save the originals into a folder.",
    )


def _sizes(sweep: Sweep) -> Iterator[tuple[int, int]]:
    """Yield the pixels of every picture; those in the store are not read for it."""
    for generation in sweep.generations:
        images = generation.images
        for image in images.stored if isinstance(images, StoredImages) else images:
            yield max(image.width, 1), max(image.height, 1)


def _all_text(sweep: Sweep, grids: Sequence[SweepGrid], head: SheetHead) -> Iterator[str]:
    yield f"{head.prompt}{head.about}… → ↓ {GONE} {NOT_SHOWN} {AN_SVG}"
    for grid in grids:
        yield "".join((grid.title, grid.across, grid.down, *grid.columns, *grid.rows))
    yield from (missing_words(cell) for cell in sweep.cells)
