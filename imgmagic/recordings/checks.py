"""Checks: what a teacher asks of a recordings folder: is it sound, how big is it, what in it is unused.

Nothing is ever removed in one step: `trim` sets unused files aside inside the folder, `delete_backup` removes those.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from imgmagic.domain.origin import SIMULATOR
from imgmagic.domain.safe_name import HASHED_NAME, is_hashed_name
from imgmagic.domain.wording import count_noun
from imgmagic.errors import StoreError
from imgmagic.recordings.folder import FILE, MOST_BYTES, RecordedLine, Recordings, as_folder_error
from imgmagic.recordings.recording import encode
from imgmagic.store.lock import exclusive
from imgmagic.store.regular_file import read_regular_file

_MOST_NAMED = 5
_KEY = re.compile(r"\b(?:(?:sk|pk|xai)-|AIza|AQVN|t1\.)[-_.A-Za-z0-9]{20,}")  # with room for hyphenated words
_ANY_BLOB = re.compile(HASHED_NAME.encode())
# What a write that was cut off leaves behind; see `atomic_files.temporary_path`.
_LEFTOVER = re.compile(r"\.[0-9a-f]+\.tmp")
BACKUP = "trimmed"


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
    return _open(folder).lines


def verify(folder: Path) -> tuple[str, ...]:
    """Return what is wrong with a folder, one sentence per problem; a folder without recordings is a problem too."""
    try:
        recordings = _open(folder)
        damaged = (str(line) for line in recordings.damaged)
        faults = (*_repeats(recordings), *_picture_faults(recordings), *_keys(recordings))
        return (*damaged, *faults, *_mixed_origin(recordings))
    except StoreError as error:
        return (str(error),)


def unused(folder: Path) -> tuple[str, ...]:
    """Return the names of the pictures in `blobs/` that no line mentions, leftovers of a crash among them.

    Files of other names are somebody's own, and stay.
    """
    return _unused(_open(folder))


def trim(folder: Path) -> tuple[str, ...]:
    """Set the unused files aside, into the folder `trimmed` beside them, and return their names.

    Raises:
        StoreError: a line is damaged, so nobody can say which pictures it needs; or the folder for them is a link.
    """
    recordings = _open(folder)
    backup = recordings.folder / BACKUP
    with as_folder_error(folder), exclusive(recordings.folder):
        if recordings.damaged:
            raise StoreError(
                f"nothing was removed: {recordings.damaged[0]}.", remedy="Restore that line or delete it, then trim."
            )
        _require_own(backup)
        names = _unused(recordings)
        if names:
            backup.mkdir(exist_ok=True)
        for name in names:
            (recordings.blobs.folder / name).replace(backup / name)
    return names


def delete_backup(folder: Path) -> tuple[str, ...]:
    """Delete for good what `trim` set aside, and return the names.

    Raises:
        StoreError: the folder of the backup is a link, or cannot be written.
    """
    backup = _open(folder).folder / BACKUP
    with as_folder_error(folder):
        _require_own(backup)
        names = tuple(sorted(each.name for each in backup.iterdir() if _is_ours(each.name))) if backup.is_dir() else ()
        for name in names:
            (backup / name).unlink(missing_ok=True)
        if backup.is_dir() and not any(backup.iterdir()):
            backup.rmdir()
    return names


def size(folder: Path) -> FolderSize:
    """Return how big a folder is."""
    recordings = _open(folder)
    sizes, unused_names = recordings.blobs.sizes(), _unused(recordings)
    return FolderSize(
        runs=len(recordings.lines),
        pictures=len(sizes),
        bytes=sum(sizes.values()) + (recordings.folder / FILE).lstat().st_size,
        unused_bytes=sum(sizes[name] for name in unused_names if name in sizes),
    )


def _open(folder: Path) -> Recordings:
    recordings = Recordings(folder)
    if not (recordings.folder / FILE).is_file():
        raise StoreError(f"{folder} holds no recordings.", remedy="Name the folder that holds recordings.jsonl.")
    return recordings


def _unused(recordings: Recordings) -> tuple[str, ...]:
    mentioned = _find_mentioned(recordings)
    return tuple(name for name in recordings.blobs.sizes() if _is_ours(name) and name not in mentioned)


def _is_ours(name: str) -> bool:
    return is_hashed_name(name) or _LEFTOVER.fullmatch(name) is not None


def _require_own(backup: Path) -> None:
    if backup.is_symlink():
        raise StoreError(f"{backup} is a link to another place; nothing was removed.", remedy="Remove the link.")


def _mixed_origin(recordings: Recordings) -> list[str]:
    """Name the lines of the simulator in a folder in which servers drew the others."""
    simulated = [line.number for line in recordings.lines if line.recording.dialect == SIMULATOR]
    drawn = len(recordings.lines) - len(simulated)
    if not simulated or not drawn:
        return []
    first = ", ".join(map(str, simulated[:_MOST_NAMED])) + (", ..." if len(simulated) > _MOST_NAMED else "")
    told = f"the simulator drew {count_noun(len(simulated), 'run')} (line {first}), servers drew {drawn:,}"
    return [f"the recordings are of mixed origin: {told}"]


def _find_mentioned(recordings: Recordings) -> frozenset[str]:
    """Return every blob name in the file: damaged lines keep their pictures as well."""
    with as_folder_error(recordings.folder):
        # By a search in the bytes, not by the lines that can be read: a damaged line may be restored, and wants its
        # pictures.
        raw = read_regular_file(recordings.folder / FILE, most_bytes=MOST_BYTES)
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
    """Name the lines in which something looks like a key: a course must not publish them."""
    lines = ((line.number, encode(line.recording).decode()) for line in recordings.lines)
    return [f"line {number} of {FILE} holds what looks like a key" for number, text in lines if _KEY.search(text)]


def _picture_faults(recordings: Recordings) -> list[str]:
    users: dict[str, int] = {}
    for line in recordings.lines:
        for name in line.recording.blobs:
            users.setdefault(name, line.number)
    faults = ((name, number, recordings.blobs.fault(name)) for name, number in users.items())
    return [f"blobs/{name} {fault}; line {number} needs it" for name, number, fault in faults if fault]
