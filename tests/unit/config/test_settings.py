import itertools
import os

import pytest

from imgmagic.config.settings import Settings
from imgmagic.config.settings_table import SETTINGS
from imgmagic.domain.options import OPTIONS
from imgmagic.errors import SettingsError

PLACES = ("%config ImagineMagics", "the environment", "pyproject.toml", "config.toml")
VALUES = {str: ("w", "x", "y", "z"), int: (1, 2, 3, 4), float: (1.5, 2.5, 3.5, 4.5), bool: (True, False, True, False)}


@pytest.fixture
def places(tmp_path):
    """Return a function that writes settings into the places of `named`, and settings that read them."""

    def write(setting, named):
        values = dict(zip(PLACES, setting.choices * 4 or VALUES[setting.kind], strict=False))
        if setting.low:
            values = {place: value + setting.low for place, value in values.items()}
        (tmp_path / "project" / "deep").mkdir(parents=True)
        if "pyproject.toml" in named:
            text = f"[tool.imgmagic]\n{setting.name} = {_toml(values['pyproject.toml'])}\n"
            (tmp_path / "project" / "pyproject.toml").write_text(text)
        if "config.toml" in named:
            (tmp_path / "config.toml").write_text(f"{setting.name} = {_toml(values['config.toml'])}\n")
        environ = {setting.variable: str(values["the environment"])} if "the environment" in named else {}
        chosen = {setting.name: values["%config ImagineMagics"]} if "%config ImagineMagics" in named else {}
        return values, Settings(environ=environ, folder=tmp_path / "project" / "deep", home=tmp_path, chosen=chosen)

    return write


def _toml(value):
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@pytest.mark.parametrize("strongest", range(4))
@pytest.mark.parametrize("name", ["size", "n", "timeout", "stream", "mode", "provider", "model"])
def test_the_stronger_place_wins(places, name, strongest):
    """%config, then the environment, then pyproject.toml above the working folder, then config.toml."""
    values, settings = places(SETTINGS[name], PLACES[strongest:])

    found = settings.find(name)

    assert found.value == values[PLACES[strongest]]
    assert found.origin.endswith(PLACES[strongest])


@pytest.mark.parametrize("name", SETTINGS)
def test_without_any_place_the_default_holds(tmp_path, name):
    """An empty place is no place, nor is an empty variable."""
    environ = {SETTINGS[name].variable: " "}

    found = Settings(environ=environ, folder=tmp_path, home=tmp_path, chosen={name: None}).find(name)

    assert (found.value, found.origin) == (SETTINGS[name].default, "default")


def test_every_option_has_a_setting_of_its_name():
    """A flag that can be typed can be set once for all."""
    assert {option.name for option in OPTIONS} <= set(SETTINGS)


def test_option_defaults_are_what_someone_set(tmp_path):
    """Nothing goes into a request that nobody chose, but the number of partial images."""
    settings = Settings(environ={"IMGMAGIC_N": "3", "IMGMAGIC_MODEL": "m"}, folder=tmp_path, home=tmp_path)

    assert {name: found.value for name, found in settings.option_defaults().items()} == {"n": 3, "partial_images": 2}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("n", "three", "not a whole number"),
        ("n", "1.5", "not a whole number"),
        ("timeout", "soon", "not a number"),
        ("timeout", "0", "The minimum is 1."),
        ("timeout", "nan", "not a number"),
        ("timeout", "inf", "not a number"),
        ("stream", "perhaps", "not true or false"),
        ("mode", "reply", "Did you mean replay? Choose live, record, replay or auto."),
        ("preview_quality", "101", "The maximum is 100."),
        ("preview_side", "1", "The minimum is 32."),
        ("partial_images", "9", "The maximum is 3."),
        ("daily_budget", "-1", "The minimum is 0."),
    ],
)
def test_a_bad_value_names_its_place(tmp_path, name, value, says):
    """The message says which setting, what it is, where it stands and what is allowed."""
    settings = Settings(environ={SETTINGS[name].variable: value}, folder=tmp_path, home=tmp_path)

    with pytest.raises(SettingsError) as raised:
        settings.find(name)

    assert f"{name} is set to {value!r} in the environment" in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize("value", ["5", "true", '["a"]', "{a = 1}", "2026-01-01"])
def test_a_text_setting_takes_only_text(tmp_path, value):
    """A list in a file is a slip, not a size called ['a']."""
    (tmp_path / "config.toml").write_text(f"size = {value}\n")

    with pytest.raises(SettingsError, match=r"size is set to .*/config\.toml, which is not text"):
        Settings(environ={}, folder=tmp_path, home=tmp_path).find("size")


@pytest.mark.parametrize("text", ["size = ", "[", "size = 'a'\nsize = 'b'", "\x00", b"\xff\xfe", "a" * 1_000_001])
def test_a_broken_file_is_named(tmp_path, text):
    """Whatever is wrong with it; a setting is never found elsewhere instead."""
    (tmp_path / "config.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(SettingsError, match="cannot be read") as raised:
        Settings(environ={}, folder=tmp_path, home=tmp_path).find("size")

    assert str(tmp_path / "config.toml") in str(raised.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("head", ["[tool.imgmagic]", "[tool . imgmagic]", '["tool".imgmagic.providers.lab]'])
def test_a_broken_project_that_speaks_of_imgmagic_is_named(tmp_path, head, encoding):
    """Its settings would otherwise be lost in silence."""
    (tmp_path / "pyproject.toml").write_bytes(f"{head}\nsize = \n".encode(encoding))

    with pytest.raises(SettingsError, match=r"pyproject\.toml cannot be read"):
        Settings(environ={}, folder=tmp_path, home=tmp_path).find("size")


@pytest.mark.parametrize("text", [b"[project]\n<<<<<<< HEAD\nname = 'x'\n", b"\xff\xfe", b"[", b"tool = 3\n"])
def test_a_broken_project_of_others_stops_nothing(tmp_path, text):
    """It is another tool's file; nothing in it is for imgmagic."""
    (tmp_path / "pyproject.toml").write_bytes(text)

    assert Settings(environ={}, folder=tmp_path, home=tmp_path).find("size").origin == "default"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    """Notepad and PowerShell write one."""
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbfsize = "1x1"\n')

    assert Settings(environ={}, folder=tmp_path, home=tmp_path).text("size") == "1x1"


def test_a_table_that_is_none_is_named(tmp_path):
    """The file and the table."""
    (tmp_path / "pyproject.toml").write_text("[tool]\nimgmagic = 'x'")

    with pytest.raises(SettingsError, match=r"imgmagic in .*pyproject.toml is not a table"):
        Settings(environ={}, folder=tmp_path, home=tmp_path).find("size")


@pytest.mark.parametrize(("file", "head"), [("pyproject.toml", "[tool.imgmagic]\n"), ("config.toml", "")])
def test_a_misspelt_setting_in_a_file_is_refused(tmp_path, file, head):
    """It would otherwise do nothing, in silence."""
    (tmp_path / file).write_text(f"{head}qualty = 'low'\n")

    with pytest.raises(SettingsError, match=f"unknown setting 'qualty' in .*{file}. Did you mean quality?"):
        Settings(environ={}, folder=tmp_path, home=tmp_path).find("size")


def test_an_edit_counts_at_the_next_look(tmp_path):
    """Also one that keeps the file's length."""
    settings = Settings(environ={}, folder=tmp_path, home=tmp_path)
    found = []

    for number, size in enumerate(itertools.chain(["1x1", "2x2"], ["3x3"])):
        (tmp_path / "config.toml").write_text(f"size = '{size}'\n")
        _touch(tmp_path / "config.toml", number)
        found.append(settings.text("size"))

    assert found == ["1x1", "2x2", "3x3"]


def _touch(path, number):
    os.utime(path, ns=(number, number + 1))


def test_a_working_folder_that_is_gone_holds_no_project(tmp_path, monkeypatch):
    """A kernel whose folder was removed can still draw."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()

    assert Settings(environ={}, home=tmp_path).find("size").value is None


def test_home_is_named_by_a_variable(tmp_path):
    """IMGMAGIC_HOME, with ~ for the user's own folder."""
    assert Settings(environ={"IMGMAGIC_HOME": str(tmp_path)}).home == tmp_path
    assert "~" not in str(Settings(environ={"IMGMAGIC_HOME": "~/pictures"}).home)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MODEL", '"gpt-image-2"', "gpt-image-2"),
        ("MODE", "Replay", "replay"),
        ("N", "'3'", 3),
        ("STREAM", '"True"', True),
        ("QUALITY", "HIGH;", "high"),
        ("RECORDINGS", '"my lesson.imgmagic"', "my lesson.imgmagic"),
    ],
)
def test_a_variable_is_read_as_people_set_it(tmp_path, name, text, value):
    """`%set_env` keeps the quotes that a shell takes away."""
    settings = Settings(environ={f"IMGMAGIC_{name}": text}, folder=tmp_path, home=tmp_path)

    assert settings.find(name.lower()).value == value


def test_a_home_in_quotes_is_a_home(tmp_path):
    """And no folder of that odd name beside the notebook."""
    assert Settings(environ={"IMGMAGIC_HOME": f'"{tmp_path}"'}).home == tmp_path


def test_files_are_read_once_in_a_block(tmp_path, monkeypatch):
    """What one plan reads does not change under it; after the block an edit counts."""
    own = tmp_path / "config.toml"
    own.write_text('size = "1x1"\n')
    settings = Settings(environ={}, folder=tmp_path, home=tmp_path)

    with settings.read_once():
        before = settings.text("size")
        own.write_text('size = "22x22"\n')
        within = settings.text("size")

    assert (before, within, settings.text("size")) == ("1x1", "1x1", "22x22")


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize(
    "value", [10**5000, object(), b"x", [[]], float("nan")], ids=["huge", "object", "bytes", "list", "nan"]
)
def test_a_value_of_any_kind_is_refused_in_words(tmp_path, name, value):
    """Also one that Python itself does not write out."""
    settings = Settings(environ={}, folder=tmp_path, home=tmp_path, chosen={name: value})

    with pytest.raises(SettingsError, match=f"{name} is set to .* in %config ImagineMagics"):
        settings.find(name)
