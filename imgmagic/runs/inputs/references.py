"""References: what a user means by a picture, as its bytes and its name.

One rule for text: `#12` or `#12.2` is a picture in the history, `@name` is a variable, everything else is a file. A
bare word may also be a variable; if there is a file of that name too, that is an error. Values stand for themselves: a
Generation, one of its images, a Pillow image, an array, a figure, a path, bytes, the number of a generation.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import cast

from imgmagic.domain.generation import GeneratedImage, Generation, number_of
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.source_picture import PictureNumber, SourcePicture, picture_number
from imgmagic.domain.wording import count_noun
from imgmagic.errors import ImgmagicError, RequestInvalid
from imgmagic.store.images.destination import read_destination
from imgmagic.store.regular_file import read_regular_file

Find = Callable[[int], Generation]
"""Returns a generation from the history by its id; raises StoreError if there is none."""

VALUES = "Give a generation, one of its images, a Pillow image, an array, a figure, a path or bytes."
RULE = "A reference is a file (./cat.png), a variable (@cat), or a picture in the history (#12, #12.2)."
_ADDRESS = re.compile(r"(?P<scheme>data(?=:)|[a-z][a-z0-9+.-]+(?=://))", re.IGNORECASE)
MOST_FILE_BYTES = 500_000_000  # no server takes that much, and nobody should load it by mistake


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What a text stands for: the value behind it, under the name that was typed."""

    name: str
    value: object


@dataclass(frozen=True, kw_only=True)
class Found:
    """Hold the bytes that a reference stands for.

    Args:
        name: what messages and captions call it.
        origin: which picture in the history it is; None for others.
    """

    data: bytes = field(repr=False)
    name: str
    origin: PictureNumber | None = None


def named_path(path: str | Path) -> Path:
    """Return the path of a file that a user names, with `~` filled in.

    Raises:
        RequestInvalid: no file can have this name.
    """
    try:
        return read_destination(path)
    except ImgmagicError as error:
        raise RequestInvalid(f"nothing was sent. {error.message}", remedy=error.remedy) from None


def resolve(text: str, names: Mapping[str, object]) -> Reference:
    """Return what a reference in text stands for: a number in the history, a variable, or a file.

    Raises:
        RequestInvalid: it is nothing, or both a file and a variable.
    """
    _require_no_address(text)
    number = picture_number(text) if text.startswith("#") else None
    if number is not None:
        return Reference(name=text, value=number)
    if text.startswith("@"):
        return _variable(text, names)
    path = named_path(text)
    is_word = text.isidentifier() and text in names
    # An error, not a guess: the wrong one would be paid for, and might be private.
    if is_word and path.exists():
        raise RequestInvalid(
            f"nothing was sent. {text} is both a file here and a variable.",
            remedy=f"Write ./{text} for the file, @{text} for the variable.",
        )
    return Reference(name=text, value=names[text] if is_word else path)


def with_references(options: ImagineOptions, names: Mapping[str, object]) -> ImagineOptions:
    """Return the options of a call with the words for pictures, mask and markup looked up.

    Args:
        options: as they were typed.
        names: the variables that a word may stand for.

    Raises:
        RequestInvalid: a word stands for nothing, or for two things.
    """
    found = {name: _look_up(options.get(name), names) for name in _INPUTS if options.get(name) is not None}
    return cast("ImagineOptions", {**options, **found})


def in_words(options: ImagineOptions) -> ImagineOptions:
    """Return the options of a call with its pictures as words, to record it; what has no word is only named."""
    told = {name: _in_words(options.get(name)) for name in _INPUTS if options.get(name) is not None}
    return cast("ImagineOptions", {**options, **told})


def only_numbers(options: ImagineOptions) -> ImagineOptions:
    """Return options in which a word is a picture in the history, and any other word stands for nothing."""
    kept = {name: _only_numbers(options.get(name)) for name in _INPUTS if options.get(name) is not None}
    return cast("ImagineOptions", {**options, **kept})


def _only_numbers(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_only_numbers(each) for each in value]
    # No longer a name that can be looked up: a recorded word must not read a file or a variable of this notebook.
    return f"(recorded) {value}" if isinstance(value, str) and picture_number(value) is None else value


_INPUTS = ("images", "mask", "markup")


def _look_up(value: object, names: Mapping[str, object]) -> object:
    if isinstance(value, list | tuple):
        return [_look_up(each, names) for each in value]
    return resolve(value, names) if isinstance(value, str) else value


def _in_words(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_in_words(each) for each in value]
    if isinstance(value, SourcePicture):
        return str(value.origin or value.name)
    if isinstance(value, Reference):
        return value.name
    if isinstance(value, str | Path):
        return str(value)
    number = value if isinstance(value, Integral) else number_of(value)
    return "(a picture)" if number is None else f"#{str(number).removeprefix('#')}"


def read(value: object, find: Find) -> Found:
    """Return the bytes of a reference.

    Raises:
        RequestInvalid: it stands for no picture.
        StoreError: the original is not in the image store any more.
    """
    if isinstance(value, Reference):
        found = read(value.value, find)
        return Found(data=found.data, name=value.name, origin=found.origin)
    if isinstance(value, str):
        return read(resolve(value, {}), find)
    number = _whole_number(value)
    if number is not None:
        return _of_history(PictureNumber(generation_id=number), find)
    for kind, reader in _READERS:
        if isinstance(value, kind):
            return reader(value, find)
    return _of_drawing(value)


def _whole_number(value: object) -> int | None:
    """Return an integer of Python or numpy as an int."""
    if isinstance(value, bool):
        return None
    return int(value) if isinstance(value, Integral) else None


def _require_no_address(text: str) -> None:
    """Refuse what is neither a name nor a path: nothing is fetched that the user has not seen."""
    if not text.strip():
        raise RequestInvalid("nothing was sent. An empty text is not a picture.", remedy=RULE)
    found = _ADDRESS.match(text)
    if found:
        raise RequestInvalid(
            f"nothing was sent. Pictures are not fetched from {found['scheme']}: addresses.",
            remedy="Download the picture, and give the file or its bytes.",
        )


def _variable(text: str, names: Mapping[str, object]) -> Reference:
    if text[1:] not in names:
        raise RequestInvalid(f"nothing was sent. There is no variable {text[1:]!r} for {text}.", remedy=RULE)
    return Reference(name=text, value=names[text[1:]])


def _of_history(number: PictureNumber, find: Find) -> Found:
    """Read a picture by its number: the server's own first, then what was derived from them."""
    generation = find(number.generation_id)
    own, derived = generation.images, generation.derived
    if number.number > len(own) + len(derived):
        raise RequestInvalid(
            f"nothing was sent. {number} is not a picture: {_pictures_of(generation)}.",
            remedy="Name one that has a picture; the history lists them.",
        )
    place = number.number - 1
    image = own[place] if place < len(own) else derived[place - len(own)]
    return Found(data=image.data, name=str(number), origin=number)


def _pictures_of(generation: Generation) -> str:
    count = len(generation.images) + len(generation.derived)
    return f"generation {generation.id} ({generation.status}) has {count_noun(count, 'picture') if count else 'none'}"


def _of_generation(value: object, find: Find) -> Found:
    generation = cast("Generation", value)
    if generation.id is not None:
        return _of_history(PictureNumber(generation_id=generation.id), lambda _: generation)
    if generation.image is None:
        raise RequestInvalid(f"nothing was sent. This generation ({generation.status}) has no picture.")
    return Found(data=generation.image.data, name="a generation's picture")


def _of_image(value: object, find: Find) -> Found:
    image = cast("GeneratedImage", value)
    name = "a generation's picture" if image.number is None else str(image.number)
    return Found(data=image.data, name=name, origin=image.number)


def _of_source(value: object, find: Find) -> Found:
    picture = cast("SourcePicture", value)
    return Found(data=picture.data, name=picture.name, origin=picture.origin)


def _of_path(value: object, find: Find) -> Found:
    path = named_path(cast("Path", value))
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise RequestInvalid(
                f"nothing was sent. {path.name} is larger than {MOST_FILE_BYTES // 1_000_000} MB.",
                remedy="Give a picture that a server could take.",
            )
        return Found(data=read_regular_file(path.resolve(), most_bytes=MOST_FILE_BYTES), name=path.name)
    except FileNotFoundError:
        number = picture_number(f"#{value}")
        remedy = RULE if number is None else f"For a picture in the history write {number}."
        raise RequestInvalid(f"nothing was sent. There is no file {str(value)!r}.", remedy=remedy) from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise RequestInvalid(f"nothing was sent. {value} is not a picture: {reason}.", remedy=RULE) from None


def _of_bytes(value: object, find: Find) -> Found:
    return Found(data=bytes(cast("bytes", value)), name="bytes")


_READERS: tuple[tuple[type | tuple[type, ...], Callable[[object, Find], Found]], ...] = (
    (PictureNumber, lambda value, find: _of_history(cast("PictureNumber", value), find)),
    (SourcePicture, _of_source),
    (Generation, _of_generation),
    (GeneratedImage, _of_image),
    (Path, _of_path),
    ((bytes, bytearray, memoryview), _of_bytes),
)


def _of_drawing(value: object) -> Found:
    """Read what other libraries draw: an image, a figure, which saves itself, or an array of pixels."""
    from PIL import Image

    from imgmagic.runs.inputs.drawn import array_image, to_png

    if isinstance(value, Image.Image):
        return Found(data=to_png(value), name="an image")
    save = getattr(value, "savefig", None) or getattr(getattr(value, "figure", None), "savefig", None)
    if callable(save):
        file = io.BytesIO()
        save(file, format="png")
        return Found(data=file.getvalue(), name="a figure")
    if hasattr(value, "__array_interface__") and not isinstance(value, type):
        return Found(data=to_png(array_image(value)), name="an array")
    remedy = "Give its content as bytes: read() returns it." if hasattr(value, "read") else VALUES
    raise RequestInvalid(f"nothing was sent. {type(value).__name__} is not a picture.", remedy=remedy)
