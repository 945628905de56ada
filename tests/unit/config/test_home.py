"""The home of imgmagic, also where the user has none."""

import os
import pwd
import tempfile
from pathlib import Path

import pytest

from imgmagic.config.home import _temporary_folder, expand_user, find_home
from imgmagic.config.settings import Settings
from imgmagic.domain.shown_address import HiddenAddress
from imgmagic.errors import SettingsError


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Take the user's home away, and return the folder for temporary files."""

    def unknown(_: int) -> pwd.struct_passwd:
        raise KeyError

    for name in ("HOME", "XDG_DATA_HOME", "IMGMAGIC_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _temporary_folder.cache_clear()
    return tmp_path


def test_a_user_without_a_home_draws_nonetheless(homeless: Path) -> None:
    """In a private folder; nothing called ~ is made, and the notice names the variable."""
    found = find_home({})

    assert found.folder.parent == homeless
    assert found.folder.stat().st_mode & 0o077 == 0
    assert "This user has no home folder" in found.notice
    assert "IMGMAGIC_HOME" in found.notice


@pytest.mark.parametrize("what", ["link", "open", "file"])
def test_a_temporary_folder_of_others_is_not_used(homeless: Path, what: str) -> None:
    """Somebody may have put their config.toml there."""
    place = homeless / f"imgmagic-{os.getuid()}"
    if what == "link":
        (homeless / "theirs").mkdir()
        place.symlink_to(homeless / "theirs")
    elif what == "open":
        place.mkdir(mode=0o777)
        place.chmod(0o777)
    else:
        place.write_text("")

    found = find_home({}).folder

    assert found not in (place, homeless / "theirs")
    assert found.stat().st_mode & 0o077 == 0


def test_a_home_of_nobody_is_named_and_not_used() -> None:
    """The platform's folder takes its place."""
    found = find_home({"IMGMAGIC_HOME": "~nobody-of-this-name/x"})

    assert found.folder.is_absolute()
    assert "~nobody-of-this-name/x" in found.notice


def test_the_notice_is_about_a_home_that_is_used(tmp_path: Path) -> None:
    """A home that was handed in is what it is."""
    environ = {"IMGMAGIC_HOME": "~nobody-of-this-name/x"}

    assert Settings(environ=environ, home=tmp_path).home_notice == ""
    assert Settings(environ=environ).home_notice != ""


def test_a_tilde_of_nobody_is_an_error_of_ours() -> None:
    """It says what was set."""
    with pytest.raises(SettingsError, match="the price table is set to '~nobody-of-this-name/"):
        expand_user("~nobody-of-this-name/p.json", what="the price table")


def test_an_address_that_hides_its_password_can_be_a_path() -> None:
    """A history at a relative path is set as such an address."""
    assert expand_user(HiddenAddress("history.sqlite"), what="the history") == Path("history.sqlite")


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_a_text_that_no_path_can_be_is_an_error_of_ours(text: str) -> None:
    """Opening it would be a fault of Python's that nobody expects."""
    with pytest.raises(SettingsError, match="which is not a path"):
        expand_user(text, what="the image store")
