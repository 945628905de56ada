"""Settings files: which there are, and their tables, which are read again only when a file changes.

A `pyproject.toml` belongs to its folder. The nearest one is taken, up to the repository's root or the home folder, and
only if this user owns it: others could put one above ours.
"""

import functools
import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from imgmagic.config.plain_files import is_plain_file, require_plain_file
from imgmagic.errors import SettingsError

_MOST_BYTES = 1_000_000
_REPOSITORY = (".git", ".hg", ".svn", ".jj")
_OUR_TABLE = re.compile(rb"""\[\s*["']?tool["']?\s*\.\s*["']?imgmagic\b""")


def working_folder() -> Path:
    """Return the working folder; the root where it was removed under the running kernel."""
    try:
        return Path.cwd()
    except OSError:  # or it may not be looked at
        return Path("/")


def nearest_pyproject(folder: Path, trusted: Collection[Path] = ()) -> Path | None:
    """Return the pyproject.toml that speaks for `folder`.

    It is in the folder or above it, up to the repository's root or the home folder; a file that another user owns
    ends the search.

    Args:
        folder: where the search begins.
        trusted: folders whose files are read whoever owns them.
    """
    path = _standing_pyproject(folder)
    if path is None or not is_plain_file(path):
        return None
    return path if _is_ours(path) or path.parent in trusted else None


def foreign_pyproject(folder: Path) -> Path | None:
    """Return the pyproject.toml that would speak for `folder`, had another user not put it there."""
    path = _standing_pyproject(folder)
    return None if path is None or not is_plain_file(path) or _is_ours(path) else path


def read_toml(path: Path) -> Mapping[str, object]:
    """Return the tables of a file.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        return _read_cached(path)
    except (OSError, ValueError, RecursionError) as error:  # bad TOML and bad UTF-8 are ValueErrors
        raise SettingsError(f"{path} cannot be read: {error}.", remedy="Correct the file or move it away.") from error


def read_project(path: Path) -> Mapping[str, object]:
    """Return the table `[tool.imgmagic]` of a pyproject.toml, empty when it is not there.

    Raises:
        SettingsError: the file cannot be read although it speaks of imgmagic; a broken file of others stops nothing.
    """
    try:
        tool = read_toml(path).get("tool")
    except SettingsError:
        if _speaks_of_us(path):
            raise
        return {}
    return table_in(tool, "imgmagic", path) if isinstance(tool, Mapping) else {}


def table_in(parent: Mapping[str, object], name: str, origin: object) -> Mapping[str, object]:
    """Return the table `name` of `parent`, empty when it is not there."""
    return table_of(parent.get(name, {}), name, origin)


def table_of(value: object, name: str, origin: object) -> Mapping[str, object]:
    """Return `value` as a table.

    Raises:
        SettingsError: it is something else.
    """
    if not isinstance(value, Mapping):
        raise SettingsError(
            f"{name} in {origin} is not a table.", remedy=f"Write it as [{name}] with one entry per line."
        )
    return value


def _standing_pyproject(folder: Path) -> Path | None:
    candidates = (parent / "pyproject.toml" for parent in _folders_to_search(folder))
    return next(filter(os.path.lexists, candidates), None)


def _folders_to_search(folder: Path) -> Iterator[Path]:
    """Yield the folders to look in: `folder` and those above it, to the repository's root or the home folder."""
    home = _home_folder()
    for parent in (folder, *folder.parents):
        yield parent
        if parent == home or any(os.path.lexists(parent / mark) for mark in _REPOSITORY):
            return


def _home_folder() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # this user has none
        return None


def _is_ours(path: Path) -> bool:
    """Return whether this user owns the file and, where it is a link, the link."""
    if not hasattr(os, "geteuid"):  # Windows: folders of others cannot be written into
        return True
    # Both, as either owner could change what is read.
    return {path.stat().st_uid, path.lstat().st_uid} == {os.geteuid()}


def _read_cached(path: Path) -> Mapping[str, object]:
    """Read a file again only when it has changed: one cell asks for some twenty settings."""
    state = require_plain_file(path, most_bytes=_MOST_BYTES)
    # Time and size are part of the cache's key, so an edited file is read again.
    return _parse(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _parse(path: Path, _mtime_ns: int, _size: int) -> Mapping[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows put a byte order mark first


def _speaks_of_us(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).replace(b"\0", b"")  # UTF-16 puts one beside each letter
    except OSError:
        return False
    return _OUR_TABLE.search(text) is not None
