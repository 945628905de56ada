"""Sources: the decoded pictures of an edit, and the rules that tie them to each other."""

import io
import struct
import warnings
from typing import Final, NoReturn

from PIL import Image, ImageOps

from imgmagic.simulator.api.checks import refuse
from imgmagic.simulator.api.edits import Sources
from imgmagic.simulator.api.uploads import Upload, Uploads, check_uploads

_MOST_PIXELS: Final = 100_000_000
_LARGEST_FILE: Final = 50_000_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
# What Pillow raises for broken files, including errors from its plug-ins' reading of headers and EXIF.
_BROKEN: Final = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)


def open_sources(uploads: Uploads) -> Sources:
    """Decode the files, or raise OpenAI's refusal; this takes time, so not on the server's loop."""
    check_uploads(uploads)
    images = tuple(_open("image", place, upload) for place, upload in enumerate(uploads["image"], start=1))
    mask, markup = (_open(name, 1, files[0]) if (files := uploads.get(name)) else None for name in ("mask", "markup"))
    if mask:
        _check_mask(mask, images[0])
    if markup:
        _check_markup(markup, images[0])
    return Sources(images=images, mask=mask, markup=markup)


def _open(name: str, place: int, upload: Upload) -> Image.Image:
    if len(upload.data) >= _LARGEST_FILE:
        refuse(f"Invalid file '{name}': the file is too large. The maximum is 50 MB.", name, "image_too_large")
    try:
        # Decoded only if the header states an allowed size: a small file may contain a huge picture.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(upload.data), formats=_FORMATS)
        if image.width * image.height > _MOST_PIXELS:
            _refuse_file(name, place)
        return ImageOps.exif_transpose(image)
    except (*_BROKEN, Image.DecompressionBombError):
        _refuse_file(name, place)


def _refuse_file(name: str, place: int) -> NoReturn:
    message = f"Invalid image file or mode for {name} {place}, please check your image file."
    refuse(message, name, "invalid_image_file")


def _check_mask(mask: Image.Image, image: Image.Image) -> None:
    if not mask.has_transparency_data:
        _refuse_mask("mask image missing alpha channel")
    if mask.size != image.size:
        _refuse_mask("mask size does not match image size")


def _refuse_mask(reason: str) -> NoReturn:
    message = f"Invalid mask image format - {reason}"
    refuse(message, "mask", "invalid_mask_image_format", kind="image_generation_user_error")


def _check_markup(markup: Image.Image, image: Image.Image) -> None:
    if not markup.has_transparency_data or not markup.convert("RGBA").getchannel("A").histogram()[0]:
        refuse("Invalid markup image - it must hold transparent pixels.", "markup", "invalid_markup_image")
    if markup.size != image.size:
        refuse("Invalid markup image - its size does not match image size.", "markup", "invalid_markup_image")
