"""Playback: whether a run asks the server, plays a recording, or does both; and the recordings folder in use."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imgmagic.config.settings_table import Settings
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ImgmagicError
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.mode import Mode, Way, default_mode, folder_beside, way
from imgmagic.recordings.player import Player
from imgmagic.recordings.recording import Recording


@dataclass(frozen=True, kw_only=True)
class Route:
    """The way that one run goes, and the recording that it plays, if it plays one."""

    way: Way
    recording: Recording | None = None
    miss: ImgmagicError | None = None


class Playback:
    """Choose the way of each run by the mode and what is recorded.

    Args:
        settings: mode, folder and speed, unless `choose` says otherwise.
        environ: where the notebook's name is found.
    """

    def __init__(self, settings: Settings, *, environ: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._environ = environ
        self._chosen: tuple[Mode, Path | None] | None = None
        self._opened: tuple[Path, Recordings] | None = None
        self._player: tuple[tuple[Path, float | None], Player] | None = None

    def choose(self, mode: Mode, folder: Path | None = None) -> None:
        """Take `mode` and `folder` from now on, whatever the settings say; the takes begin anew."""
        self._opened = self._player = None
        if mode is Mode.RECORD and folder is not None:
            Recordings(folder).check_writable()
        self._chosen = (mode, folder)

    @property
    def folder(self) -> Path | None:
        """Return the recordings folder: chosen, named by a setting, or the one beside the notebook."""
        if self._chosen is not None and self._chosen[1] is not None:
            return self._chosen[1]
        named = self._settings.text("recordings")
        return Path(named).expanduser() if named else self._beside()

    @property
    def mode(self) -> Mode:
        """Return the mode: chosen, set, or auto where a recordings folder stands beside the notebook or is named."""
        if self._chosen is not None:
            return self._chosen[0]
        named = self._settings.text("mode")
        if named:
            return Mode(named)
        return default_mode(self.folder, named=self._settings.text("recordings") is not None)

    def route(self, request: ImageRequest, *, key: bool) -> Route:
        """Return the way of a run of `request`, given whether a server can be asked.

        Raises:
            SettingsError, StoreError, RecordingDamaged: the folder cannot be used.
        """
        mode = self.mode
        if mode is Mode.LIVE or mode is Mode.RECORD:
            return Route(way=way(mode, hit=False, key=key))
        found = self.player.find(request)
        chosen = way(mode, hit=found is not None, key=key)
        if chosen is Way.MISS:
            return Route(way=chosen, miss=self.player.miss(request))
        return Route(way=chosen, recording=found)

    @property
    def recordings(self) -> Recordings:
        """Return the recordings in use, the same as long as the folder is."""
        folder = self.folder or Path("recordings.imgmagic")
        if self._opened is None or self._opened[0] != folder:
            self._opened = (folder, Recordings(folder))
        return self._opened[1]

    @property
    def player(self) -> Player:
        """Return the player, the same as long as folder and speed are: it counts the takes."""
        speed = self._settings.find("replay_speed").value
        wanted = (self.recordings.folder, None if speed is None else float(speed))
        if self._player is None or self._player[0] != wanted:
            self._player = (wanted, Player(self.recordings, speed=wanted[1]))
        return self._player[1]

    def _beside(self) -> Path | None:
        notebook = self.notebook
        return None if notebook is None else folder_beside(notebook)

    @property
    def notebook(self) -> Path | None:
        """Return the notebook's path, where the server tells it (JPY_SESSION_NAME); its folder is the kernel's."""
        name = self._environ.get("JPY_SESSION_NAME", "")
        return Path.cwd() / Path(name).name if name.endswith(".ipynb") else None
