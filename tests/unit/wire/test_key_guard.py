"""The key's guard: a server that says the key back, in any form, makes it appear nowhere."""

import asyncio
import base64
import json
import logging
from collections.abc import Iterator
from types import TracebackType

import pytest

from imgmagic.domain.events import CompletedImage, Event, ImageFailed
from imgmagic.domain.provider import Provider, Secret
from imgmagic.redaction import redact
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.staged_replies import STREAM, asked, b64, completed, event, png
from tests.support.staged_server import RESET, Stage, reply

pytestmark = pytest.mark.anyio

KEY = "MARKq7Qz9Kx2-Vt5Wb8.Yn3Rd6~Hs4Jf1"  # of no provider's known form
PIECES = (KEY[:12].lower(), KEY[-10:].lower(), "markq7qz9kx2-vt5wb8.yn3rd6-hs4jf1")


def said(value: object, status: int = 200, **headers: str) -> list[bytes | str]:
    return [reply(json.dumps(value).encode(), status=status, **headers)]


def picture(**more: object) -> object:
    return {"data": [{"b64_json": b64(png()), **more}]}


ECHOES: dict[str, list[bytes | str]] = {
    "in a message": said({"error": {"message": f"Incorrect key {KEY}.", "code": KEY, "type": KEY}}, 401),
    "in pieces": said({"error": {"message": f"Incorrect key {KEY[:17]}\u200b{KEY[17:]}."}}, 400),
    "behind many words": said({"error": {"message": "x" * 485 + KEY}}, 400),
    "in a page's title": [reply(f"<html><title>{KEY}</title>".encode(), status=403, content_type="text/html")],
    "in the reason phrase": [b"HTTP/1.1 401 Wrong " + KEY.encode() + b"\r\nconnection: close\r\n\r\n{}"],
    "in the reason of a success": [
        b"HTTP/1.1 200 OK " + KEY.encode() + b"\r\nconnection: close\r\n\r\n" + json.dumps(picture()).encode()
    ],
    "in headers": said(picture(), x_request_id=KEY, set_cookie=f"k={KEY}", www_authenticate=KEY),
    "in the request id of a refusal": said({"error": {"message": "no"}}, 400, x_request_id=KEY),
    "in the type": [reply(b"nothing known", content_type=f"text/{KEY}")],
    "in the encoding": [reply(b"abc", content_encoding=KEY)],
    "in a redirect's host": [reply(status=307, location=f"https://{KEY.replace('~', '-')}.invalid/")],
    "in a redirect's path": [reply(status=307, location=f"https://x.invalid/{KEY}")],
    "in a rate limit": said({"error": {"message": f"slow down {KEY}"}}, 429, retry_after="0.01"),
    "in a limit's name": said(
        {"error": {"message": "slow down"}},
        429,
        retry_after="0.01",
        **{f"x_ratelimit_limit_{KEY.replace('~', '-').lower()[:24]}": "5"},
    ),
    "in a limit's words": said(
        {"error": {"message": f"Limit on {PIECES[0]} per min: Limit 5"}}, 429, retry_after="0.01"
    ),
    "in the revised prompt": said(picture(revised_prompt=f"a fox {KEY.upper()}")),
    "in the streamed revised prompt": [STREAM, completed(png(), revised_prompt=f"a fox {KEY}")],
    "in a streamed error": [STREAM, event("error", {"error": {"message": KEY, "code": KEY}})],
    "in an address's path": said({"data": [{"url": f"https://x.invalid/{KEY}.png?k={KEY}"}]}),
    "in an address's host": said({"data": [{"url": f"https://{KEY.replace('~', '-')}.invalid/x.png"}]}),
    "as an address's user": said({"data": [{"url": f"https://{KEY}@x.invalid/"}]}),
    "in a path of its own": said({"data": [{"url": f"/{KEY}.png"}]}),
    "as base64": said({"data": [{"b64_json": KEY}]}),
    "in broken JSON": [reply(f'{{"data": [{{"b64_json": "{KEY}'.encode())],
    "in half a head": [b"HTTP/1.1 200 " + KEY.encode() + b"\r\nX"],
    "in a bad head": [b"HTTP/9.9 " + KEY.encode() + b"\r\n\r\n"],
    "in a broken header": [b"HTTP/1.1 200 OK\r\n" + KEY.encode() + b"\r\n\r\n"],
    "nowhere, and hangs up": [RESET],
}


@pytest.mark.parametrize("name", ECHOES)
async def test_an_echo_of_the_key_is_nowhere(stage: Stage, caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Not in what is raised or told, in no frame behind it, and not in what the libraries log."""
    caplog.set_level(logging.DEBUG)
    stage.play(ECHOES[name])
    provider = Provider(name="openai", dialect="openai", base_url=stage.base_url, key=Secret(KEY))

    events = await _events(provider)

    assert events
    shown = "\n".join([*map(repr, events), *map(_shown, events), *map(_logged, caplog.records)]).lower()
    assert not [piece for piece in PIECES if piece in shown]


async def test_a_header_that_cannot_be_sent_is_told_without_its_value(stage: Stage) -> None:
    """A key with a line end fails before anything leaves, in frames that do not hold it."""
    provider = Provider(name="openai", dialect="openai", base_url=stage.base_url, key=Secret(f"{KEY}\n"))

    (failed,) = await _events(provider)

    assert isinstance(failed, ImageFailed)
    assert "the authorization header" in failed.error.message
    assert not [piece for piece in PIECES if piece in _shown(failed).lower()]
    assert stage.seen == []


async def _events(provider: Provider) -> list[Event]:
    async def no_wait(seconds: float) -> None:
        """Pass no time."""

    client = Client(provider, DIALECTS["openai"], sleep=no_wait)
    async with asyncio.timeout(20):
        events = [each async for each in client.events(asked())]
    await client.aclose()
    return [each for each in events if type(each).__name__ != "RequestSent"]


def _shown(event: Event) -> str:
    """Return everything that a verbose traceback could show of an event's error, or a picture's own words."""
    if isinstance(event, CompletedImage):
        return str(event.picture.revised_prompt)
    return "\n".join(_told(event.error)) if isinstance(event, ImageFailed) else ""


def _told(error: BaseException | None) -> Iterator[str]:
    if error is None:
        return
    yield f"{error} {error!r} {vars(error)}"
    yield from _frames(error.__traceback__)
    yield from _told(error.__cause__)
    yield from _told(error.__context__)


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        yield repr(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next


def _logged(record: logging.LogRecord) -> str:
    return record.getMessage()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"a {KEY} b {KEY.lower()} c", "a [key removed] b [key removed] c"),
        (f"https://{KEY.replace('~', '-').lower()}.invalid/x", "https://[key removed].invalid/x"),
        (f"key {KEY[:12]}…", "key [key removed]…"),
        (f"key {KEY[:17]} {KEY[17:]}.", "key [key removed]."),
        (f"in base64 {base64.b64encode(KEY.encode()).decode()}.", "in base64 [key removed]."),
        (f"of a pair {base64.b64encode(b'me:' + KEY.encode()).decode()}.", "of a pair [key removed]."),
        (
            f"behind a letter {base64.urlsafe_b64encode(b'x' + KEY.encode() + b'y').decode()}",
            "behind a letter [key removed]",
        ),
        ("nothing of the kind", "nothing of the kind"),
        ("", ""),
    ],
)
def test_a_key_is_found_in_any_form(text: str, shown: str) -> None:
    """In any case of letters, with other marks between them, and in part."""
    assert redact(text, KEY) == shown


@pytest.mark.parametrize("placeholder", ["a", "no", "EMPTY", "none", "x" * 7, "1234"])
def test_a_placeholder_garbles_no_words(placeholder: str) -> None:
    """A key of a few letters, as servers without keys want one, is a part of many words."""
    text = f"a server's answer, which says {placeholder} and nothing else 1234"

    assert redact(text, placeholder) == text


def test_a_short_key_is_removed_as_a_word() -> None:
    """A key such as LiteLLM's examples have is a secret, too."""
    assert redact("the key sk-1234 is wrong; sk-12345 is not it", "sk-1234") == (
        "the key [key removed] is wrong; sk-12345 is not it"
    )
