"""Uploads: the picture files of an edit as they arrived, in a multipart form or inside JSON, not yet decoded.

Both forms give the same two values: a body for the parameter checks, as if everything had come as JSON, and the files
under the field names `image`, `mask` and `markup`.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from imgmagic.simulator.api.calls import Body
from imgmagic.simulator.api.checks import refuse, refuse_missing, refuse_type
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError

FILE_FIELDS: Final = ("image", "mask", "markup")
_MOST_IMAGES: Final = 16
_LONGEST_ADDRESS: Final = 20_971_520
_WHOLE_NUMBERS: Final = ("n", "output_compression", "partial_images", "frame_count", "frame_duration_ms")
_BOOLEANS: Final = {"true": True, "false": False}
_BRACKETS: Final = re.compile(r"\[(\w+)\]")
_DATA_ADDRESS: Final = re.compile(r"data:([\w.+/-]+);base64,")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Hold one file of a request."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    filename: str = ""


Uploads: TypeAlias = Mapping[str, Sequence[Upload]]


def read_form(arguments: Mapping[str, Sequence[bytes]], files: Mapping[str, Sequence[Upload]]) -> tuple[Body, Uploads]:
    """Return body and files of a multipart form.

    >>> read_form({"prompt": [b"a cat"], "n": [b"2"], "svg[model]": [b"gpt"]}, {})
    ({'prompt': 'a cat', 'n': 2, 'svg': {'model': 'gpt'}}, {})
    """
    for name in (*arguments, *files):
        _check_repeats(name, [*arguments.get(name, ()), *files.get(name, ())])
    for name in arguments:
        if name.removesuffix("[]") in FILE_FIELDS:
            refuse(f"Invalid type for '{name}': expected a file, but got a string instead.", name, "invalid_type")
    body: dict[str, Json] = {}
    # Forms cannot nest: names with brackets stand for objects inside objects.
    for name, values in arguments.items():
        outer, *inner = name.split("[", 1)
        value = _convert(name, values[0].decode(errors="replace"))
        _put(body, [outer, *(_BRACKETS.findall("[" + inner[0]) if inner else ())], value)
    uploads: dict[str, list[Upload]] = {}
    for name, parts in files.items():
        uploads.setdefault(name.removesuffix("[]"), []).extend(parts)
    return body, uploads


def _check_repeats(name: str, values: Sequence[object]) -> None:
    if len(values) > 1 and not name.endswith("[]"):
        message = (
            f"Duplicate parameter: '{name}'. You provided multiple values for this parameter, whereas only one is "
            f"allowed. If you are trying to provide a list of values, use the array syntax instead e.g. "
            f"'{name}[]=<value>'."
        )
        refuse(message, name, "duplicate_parameter")


def _convert(name: str, value: str) -> Json:
    if name in _WHOLE_NUMBERS and re.fullmatch(r"-?\d{1,9}", value):
        return int(value)
    return _BOOLEANS.get(value, value) if name == "stream" else value


def _put(body: dict[str, Json], path: Sequence[str], value: Json) -> None:
    """Set a value that a form names with brackets: `svg[reasoning][effort]`."""
    *outer, last = path
    for name in outer:
        inner = body.setdefault(name, {})
        if not isinstance(inner, dict):
            refuse_type(name, inner, "an object")
        body = inner
    body[last] = value


def read_json(body: Body) -> tuple[Body, Uploads]:
    """Return body and files of an edit whose pictures are data addresses inside JSON."""
    images = body.get("images")
    if images is None:
        refuse_missing("images")
    if not isinstance(images, list):
        refuse_type("images", images, "an array")
    # One more than allowed is enough to refuse them; a list of thousands need not be decoded.
    uploads = {"image": [_resolve(f"images[{place}]", each) for place, each in enumerate(images[: _MOST_IMAGES + 1])]}
    for name in ("mask", "markup"):
        if body.get(name) is not None:
            uploads[name] = [_resolve(name, body[name])]
    return {name: value for name, value in body.items() if name not in ("images", "mask", "markup")}, uploads


def _resolve(name: str, reference: Json) -> Upload:
    if not isinstance(reference, dict):
        refuse_type(name, reference, "an object")
    if len(reference) != 1 or not reference.keys() <= {"image_url", "file_id"}:
        refuse(f"Invalid '{name}': expected exactly one of 'image_url' or 'file_id'.", name, "invalid_value")
    (kind, value), *_ = reference.items()
    if not isinstance(value, str):
        refuse_type(f"{name}.{kind}", value, "a string")
    if kind == "file_id":
        # There is no Files API here, so no file id is valid.
        raise RefusedError(Refusal(status=404, message=f"No such File object: {value[:80]}", param=f"{name}.file_id"))
    return _from_address(name, value)


def _from_address(name: str, address: str) -> Upload:
    if len(address) > _LONGEST_ADDRESS:
        message = (
            f"Invalid '{name}.image_url': string too long. Expected at most {_LONGEST_ADDRESS} characters, "
            f"got {len(address)}."
        )
        refuse(message, f"{name}.image_url", "string_above_max_length")
    head = _DATA_ADDRESS.match(address)
    if head is None:
        message = f"Invalid '{name}.image_url'. The simulator fetches nothing: give a base64 data URL."
        refuse(message, f"{name}.image_url", "invalid_image_url")
    try:
        data = base64.b64decode(address[head.end() :], validate=True)
    except binascii.Error:
        refuse(f"Invalid '{name}.image_url'. Expected valid base64.", f"{name}.image_url", "invalid_base64")
    return Upload(name=name, content_type=head[1].lower(), data=data)


def check_uploads(uploads: Uploads) -> None:
    """Refuse files that are missing, too many, empty, or of a type that the server does not take."""
    for name in uploads:
        if name not in FILE_FIELDS:
            refuse(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    images = uploads.get("image", ())
    if not images:
        refuse_missing("image")
    if len(images) > _MOST_IMAGES:
        message = (
            f"Invalid 'image': array too long. Expected an array with maximum length {_MOST_IMAGES}, "
            f"but got an array with length {len(images)} instead."
        )
        refuse(message, "image", "array_above_max_length")
    for name, files in uploads.items():
        for upload in files:
            _check_type(name, upload)


def _check_type(name: str, upload: Upload) -> None:
    allowed = ("image/jpeg", "image/png", "image/webp") if name == "image" else ("image/png",)
    if upload.content_type not in allowed:
        listed = ", ".join(f"'{each}'" for each in allowed)
        message = f"Invalid file '{name}': unsupported mimetype ('{upload.content_type}'). Supported: {listed}."
        refuse(message, name, "unsupported_file_mimetype")
    if not upload.data:
        refuse(f"Invalid file '{name}': the file is empty.", name, "invalid_image_file")
