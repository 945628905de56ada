import copy
import pickle

import pytest

from imgmagic.domain.provider import Provider, Secret


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda key: f"{key!r:>20}", lambda key: f"{[key]}"])
def test_a_secret_never_shows(show):
    """In no format."""
    assert "marked" not in show(Secret("sk-marked"))
    assert "marked" not in show(Provider(name="p", dialect="d", base_url="u", key=Secret("sk-marked")))


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_a_secret_is_not_copied_out(copied):
    """A pickle would hold it."""
    with pytest.raises(TypeError, match="not pickled"):
        copied(Secret("sk-marked"))


def test_secrets_are_compared_by_value():
    """And only with one another."""
    assert Secret("é") == Secret("é") != Secret("e")
    assert Secret("a") != "a"
    assert Secret("a").reveal() == "a"


@pytest.mark.parametrize("look", [repr, str, lambda each: repr(vars(each)), lambda each: f"{each}"])
def test_a_providers_headers_do_not_show(look):
    """People put credentials there."""
    provider = Provider(name="p", dialect="d", base_url="u", headers={"x-key": "marked"})

    assert "marked" not in look(provider)
    assert provider.headers == {"x-key": "marked"}


def test_a_secret_has_no_attribute_that_shows_it():
    """Inspectors and rich tracebacks print what hangs on an object."""
    secret = Secret("sk-marked")

    assert not any("marked" in repr(getattr(secret, name, None)) for name in dir(secret) if name != "reveal")
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize(
    "address", ["https://{}@h/v1", "https://u:{}@h/v1", "https://h/v1?key={}", "https://h/{}/v1", "https://[{}"]
)
def test_what_an_address_hides_is_a_secret(address):
    """It stands in no repr, and is removed from messages and logs with the key."""
    provider = Provider(
        name="p", dialect="d", base_url=address.format("MARKq7Qz9Kx2Vt5Wb8Yn3Rd6"), account={"o": "org"}
    )

    assert "MARK" not in repr(provider)
    assert "org" not in repr(provider)
    assert provider.secrets() == (() if "[" in address else ("MARKq7Qz9Kx2Vt5Wb8Yn3Rd6",))


def test_the_version_of_an_api_is_no_secret():
    """Servers speak of it in their errors."""
    assert Provider(name="p", dialect="d", base_url="https://h?api-version=2025-04-01-preview").secrets() == ()
