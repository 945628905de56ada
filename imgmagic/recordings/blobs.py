"""Blobs: the pictures of recordings, each in a file named by the SHA-256 of its bytes; nothing else is ever read."""

import hashlib
import os
from pathlib import Path

from imgmagic.domain.image_header import recognise
from imgmagic.domain.safe_name import is_hashed_name
from imgmagic.errors import RecordingDamaged, StoreError
from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.previews import make_preview
from imgmagic.store.os_errors import as_store_error
from imgmagic.store.regular_file import read_regular_file

MOST_BYTES = 128 * 1024 * 1024  # of one picture
_QUALITY = 80
_RESTORE = "Restore the file from version control, or record the request again."


class Blobs:
    """Keep pictures in one folder, by the hash of their bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, data: bytes, image_format: str) -> str:
        """Keep `data` and return its name; a sound file that is already there is left alone."""
        name = blob_name(data, image_format)
        self.require_own_folder()
        # Sound means its bytes match the name; a file that was damaged or cut short is written again.
        if self.fault(name) is not None:
            write_file(self.folder / name, data)
        return name

    def read(self, name: str) -> bytes:
        """Return the picture `name`, checked against its name.

        Raises:
            RecordingDamaged: the file is missing, was changed, or is not a picture.
        """
        data = self._bytes(name)
        fault = _fault_of(data, name)
        if data is None or fault is not None:
            raise RecordingDamaged(f"the recorded picture blobs/{name} {fault}.", remedy=_RESTORE)
        return data

    def fault(self, name: str) -> str | None:
        """Return what is wrong with the picture `name`, or None."""
        return _fault_of(self._bytes(name), name)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each plain file in the folder, left-over temporary files among them."""
        self.require_own_folder()
        return {entry.name: entry.stat(follow_symlinks=False).st_size for entry in self._files()}

    def require_own_folder(self) -> None:
        """Refuse a folder that is a link: what it leads to is not the recording's.

        Raises:
            StoreError: it is one.
        """
        if self.folder.is_symlink():
            raise StoreError(
                f"{self.folder} is a link to another place; recordings stay in their folder.",
                remedy="Put the folder itself there.",
            )

    def _files(self) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.folder) as entries:
                found = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(found, key=lambda entry: entry.name)

    def _bytes(self, name: str) -> bytes | None:
        if not is_hashed_name(name):
            return None
        self.require_own_folder()
        with as_store_error(f"the recorded picture blobs/{name} cannot be read", "Allow reading the folder."):
            try:
                return read_regular_file(self.folder / name, most_bytes=MOST_BYTES)
            except (FileNotFoundError, NotADirectoryError):
                return None


def blob_name(data: bytes, image_format: str) -> str:
    """Return the file name of a picture.

    Raises:
        StoreError: `data` is not a picture, so it could never be played.
    """
    name = f"{hashlib.sha256(data).hexdigest()}.{image_format}"
    if recognise(data) is None or not is_hashed_name(name):
        raise StoreError(f"a picture in the format {image_format!r} cannot be recorded: it is not read as an image.")
    return name


def smaller(data: bytes, image_format: str, side: int | None) -> tuple[bytes, str]:
    """Return the picture and its format with the longest side at most `side`, or as it came where that is smaller.

    None bounds nothing; a picture that cannot be drawn again, such as a drawing in SVG, stays as it came.
    """
    if side is None:
        return data, image_format
    try:
        small = make_preview(data, longest_side=side, quality=_QUALITY)
    except StoreError:
        return data, image_format
    return (data, image_format) if small.data == data else (small.data, small.format)


def _fault_of(data: bytes | None, name: str) -> str | None:
    if not is_hashed_name(name):
        return "has a name that recordings never use"
    if data is None:
        return "is missing"
    if hashlib.sha256(data).hexdigest() != name.partition(".")[0]:
        return "was changed: its bytes do not match its name"
    return "is not a picture" if recognise(data) is None else None
