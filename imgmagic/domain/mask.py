"""A mask: which pixels of a picture may change; one internal form, whatever form a server or a user has.

Servers disagree on everything: transparent may change (OpenAI), white may change (LocalAI, stable-diffusion.cpp), black
may change (others). Inside, a mask is one byte per pixel, 255 where the picture may change and 0 where it stays; each
dialect renders its own polarity from that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from numbers import Integral

from imgmagic.errors import RequestInvalid

CHANGES, STAYS = b"\xff", b"\x00"

_INVERT = bytes(255 - value for value in range(256))


@dataclass(frozen=True, kw_only=True)
class Mask:
    """Hold for each pixel of a picture whether it may change.

    Args:
        width, height: pixels, of the picture that the mask belongs to.
        cells: one byte per pixel, row by row from the top left; 255 may change, 0 stays.
    """

    width: int
    height: int
    cells: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.cells) != self.width * self.height or min(self.width, self.height) < 1:
            message = f"a mask of {self.width}×{self.height} has {self.width * self.height:,} cells"
            raise ValueError(f"{message}, not {len(self.cells):,}")

    @property
    def share(self) -> float:
        """Return how much of the picture may change, 0 to 1."""
        return self.cells.count(CHANGES) / len(self.cells)

    def __invert__(self) -> "Mask":
        return Mask(width=self.width, height=self.height, cells=self.cells.translate(_INVERT))

    def may_change(self, x: int, y: int) -> bool:
        """Return whether the pixel in column `x` of row `y`, both from 0, may change."""
        return self.cells[y * self.width + x] == CHANGES[0]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in pixels: `left` and `top` are inside, `right` and `bottom` are not (as in Pillow)."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class MaskBoxes:
    """A mask of rectangles that may change; it adapts to the size of the picture it is used with."""

    boxes: tuple[Box, ...]
    inverted: bool = False

    def __or__(self, other: "MaskBoxes") -> "MaskBoxes":
        if self.inverted or other.inverted:
            raise TypeError("join boxes before they are inverted")
        return MaskBoxes((*self.boxes, *other.boxes))

    def __invert__(self) -> "MaskBoxes":
        return MaskBoxes(self.boxes, inverted=not self.inverted)

    def fit(self, width: int, height: int) -> Mask:
        """Return the mask for a picture of this size.

        Raises:
            RequestInvalid: a box does not lie in the picture.
        """
        for box in self.boxes:
            _require_inside(box, width, height)
        crossing = (tuple(box for box in self.boxes if box.top <= y < box.bottom) for y in range(height))
        row_of = cache(partial(self._row, width))  # few rows differ, and a photo has thousands
        return Mask(width=width, height=height, cells=b"".join(map(row_of, crossing)))

    def _row(self, width: int, crossing: Sequence[Box]) -> bytes:
        row = bytearray(STAYS * width)
        for box in crossing:
            row[box.left : box.right] = CHANGES * (box.right - box.left)
        return bytes(row.translate(_INVERT) if self.inverted else row)


def mask_box(left: int, top: int, right: int, bottom: int) -> MaskBoxes:
    """Return a mask that lets a rectangle change, for `mask=`; `|` joins several, `~` inverts it.

    Args:
        left: the first column inside, from 0.
        top: the first row inside, from 0.
        right: the first column to its right outside.
        bottom: the first row below it outside.

    Raises:
        RequestInvalid: the box is empty, or an edge is not a whole number.

    >>> mask_box(0, 0, 2, 1).fit(3, 2).cells.hex(" ", 3)
    'ffff00 000000'
    >>> (mask_box(0, 0, 1, 1) | mask_box(2, 1, 3, 2)).fit(3, 2).share
    0.3333333333333333
    """
    if not all(isinstance(edge, Integral) for edge in (left, top, right, bottom)):
        raise RequestInvalid(
            f"mask_box: {left!r}, {top!r}, {right!r} and {bottom!r} are not all whole numbers.",
            remedy="Give pixels from the top left: left, top, right and bottom.",
        )
    if min(left, top) < 0:
        raise RequestInvalid("mask_box: a box must start at 0 or above.", remedy="Give pixels from the top left.")
    if left >= right or top >= bottom:
        raise RequestInvalid(
            f"mask_box: the box from ({left}, {top}) to ({right}, {bottom}) is empty.",
            remedy="Give left, top, right and bottom, with right > left and bottom > top.",
        )
    return MaskBoxes((Box(left=int(left), top=int(top), right=int(right), bottom=int(bottom)),))


def _require_inside(box: Box, width: int, height: int) -> None:
    if box.right > width or box.bottom > height:
        raise RequestInvalid(
            f"nothing was sent. The mask's box ends at ({box.right}, {box.bottom}), "
            f"outside the picture of {width}×{height}.",
            remedy="Give a box that lies inside the picture.",
        )


def require_some_change(mask: Mask, name: str) -> Mask:
    """Return `mask` if part of the picture may change and part stays.

    Raises:
        RequestInvalid: it lets nothing change, or everything.
    """
    changing = mask.cells.count(CHANGES)
    if changing == 0:
        raise RequestInvalid(
            f"nothing was sent. The mask {name} lets nothing change.",
            remedy="Mark what may change: transparent in a PNG with alpha, white in a grey one, True in an array.",
        )
    if changing == len(mask.cells):
        raise RequestInvalid(
            f"nothing was sent. The mask {name} lets the whole picture change.",
            remedy="Leave the mask out to change everything, or mark what must stay.",
        )
    return mask


def require_size(mask: Mask, size: Sequence[int], name: str) -> Mask:
    """Return `mask` if it has the size of the first picture, `(width, height)`.

    Raises:
        RequestInvalid: it has another size.
    """
    if (mask.width, mask.height) != tuple(size):
        raise RequestInvalid(
            f"nothing was sent. The mask {name} is {mask.width}×{mask.height}, "
            f"and the first picture is {size[0]}×{size[1]}.",
            remedy="Make the mask the size of the first picture; it applies only to that one.",
        )
    return mask
