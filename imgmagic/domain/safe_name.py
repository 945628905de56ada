"""Safe names: which names from outside may become part of a path.

Databases, recordings and settings of others contain file names. Before one touches the disk it is checked here, and
nowhere else: it must be a hash, a file named by its hash, or plain names that stay in their folder.
"""

import re

HASH = r"[0-9a-f]{64}"
HASHED_NAME = rf"{HASH}\.[a-z0-9]{{1,8}}"

_HASH = re.compile(HASH)
_HASHED_NAME = re.compile(HASHED_NAME)
# Separators, what Windows forbids or reads as a stream or drive, and characters that control a terminal.
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_MOST_BYTES = 255  # for a name on every common file system
_MOST_PARTS = 8


def is_hash(text: str) -> bool:
    """Return whether `text` is a SHA-256 as we write it: 64 lower-case hexadecimal digits."""
    return _HASH.fullmatch(text) is not None


def is_hashed_name(name: str) -> bool:
    """Return whether `name` is that of a file named by its hash, such as `9f86…0a08.png`."""
    return _HASHED_NAME.fullmatch(name) is not None


def is_file_name(name: str) -> bool:
    """Return whether `name` names one file directly in a folder, on every system.

    >>> [is_file_name(name) for name in ("12-a fox.png", "../x", "a/b", "", "nul.png", ".")]
    [True, False, False, False, False, False]
    """
    return (
        name.strip(" .") != ""
        and name[-1] not in " ."  # Windows drops them
        and _FORBIDDEN.search(name) is None
        and _DEVICES.fullmatch(name) is None
        and len(name.encode()) <= _MOST_BYTES
    )


def is_relative_name(name: str) -> bool:
    """Return whether `name` names one file below a folder, as a few plain names joined by forward slashes.

    >>> [is_relative_name(name) for name in ("2026/11/22/12-a-fox.png", "../x", "/x", "a//b", "a/../b", "")]
    [True, False, False, False, False, False]
    """
    parts = name.split("/")
    return len(parts) <= _MOST_PARTS and all(map(is_file_name, parts))
