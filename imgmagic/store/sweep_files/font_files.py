"""The font files of this machine, those first that a label is most likely to be drawn in.

Which there are is asked of fontconfig where it is installed, else of the folders that systems keep fonts in.
"""

import contextlib
import functools
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("~/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# Plain faces that cover many scripts come first; the rest is tried in the order of their names.
_PREFERRED = ("dejavusans", "notosans-regular", "notosanscjk-regular", "arial", "segoeui", "helvetica", "arialunicode")
_STYLED = re.compile(r"bold|black|heavy|light|thin|medium|italic|oblique|condensed", re.IGNORECASE)
_ENDINGS = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_MOST_FILES = 400
_TIMEOUT_S = 10
_FONTCONFIG = ("--format", "%{file}\n")


def files_for(letters: Collection[str]) -> Sequence[Path]:
    """Return the files in which these letters are looked for, in that order."""
    found = all_files()
    asked = tuple(path for letter in _rare(letters) for path in files_with(letter))
    preferred = [path for name in _PREFERRED for path in found if path.stem.lower().replace("_", "") == name]
    return tuple(dict.fromkeys([*preferred, *asked, *found]))


@functools.cache
def all_files() -> tuple[Path, ...]:
    """Return the font files that there are."""
    found = _ask_fontconfig(":") or [path for folder in _folders() for path in folder.rglob("*")]
    files = sorted({path for path in found if path.suffix.lower() in _ENDINGS}, key=_by_plainness)
    return tuple(files[:_MOST_FILES])


def _folders() -> Iterator[Path]:
    for folder in _FOLDERS:
        with contextlib.suppress(RuntimeError):  # a process may have no home
            if folder.expanduser().is_dir():
                yield folder.expanduser()


def files_with(letter: str) -> list[Path]:
    """Return the font files that have a letter, as far as fontconfig knows."""
    return sorted(_ask_fontconfig(f":charset={ord(letter):x}"), key=_by_plainness)[:20]


def _by_plainness(path: Path) -> tuple[bool, str]:
    """Return what sorts the plain faces of all families before bold and slanted ones."""
    return _STYLED.search(path.stem) is not None, path.name


def _rare(letters: Collection[str]) -> list[str]:
    """Return a few letters that stand for the scripts of all."""
    by_block = {ord(letter) >> 8: letter for letter in sorted(letters) if not letter.isascii()}
    return list(by_block.values())[:12]


def _ask_fontconfig(pattern: str) -> list[Path]:
    program = None if sys.platform == "win32" else shutil.which("fc-list")
    if program is None:
        return []
    try:
        said = subprocess.run(  # noqa: S603 - a fixed program and a pattern made of a number
            [program, *_FONTCONFIG, pattern], capture_output=True, check=True, timeout=_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [Path(line) for line in said.stdout.decode("utf-8", "replace").splitlines() if line]
