"""Contact sheets: the labelled grid of a sweep, or rows of any pictures, as a file for a paper or a mail."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imgmagic.domain.sweep import Sweep
from imgmagic.domain.wording import closest, listed
from imgmagic.errors import StoreError
from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.destination import read_destination
from imgmagic.store.images.encoding import encode_image
from imgmagic.store.os_errors import as_store_error
from imgmagic.store.sweep_files.picture_sheet import PictureSheet, draw_pages
from imgmagic.store.sweep_files.sheet_head import sheet_head
from imgmagic.store.sweep_files.sheet_image import draw_sheets, stacked
from imgmagic.store.sweep_files.sheet_page import sheet_page

_PDF_DPI = 144.0


def write_contact_sheet(
    sweep: Sweep, path: str | Path, *, title: str = "", date: str | None = None, overwrite: bool = False
) -> Path:
    """Write the labelled grid of a sweep to a file, and return where it is; its ending says the format.

    Args:
        sweep: what is drawn.
        path: the file.
        title: what stands above the prompt.
        date: what stands below it in place of the day on which the sweep was begun.
        overwrite: whether a file that exists is replaced.

    Raises:
        StoreError: the ending is unknown, the file already exists and `overwrite` is not set, a label cannot be drawn,
            or the system refused.
    """
    head = sheet_head(sweep, title=title, date=date)
    alt = "; ".join(filter(None, (title, alt_text(sweep))))
    formats: Mapping[str, Callable[[], bytes]] = {
        ".png": lambda: _as_png(stacked(draw_sheets(sweep, head)), alt),
        ".pdf": lambda: _as_pdf(draw_sheets(sweep, head), head.name, alt),
        **dict.fromkeys((".html", ".htm"), lambda: sheet_page(sweep, head).encode("utf-8", "replace")),
    }
    return _write(formats, path, overwrite=overwrite)


def write_picture_sheet(sheet: PictureSheet, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a sheet of pictures to a .png or a .pdf, and return where it is.

    Raises:
        StoreError: as for `write_contact_sheet`.
    """
    formats: Mapping[str, Callable[[], bytes]] = {
        ".png": lambda: _as_png(stacked(draw_pages(sheet)), sheet.alt),
        ".pdf": lambda: _as_pdf(draw_pages(sheet), sheet.title, sheet.alt),
    }
    return _write(formats, path, overwrite=overwrite)


def _write(formats: Mapping[str, Callable[[], bytes]], path: str | Path, *, overwrite: bool) -> Path:
    target = read_destination(path)
    make = formats.get(target.suffix.lower())
    if make is None:
        raise StoreError(
            f"no contact sheet was made: {target.name} does not end in a format of sheets."
            f"{closest(target.suffix, formats)}",
            remedy=f"End the name in {listed(formats)}.",
        )
    if target.exists() and not overwrite:
        raise _taken_error(target)
    data = make()
    with as_store_error(f"the contact sheet was not saved as {target}", "Save it elsewhere."):
        try:
            write_file(target, data, overwrite=overwrite)
        except FileExistsError as error:
            raise _taken_error(target) from error
    return target


def _taken_error(target: Path) -> StoreError:
    return StoreError(
        f"{target} already exists; it was not overwritten.", remedy="Give another name, or {overwrite=True}."
    )


def _as_png(picture: Image.Image, alt: str) -> bytes:
    texts = PngInfo()
    texts.add_itxt("Description", alt)  # PNG 3rd edition, 11.3.3.1: the keyword for what a picture shows
    return encode_image(picture, "png", optimize=True, pnginfo=texts)


def _as_pdf(pages: Sequence[Image.Image], title: str, alt: str) -> bytes:
    first, *further = pages
    texts = {"title": title, "subject": alt}
    return encode_image(first, "pdf", save_all=True, append_images=further, resolution=_PDF_DPI, **texts)


def alt_text(sweep: Sweep) -> str:
    """Return what the whole sheet shows, in words."""
    axes = "; ".join(f"{axis.name}: {', '.join(axis.labels)}" for axis in sweep.axes)
    return f"{sweep.alt or sweep.template} ({axes})"
