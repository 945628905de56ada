"""What of an address may be shown."""

import pytest

from imgmagic.domain.secret import Secret
from imgmagic.domain.shown_address import HiddenAddress, host_of, shown_server, without_secrets
from imgmagic.domain.wording import is_key_like, quote_name

KEY = "MARKq7Qz9Kx2Vt5Wb8Yn3Rd6Hs4Jf1"


@pytest.mark.parametrize(
    "address",
    [
        f"https://{KEY}@lab.example/v1",
        f"https://u:{KEY}@lab.example/v1",
        f"https://lab.example/v1?key={KEY}",
        f"https://lab.example/v1#{KEY}",
        f"https://lab.example/{KEY}/v1",
        f"postgresql://u:{KEY}@@db:1:1/x",
        f"postgresql://u:a/{KEY}@db/x",
        f"s3://{KEY}:{KEY}@bucket/x",
        f"u:{KEY}@db/x",
        f"https://u:{KEY}\\@lab.example/v1",
        f"http://[{KEY}@::1",
        f"postgresql:///x?password={KEY}",
    ],
)
def test_no_secret_of_an_address_is_shown(address: str) -> None:
    """Neither user, password, query and fragment, nor a segment that looks like a key."""
    assert not any(KEY in show(address) for show in (without_secrets, host_of, shown_server))


@pytest.mark.parametrize(
    "address", ["https://lab.example:8443/v1", "sqlite:///home/me/h.db", "/home/me", "s3://bucket/a/b"]
)
def test_a_plain_address_is_shown_as_it_is(address: str) -> None:
    """People look for it."""
    assert without_secrets(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *(KEY, f"http://127.0.0.1:{KEY}/v1", "http://[::1", "http://", "lab.example"),
        *(f"https://{KEY}/v1", f"https://{KEY}.lab.example/v1", "https://sk-proj-0123456789abcdef.example"),
    ],
)
def test_what_is_not_an_address_is_not_shown(address: str) -> None:
    """A key may stand in its place."""
    assert shown_server(address) == "not an address"


def test_a_host_may_be_long_and_may_not_be_the_key() -> None:
    """Clouds name hosts by chance, in small letters; a key that is known is found in any."""
    long = "https://my-resource-0123456789abcdef.cloud.example/v1"

    assert shown_server(long) == shown_server(long, Secret("another-0123456789")) == long
    assert shown_server(long, Secret("0123456789abcdef")) == "not an address"


@pytest.mark.parametrize(
    "word", ["qualty", "daily_budget", "OPENAI_API_KEY", "gpt-image-2.5-flare", "1024x1024", "a fox"]
)
def test_a_word_is_shown(word: str) -> None:
    """Names of settings, variables and models look like no key."""
    assert not is_key_like(word)
    assert quote_name(word) == repr(word)


def test_a_hidden_address_is_a_text_whose_repr_hides() -> None:
    """As the local variable of a frame that fails it shows no password, also after it was passed on as a text."""
    hidden = HiddenAddress(f"postgresql://u:{KEY}@db/x")

    assert KEY not in repr(hidden)
    assert KEY not in repr(str(hidden))
    assert hidden == f"postgresql://u:{KEY}@db/x"
