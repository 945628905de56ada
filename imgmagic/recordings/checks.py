"""Upkeep: what a teacher asks of a recordings folder: is it sound, how big is it, what in it is unused."""

import re
from dataclasses import dataclass
from pathlib import Path

from imgmagic.errors import StoreError
from imgmagic.recordings.blobs import BLOB_NAME
from imgmagic.recordings.folder import FILE, RecordedLine, Recordings, told
from imgmagic.recordings.recording import encode
from imgmagic.store.lock import exclusive

_KEY = re.compile(r"\b(?:(?:sk|pk|xai)-|AIza|AQVN|t1\.)[-_.A-Za-z0-9]{20,}")  # with room for hyphenated words
_ANY_BLOB = re.compile(BLOB_NAME.encode())


@dataclass(frozen=True, kw_only=True)
class FolderSize:
    """How big a recordings folder is."""

    runs: int
    pictures: int
    bytes: int
    unused_bytes: int

    def __str__(self) -> str:
        unused = f", {self.unused_bytes:,} of them unused (trim removes them)" if self.unused_bytes else ""
        return f"{self.runs:,} runs, {self.pictures:,} pictures, {self.bytes:,} bytes{unused}"


def listing(folder: Path) -> tuple[RecordedLine, ...]:
    """Return what is recorded, in the order of the file."""
    return _opened(folder).lines


def verify(folder: Path) -> tuple[str, ...]:
    """Return what is wrong with a folder, a sentence a problem; a folder without recordings is a problem too."""
    try:
        recordings = _opened(folder)
        damaged = (str(line) for line in recordings.damaged)
        return (*damaged, *_repeats(recordings), *_picture_faults(recordings), *_keys(recordings))
    except StoreError as error:
        return (str(error),)


def unused(folder: Path) -> tuple[str, ...]:
    """Return the names of the files in `blobs/` that no line mentions, leftovers of a crash among them."""
    recordings = _opened(folder)
    mentioned = _mentioned(recordings)
    return tuple(name for name in recordings.blobs.sizes() if name not in mentioned)


def trim(folder: Path) -> tuple[str, ...]:
    """Remove the unused files and return their names.

    Raises:
        StoreError: a line is damaged, so nobody can say which pictures it needs.
    """
    recordings = _opened(folder)
    with told(folder), exclusive(recordings.folder):
        if recordings.damaged:
            raise StoreError(
                f"nothing was removed: {recordings.damaged[0]}.", remedy="Restore that line or delete it, then trim."
            )
        names = unused(folder)
        for name in names:
            (recordings.blobs.folder / name).unlink(missing_ok=True)
    return names


def size(folder: Path) -> FolderSize:
    """Return how big a folder is."""
    recordings = _opened(folder)
    sizes, mentioned = recordings.blobs.sizes(), _mentioned(recordings)
    return FolderSize(
        runs=len(recordings.lines),
        pictures=len(sizes),
        bytes=sum(sizes.values()) + (recordings.folder / FILE).stat().st_size,
        unused_bytes=sum(length for name, length in sizes.items() if name not in mentioned),
    )


def _opened(folder: Path) -> Recordings:
    recordings = Recordings(folder)
    if not (recordings.folder / FILE).is_file():
        raise StoreError(f"{folder} holds no recordings.", remedy="Name the folder in which recordings.jsonl stands.")
    return recordings


def _mentioned(recordings: Recordings) -> frozenset[str]:
    """Return every blob name in the file: damaged lines keep their pictures as well."""
    with told(recordings.folder):
        raw = (recordings.folder / FILE).read_bytes()
    return frozenset(name.decode() for name in _ANY_BLOB.findall(raw))


def _repeats(recordings: Recordings) -> list[str]:
    first: dict[tuple[str, int], int] = {}
    problems = []
    for line in recordings.lines:
        earlier = first.setdefault((line.recording.key, line.take), line.number)
        if earlier != line.number:
            problems.append(f"line {line.number} of {FILE} repeats take {line.take} of line {earlier}")
    return problems


def _keys(recordings: Recordings) -> list[str]:
    """Name lines in which something looks like a key: a course must not publish them."""
    lines = ((line.number, encode(line.recording).decode()) for line in recordings.lines)
    return [f"line {number} of {FILE} holds what looks like a key" for number, text in lines if _KEY.search(text)]


def _picture_faults(recordings: Recordings) -> list[str]:
    users: dict[str, int] = {}
    for line in recordings.lines:
        for name in line.recording.blobs:
            users.setdefault(name, line.number)
    faults = ((name, number, recordings.blobs.fault(name)) for name, number in users.items())
    return [f"blobs/{name} {fault}; line {number} needs it" for name, number, fault in faults if fault]
