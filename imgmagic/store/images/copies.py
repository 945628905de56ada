"""Copies: pictures put where the user asked, file or folder; nothing is overwritten without being told to."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from imgmagic.domain.generation import GeneratedImage
from imgmagic.errors import StoreError
from imgmagic.store.images.folder import told, write
from imgmagic.store.images.image_store import ending, slug

_KNOWN = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".avif", ".bin"}


def check_destination(path: str | Path, *, n: int = 1, overwrite: bool = False) -> None:
    """Refuse a destination that could not be written, before anything is sent.

    Args:
        path: a file, or a folder that exists.
        n: how many pictures will come.
        overwrite: whether files that exist may be overwritten.

    Raises:
        StoreError: the folder does not exist or cannot be written, or a file stands there already.
    """
    target = Path(path).expanduser()
    folder = target if _is_folder(path) else target.parent
    if not folder.is_dir():
        raise StoreError(f"the folder {folder} does not exist.", remedy="Make it, or save elsewhere.")
    _check_writable(folder)
    if folder != target and not overwrite and target.suffix.lower() in _KNOWN:
        for name in _numbered(target, n):
            if name.exists():
                raise _taken(name)


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
    """Write pictures to a file, or into a folder that exists, and return where they stand.

    Several pictures get -1, -2 and so on before the ending; a missing ending is added from the format.

    Args:
        images: the pictures.
        path: a file or a folder.
        title: a text for the names in a folder, such as the history id and the prompt; made safe here.
        overwrite: whether files that exist may be overwritten; one with the same bytes counts as saved.

    Raises:
        StoreError: a file stands there already, or the system refused.
    """
    target = Path(path).expanduser()
    target = target / slug(title) if _is_folder(path) else target
    return tuple(
        _save(image, _with_ending(name, image), overwrite=overwrite)
        for image, name in zip(images, _numbered(target, len(images)), strict=True)
    )


def _save(image: GeneratedImage, path: Path, *, overwrite: bool) -> Path:
    with told(f"the picture was not saved as {path}", "Save it elsewhere with generation.save('picture')."):
        if not path.parent.is_dir():
            raise StoreError(f"the folder {path.parent} does not exist.", remedy="Make it, or save elsewhere.")
        try:
            write(path, image.data, overwrite=overwrite)
        except FileExistsError as error:
            if not path.is_file() or path.read_bytes() != image.data:
                raise _taken(path) from error
    return path


def _is_folder(path: str | Path) -> bool:
    return str(path).endswith(("/", os.sep)) or Path(path).expanduser().is_dir()


def _numbered(path: Path, n: int) -> Iterator[Path]:
    for number in range(1, n + 1):
        known = path.suffix.lower() in _KNOWN
        stem, suffix = (path.stem, path.suffix) if known else (path.name, "")
        yield path.with_name(f"{stem}-{number}{suffix}") if n > 1 else path


def _with_ending(path: Path, image: GeneratedImage) -> Path:
    known = path.suffix.lower() in _KNOWN
    return path if known else path.with_name(f"{path.name}.{ending(image.format)}")


def _taken(path: Path) -> StoreError:
    return StoreError(
        f"{path} exists already; it was not overwritten.", remedy="Give another name, or --overwrite (overwrite=True)."
    )
