"""Recordings: a folder of recorded runs that git, a course and several kernels can share.

`recordings.jsonl` holds one line per run, `blobs/` the pictures. A line is appended in one write, or replaced
in place by a whole new file, under a lock; a damaged line is kept byte for byte and never recorded over.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from imgmagic.domain.origin import SIMULATOR
from imgmagic.errors import StoreError
from imgmagic.recordings.blobs import Blobs
from imgmagic.recordings.recording import FORMAT, Recording, checked_line, decode, format_of
from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.destination import read_destination
from imgmagic.store.lock import exclusive
from imgmagic.store.os_errors import as_store_error
from imgmagic.store.regular_file import read_regular_file

FILE = "recordings.jsonl"
MOST_BYTES = 256 * 1024 * 1024  # of the file
_KEY = re.compile(rb'(?<!\\)"key": ?"([0-9a-f]{64})"')
_TAKE = re.compile(rb'(?<!\\)"take": ?([0-9]{1,9})')


@dataclass(frozen=True, kw_only=True)
class DamagedLine:
    """A line that holds no recording: why, and what it still says of the request it was for."""

    number: int
    fault: str
    keys: frozenset[str]
    take: int | None

    def __str__(self) -> str:
        return f"line {self.number} of {FILE} is damaged: {self.fault}"


@dataclass(frozen=True, kw_only=True)
class RecordedLine:
    """A line that holds a recording."""

    number: int
    recording: Recording

    @property
    def take(self) -> int:
        """Return which run of its request it is."""
        return self.recording.take


@dataclass(frozen=True, kw_only=True)
class _Contents:
    state: tuple[int, int, int] | None  # of the file; None without one
    lines: tuple[RecordedLine, ...] = ()
    damaged: tuple[DamagedLine, ...] = ()
    takes: dict[str, list[RecordedLine]] = field(default_factory=dict)


class Recordings:
    """A folder of recordings, as one session sees it.

    The session counts its own runs: the first run of a request replaces take 1 of an earlier session, the second
    take 2. What others recorded since this object was made is never replaced.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = read_destination(folder, what="the recordings folder")
        self.blobs = Blobs(self.folder / "blobs")
        # A link in the place of the file is refused where it is read or written.
        self._contents = _Contents(state=None) if _is_link(self.folder / FILE) else _load(self.folder)
        # What stood here when this session began: only that may it replace, by its own first run, second run and so on.
        self._former = {(line.recording.key, line.take): line.recording for line in self._contents.lines}
        self._recorded: dict[str, int] = {}
        self._replaceable: set[str] = set()

    @property
    def lines(self) -> tuple[RecordedLine, ...]:
        """Return what is recorded, in the order of the file."""
        return self._current().lines

    @property
    def damaged(self) -> tuple[DamagedLine, ...]:
        """Return the lines that hold no recording."""
        return self._current().damaged

    def takes(self, key: str) -> tuple[RecordedLine | DamagedLine, ...]:
        """Return the runs of one request in the order of their takes; a damaged one keeps its place."""
        contents = self._current()
        sound = contents.takes.get(key, [])
        known = {line.take for line in sound}
        damaged = [line for line in contents.damaged if key in line.keys and line.take not in {None, *known}]
        return tuple(sorted([*sound, *damaged], key=lambda line: line.take or 0))

    def check_writable(self) -> None:
        """Make the folder, and raise a StoreError when recording into it would fail: before anything is paid for."""
        with self._writing(), exclusive(self.folder):
            self._contents = _load(self.folder)

    def let_replace(self, key: str) -> None:
        """Let the simulator's next run of a request replace what a server drew: the user named the simulator for it."""
        self._replaceable.add(key)

    def record(self, recording: Recording, pictures: Sequence[tuple[bytes, str]]) -> Recording:
        """Keep a run with its pictures (bytes and format), and return it with its take.

        A run never replaces a better one: what failed does not replace pictures, and what the simulator drew does not
        replace what a server drew, unless `let_replace` said so.

        Raises:
            StoreError: the folder cannot be written, or the run cannot be recorded; what was there is still there.
        """
        with self._writing(), exclusive(self.folder):
            self._contents = _load(self.folder)
            numbered = msgspec.structs.replace(recording, take=self._next_take(recording.key))
            takes = self._contents.takes.get(numbered.key, [])
            former = next((line for line in takes if line.take == numbered.take), None)
            if former is not None:
                _require_worthy(numbered, former.recording, over_servers=numbered.key in self._replaceable)
            line = checked_line(numbered)
            # Pictures first: a line whose pictures are missing is damaged, a picture without a line only unused.
            for data, image_format in pictures:
                self.blobs.write(data, image_format)
            self._put(line, former)
            self._recorded[numbered.key] = numbered.take
            self._replaceable.discard(numbered.key)
        return numbered

    def _current(self) -> _Contents:
        with as_folder_error(self.folder):
            state = _state(self.folder)
        if state != self._contents.state:
            self._contents = _load(self.folder)
        return self._contents

    @contextmanager
    def _writing(self) -> Iterator[None]:
        file = self.folder / FILE
        with as_folder_error(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            if file.is_symlink():
                raise StoreError(
                    f"{file} is a link to another place; recordings stay in their folder.",
                    remedy="Put the file itself there.",
                )
            yield

    def _next_take(self, key: str) -> int:
        taken = {line.take: line.recording for line in self._contents.takes.get(key, [])}
        take = self._recorded.get(key, 0) + 1
        # Another kernel has recorded this take meanwhile; it stays, and this run becomes a later one.
        while take in taken and taken[take] != self._former.get((key, take)):
            take += 1
        return take

    def _put(self, line: bytes, former: RecordedLine | None) -> None:
        file = self.folder / FILE
        if former is None:
            _append(file, line)
        else:
            _replace(file, former.number, line)


def _require_worthy(recording: Recording, former: Recording, *, over_servers: bool) -> None:
    """Refuse to replace a recording by one that is worth less."""
    if former.drew and not recording.drew:
        raise StoreError(f"this run was not recorded: it drew nothing, and take {former.take} has its pictures.")
    is_simulated = recording.dialect == SIMULATOR and former.dialect != SIMULATOR
    if is_simulated and not over_servers:
        raise StoreError(
            f"this run was not recorded: a server drew take {former.take}, and this picture is the simulator's.",
            remedy="To replace it, name the simulator as the provider of this call.",
        )


@contextmanager
def as_folder_error(folder: Path) -> Iterator[None]:
    """Turn what the system refuses about a recordings folder into a StoreError."""
    with as_store_error(
        f"the recordings in {folder} cannot be used",
        "Allow reading and writing it, or name another folder.",
    ):
        yield


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # a folder without rights: reading it says so
        return False


def _load(folder: Path) -> _Contents:
    with as_folder_error(folder):
        if folder.exists() and not folder.is_dir():
            raise StoreError(f"{folder} is a file, not a folder of recordings.", remedy="Name a folder.")
        state = _state(folder)
        raw = read_regular_file(folder / FILE, most_bytes=MOST_BYTES) if state else b""
    return _parse(folder, raw, state)


def _state(folder: Path) -> tuple[int, int, int] | None:
    try:
        found = (folder / FILE).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _parse(folder: Path, raw: bytes, state: tuple[int, int, int] | None) -> _Contents:
    contents = [_read(folder, number, line) for number, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    takes: dict[str, list[RecordedLine]] = {}
    lines = tuple(each for each in contents if isinstance(each, RecordedLine))
    for line in lines:
        takes.setdefault(line.recording.key, []).append(line)
    damaged = tuple(each for each in contents if isinstance(each, DamagedLine))
    return _Contents(state=state, lines=lines, damaged=damaged, takes=takes)


def _read(folder: Path, number: int, line: bytes) -> RecordedLine | DamagedLine:
    try:
        recording = decode(line)
    except ValueError as error:  # as the errors of msgspec are
        return _as_damaged(folder, number, line, str(error))
    if recording.format != FORMAT:
        return _as_damaged(folder, number, line, f"format {recording.format} is not known")
    keys = frozenset({recording.key, recording.request.key})
    if len(keys) > 1:
        fault = "its key does not belong to its request; one of them was changed"
        return DamagedLine(number=number, fault=fault, keys=keys, take=recording.take)
    return RecordedLine(number=number, recording=recording)


def _as_damaged(folder: Path, number: int, line: bytes, fault: str) -> DamagedLine:
    newer = format_of(line) or 0
    if newer > FORMAT:
        raise StoreError(
            f"{folder} was recorded by a newer imgmagic: line {number} of {FILE} has format {newer}, not {FORMAT}.",
            remedy="Install a newer imgmagic (%pip install -U jupyter-imgmagic).",
        )
    take = _TAKE.findall(line)
    return DamagedLine(
        number=number,
        fault=fault,
        keys=frozenset(found.decode() for found in _KEY.findall(line)),
        take=int(take[-1]) if take else None,
    )


def _append(file: Path, line: bytes) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
    try:
        size = os.fstat(descriptor).st_size
        data = b"\n" * _lacks_end(file, size) + line + b"\n"
        _write_or_undo(descriptor, data, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lacks_end(file: Path, size: int) -> bool:
    """Return whether the last line was cut off, so that the next must not continue it."""
    if not size:
        return False
    with file.open("rb") as reader:
        reader.seek(-1, os.SEEK_END)
        return reader.read() != b"\n"


def _write_or_undo(descriptor: int, data: bytes, size: int) -> None:
    written = 0
    try:
        # One write, so that readers without the lock (git, a copy) see a whole line or none.
        written = os.write(descriptor, data)
    finally:
        if written != len(data):
            os.ftruncate(descriptor, size)
    if written != len(data):
        raise StoreError("the recording was not written: the disk took only a part of it.", remedy="Make room.")


def _replace(file: Path, number: int, line: bytes) -> None:
    # As bytes, not as recordings: damaged lines and those of later formats stay as they are, to the byte.
    lines = file.read_bytes().split(b"\n")
    lines[number - 1] = line
    mode = file.stat().st_mode
    write_file(file, b"\n".join(lines))
    file.chmod(mode)
