"""Copies: pictures put where the user asked, file or folder; nothing is overwritten without being told to.

A copy is what its name says: where that is another format than the picture's own, the copy is converted, and the
original in the image store stays as it came.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from imgmagic.domain.generation import GeneratedImage
from imgmagic.errors import StoreError
from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.conversion import convert
from imgmagic.store.images.destination import is_folder, read_destination
from imgmagic.store.images.image_store import ending, slug
from imgmagic.store.os_errors import as_store_error

_FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
_KNOWN = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".avif", ".bin"}


def check_destination(path: str | Path, *, n: int = 1, overwrite: bool = False) -> None:
    """Refuse a destination that could not be written, before anything is sent.

    Args:
        path: a file, a folder that exists, or a name that ends with a slash for a folder to be made.
        n: how many pictures will come.
        overwrite: whether files that exist may be overwritten.

    Raises:
        StoreError: the folder does not exist or cannot be written, or a file is there already.
    """
    target = read_destination(path)
    folder = target if is_folder(path) else target.parent
    if not folder.is_dir() and folder != target:
        raise StoreError(f"the folder {folder} does not exist.", remedy="Make it, or save elsewhere.")
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not existing.is_dir():
        raise StoreError(f"{existing} is a file, not a folder.", remedy="Save elsewhere.")
    _check_writable(existing)
    if folder != target and not overwrite and target.suffix.lower() in _KNOWN:
        for name in _number_names(target, n):
            if name.exists():
                raise _taken_error(name)


def _check_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"writing to the folder {folder} is not allowed.", remedy="Save elsewhere.")
    try:  # a look at the rights does not tell of a read-only or a special file system
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise StoreError(f"writing to the folder {folder} is not allowed.", remedy="Save elsewhere.") from error


def save_copies(
    images: Sequence[GeneratedImage], path: str | Path, *, title: str, overwrite: bool = False
) -> tuple[Path, ...]:
    """Write pictures to a file, or into a folder, and return where they are.

    Several pictures get -1, -2 and so on before the ending; a missing ending is added from the format.

    Args:
        images: the pictures.
        path: a file, a folder that exists, or a name that ends with a slash for a folder that is made.
        title: a text for the names in a folder, such as the history id and the prompt; made safe here.
        overwrite: whether files that exist may be overwritten; one with the same bytes counts as saved.

    Raises:
        StoreError: a file is there already, or the system refused.
    """
    target = read_destination(path)
    if is_folder(path):
        with as_store_error(f"the folder {target} was not made", "Save elsewhere."):
            target.mkdir(parents=True, exist_ok=True)
        target = target / slug(title)
    return tuple(
        _save(image, _with_ending(name, image), overwrite=overwrite)
        for image, name in zip(images, _number_names(target, len(images)), strict=True)
    )


def _save(image: GeneratedImage, path: Path, *, overwrite: bool) -> Path:
    with as_store_error(f"the picture was not saved as {path}", "Save it elsewhere with generation.save('picture')."):
        if not path.parent.is_dir():
            raise StoreError(f"the folder {path.parent} does not exist.", remedy="Make it, or save elsewhere.")
        data = _as_named(image, path)
        try:
            write_file(path, data, overwrite=overwrite)
        except FileExistsError as error:
            # The same bytes are what was asked for: a cell that runs again with --save does not fail over its own file.
            if not path.is_file() or path.read_bytes() != data:
                raise _taken_error(path) from error
    return path


def _as_named(image: GeneratedImage, path: Path) -> bytes:
    """Return the picture in the format that the name says; as it came where that is its own, or cannot be read."""
    wanted = _FORMATS.get(path.suffix.lower())
    if wanted is None or wanted == image.format:
        return image.data
    return convert(image.data, wanted) or image.data


def _number_names(path: Path, n: int) -> Iterator[Path]:
    for number in range(1, n + 1):
        known = path.suffix.lower() in _KNOWN
        stem, suffix = (path.stem, path.suffix) if known else (path.name, "")
        yield path.with_name(f"{stem}-{number}{suffix}") if n > 1 else path


def _with_ending(path: Path, image: GeneratedImage) -> Path:
    known = path.suffix.lower() in _KNOWN
    return path if known else path.with_name(f"{path.name}.{ending(image.format)}")


def _taken_error(path: Path) -> StoreError:
    return StoreError(
        f"{path} already exists; it was not overwritten.", remedy="Choose another name, or add {overwrite=True}."
    )
