"""Keys in the system's keyring: kept for one address, asked once, and never needed."""

from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

import imgmagic
from imgmagic.config.keys import KeyStore
from imgmagic.config.providers import Providers
from imgmagic.config.settings import Settings
from imgmagic.errors import SettingsError
from imgmagic.wire.dialects import DIALECTS

OPENAI = "https://api.openai.com/v1"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class LockedKeyring(MemoryKeyring):
    """A keyring that nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.PasswordSetError


@pytest.fixture
def ring():
    before, ring = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_saved_key_is_found_by_a_later_session(ring):
    """The keyring outlives the session."""
    KeyStore().save("openai", OPENAI, "sk-kept")

    assert KeyStore().find("openai", OPENAI) == "sk-kept"


def test_the_key_is_for_one_address(ring, tmp_path):
    """A project that sends the provider's name elsewhere does not get its key."""
    KeyStore().save("openai", OPENAI, "sk-kept")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.imgmagic.providers.openai]\nbase_url = "https://elsewhere.example"\n'
    )

    def key(folder):
        settings = Settings(environ={}, folder=folder, home=tmp_path / "home")
        return Providers(DIALECTS, settings, stored_key=KeyStore().find).configured("openai").key

    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyproject.toml").write_text("")
    assert key(tmp_path) is None
    assert key(tmp_path / "other").reveal() == "sk-kept"


def test_the_keyring_is_asked_once(ring):
    """It may be slow, and providers are looked at in every cell."""
    store = KeyStore()

    assert [store.find("openai", OPENAI) for _ in range(3)] == [None] * 3
    assert ring.asked == 1


def test_a_locked_keyring_is_as_good_as_none(ring):
    """Looking for a key never fails; saving one says why and what else to do."""
    keyring.set_keyring(LockedKeyring())

    assert KeyStore().find("openai", OPENAI) is None
    with pytest.raises(SettingsError, match="this system's keyring cannot be used"):
        KeyStore().save("openai", OPENAI, "sk-kept")


def test_without_the_extra(monkeypatch):
    """The error names it, and no key is in it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert KeyStore().find("openai", OPENAI) is None
    with pytest.raises(SettingsError, match=r"jupyter-imgmagic\[keyring\]") as caught:
        KeyStore().save("openai", OPENAI, "sk-kept")
    assert "sk-kept" not in str(caught.value)


def test_where_the_key_was_found(ring, tmp_path):
    """The list of providers says keyring, unless the environment goes before."""
    KeyStore().save("openai", OPENAI, "sk-kept")

    def place(environ):
        settings = Settings(environ=environ, folder=tmp_path, home=tmp_path)
        return Providers(DIALECTS, settings, stored_key=KeyStore().find).key_place("openai").found

    assert place({}) == "keyring"
    assert place({"OPENAI_API_KEY": "sk-other"}) == "OPENAI_API_KEY"


class FailingKeyring(MemoryKeyring):
    """A plug-in that fails in its own way, with the key in its hands."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(password)


def test_a_failing_keyring_shows_no_key(ring):
    """Neither in the error, nor in the frames and causes that a verbose traceback prints."""
    keyring.set_keyring(FailingKeyring())

    with pytest.raises(SettingsError) as raised:
        KeyStore().save("openai", OPENAI, "sk-marked")

    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    package = Path(imgmagic.__file__).parent
    frames = [entry for entry in raised.traceback if package in Path(entry.path).parents]
    assert frames
    assert not any("sk-marked" in repr(entry.frame.f_locals) for entry in frames)


def test_a_found_key_is_kept_as_a_secret(ring):
    """Nothing that hangs on the store shows it."""
    store = KeyStore()
    store.save("openai", OPENAI, "sk-marked")
    store.find("openai", OPENAI)

    assert "sk-marked" not in repr(vars(store))
