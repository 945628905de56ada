"""Settings: where a value comes from: flag > %config > environment > pyproject.toml > config.toml > default.

Files and variables are read when asked, so that an edit counts at the next cell. A key is never a setting.

`pyproject.toml` is the folder's voice, all others are the user's. The folder may say what is drawn; what it says of
places and money is bounded by `FolderMay` (see `config.trust`).
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imgmagic.config.folder_wishes import FolderWishes, folder_wishes
from imgmagic.config.home import find_home
from imgmagic.config.plain_files import is_plain_file
from imgmagic.config.settings_table import SETTINGS, FolderMay, Setting, check_names, parse
from imgmagic.config.toml_files import (
    foreign_pyproject,
    nearest_pyproject,
    read_project,
    read_toml,
    working_folder,
)
from imgmagic.config.trust import Trust
from imgmagic.domain.options import OPTIONS
from imgmagic.domain.secret import HiddenMapping
from imgmagic.domain.typed_value import without_quotes


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """A setting's value and where it was found."""

    value: str | int | float | bool | None
    origin: str


class Settings:
    """Find values by precedence.

    Args:
        environ: the environment.
        folder: where the search for pyproject.toml begins; it goes upwards.
        home: the folder of config.toml; IMGMAGIC_HOME, or the platform's user data folder.
        chosen: what `%config ImagineMagics` set, by name; it may change at any time.
    """

    def __init__(
        self,
        *,
        environ: Mapping[str, str] = os.environ,
        folder: Path | None = None,
        home: Path | None = None,
        chosen: Mapping[str, object] | None = None,
    ) -> None:
        self._environ = HiddenMapping(environ)
        self._folder = folder
        self._home = home
        self.chosen: Mapping[str, object] = {} if chosen is None else chosen
        self._allowed: dict[str, str] = {}
        self._held = _HeldFiles()

    @property
    def environ(self) -> Mapping[str, str]:
        """Return the environment."""
        return self._environ.reveal()

    @property
    def home(self) -> Path:
        """Return the folder for history, images and config.toml (IMGMAGIC_HOME, or the platform's user data folder)."""
        return self._home or find_home(self.environ).folder

    @property
    def home_notice(self) -> str:
        """Return what to say of a home that is not the one that was meant; empty otherwise."""
        return "" if self._home is not None else find_home(self.environ).notice

    @property
    def trust(self) -> Trust:
        """Return what the user allows folders to do."""
        return Trust(home=self.home, environ=self.environ, allowed=self._allowed)

    def find(self, name: str) -> Resolved:
        """Return the value of a setting by precedence, checked.

        Raises:
            SettingsError: the value found is not allowed, and the message says where it is set and what is allowed;
                or a folder sets it that the user has not been asked about.
        """
        setting = SETTINGS[name]
        # A limit is not found by precedence: the folder may tighten what the user set, never loosen it.
        if setting.folder_may is FolderMay.LOWER:
            return self._strictest(setting)
        for layer in self._layers():
            found = layer.find(setting)
            if found is not None:
                if layer.folder is not None:
                    # Only for the value that wins: the user is not asked about a wish that changes nothing.
                    self.trust.require(layer.folder, name)
                return found
        return Resolved(value=setting.default, origin="default")

    def text(self, name: str) -> str | None:
        """Return the value of a text setting."""
        value = self.find(name).value
        return None if value is None else str(value)

    def number(self, name: str) -> float:
        """Return the value of a number setting that has a default."""
        return float(self.find(name).value or 0)

    def option_defaults(self) -> Mapping[str, Resolved]:
        """Return the options that a setting names, by body parameter; `partial_images` has a default of its own."""
        found = {option.name: self.find(option.name) for option in OPTIONS if option.name != "model"}
        return {name: each for name, each in found.items() if each.value is not None}

    def foreign_project(self) -> Path | None:
        """Return this folder's pyproject.toml where it is not read, as another user owns it."""
        found = foreign_pyproject(self._folder or working_folder())
        return None if found is None or found.parent in self.trust.named_folders() else found

    def wishes(self) -> FolderWishes | None:
        """Return what this folder's pyproject.toml wishes that only the user may decide; None without such a file."""
        return next((file.folder for file in self.files() if file.folder is not None), None)

    @contextmanager
    def read_once(self) -> Iterator[None]:
        """Read the settings files once in the block, however many settings it asks for."""
        self._held.blocks += 1
        try:
            yield
        finally:
            self._held.blocks -= 1
            if not self._held.blocks:
                self._held.files = None

    def files(self) -> Iterator["Layer"]:
        """Yield the settings files that exist, the stronger first."""
        if not self._held.blocks:
            return self._read_files()
        if self._held.files is None:
            self._held.files = tuple(self._read_files())
        return iter(self._held.files)

    def _read_files(self) -> Iterator["Layer"]:
        folder = self._folder or working_folder()
        project = nearest_pyproject(folder, self.trust.named_folders())
        if project is not None:
            table = check_names(read_project(project), project)
            yield Layer(origin=str(project), table=table, folder=folder_wishes(project, table))
        own = self.home / "config.toml"
        if is_plain_file(own):
            yield Layer(origin=str(own), table=check_names(read_toml(own), own))

    def _strictest(self, setting: Setting) -> Resolved:
        """Return the stricter of the user's limit and the folder's."""
        users = folders = None
        for layer in self._layers():
            if layer.folder is not None:
                folders = layer.find(setting)
            elif users is None:
                users = layer.find(setting)
        users = users or Resolved(value=setting.default, origin="default")
        limits = [each for each in (users, folders) if each is not None and each.value is not None]
        return min(limits, key=lambda limit: float(limit.value or 0), default=users)

    def _layers(self) -> Iterator["Layer"]:
        yield Layer(origin="%config ImagineMagics", table=self.chosen)
        yield Layer(origin="the environment", table=_EnvironmentLayer(self.environ))
        yield from self.files()


class _HeldFiles(threading.local):
    """The files that a thread holds while it plans one request: others may see a newer state meanwhile."""

    blocks = 0
    files: "tuple[Layer, ...] | None" = None


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A place in which settings are written, and whose voice it is.

    Args:
        origin: the place, for people.
        table: the settings by name, as they are written there.
        folder: the folder that speaks, with all that it wishes; None where the user does.
    """

    origin: str
    table: Mapping[str, object]
    folder: FolderWishes | None = None

    def find(self, setting: Setting) -> Resolved | None:
        """Return the setting's value, checked; None where it is not set here."""
        raw = self.table.get(setting.name)
        if raw is None:
            return None
        return Resolved(value=parse(setting, raw, self.origin), origin=self.origin)


class _EnvironmentLayer(Mapping[str, object]):
    """The environment seen as settings by name."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> object:
        return without_quotes(self._environ[SETTINGS[name].variable]) or None

    def __iter__(self) -> Iterator[str]:
        return (name for name, setting in SETTINGS.items() if setting.variable in self._environ)

    def __len__(self) -> int:
        return sum(1 for _ in self)
