"""The key store: keys in the system's keyring, where the extra is installed; the keyring loads at the first look."""

import importlib
import importlib.util

from imgmagic.domain.secret import Secret
from imgmagic.errors import SettingsError

_SERVICE = "imgmagic"


class KeyStore:
    """Keep keys of providers in the system's keyring, and ask it once for each."""

    def __init__(self) -> None:
        self._known: dict[str, Secret | None] = {}

    def find(self, provider: str, base_url: str) -> str | None:
        """Return the key that is kept for `provider` at `base_url`, None without one or without a keyring."""
        entry = _entry(provider, base_url)
        if entry not in self._known:
            self._known[entry] = _read(entry)
        found = self._known[entry]
        return None if found is None else found.reveal()

    def save(self, provider: str, base_url: str, key: str | Secret) -> None:
        """Keep `key` for `provider` at `base_url` in the keyring, for this and later sessions.

        Raises:
            SettingsError: there is no keyring, or it refused; nothing was kept.
        """
        kept = key if isinstance(key, Secret) else Secret(key)
        del key  # a verbose traceback shows the arguments of a frame that fails
        check_installed()
        refusal = _write(_entry(provider, base_url), kept)
        if refusal:  # raised here, as the frames of the keyring's own error hold the key
            raise SettingsError(
                f"the key was not saved: this system's keyring cannot be used ({refusal}).",
                remedy="Leave --save out, or put the key in the environment before Jupyter starts.",
            )
        self._known[_entry(provider, base_url)] = kept


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
    """Name the address as well: a project's settings may send the provider elsewhere, where its key must not follow."""
    return f"{provider} {base_url}"


def _write(entry: str, key: Secret) -> str:
    """Write a key into the keyring, and return why that failed, or an empty text."""
    keyring = importlib.import_module("keyring")
    try:
        keyring.set_password(_SERVICE, entry, key.reveal())
    except Exception as error:  # noqa: BLE001 - a keyring is a plug-in that may fail in any way
        return type(error).__name__
    return ""


def _read(entry: str) -> Secret | None:
    if not _is_installed():
        return None
    keyring = importlib.import_module("keyring")
    try:
        found: str | None = keyring.get_password(_SERVICE, entry)
    except Exception:  # noqa: BLE001 - without a keyring, or with a locked or broken one, there is no key
        return None
    return None if found is None else Secret(found)
