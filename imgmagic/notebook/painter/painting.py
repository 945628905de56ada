"""A painting: a picture, and what is painted over it, a mask or a markup; what shows it exchanges bytes with it."""

import io
from typing import Literal, TypeAlias

from PIL import Image

from imgmagic.domain.mask import Mask
from imgmagic.domain.source_picture import PictureNumber, SourcePicture
from imgmagic.runs.inputs.masks import from_grey_png
from imgmagic.store.images.encoding import encode_image

Mode: TypeAlias = Literal["mask", "markup"]

MOST_BYTES = 64 * 1024 * 1024  # of what a page may send; a mask of any picture is far smaller


class Painting:
    """Hold what is painted over a picture; give it as `--mask` or `--markup`, or read `.mask` and `.markup`.

    Args:
        picture: what is painted over, upright.
        mode: whether a mask or a markup is painted.
    """

    def __init__(self, picture: SourcePicture, *, mode: Mode = "mask") -> None:
        self.picture = picture
        self.mode = mode
        self._painted = b""

    @property
    def origin(self) -> PictureNumber | None:
        """Return which picture of the history is painted over; None for others."""
        return self.picture.origin

    @property
    def mask(self) -> Mask | None:
        """Return what of the picture may change; None where a markup is painted."""
        if self.mode != "mask":
            return None
        if not self._painted:
            size = self.picture.width, self.picture.height
            return Mask(width=size[0], height=size[1], cells=bytes(size[0] * size[1]))
        return from_grey_png(self._painted)

    @property
    def markup(self) -> bytes | None:
        """Return the drawing over the picture as a transparent PNG of its size; None where a mask is painted."""
        if self.mode != "markup":
            return None
        return self._painted or encode_image(Image.new("RGBA", (self.picture.width, self.picture.height)), "png")

    @property
    def layers(self) -> tuple[bytes, bytes]:
        """Return what a page shows, as bytes: the picture, and what is painted over it."""
        return self.picture.data, self._painted

    def keep(self, painted: bytes | memoryview) -> bool:
        """Keep what a page painted; return False, and keep what was, where it is not a PNG of the picture's size."""
        data = bytes(painted[: MOST_BYTES + 1])
        if not self._fits(data):
            return False
        self._painted = data
        return True

    def _fits(self, painted: bytes) -> bool:
        if len(painted) > MOST_BYTES:
            return False
        try:
            with Image.open(io.BytesIO(painted), formats=("PNG",)) as image:
                return image.size == (self.picture.width, self.picture.height)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return False
