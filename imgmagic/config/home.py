"""The home of imgmagic: where history, pictures and the user's settings are kept, even for users without a home."""

import contextlib
import functools
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from imgmagic.domain.typed_value import without_quotes
from imgmagic.errors import SettingsError

VARIABLE = "IMGMAGIC_HOME"


@dataclass(frozen=True, kw_only=True)
class Home:
    """The folder, and what to tell the user where it is not the one that was meant; empty otherwise."""

    folder: Path
    notice: str = ""


def find_home(environ: Mapping[str, str]) -> Home:
    """Return the folder that IMGMAGIC_HOME names, or the platform's user data folder, or a private temporary one."""
    named = without_quotes(environ.get(VARIABLE, ""))
    fault = ""
    if named:
        try:
            return Home(folder=Path(named).expanduser())
        except RuntimeError:
            fault = f"{VARIABLE} ({named}) names the home of a user who does not exist"
    default = _platforms_folder()
    if default is None:
        default = _temporary_folder()
        fault = fault or "This user has no home folder"
    kept = f"{fault}: history and pictures are kept in {default}. Set {VARIABLE} to a folder of your own."
    return Home(folder=default, notice=kept if fault else "")


def _platforms_folder() -> Path | None:
    """Return the platform's user data folder; None for a user without a home, for whom libraries raise or keep a ~."""
    try:
        found = user_data_path("imgmagic", appauthor=False)
    except RuntimeError:
        return None
    return found if found.is_absolute() else None


def make_private(folder: Path) -> None:
    """Make a folder that other users of the machine cannot look into; one that is there keeps its rights."""
    with contextlib.suppress(OSError):  # whoever writes there says why that cannot be
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@functools.cache
def _temporary_folder() -> Path:
    """Return the temporary folder of this user; a new one where somebody else made a folder of that name."""
    folder = Path(tempfile.gettempdir()) / f"imgmagic-{os.getuid() if hasattr(os, 'getuid') else 'home'}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="imgmagic-"))
    # In a temporary folder that all users share, anybody can make one of this name first, and read what is put there.
    return folder if _is_private(folder) else Path(tempfile.mkdtemp(prefix="imgmagic-"))


def _is_private(folder: Path) -> bool:
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode):
        return False
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o077)


def expand_user(path: str | Path, *, what: str) -> Path:
    """Return a path with `~` and `~name` filled in.

    Args:
        path: the path.
        what: what it is, for the error: "the price table".

    Raises:
        SettingsError: nobody of that name has a home folder here, or no path can be written so.
    """
    # An address that hides its password is a text of its own kind, which a path of Python 3.11 does not take.
    plain = str.__str__(path) if isinstance(path, str) else path
    try:
        if b"\0" in os.fsencode(plain):
            raise _impossible(path, what)
        return Path(plain).expanduser()
    except UnicodeEncodeError:
        raise _impossible(path, what) from None
    except RuntimeError:
        raise SettingsError(
            f"{what} is set to {str(path)!r}, and there is no such home folder.", remedy="Write the full path."
        ) from None


def _impossible(path: str | Path, what: str) -> SettingsError:
    return SettingsError(f"{what} is set to {str(path)[:60]!a}, which is not a path.", remedy="Write a path.")
