"""Blobs: the pictures of recordings, each in a file named by the SHA-256 of its bytes; nothing else is ever read."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from imgmagic.domain.image_header import sniff
from imgmagic.errors import RecordingDamaged, StoreError
from imgmagic.store.images import folder as files
from imgmagic.store.images.previews import make_preview

BLOB_NAME = r"[0-9a-f]{64}\.[a-z0-9]{1,8}"
_NAME = re.compile(BLOB_NAME)
_QUALITY = 80
_RESTORE = "Restore the file from version control, or record the request again."


class Blobs:
    """Keep pictures in one folder, by the hash of their bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, data: bytes, image_format: str) -> str:
        """Keep `data` and return its name; a sound file that is already there is left alone."""
        name = blob_name(data, image_format)
        if self.folder.is_symlink():
            raise StoreError(f"{self.folder} is a link to another place; recordings stay in their folder.")
        if self.fault(name) is not None:
            files.write(self.folder / name, data)
        return name

    def read(self, name: str) -> bytes:
        """Return the picture `name`, checked against its name.

        Raises:
            RecordingDamaged: the file is missing, was changed, or is no picture.
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
        """Return the bytes of each file in the folder, left-over temporary files among them."""
        return {path.name: path.stat().st_size for path in self._files()}

    def _files(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from sorted(path for path in self.folder.iterdir() if path.is_file())

    def _bytes(self, name: str) -> bytes | None:
        if not _NAME.fullmatch(name):
            return None
        with files.told(f"the recorded picture blobs/{name} cannot be read", "Allow reading the folder."):
            try:
                return (self.folder / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None


def blob_name(data: bytes, image_format: str) -> str:
    """Return the file name of a picture.

    Raises:
        StoreError: `data` is no picture, so it could never be played.
    """
    name = f"{hashlib.sha256(data).hexdigest()}.{image_format}"
    if sniff(data) is None or not _NAME.fullmatch(name):
        raise StoreError(f"a picture in the format {image_format!r} cannot be recorded: it is not read as an image.")
    return name


def smaller(data: bytes, image_format: str, side: int | None) -> tuple[bytes, str]:
    """Return the picture and its format with the longest side at most `side`, or as it came where that is smaller.

    None bounds nothing; a picture that cannot be drawn anew, such as a drawing in SVG, stays as it came.
    """
    if side is None:
        return data, image_format
    try:
        small = make_preview(data, longest_side=side, quality=_QUALITY)
    except StoreError:
        return data, image_format
    return (data, image_format) if small.data == data else (small.data, small.format)


def _fault_of(data: bytes | None, name: str) -> str | None:
    if not _NAME.fullmatch(name):
        return "has a name that no recording gives"
    if data is None:
        return "is missing"
    if hashlib.sha256(data).hexdigest() != name.partition(".")[0]:
        return "was changed: its bytes do not match its name"
    return "is no picture" if sniff(data) is None else None
