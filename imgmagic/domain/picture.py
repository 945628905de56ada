"""A picture: the bytes of one image, with what their header and the server say about it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Hold one image as it arrived: its original bytes, its format, and its size in pixels.

    Args:
        data: the bytes as the server sent them.
        format: png, jpeg, webp, gif, avif, svg or a rarer one; "bin" for bytes of an unknown format.
        width, height: pixels, read from the header of `data`; 0 if unknown.
        revised_prompt: the prompt that the server drew instead of the one it got, if it says so.
    """

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int
    revised_prompt: str | None = None
