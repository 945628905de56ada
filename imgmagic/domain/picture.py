"""A picture: the bytes of one image, with what their header says and what the server says of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Hold one image as it came: its original bytes, its format, and its size in pixels.

    Args:
        data: the bytes as the server sent them.
        format: png, jpeg, webp, gif, avif, svg or a rarer one; "bin" of bytes that nobody here knows.
        width, height: pixels, read from the header of `data`; 0 where it does not say.
        revised_prompt: the prompt that the server drew instead of the one it got, where it says so.
    """

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int
    revised_prompt: str | None = None
