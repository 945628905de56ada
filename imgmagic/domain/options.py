"""The options of a generation: one table for flags, keywords, settings, completion and help.

An option's name is the key of the request body (OpenAI, "Create an image", body parameters). The table must not know
what any one server allows: that belongs to the dialects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from imgmagic.domain.json_types import JsonValue


class ImagineOptions(TypedDict, total=False):
    """The keywords of `imagine`, `imagine_async` and `start`: the names in `OPTIONS`, and those outside the body."""

    provider: str | None
    model: str | None
    n: int | None
    size: str | None
    quality: str | None
    output_format: str | None
    output_compression: int | None
    background: str | None
    moderation: str | None
    style: str | None
    response_format: str | None
    user: str | None
    partial_images: int | None
    stream: bool | None
    params: Mapping[str, JsonValue] | None
    timeout: float | None
    check: bool
    fresh: bool
    max_cost: Decimal | float | str | None
    tags: Sequence[str]
    alt: str | None
    images: object  # what to start from: one reference, or several in order
    mask: object
    markup: object
    paste_back: bool
    feather: int | None


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option that goes into the request body: its name, type, flag letter, values to offer, and help."""

    name: str
    kind: type[str] | type[int] | type[bool]
    help: str
    short: str | None = None
    metavar: str = ""
    offers: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """Return the long flag: hyphens where the body has underscores."""
        return "--" + self.name.replace("_", "-")


OPTIONS: tuple[Option, ...] = (
    Option(name="model", kind=str, short="m", metavar="NAME", help="the model that draws"),
    Option(name="n", kind=int, short="n", metavar="N", help="how many images, 1 to 10"),
    Option(
        name="size",
        kind=str,
        short="s",
        metavar="WxH",
        offers=("1024x1024", "1536x1024", "1024x1536", "auto"),
        help="width x height in pixels, or auto",
    ),
    Option(
        name="quality",
        kind=str,
        short="q",
        metavar="Q",
        offers=("low", "medium", "high", "xhigh", "max", "auto"),
        help="how carefully to draw; more costs more",
    ),
    Option(
        name="output_format",
        kind=str,
        short="f",
        metavar="FORMAT",
        offers=("png", "jpeg", "webp", "gif", "svg"),
        help="the format of the image file",
    ),
    Option(
        name="output_compression",
        kind=int,
        metavar="0-100",
        help="compression level for jpeg or webp, in per cent",
    ),
    Option(
        name="background",
        kind=str,
        metavar="B",
        offers=("transparent", "opaque", "auto"),
        help="transparent needs png or webp",
    ),
    Option(
        name="moderation",
        kind=str,
        metavar="M",
        offers=("low", "auto"),
        help="how strictly to filter",
    ),
    Option(name="style", kind=str, metavar="S", offers=("vivid", "natural"), help="vivid or natural"),
    Option(
        name="response_format",
        kind=str,
        metavar="F",
        offers=("url", "b64_json"),
        help="how the reply carries the image; GPT image models do not take it",
    ),
    Option(name="user", kind=str, metavar="ID", help="an identifier for your end user"),
    Option(
        name="partial_images",
        kind=int,
        metavar="0-3",
        offers=("0", "1", "2", "3"),
        help="how many partial images to show on the way; each is billed",
    ),
    Option(name="stream", kind=bool, help="stream partial images while the picture is drawn"),
)

OPTION_BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}
