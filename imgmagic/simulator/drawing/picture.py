"""A picture to draw: its words, size and form, and the pictures that it starts from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """Hold what a picture is made from; equal pictures have equal pixels.

    Args:
        sources: the pictures of an edit; without any, everything is drawn from the words.
        mask: of the first source's size; its alpha is 0 where the words may change the picture.
    """

    prompt: str
    seed: int = 0
    width: int = 1024
    height: int = 1024
    is_transparent: bool = False
    sources: "tuple[Image.Image, ...]" = ()
    mask: "Image.Image | None" = None

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.width, self.height
