"""Picture search: where the pictures are in a JSON reply that does not have OpenAI's form; pure.

Relays put them under other names, one level deeper or in a bare list, as base64, as `data:` URIs or as addresses, and
not always in the field that says so. Only known fields are read, so that a logo or a source is not mistaken for the
picture.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from imgmagic.domain.image_header import begins_as_picture, recognise
from imgmagic.domain.json_types import JsonValue
from imgmagic.wire.lenient_base64 import from_base64

_MOST_LEVELS = 8
_LISTS = ("data", "images", "image", "output", "outputs", "artifacts", "predictions", "result", "results",
          "choices", "message", "candidates", "content", "parts", "inlineData", "inline_data")  # fmt: skip
_BYTES = ("b64_json", "base64", "b64", "image_base64", "b64_image", "bytesBase64Encoded", "binary_data_base64")
_ADDRESSES = ("url", "image_url", "uri", "link", "src")
_EITHER = ("image", "data", "content", "output", "result")
_ADDRESS_STARTS = ("http://", "https://", "data:", "/", "./")


@dataclass(frozen=True, kw_only=True)
class FoundPicture:
    """Hold one picture of a reply: its bytes or their address; neither if its text is not a picture."""

    image: bytes | None = field(default=None, repr=False)
    url: str | None = None
    revised_prompt: str | None = None


def find_pictures(value: JsonValue) -> list[FoundPicture]:
    """Return the pictures of a reply, in order."""
    return list(_pictures(value, _MOST_LEVELS))


def read_picture_text(text: str, *, is_bytes: bool = False) -> FoundPicture:
    """Return what a text holds: base64 of a picture (a JPEG's begins with a slash), or an address.

    `is_bytes` is whether it is in a field for base64 of a picture: an unknown format is accepted only there, because
    many words can be read as base64. A sentence or a path never is.
    """
    if text[:5].lower() != "data:" and not text.startswith(("http://", "https://")):
        image = from_base64(text)
        is_word = " " in text or text.startswith(_ADDRESS_STARTS)
        is_believed = recognise if is_bytes and not is_word else begins_as_picture
        if image is not None and is_believed(image):
            return FoundPicture(image=image)
    return FoundPicture(url=text) if text.startswith(_ADDRESS_STARTS) else FoundPicture()


def _pictures(value: JsonValue, levels: int) -> Iterator[FoundPicture]:
    if levels == 0:
        return
    if isinstance(value, list):
        for each in value:
            yield from _entry(each, levels)
    elif isinstance(value, Mapping):
        own = _own_picture(value)
        if own is not None:
            yield own
            return
        for name in _LISTS:
            if isinstance(value.get(name), list | dict):
                yield from _pictures(value[name], levels - 1)


def _entry(value: JsonValue, levels: int) -> Iterator[FoundPicture]:
    if isinstance(value, str) and value:
        yield read_picture_text(value, is_bytes=True)
    elif isinstance(value, Mapping):
        yield from _pictures(value, levels - 1)


def _own_picture(value: Mapping[str, JsonValue]) -> FoundPicture | None:
    """Return the picture that an object itself holds."""
    revised = value.get("revised_prompt")
    # Bytes before addresses: bytes need not be fetched, and an address may have expired.
    for name in (*_BYTES, *_ADDRESSES, *_EITHER):
        text = value.get(name)
        if isinstance(text, Mapping):  # image_url: {"url": "..."}
            text = text.get("url")
        if isinstance(text, str) and text:
            found = read_picture_text(text, is_bytes=name in _BYTES)
            if found.image or found.url or name in _BYTES:
                return FoundPicture(
                    image=found.image, url=found.url, revised_prompt=revised if isinstance(revised, str) else None
                )
    return None
