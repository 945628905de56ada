"""A contact sheet of any pictures: rows of them with their captions, for a PNG or the pages of a PDF."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from imgmagic.errors import StoreError
from imgmagic.store.sweep_files.fonts import LabelFonts
from imgmagic.store.sweep_files.sheet_image import (
    AN_SVG,
    GAP,
    GONE,
    INK,
    MARGIN,
    MOST_PIXELS,
    MUTED,
    NOT_SHOWN,
    PAPER,
    TEXT_SIZE,
    small_picture,
)

_SIDES = (320, 240, 160, 96)  # of a picture, in pixels: the largest with which the whole stays bounded
_ACROSS = 4
_PAGE_SHAPE = 1.4142  # of a page of paper, height to width
_TITLE_SIZE = 26
_NAME_LINES, _FACT_LINES = 2, 1


@dataclass(frozen=True, kw_only=True)
class SheetPicture:
    """One picture of a sheet.

    Args:
        name: its number and prompt.
        facts: how it was drawn.
        load: returns the original bytes; it raises StoreError where they are gone.
    """

    name: str
    facts: str
    load: Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class PictureSheet:
    """Hold what a sheet shows."""

    title: str
    date: str
    pictures: Sequence[SheetPicture]

    @property
    def alt(self) -> str:
        """Return what the whole sheet shows, in words."""
        return "; ".join([self.title, *(each.name for each in self.pictures)])


def draw_pages(sheet: PictureSheet) -> list[Image.Image]:
    """Return the pages of a sheet.

    Raises:
        StoreError: no font has some letter of a caption, or the pictures are too many.
    """
    count = len(sheet.pictures)
    across = min(_ACROSS, count)
    side = next((each for each in _SIDES if count * (each + GAP) * (each + 100) <= MOST_PIXELS), None)
    if side is None:
        raise StoreError(
            f"no contact sheet was made: {count:,} pictures are too many for one file.",
            remedy="Export fewer of them, or an .html page.",
        )
    pages = _Pages(sheet, side, across)
    return list(pages.draw())


class _Pages:
    """Draws the pages of one sheet, as many rows on each as fit."""

    def __init__(self, sheet: PictureSheet, side: int, across: int) -> None:
        text = "".join(f"{each.name}{each.facts}" for each in sheet.pictures)
        self._fonts = LabelFonts(TEXT_SIZE, text + sheet.date + f"… {GONE} {NOT_SHOWN} {AN_SVG}")
        self._head_fonts = LabelFonts(_TITLE_SIZE, sheet.title + "…")
        self._sheet, self._side, self._across = sheet, side, across
        self._width = max(2 * MARGIN + across * (side + GAP), 480)
        self._row = side + GAP + self._fonts.height * (_NAME_LINES + _FACT_LINES) + GAP
        self._title = self._head_fonts.wrap(sheet.title, self._width - 2 * MARGIN, lines=2) if sheet.title else []
        self._head = len(self._title) * self._head_fonts.height + (self._fonts.height if sheet.date else 0) + GAP

    def draw(self) -> Iterator[Image.Image]:
        """Yield the pages."""
        pictures = self._sheet.pictures
        rows = [pictures[at : at + self._across] for at in range(0, len(pictures), self._across)]
        room = int(self._width * _PAGE_SHAPE) - 2 * MARGIN
        first = max(1, (room - self._head) // self._row)
        later = max(1, room // self._row)
        yield self._page(rows[:first], head=self._head)
        for page in range(math.ceil(max(0, len(rows) - first) / later)):
            begin = first + page * later
            yield self._page(rows[begin : begin + later], head=0)

    def _page(self, rows: Sequence[Sequence[SheetPicture]], *, head: int) -> Image.Image:
        page = Image.new("RGB", (self._width, 2 * MARGIN + head + len(rows) * self._row), PAPER)
        y = MARGIN
        if head:
            y = self._draw_head(page, y)
        for row in rows:
            for column, picture in enumerate(row):
                self._draw_picture(page, picture, MARGIN + column * (self._side + GAP), y)
            y += self._row
        return page

    def _draw_head(self, page: Image.Image, y: int) -> int:
        for line in self._title:
            self._head_fonts.draw(page, (MARGIN, y), line, color=INK)
            y += self._head_fonts.height
        self._fonts.draw(page, (MARGIN, y), self._sheet.date, color=MUTED)
        return MARGIN + self._head

    def _draw_picture(self, page: Image.Image, picture: SheetPicture, x: int, y: int) -> None:
        small = small_picture(picture.load, self._side)
        if isinstance(small, str):
            self._fonts.draw(page, (x, y), self._fonts.wrap(small, self._side, lines=1)[0], color=MUTED)
        else:
            page.paste(small, (x, y + self._side - small.height), small)
        y += self._side + GAP // 2
        for line in self._fonts.wrap(picture.name, self._side, lines=_NAME_LINES):
            self._fonts.draw(page, (x, y), line, color=INK)
            y += self._fonts.height
        for line in self._fonts.wrap(picture.facts, self._side, lines=_FACT_LINES):
            self._fonts.draw(page, (x, y), line, color=MUTED)
