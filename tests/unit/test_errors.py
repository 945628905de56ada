import copy

import pytest

from imgmagic.errors import ApiError, ImgmagicError
from imgmagic.redaction import redact

BASE64 = "iVBORw0KGgoAAAANSUhEUg" * 20


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-Ab0123456789_cdef",
        "sk-0123456789abcdef",
        "xai-0123456789abcdefg",
        "org-a1B2c3D4e5F6g7H8",
        "AQVNabcdefghijklmnop",
        "t1.9euelZqbcdefghijk",
        "AIzaSyA1234567890bcdef",
        "Bearer a1b2c3d4e5f6",
        "bearer A1b2c3d4e5f6",
        "Api-Key AQ0123456789",
        "api-key AQ0123456789",
        "Bearer my-secret-key",
        "Basic dXNlcjpwYXNzd29yZA==",
        BASE64,
        f"data:image/png;base64,{BASE64}==",
    ],
)
def test_keys_and_base64_never_stay_in_a_message(secret):
    """In the text, the remedy, the repr and what a notebook shows; neither the beginning nor the end of them."""
    error = ApiError(f'the server said "{secret}", so', remedy=f"Look at {secret}.", request_id="r1")

    shown = f"{error} {error!r} {error.message} {error.remedy} {error.args} {error._render_traceback_()}"
    core = secret.removeprefix("data:image/png;base64,").split()[-1].rstrip("=")
    assert core[:12] not in shown
    assert core[-8:] not in shown
    assert "the server said" in shown
    assert "removed]" in shown


@pytest.mark.parametrize(
    "prose",
    [
        "Basic understanding of light",
        "basic instructions first",
        "the ring Bearer carrying mountaineers",
        "an Authorization header using Bearer auth",
        "proj_final_version/picture.png does not exist",
        "org-chart-of-the-company",
        "sk-learn-compatible-models",
        "gpt-image-2.5-flare-2026-04-21",
        "art://b1g0123456789abcdef/yandex-art/latest",
        "/home/ada/pictures/2026-11-22/a-red-fox-in-the-snow-0001.png",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Привет, мир",
    ],
)
def test_ordinary_prose_is_untouched(prose):
    """A message that loses its words helps nobody."""
    assert redact(prose) == prose


def test_named_secrets_go_whatever_they_look_like():
    """A key of a server of one's own may be any word; an empty one removes nothing."""
    assert redact("password is swordfish", "swordfish", "") == "password is [key removed]"


def test_a_message_cannot_steer_the_terminal():
    """What a server wrote is shown as text: no escapes, no turned direction, nothing that has no encoding."""
    error = ImgmagicError("a\x1b[31mb\x07c\u202ed\ud800e\nf é \u00d7")

    [shown] = error._render_traceback_()

    assert shown == "ImgmagicError: a\ufffd[31mb\ufffdc\ufffdd\ufffde\nf é \u00d7"
    shown.encode()


def test_an_error_can_be_copied():
    """As threads and test runners do."""
    error = ApiError("no", remedy="Do.", status=500, request_id="r")

    assert (str(copy.copy(error)), copy.copy(error).status) == ("no. Do. (request id r)", 500)
    assert str(ImgmagicError("no", request_id="r")) == "no (request id r)"


@pytest.mark.parametrize("text", ["Enough.", "Why?", "See: ", 'The word "fox."', "(It ended.)", "…"])
def test_a_servers_text_that_ends_stays_as_it_is(text):
    """Only a text without an end gets one before what to do next."""
    assert str(ImgmagicError(text, remedy="Do.")) == f"{text} Do."
    assert str(ImgmagicError("no end", remedy="Do.")) == "no end. Do."
