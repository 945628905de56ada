"""The table of settings: the name, type, bounds and help of each, and what a folder may do to it; it reads nothing."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from imgmagic.domain.options import OPTIONS
from imgmagic.domain.typed_value import read_typed
from imgmagic.domain.wording import closest, listed, quote_name
from imgmagic.errors import SettingsError


class FolderMay(Enum):
    """What a folder's pyproject.toml may do to a setting of the user."""

    SET = auto()
    LOWER = auto()  # a limit: the stricter of the two holds
    ASK = auto()  # the user is asked first
    SET_WITHIN = auto()  # a place inside the folder; the user is asked about any other


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: its name in every place, its type, default, allowed values, bounds and help.

    Args:
        folder_may: whether a folder can set it.
        wish: what would happen where a folder that has to ask sets it, with `{}` for the value.
    """

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    help: str
    default: str | int | float | bool | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    folder_may: FolderMay = FolderMay.SET
    wish: str = ""  # what a folder that sets it would do, with {} for the value

    @property
    def variable(self) -> str:
        """Return its environment variable."""
        return "IMGMAGIC_" + self.name.upper()


_LONGEST = 60  # characters of a value in a message


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
        Setting(name="timeout", kind=float, default=600.0, low=1, help="seconds that one call may take in total"),
        Setting(
            name="history_url",
            kind=str,
            help="database of the history: a file or URL; unset: in IMGMAGIC_HOME",
            folder_may=FolderMay.ASK,
            wish="keep your prompts in {}",
        ),
        Setting(
            name="image_store",
            kind=str,
            help="where originals are kept: a folder, or an fsspec URL (s3://...)",
            folder_may=FolderMay.ASK,
            wish="keep your pictures in {}",
        ),
        Setting(
            name="price_table",
            kind=str,
            help="a file with prices of your own, in LiteLLM's JSON format",
            folder_may=FolderMay.ASK,
            wish="compute your costs from the prices in {}",
        ),
        Setting(
            name="daily_budget",
            kind=float,
            low=0,
            help="US dollars that all who share the history may spend together in a day",
            folder_may=FolderMay.LOWER,
        ),
        Setting(
            name="user_daily_budget",
            kind=float,
            low=0,
            help="US dollars that each user of a shared history may spend in a day",
            folder_may=FolderMay.LOWER,
        ),
        Setting(
            name="allow_unknown_cost",
            kind=bool,
            default=False,
            help="allow calls with an unknown price even when a budget is set",
            folder_may=FolderMay.LOWER,
        ),
        Setting(
            name="mode",
            kind=str,
            choices=("live", "record", "replay", "auto"),
            help="ask the server, record its replies, play recordings, or play what is recorded and ask for the rest",
        ),
        Setting(
            name="recordings",
            kind=str,
            help="the recordings folder; unset: NAME.imgmagic beside the notebook",
            folder_may=FolderMay.SET_WITHIN,
            wish="read and write recordings in {}",
        ),
        Setting(name="replay_speed", kind=float, low=0, help="1 replays as recorded, 0 at once; unset: 3 s at most"),
        Setting(
            name="sweep_limit",
            kind=int,
            default=100,
            low=1,
            help="how many pictures a sweep may draw without a limit on its cost",
            folder_may=FolderMay.LOWER,
        ),
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


def parse(setting: Setting, raw: object, origin: str) -> str | int | float | bool:
    """Return `raw` as the setting's type.

    Raises:
        SettingsError: it is not of that type, or not among the allowed values.
    """
    shown_raw = quote_name(raw) if isinstance(raw, str) else _describe(raw)
    try:
        value = _PARSERS[setting.kind](read_typed(setting.name, raw) if isinstance(raw, str) else raw)
    except (ValueError, KeyError, TypeError):
        raise SettingsError(
            f"{setting.name} is set to {shown_raw} in {origin}, which is not {_KINDS[setting.kind]}."
        ) from None
    if str(value).lower() in setting.choices:
        value = str(value).lower()
    if setting.choices and value not in setting.choices:
        raise SettingsError(
            f"{setting.name} is set to {shown_raw} in {origin}.{closest(str(raw), setting.choices)}",
            remedy=f"Choose {listed(setting.choices)}.",
        )
    _check_bounds(setting, value, f"{setting.name} is set to {shown_raw} in {origin}.")
    return value


def _describe(raw: object) -> str:
    """Return a value that is not text for a message."""
    try:
        return repr(raw)[:_LONGEST]
    except ValueError:  # a number of thousands of digits, which Python does not write out
        return f"a value of type {type(raw).__name__}"


def _check_bounds(setting: Setting, value: object, message: str) -> None:
    if not isinstance(value, int | float):
        return
    if setting.low is not None and value < setting.low:
        raise SettingsError(message, remedy=f"The minimum is {setting.low:g}.")
    if setting.high is not None and value > setting.high:
        raise SettingsError(message, remedy=f"The maximum is {setting.high:g}.")


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


def check_names(table: Mapping[str, object], origin: object) -> Mapping[str, object]:
    """Return a table of settings if every name in it is a setting: a misspelt one would do nothing.

    Raises:
        SettingsError: a name is not a setting.
    """
    for name in table:
        if name not in _NAMES:
            raise SettingsError(
                f"unknown setting {quote_name(name)} in {origin}.{closest(name, _NAMES)}",
                remedy=f"Settings: {listed(_NAMES)}.",
            )
    return table


_NAMES = (*SETTINGS, "providers")
