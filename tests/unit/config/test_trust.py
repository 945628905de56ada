"""Whose orders are obeyed: what a folder's pyproject.toml may do, and what only the user may."""

import json
import os
from pathlib import Path

import pytest

from imgmagic.config.folder_wishes import key_name_fault
from imgmagic.config.providers import Providers
from imgmagic.config.settings import Settings
from imgmagic.domain.provider import Secret
from imgmagic.errors import SettingsError
from imgmagic.wire.dialects import DIALECTS

KEY = "mark-0123456789abcdef"


class Place:
    """A repository with a notebook folder in it, and a user with a home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repository = root / "clone"
        self.folder = self.repository / "lessons"
        self.home = root / "own"
        self.environ: dict[str, str] = {}
        self.folder.mkdir(parents=True)
        self.home.mkdir()
        (self.repository / ".git").mkdir()

    def writes(self, text: str) -> None:
        """Let the repository say something."""
        (self.repository / "pyproject.toml").write_text(text)

    @property
    def settings(self) -> Settings:
        return Settings(environ=self.environ, folder=self.folder, home=self.home)

    @property
    def providers(self) -> Providers:
        return Providers(DIALECTS, self.settings)

    def allow(self) -> None:
        """Do what `%imgmagic trust` does."""
        wishes = self.settings.wishes()
        assert wishes is not None
        self.settings.trust.allow(wishes)

    def refusal(self, provider: str) -> str:
        """Return why a provider is not asked."""
        providers = self.providers
        with pytest.raises(SettingsError) as raised:
            providers.check(providers.chosen(provider))
        return str(raised.value)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def provider(name: str, **entries: str) -> str:
    lines = (f"{key} = {json.dumps(value)}" for key, value in entries.items())
    return "\n".join([f"[tool.imgmagic.providers.{name}]", *lines, ""])


MOVED = provider("openai", base_url="https://images.example/v1", key_env="OPENAI_API_KEY")


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (
            {"base_url": "https://images.example/v1", "key_env": "OPENAI_API_KEY"},
            "the key in OPENAI_API_KEY to images.",
        ),
        ({"base_url": "https://images.example/v1"}, "send your prompts to images.example"),
        ({"base_url": "http://192.168.1.5/v1"}, "send your prompts to 192.168.1.5"),
        ({"base_url": "http://127.0.0.1:1/v1", "key_env": "LAB_KEY"}, "the key in LAB_KEY to 127.0.0.1:1"),
        ({"base_url": "http://127.0.0.1.evil.example/v1"}, "your prompts to 127.0.0.1.evil.example"),
        ({"base_url": "http://127.0.0.1@evil.example/v1"}, "your prompts to evil.example"),
        ({"base_url": "http://127.0.0.1:1/x?y="}, "your prompts to 127.0.0.1:1"),
        ({"base_url": "http://2130706433.evil/"}, "your prompts to 2130706433.evil"),
        ({"dialect": "yandex", "key_env": "OPENAI_API_KEY"}, "the key in OPENAI_API_KEY to the server of provider lab"),
    ],
)
def test_a_folder_sends_nothing_away_unasked(place: Place, entries: dict[str, str], says: str) -> None:
    """The refusal names what would happen, and both ways to allow it."""
    place.environ.update(OPENAI_API_KEY=KEY, LAB_KEY=KEY)
    place.writes(provider("lab", model="m", **entries))

    said = place.refusal("lab")

    assert says in said
    assert "%imgmagic trust" in said
    assert f"{place.repository} in IMGMAGIC_TRUST" in said


@pytest.mark.parametrize(
    "entries",
    [
        {"base_url": "http://127.0.0.1:8000/v1", "dialect": "generic"},
        {"base_url": "http://localhost:8000/v1", "dialect": "openai"},
        {"base_url": "https://[::1]:8000"},
    ],
)
def test_a_server_of_this_machine_without_a_key_needs_no_trust(place: Place, entries: dict[str, str]) -> None:
    """Lessons ask one; no key of the user's goes there."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.writes(provider("lesson", model="m", **entries))
    providers = place.providers

    with_key = providers.chosen("lesson")

    assert with_key.key is None
    if "dialect" not in entries or entries["dialect"] == "generic":
        providers.check(with_key)


def test_a_folder_may_name_a_provider_and_its_model(place: Place) -> None:
    """The address and the key stay the user's."""
    place.environ.update(OPENAI_API_KEY=KEY, OPENAI_BASE_URL="https://proxy.example/v1")
    place.writes('[tool.imgmagic]\nprovider = "openai"\n' + provider("openai", model="gpt-image-2"))
    providers = place.providers

    providers.check(providers.chosen())

    assert providers.chosen().base_url == "https://proxy.example/v1"
    assert (providers.chosen().model, providers.chosen().key) == ("gpt-image-2", Secret(KEY))


def test_a_model_of_the_folder_keeps_the_users_own_provider(place: Place) -> None:
    """Its address and key come from config.toml."""
    place.environ["LAB_KEY"] = KEY
    (place.home / "config.toml").write_text(
        '[providers.lab]\nbase_url = "https://lab.example/v1"\nkey_env = "LAB_KEY"\nmodel = "old"\n'
    )
    place.writes(provider("lab", model="new"))
    providers = place.providers

    providers.check(providers.chosen("lab"))

    found = providers.chosen("lab")
    assert (found.base_url, found.model, found.key) == ("https://lab.example/v1", "new", Secret(KEY))


@pytest.mark.parametrize(
    "entries",
    [
        'dialect = "openai"',
        'dialect = "simulator"\nmodel = "new"',
        'base_url = "http://127.0.0.1:1/v1"\nmodel = "new"',
        'account = { organization = "org-other" }',
    ],
)
def test_of_a_users_own_provider_a_folder_chooses_only_the_model(place: Place, entries: str) -> None:
    """Whatever else it says unasked: the prompts would go past the user's gateway, or the calls past the budget."""
    place.environ.update(LAB_KEY=KEY, OPENAI_API_KEY="another")
    (place.home / "config.toml").write_text(
        '[providers.openai]\nbase_url = "https://lab.example/v1"\nkey_env = "LAB_KEY"\nmodel = "old"\n'
    )
    place.writes(f"[tool.imgmagic.providers.openai]\n{entries}\n")
    providers = place.providers

    found = providers.chosen("openai")

    providers.check(found)
    assert (found.dialect, found.base_url, found.key) == ("openai", "https://lab.example/v1", Secret(KEY))
    assert (found.model, dict(found.account)) == ("new" if "new" in entries else "old", {})


def test_a_folder_does_not_take_a_users_provider_over(place: Place) -> None:
    """Not the address of the same name, and so not its prompts."""
    (place.home / "config.toml").write_text('[providers.lab]\nbase_url = "https://lab.example/v1"\nmodel = "m"\n')
    place.writes(provider("lab", base_url="https://images.example/v1"))

    assert "send your prompts to images.example" in place.refusal("lab")


def test_trust_lasts_for_exactly_what_was_shown(place: Place) -> None:
    """In later sessions too; a change asks again, and what was taken back is asked again."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.writes(MOVED)
    place.allow()

    place.providers.check(place.providers.chosen("openai"))
    assert place.providers.chosen("openai").key == Secret(KEY)

    place.writes(MOVED.replace("images.example", "evil.example"))
    assert "evil.example" in place.refusal("openai")
    place.writes(MOVED)
    wishes = place.settings.wishes()
    assert wishes is not None
    place.settings.trust.forget(wishes)
    assert "images.example" in place.refusal("openai")


def test_what_is_not_shown_may_change(place: Place) -> None:
    """A size or a comment asks nobody."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.writes(MOVED)
    place.allow()

    place.writes(f'# for the course\n[tool.imgmagic]\nsize = "1024x1024"\n{MOVED}')

    place.providers.check(place.providers.chosen("openai"))


def test_trust_is_for_one_folder(place: Place) -> None:
    """The same content elsewhere is another folder's wish."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.writes(MOVED)
    place.allow()
    other = Place(place.root / "second")
    other.home, other.environ = place.home, place.environ
    other.writes(MOVED)

    assert "images.example" in other.refusal("openai")


def test_a_variable_names_trusted_folders(place: Place) -> None:
    """Where nobody can be asked; a folder beneath or beside is another."""
    place.environ.update(OPENAI_API_KEY=KEY, IMGMAGIC_TRUST=f"/elsewhere{os.pathsep}{place.repository}")
    place.writes(MOVED)

    place.providers.check(place.providers.chosen("openai"))

    (place.root / "circle").symlink_to("circle")
    for other in (place.root, place.root / "circle"):
        place.environ["IMGMAGIC_TRUST"] = str(other)
        assert "images.example" in place.refusal("openai")


@pytest.mark.parametrize("content", ["", "[]", '{"x": 1}', "[" * 100_000, "\x00"])
def test_a_damaged_memory_of_trust_allows_nothing(place: Place, content: str) -> None:
    """And it is written over at the next word."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.writes(MOVED)
    (place.home / "trusted.json").write_text(content)
    assert "images.example" in place.refusal("openai")

    place.allow()

    place.providers.check(place.providers.chosen("openai"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "history_url",
            "postgresql://u:hidden@db.example/h?x=hidden",
            "keep your prompts in postgresql://db.example/h",
        ),
        ("image_store", "/mnt/collected", "keep your pictures in /mnt/collected"),
        ("price_table", "free.json", "compute your costs from the prices in free.json"),
        ("recordings", "/home/someone/.ssh", "read and write recordings in /home/someone/.ssh"),
        ("recordings", "../../outside", "read and write recordings in ../../outside"),
        ("recordings", "~/recordings", "read and write recordings in ~/recordings"),
    ],
)
def test_a_place_that_a_folder_names_is_asked_about(
    place: Place, name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the password of its address; the user's own word needs no asking."""
    monkeypatch.chdir(place.folder)
    place.writes(f"[tool.imgmagic]\n{name} = {json.dumps(value)}\n")

    with pytest.raises(SettingsError) as raised:
        place.settings.text(name)

    assert says in str(raised.value)
    assert "hidden" not in str(raised.value)
    place.environ[f"IMGMAGIC_{name.upper()}"] = "mine"
    assert place.settings.text(name) == "mine"


def test_recordings_inside_the_folder_are_its_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson names its recordings; a link that leads out of the folder is asked about."""
    monkeypatch.chdir(place.folder)
    place.writes('[tool.imgmagic]\nrecordings = "lesson.imgmagic"\n')
    assert place.settings.text("recordings") == "lesson.imgmagic"

    (place.folder / "lesson.imgmagic").symlink_to(place.home)

    with pytest.raises(SettingsError, match="read and write recordings"):
        place.settings.text("recordings")


@pytest.mark.parametrize("name", ["recordings", "image_store"])
def test_trust_of_a_link_is_for_where_it_leads(place: Place, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user sees the place that a link of the folder leads to; one that leads elsewhere later is asked about."""
    monkeypatch.chdir(place.folder)
    link, first, second = place.folder / "kept", place.root / "first", place.root / "second"
    link.symlink_to(first)
    place.writes(f'[tool.imgmagic]\n{name} = "kept"\n')
    with pytest.raises(SettingsError, match=f"kept, which leads to {first},"):
        place.settings.text(name)
    place.allow()
    assert place.settings.text(name) == "kept"

    link.unlink()
    link.symlink_to(second)

    with pytest.raises(SettingsError, match=f"kept, which leads to {second},"):
        place.settings.text(name)


@pytest.mark.parametrize("value", ["a\\u0000b", "circle"])
def test_a_path_that_leads_nowhere_is_asked_about(place: Place, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that no path can be, and a link to itself, stop with the words of any other wish."""
    monkeypatch.chdir(place.folder)
    (place.folder / "circle").symlink_to("circle")
    place.writes(f'[tool.imgmagic]\nimage_store = "{value}"\nrecordings = "{value}"\n')

    with pytest.raises(SettingsError, match="keep your pictures in"):
        place.settings.text("image_store")


@pytest.mark.parametrize(
    ("own", "folders", "holds"), [("0.5", "100", 0.5), ("100", "0.5", 0.5), (None, "3", 3.0), ("3", None, 3.0)]
)
@pytest.mark.parametrize("where", ["config.toml", "environment"])
@pytest.mark.parametrize("name", ["daily_budget", "user_daily_budget"])
def test_the_stricter_budget_holds(
    place: Place, own: str | None, folders: str | None, holds: float, where: str, name: str
) -> None:
    """A folder can lower the user's, and never lift it."""
    if folders:
        place.writes(f"[tool.imgmagic]\n{name} = {folders}\n")
    if own and where == "environment":
        place.environ[f"IMGMAGIC_{name.upper()}"] = own
    elif own:
        (place.home / "config.toml").write_text(f"{name} = {own}\n")

    assert place.settings.find(name).value == holds


@pytest.mark.parametrize(
    ("own", "folders", "holds"), [(None, "true", False), ("1", "false", False), ("1", "true", True)]
)
def test_a_folder_does_not_let_unknown_prices_through(
    place: Place, own: str | None, folders: str, *, holds: bool
) -> None:
    """Only the user does."""
    place.writes(f"[tool.imgmagic]\nallow_unknown_cost = {folders}\n")
    if own:
        place.environ["IMGMAGIC_ALLOW_UNKNOWN_COST"] = own

    assert place.settings.find("allow_unknown_cost").value is holds


@pytest.mark.parametrize("name", ["simulator", "openai", "lesson"])
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1/v1", "https://images.example/v1"])
def test_a_folder_calls_nothing_else_a_simulator(place: Place, name: str, base_url: str) -> None:
    """Its pictures would pass every budget as nothing spent; trust does not change that."""
    place.writes(provider(name, dialect="simulator", base_url=base_url))
    place.allow()

    assert "is not imgmagic's own simulator" in place.refusal(name)


def test_the_simulators_name_is_taken(place: Place) -> None:
    """A folder cannot put another server under it either."""
    place.writes(provider("simulator", dialect="generic", base_url="http://127.0.0.1:1/v1", model="m"))

    assert "is not imgmagic's own simulator" in place.refusal("simulator")


def test_the_user_calls_only_this_machine_a_simulator(place: Place) -> None:
    """One that was started by hand, at a loopback address."""
    (place.home / "config.toml").write_text(
        '[providers.here]\ndialect = "simulator"\nbase_url = "http://127.0.0.1:1/v1"\n'
        '[providers.there]\ndialect = "simulator"\nbase_url = "https://images.example/v1"\n'
    )

    place.providers.check(place.providers.chosen("here"))

    assert "is not imgmagic's own simulator" in place.refusal("there")


@pytest.mark.parametrize(
    "variable",
    [
        *("AWS_SECRET_ACCESS_KEY", "aws_session_token", "GITHUB_TOKEN", "HOME", "PATH", "DATABASE_URL", "USER", "K"),
        *("MY_GITHUB_TOKEN", "DJANGO_SECRET_KEY", "TELEGRAM_BOT_TOKEN", "PRIVATE_KEY", "AZURE_STORAGE_KEY"),
    ],
)
def test_a_folder_names_no_other_variable_as_a_key(place: Place, variable: str) -> None:
    """Not when it is trusted either; the user's own file may."""
    place.environ[variable] = KEY
    place.writes(provider("lab", base_url="https://images.example/v1", key_env=variable, model="m"))
    place.allow()

    assert f"names {variable}, which" in place.refusal("lab")

    place.writes("")
    (place.home / "config.toml").write_text(
        f'[providers.lab]\nbase_url = "https://images.example/v1"\nkey_env = "{variable}"\nmodel = "m"\n'
    )
    place.providers.check(place.providers.chosen("lab"))


@pytest.mark.parametrize(
    "variable", ["OPENAI_API_KEY", "LAB_KEY", "KEY", "HF_TOKEN", "FAL_KEY", "APIKEY", "my_api_key"]
)
def test_a_keys_variable_is_known_by_its_name(variable: str) -> None:
    """It ends in KEY or TOKEN."""
    assert key_name_fault(variable) is None


def test_the_search_ends_at_the_repositorys_root(place: Place) -> None:
    """What stands above is another project's."""
    (place.root / "pyproject.toml").write_text('[tool.imgmagic]\nsize = "1x1"\n')

    assert place.settings.find("size").origin == "default"


def test_the_search_ends_at_the_home_folder(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own file counts."""
    (place.repository / ".git").rmdir()
    monkeypatch.setenv("HOME", str(place.repository))
    (place.root / "pyproject.toml").write_text('[tool.imgmagic]\nsize = "1x1"\n')
    assert place.settings.find("size").origin == "default"

    place.writes('[tool.imgmagic]\nsize = "2x2"\n')

    assert place.settings.text("size") == "2x2"


def test_a_file_of_another_user_is_not_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone may put one into a folder above that all can write; IMGMAGIC_TRUST reads it nonetheless."""
    place.writes('[tool.imgmagic]\nsize = "1x1"\n')
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert place.settings.find("size").origin == "default"

    place.environ["IMGMAGIC_TRUST"] = str(place.repository)
    assert place.settings.text("size") == "1x1"


def test_what_is_not_a_file_is_not_read(place: Place) -> None:
    """A pipe would be waited for without end."""
    os.mkfifo(place.folder / "pyproject.toml")

    assert place.settings.find("size").origin == "default"


def test_the_memory_of_trust_is_the_users_alone(place: Place) -> None:
    """Nobody else can add to it or read it."""
    place.writes(MOVED)
    place.allow()

    assert (place.home / "trusted.json").stat().st_mode & 0o077 == 0


def test_trust_is_taken_back_in_the_session_that_gave_it(place: Place) -> None:
    """A home that is not there yet is made, and what was allowed and taken back is forgotten in both places."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.home = place.home / "new" / "home"
    place.writes(MOVED)
    settings = place.settings
    wishes = settings.wishes()
    assert wishes is not None

    settings.trust.allow(wishes)
    assert place.settings.trust.allows(wishes)
    settings.trust.forget(wishes)

    assert not settings.trust.allows(wishes)
    assert not place.settings.trust.allows(wishes)


def test_trust_is_taken_back_where_nothing_can_be_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session refuses from then on, says that only it does, and leaves no draft beside the file."""
    place.writes(MOVED)
    place.allow()
    settings = place.settings
    wishes = settings.wishes()
    assert wishes is not None
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(SettingsError, match="for this session only"):
        settings.trust.forget(wishes)

    assert not settings.trust.allows(wishes)
    assert place.settings.trust.allows(wishes)
    assert [path.name for path in place.home.iterdir()] == ["trusted.json"]


def test_trust_holds_for_a_session_without_a_home(place: Place) -> None:
    """Where it cannot be written down, the error says so, and the session goes on."""
    place.environ["OPENAI_API_KEY"] = KEY
    place.writes(MOVED)
    (place.home / "file").write_text("")
    place.home = place.home / "file"
    settings = place.settings
    wishes = settings.wishes()
    assert wishes is not None

    with pytest.raises(SettingsError, match="for this session only"):
        settings.trust.allow(wishes)

    providers = Providers(DIALECTS, settings)
    providers.check(providers.chosen("openai"))


@pytest.mark.parametrize(("folders", "holds"), [("5", 5), ("100000", 100)])
def test_a_folder_only_lowers_how_large_a_sweep_may_be(place: Place, folders: str, holds: int) -> None:
    """Also where the user has set none: the default is a limit."""
    place.writes(f"[tool.imgmagic]\nsweep_limit = {folders}\n")

    assert place.settings.find("sweep_limit").value == holds
