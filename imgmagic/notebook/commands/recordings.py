"""The commands for recordings: record, replay, stop either, and maintain the folder."""

import argparse
from pathlib import Path

from imgmagic.domain.wording import closest, listed
from imgmagic.errors import RecordingDamaged
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.recordings import checks
from imgmagic.recordings.__main__ import ACTIONS, harmless_line
from imgmagic.recordings.mode import Mode
from imgmagic.store.images.destination import read_destination


def record(front: Front, options: argparse.Namespace) -> None:
    """Ask the server from now on, and record its replies."""
    folder = _folder(front, options)
    can_ask = front.session.can_ask()
    front.session.playback.choose(Mode.RECORD, folder, writes=can_ask)
    if can_ask:
        front.say(f"recording into {folder}; %imgmagic live ends it.")
    else:
        front.say(f"No server can be asked without a key, so {folder} is replayed and nothing is recorded.")


def replay(front: Front, options: argparse.Namespace) -> None:
    """Play recordings from now on, and ask no server."""
    folder = _folder(front, options)
    size = checks.size(folder)  # a folder without recordings is refused here, not at the first cell
    front.session.playback.choose(Mode.REPLAY, folder)
    front.say(f"replaying {folder}: {size}; %imgmagic live ends it.")


def live(front: Front, _: argparse.Namespace) -> None:
    """Ask the server from now on, and record nothing."""
    front.session.playback.choose(Mode.LIVE)
    front.say("live: every cell asks its server; nothing is recorded.")


def recordings(front: Front, options: argparse.Namespace) -> None:
    """Say which recordings are in use, or maintain them."""
    if options.action is None:
        mode, folder = front.session.playback.mode, front.session.playback.folder
        front.say(f"mode {mode}, {f'recordings in {folder}' if folder else 'no recordings folder'}")
        return
    if options.action not in ACTIONS:
        raise UsageError(
            f"%imgmagic recordings: no action {options.action!r}.{closest(options.action, ACTIONS)} "
            f"Actions: {listed(ACTIONS)}."
        )
    lines, status = ACTIONS[options.action](_folder(front, options))
    told = "\n".join(map(harmless_line, lines))
    if status:
        raise RecordingDamaged(told)
    front.say(told)


def _folder(front: Front, options: argparse.Namespace) -> Path:
    """Return the folder that was named, is in use, or would be beside the notebook."""
    if options.path:
        return read_destination(options.path, what="the recordings folder")
    playback = front.session.playback
    found = playback.folder or (playback.unnamed_folder() if playback.notebook else None)
    if found is None:
        raise UsageError("%imgmagic: no recordings folder is in use; name one, such as lesson.imgmagic")
    return found


RUN: Runs = {
    "record": record,
    "replay": replay,
    "live": live,
    "recordings": recordings,
}
