"""The key store: keys in the system's keyring, where the extra is installed; the keyring loads at the first look."""

import importlib
import importlib.util
from typing import Any

from imgmagic.errors import SettingsError

_SERVICE = "imgmagic"


class KeyStore:
    """Keep keys of providers in the system's keyring, and ask it once for each."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def find(self, provider: str, base_url: str) -> str | None:
        """Return the key that is kept for `provider` at `base_url`, None without one or without a keyring."""
        entry = _entry(provider, base_url)
        if entry not in self._known:
            self._known[entry] = _read(entry)
        return self._known[entry]

    def save(self, provider: str, base_url: str, key: str) -> None:
        """Keep `key` for `provider` at `base_url` in the keyring, for this and later sessions.

        Raises:
            SettingsError: there is no keyring, or it refused; nothing was kept.
        """
        check_installed()
        keyring: Any = importlib.import_module("keyring")
        try:
            keyring.set_password(_SERVICE, _entry(provider, base_url), key)
        except keyring.errors.KeyringError as error:
            raise SettingsError(
                f"the key was not saved: this system's keyring cannot be used ({type(error).__name__}).",
                remedy="Leave --save out, or put the key in the environment before Jupyter starts.",
            ) from error
        self._known[_entry(provider, base_url)] = key


def check_installed() -> None:
    """Refuse where the keyring extra is missing.

    Raises:
        SettingsError: it says how to install it.
    """
    if not _is_installed():
        raise SettingsError(
            "the key was not saved: keyring is not installed.",
            remedy='Run: pip install "jupyter-imgmagic[keyring]", or leave --save out.',
        )


def _is_installed() -> bool:
    return importlib.util.find_spec("keyring") is not None


def _entry(provider: str, base_url: str) -> str:
    """Name the address too: a project's settings may send the provider elsewhere, but the key does not follow."""
    return f"{provider} {base_url}"


def _read(entry: str) -> str | None:
    if not _is_installed():
        return None
    keyring: Any = importlib.import_module("keyring")
    try:
        found: str | None = keyring.get_password(_SERVICE, entry)
    except keyring.errors.KeyringError:  # no keyring on this system, or a locked one: as good as none
        return None
    return found
