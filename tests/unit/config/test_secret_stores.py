"""Keys from the secret stores of Colab and Kaggle: found, kept, and each refusal told."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from imgmagic.config.providers import Providers
from imgmagic.config.secret_stores import SecretStores
from imgmagic.config.settings import Settings
from imgmagic.errors import SettingsError
from imgmagic.wire.dialects import DIALECTS

KEY = "sk-from-the-store-0123456789"


class Colab(ModuleType):
    """What `google.colab.userdata` offers, with one secret and whatever it is told to raise."""

    class SecretNotFoundError(Exception):
        """There is no such secret."""

    class NotebookAccessError(Exception):
        """The user did not open it to this notebook."""

    class TimeoutException(Exception):
        """The page did not answer."""

    def __init__(self) -> None:
        super().__init__("google.colab.userdata")
        self.raises: type[Exception] | None = None
        self.asked: list[str] = []

    def get(self, name: str) -> str:
        self.asked.append(name)
        if self.raises is not None:
            raise self.raises
        if name != "OPENAI_API_KEY":
            raise self.SecretNotFoundError
        return f" {KEY}\n"


@pytest.fixture
def colab() -> Colab:
    return Colab()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def stores(colab: Colab, clock: Callable[[], float] = lambda: 0.0) -> SecretStores:
    modules = {"google.colab": ModuleType("google.colab"), "google.colab.userdata": colab}
    return SecretStores(environ={}, modules=modules, clock=clock)


def providers(folder: Path, secrets: SecretStores) -> Providers:
    settings = Settings(environ={}, folder=folder, home=folder / "home")
    return Providers(DIALECTS, settings, secrets=secrets)


def test_key_of_colab_chooses_the_provider(colab: Colab, tmp_path: Path) -> None:
    """A secret of the variable's name is as good as the variable, and is asked for once."""
    found = providers(tmp_path, stores(colab))

    provider = found.chosen()

    assert provider.name == "openai"
    assert provider.key is not None
    assert provider.key.reveal() == KEY
    assert found.key_place("openai").found == "Colab's secrets"
    found.check(provider)
    assert colab.asked.count("OPENAI_API_KEY") == 1


@pytest.mark.parametrize(
    ("raises", "told"),
    [("NotebookAccessError", "switch its access on"), ("TimeoutException", "did not answer")],
)
def test_refusals_of_colab_are_told(colab: Colab, tmp_path: Path, raises: str, told: str) -> None:
    """The message says what Colab said, and what to do."""
    colab.raises = getattr(colab, raises)
    found = providers(tmp_path, stores(colab))

    with pytest.raises(SettingsError, match=told) as caught:
        found.check(found.configured("openai"))

    assert "OPENAI_API_KEY" in str(caught.value)
    assert KEY not in str(caught.value)


def test_missing_secret_of_colab_is_a_missing_key(colab: Colab, tmp_path: Path) -> None:
    """Where there is no such secret, the message is the one that everybody gets."""
    found = providers(tmp_path, stores(colab))

    with pytest.raises(SettingsError, match="Set TFY_API_KEY"):
        found.check(found.configured("truefoundry"))
    assert found.key_place("truefoundry").found is None


def test_store_is_asked_again_only_after_a_while(colab: Colab) -> None:
    """A user who adds the secret goes on without a restart, and no cell waits for a store at each look."""
    clock = Clock()
    colab.raises = colab.SecretNotFoundError
    looking = stores(colab, clock)

    for seconds in (0.0, 10.0, 29.0):
        clock.now = seconds
        assert looking.look("OPENAI_API_KEY").key is None
    assert len(colab.asked) == 1

    colab.raises, clock.now = None, 31.0
    assert looking.look("OPENAI_API_KEY").key is not None


def test_folder_does_not_choose_what_is_looked_up(colab: Colab, tmp_path: Path) -> None:
    """A cloned project that names a secret gets no look at it."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.imgmagic.providers.lab]\ndialect = "openai"\nbase_url = "https://lab.example/v1"\n'
        'key_env = "OPENAI_API_KEY"\n',
        encoding="utf-8",
    )
    found = providers(tmp_path, stores(colab))

    assert found.configured("lab").key is None
    assert colab.asked == []


def kaggle(monkeypatch: pytest.MonkeyPatch, answer: str | type[Exception]) -> SecretStores:
    class UserSecretsClient:
        def get_secret(self, _: str) -> str:
            if isinstance(answer, str):
                return answer
            raise answer

    module = ModuleType("kaggle_secrets")
    module.__dict__["UserSecretsClient"] = UserSecretsClient
    monkeypatch.setitem(sys.modules, "kaggle_secrets", module)
    return SecretStores(environ={"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, modules={})


def test_key_of_kaggle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kaggle's client is asked by the variable's name."""
    look = kaggle(monkeypatch, KEY).look("OPENAI_API_KEY")

    assert look.key is not None
    assert (look.key.reveal(), look.place) == (KEY, "Kaggle's secrets")


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (type("BackendError", (Exception,), {}), "not attached"),
        (type("CredentialError", (Exception,), {}), "verify your phone number"),
        (ConnectionError, "internet on"),
    ],
)
def test_refusals_of_kaggle_are_told(monkeypatch: pytest.MonkeyPatch, raised: type[Exception], told: str) -> None:
    """Each way in which Kaggle says no has its own way out."""
    look = kaggle(monkeypatch, raised).look("OPENAI_API_KEY")

    assert look.key is None
    assert told in look.fault


def test_elsewhere_nothing_is_asked() -> None:
    """Without a mark of either host no module is imported."""
    assert SecretStores(environ={}, modules={}).look("OPENAI_API_KEY").key is None
