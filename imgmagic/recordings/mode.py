"""Modes: whether a run asks the server, plays a recording, or does one and then the other; one look at the disk."""

from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """What the user wants of recordings."""

    LIVE = "live"
    RECORD = "record"  # ask the server, and write down what it answers
    REPLAY = "replay"  # never ask a server
    AUTO = "auto"  # play what is recorded, else ask when there is a key


class Action(StrEnum):
    """What one run does."""

    ASK = "ask"
    ASK_AND_RECORD = "ask and record"
    PLAY = "play"
    MISS = "miss"  # neither is possible: say so


def choose_action(mode: Mode, *, hit: bool, key: bool, simulator: bool = False) -> Action:
    """Return what a run does.

    Without a server to ask, `record` plays what is recorded and refuses the rest: a cell that was left in a lesson
    must not write pictures of the simulator over recordings that somebody paid for.

    Args:
        mode: what the user wants of recordings.
        hit: whether the request is recorded.
        key: whether a server can be asked, or a simulator that somebody chose.
        simulator: whether the simulator was named for this very call; it may always draw, as it costs nothing.
    """
    if mode is Mode.LIVE:
        return Action.ASK
    if mode is Mode.RECORD and (key or simulator):
        return Action.ASK_AND_RECORD
    if hit:
        return Action.PLAY
    return Action.ASK if simulator or (mode is Mode.AUTO and key) else Action.MISS


def folder_beside(notebook: Path) -> Path:
    """Return where the recordings of `notebook` stand: NAME.imgmagic beside NAME.ipynb."""
    return notebook.with_suffix(".imgmagic")


def default_mode(folder: Path | None, *, named: bool) -> Mode:
    """Return the mode when nobody chose one: auto with a recordings folder that is there or was named, else live."""
    return Mode.AUTO if folder is not None and (named or folder.is_dir()) else Mode.LIVE
