"""Playback: whether a run asks the server, plays a recording, or does both; and the recordings folder in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imgmagic.config.home import expand_user
from imgmagic.config.settings import Settings
from imgmagic.config.toml_files import working_folder
from imgmagic.domain.origin import SIMULATOR
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.secret import HiddenMapping
from imgmagic.errors import ImgmagicError, StoreError
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.mode import Action, Mode, choose_action, default_mode, folder_beside
from imgmagic.recordings.player import Player
from imgmagic.recordings.recording import Recording


@dataclass(frozen=True, kw_only=True)
class Route:
    """Whether one run asks, records or plays, and the recording that it plays, if it plays one.

    Args:
        over_servers: whether what the simulator draws may replace what a server drew.
    """

    action: Action
    over_servers: bool = False
    recording: Recording | None = None
    miss: ImgmagicError | None = None


class Playback:
    """Choose the way of each run by the mode and what is recorded.

    Args:
        settings: mode, folder and speed, unless `choose` says otherwise.
        environ: where the notebook's name is found; the settings' environment unless given.
    """

    def __init__(self, settings: Settings, *, environ: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._environ = HiddenMapping(settings.environ if environ is None else environ)
        self._chosen: tuple[Mode, Path | None] | None = None
        self._opened: tuple[Path, Recordings] | None = None
        self._player: tuple[tuple[Path, float | None], Player] | None = None

    def choose(self, mode: Mode, folder: Path | None = None, *, writes: bool = True) -> None:
        """Take `mode` and `folder` from now on, whatever the settings say; takes are counted from 1 again.

        Args:
            mode: what to do with recordings.
            folder: where they are; None for the folder of the settings.
            writes: whether a folder to record into is made and tried now, before anything is paid for.
        """
        self._opened = self._player = None
        if mode is Mode.RECORD and folder is not None and writes:
            Recordings(folder).check_writable()
        self._chosen = (mode, folder)

    @property
    def folder(self) -> Path | None:
        """Return the recordings folder: chosen, named by a setting, or the one beside the notebook."""
        if self._chosen is not None and self._chosen[1] is not None:
            return self._chosen[1]
        named = self._settings.text("recordings")
        return expand_user(named, what="the recordings folder") if named else self._beside()

    @property
    def mode(self) -> Mode:
        """Return the mode: chosen, set, or auto where a recordings folder is beside the notebook or is named."""
        if self._chosen is not None:
            return self._chosen[0]
        named = self._settings.text("mode")
        if named:
            return Mode(named)
        return default_mode(self.folder, named=self._settings.text("recordings") is not None)

    def route(self, request: ImageRequest, *, key: bool, simulated: bool = False, named: bool = False) -> Route:
        """Return the way of a run of `request`.

        Args:
            request: what is asked.
            key: whether a server can be asked, or a simulator that somebody chose.
            simulated: whether it would be the simulator.
            named: whether the provider was named for this very call.

        Raises:
            SettingsError, StoreError, RecordingDamaged: the folder cannot be used.
        """
        mode = self.mode
        by_name = simulated and named
        if mode is Mode.LIVE or (mode is Mode.RECORD and (by_name or (key and not simulated))):
            action = choose_action(mode, hit=False, key=key, simulator=by_name)
            if action is Action.ASK_AND_RECORD:
                _ = self.recordings  # a folder that cannot be used is refused here, before the run is recorded or sent
            return Route(action=action, over_servers=by_name)
        found = self.player.find(request)
        # Without a key, record mode falls back to the simulator; it must not draw over what somebody has paid for.
        paid = mode is Mode.RECORD and found is not None and found.dialect != SIMULATOR
        chosen = choose_action(mode, hit=found is not None, key=key and not paid, simulator=by_name)
        if chosen is Action.MISS:
            return Route(action=chosen, miss=self.player.miss(request))
        return Route(action=chosen, recording=found if chosen is Action.PLAY else None)

    @property
    def recordings(self) -> Recordings:
        """Return the recordings in use, the same as long as the folder is.

        Raises:
            StoreError: nobody named the folder, and it is a link to another place.
        """
        folder = self.folder or self.unnamed_folder()
        # One object per folder: it counts this session's takes, and would begin at 1 again.
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

    def unnamed_folder(self) -> Path:
        """Return the folder that is used when nobody named one: beside the notebook, or in the working folder.

        Raises:
            StoreError: it is a link, and may lead out of what the notebook came with.
        """
        folder = Path("recordings.imgmagic") if self.notebook is None else folder_beside(self.notebook)
        if folder.is_symlink():
            raise StoreError(
                f"{folder} is a link to another place, and nobody named it as the recordings folder.",
                remedy="If it is yours, name it: %imgmagic record or replay with its path, or IMGMAGIC_RECORDINGS.",
            )
        return folder

    def _beside(self) -> Path | None:
        """Return the folder beside the notebook, unless it is a link, which is not followed unasked."""
        folder = None if self.notebook is None else folder_beside(self.notebook)
        return None if folder is None or folder.is_symlink() else folder

    @property
    def notebook(self) -> Path | None:
        """Return the notebook's path, where the server tells it (JPY_SESSION_NAME); its folder is the kernel's."""
        name = self._environ.get("JPY_SESSION_NAME", "")
        return working_folder() / Path(name).name if name.endswith(".ipynb") else None
