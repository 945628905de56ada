"""Settings: where a value comes from: flag > %config > environment > pyproject.toml > config.toml > default.

Files and variables are read when asked, so that an edit counts at the next cell. A key is never a setting.
"""

import functools
import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from imgmagic.domain.options import OPTIONS
from imgmagic.domain.rules import closest, listed
from imgmagic.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: its name in every place, its type, default, allowed values, bounds and help."""

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    help: str
    default: str | int | float | bool | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def variable(self) -> str:
        """Return its environment variable."""
        return "IMGMAGIC_" + self.name.upper()


SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(name="provider", kind=str, help="the provider to ask when --provider is not given"),
        *(
            Setting(name=option.name, kind=option.kind, help=f"default of {option.flag}: {option.help}")
            for option in OPTIONS
            if option.name not in ("stream", "partial_images")
        ),
        Setting(name="stream", kind=bool, help="default of --stream; unset: stream where the server can"),
        Setting(
            name="partial_images", kind=int, default=2, low=0, high=3, help="default of --partial-images when streaming"
        ),
        Setting(name="timeout", kind=float, default=600.0, low=1, help="seconds that one call may take in all"),
        Setting(name="history_url", kind=str, help="database of the history: a file or URL; unset: in IMGMAGIC_HOME"),
        Setting(name="image_store", kind=str, help="where originals are kept: a folder, or an fsspec URL (s3://...)"),
        Setting(name="price_table", kind=str, help="a file of prices of your own, in the JSON form of LiteLLM"),
        Setting(name="daily_budget", kind=float, low=0, help="US dollars that all kernels may spend together in a day"),
        Setting(
            name="allow_unknown_cost", kind=bool, help="let calls of unknown price through although a budget is set"
        ),
        Setting(
            name="mode",
            kind=str,
            choices=("live", "record", "replay", "auto"),
            help="ask the server, record what it answers, play recordings, or play what is recorded and else ask",
        ),
        Setting(name="recordings", kind=str, help="the recordings folder; unset: NAME.imgmagic beside the notebook"),
        Setting(name="replay_speed", kind=float, low=0, help="1 replays as recorded, 0 at once; unset: 3 s at most"),
        Setting(name="reuse", kind=bool, default=True, help="show what an earlier session drew for the same request"),
        Setting(
            name="preview",
            kind=str,
            default="small",
            choices=("small", "full"),
            help="what the notebook keeps: a small preview, or the full original image",
        ),
        Setting(name="preview_side", kind=int, default=768, low=32, help="longest side of a preview in pixels"),
        Setting(name="preview_quality", kind=int, default=80, low=1, high=100, help="quality of a preview, 1 to 100"),
    )
}


@dataclass(frozen=True, kw_only=True)
class Found:
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
        self.environ = environ
        self._folder = folder
        self._home = home
        self.chosen: Mapping[str, object] = {} if chosen is None else chosen

    @property
    def home(self) -> Path:
        """Return the folder for history, images and config.toml (IMGMAGIC_HOME, or the platform's user data folder)."""
        if self._home is not None:
            return self._home
        named = self.environ.get("IMGMAGIC_HOME")
        return Path(named).expanduser() if named else user_data_path("imgmagic", appauthor=False)

    def find(self, name: str) -> Found:
        """Return the value of a setting by precedence, checked.

        Raises:
            SettingsError: the value found is not allowed; the message says where it stands and what is allowed.
        """
        setting = SETTINGS[name]
        for origin, values in self._layers():
            raw = values.get(name)
            if raw is not None:
                return Found(value=parse(setting, raw, origin), origin=origin)
        return Found(value=setting.default, origin="default")

    def text(self, name: str) -> str | None:
        """Return the value of a text setting."""
        value = self.find(name).value
        return None if value is None else str(value)

    def number(self, name: str) -> float:
        """Return the value of a number setting that has a default."""
        return float(self.find(name).value or 0)

    def option_defaults(self) -> Mapping[str, Found]:
        """Return the options that a setting names, by body parameter; `partial_images` has a default of its own."""
        found = {option.name: self.find(option.name) for option in OPTIONS if option.name != "model"}
        return {name: each for name, each in found.items() if each.value is not None}

    def _layers(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        yield "%config ImagineMagics", self.chosen
        yield "the environment", _EnvironmentLayer(self.environ)
        yield from ((origin, table) for origin, table in self.files())

    def files(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Yield the settings files that exist, the stronger first: where each stands, and its table."""
        project = _nearest_pyproject(self._folder or _working_folder())
        if project is not None:
            tool = table_in(_read_toml(project), "tool", project)
            yield str(project), _known(table_in(tool, "imgmagic", project), project)
        own = self.home / "config.toml"
        if own.is_file():
            yield str(own), _known(_read_toml(own), own)


class _EnvironmentLayer(Mapping[str, object]):
    """The environment seen as settings by name."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> object:
        return self._environ[SETTINGS[name].variable].strip() or None

    def __iter__(self) -> Iterator[str]:
        return (name for name, setting in SETTINGS.items() if setting.variable in self._environ)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def parse(setting: Setting, raw: object, origin: str) -> str | int | float | bool:
    """Return `raw` as the setting's type.

    Raises:
        SettingsError: it is not of that type, or not among the allowed values.
    """
    try:
        value = _PARSERS[setting.kind](raw)
    except (ValueError, KeyError, TypeError):
        raise SettingsError(
            f"{setting.name} is set to {raw!r} in {origin}, which is not {_KINDS[setting.kind]}."
        ) from None
    if setting.choices and value not in setting.choices:
        raise SettingsError(
            f"{setting.name} is set to {raw!r} in {origin}.{closest(str(raw), setting.choices)}",
            remedy=f"Choose {listed(setting.choices)}.",
        )
    _check_bounds(setting, value, f"{setting.name} is set to {raw!r} in {origin}.")
    return value


def _check_bounds(setting: Setting, value: object, message: str) -> None:
    if not isinstance(value, int | float):
        return
    if setting.low is not None and value < setting.low:
        raise SettingsError(message, remedy=f"{setting.low:g} is the least.")
    if setting.high is not None and value > setting.high:
        raise SettingsError(message, remedy=f"{setting.high:g} is the most.")


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError
    return number


_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_PARSERS: Mapping[type, Callable[[object], str | int | float | bool]] = {
    str: _text,
    int: lambda raw: int(str(raw)),
    float: lambda raw: _finite(float(str(raw))),
    bool: lambda raw: _TRUTH[str(raw).lower()],
}
_KINDS: Mapping[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _known(table: Mapping[str, object], origin: Path) -> Mapping[str, object]:
    """Return a table of settings; SettingsError for a name that is none, as a misspelt one would do nothing."""
    names = (*SETTINGS, "providers")
    for name in table:
        if name not in names:
            raise SettingsError(
                f"there is no setting {name!r}, which stands in {origin}.{closest(name, names)}",
                remedy=f"Settings: {listed(names)}.",
            )
    return table


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:  # it was removed under the running kernel
        return Path("/")


def _nearest_pyproject(folder: Path) -> Path | None:
    candidates = (parent / "pyproject.toml" for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        state = path.stat()
        return _parsed(path, state.st_mtime_ns, state.st_size)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.", remedy="Correct the file or move it away.") from error


@functools.lru_cache(maxsize=8)
def _parsed(path: Path, _mtime_ns: int, _size: int) -> Mapping[str, object]:
    """Read a file once as long as it stays the same: one cell asks for some twenty settings."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def table_in(parent: Mapping[str, object], name: str, origin: object) -> Mapping[str, object]:
    """Return the table `name` of `parent`, empty when it is not there."""
    return table_of(parent.get(name, {}), name, origin)


def table_of(value: object, name: str, origin: object) -> Mapping[str, object]:
    """Return `value` as a table; SettingsError when it is none."""
    if not isinstance(value, Mapping):
        raise SettingsError(
            f"{name} in {origin} is not a table.", remedy=f"Write it as [{name}] with one entry a line."
        )
    return value
