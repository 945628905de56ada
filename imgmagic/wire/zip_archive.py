"""ZIP archives: the pictures that a server packed into one, as far as they can be read, within bounds."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator

from imgmagic.domain.image_header import begins_as_picture, recognise
from imgmagic.wire.body import MAX_REPLY_BYTES

_MOST_ENTRIES = 1000
# What `zipfile` raises for what is damaged, encrypted (RuntimeError) or packed in a way that it does not know.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip


def unpack(body: bytes | bytearray) -> tuple[list[bytes], bool]:
    """Return the pictures of an archive that can be read, and whether all that it holds could be.

    What nobody knows is taken for a picture only where there is no other, as some pack notes, too.
    """
    entries = list(_entries(body))
    found = [each for each in entries if each is not None]
    pictures = list(filter(begins_as_picture, found)) or [each for each in found if recognise(each) is not None]
    return pictures, None not in entries


def _entries(body: bytes | bytearray) -> Iterator[bytes | None]:
    """Yield what each entry holds; None for one that cannot be read, and for the rest of an archive past a bound."""
    room = MAX_REPLY_BYTES  # for all together: what an archive says of its sizes may be a lie
    try:
        if _count_entries(body) > _MOST_ENTRIES:  # opening it reads the list of all of them
            yield None
            return
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for entry in archive.infolist():
                data = _read(archive, entry, room + 1)
                room -= len(data or b"")
                if room < 0:
                    yield None
                    return
                yield data
    except _UNREADABLE:
        yield None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes | None:
    """Return the first bytes of an entry; None where it cannot be read."""
    try:
        with archive.open(entry) as packed:
            return packed.read(most_bytes)
    except _UNREADABLE:
        return None


def _count_entries(body: bytes | bytearray) -> int:
    """Return how many entries the end record of an archive states (APPNOTE 6.3, 4.3.16)."""
    at = body.rfind(b"PK\x05\x06")
    return int.from_bytes(body[at + 10 : at + 12], "little") if at >= 0 else 0
