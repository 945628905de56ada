"""Modes: whether a run asks the server, plays a recording, or does one and then the other; no I/O but one look."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """What the user wants of recordings."""

    LIVE = "live"
    RECORD = "record"  # ask the server, and write down what it answers
    REPLAY = "replay"  # never ask a server
    AUTO = "auto"  # play what is recorded, else ask when there is a key


class Way(StrEnum):
    """What one run does."""

    ASK = "ask"
    ASK_AND_RECORD = "ask and record"
    PLAY = "play"
    MISS = "miss"  # neither is possible: say so


_ALWAYS: Mapping[Mode, Way] = {Mode.LIVE: Way.ASK, Mode.RECORD: Way.ASK_AND_RECORD}


def way(mode: Mode, *, hit: bool, key: bool) -> Way:
    """Return what a run does, given whether its request is recorded and whether a server can be asked."""
    if mode in _ALWAYS:
        return _ALWAYS[mode]
    if hit:
        return Way.PLAY
    return Way.ASK if mode is Mode.AUTO and key else Way.MISS


def folder_beside(notebook: Path) -> Path:
    """Return where the recordings of `notebook` stand: NAME.imgmagic beside NAME.ipynb."""
    return notebook.with_suffix(".imgmagic")


def default_mode(folder: Path | None, *, named: bool) -> Mode:
    """Return the mode when nobody chose one: auto with a recordings folder that is there or was named, else live."""
    return Mode.AUTO if folder is not None and (named or folder.is_dir()) else Mode.LIVE
