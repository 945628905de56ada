"""The client over a real socket: what leaves, what comes out of each form of reply, and what breaks it."""

import asyncio
import gzip
import json
import tracemalloc
import zlib
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgmagic.domain.events import (
    CompletedImage,
    ImageFailed,
    Notice,
    PartialImage,
    ReplyStarted,
    RequestSent,
    UsageReported,
)
from imgmagic.domain.picture import Picture
from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.usage import Usage
from imgmagic.errors import (
    ApiError,
    ContentRefused,
    HostUnreachable,
    ImgmagicError,
    ProtocolError,
    ResponseTimeout,
    SettingsError,
    TlsFailed,
    WebPageReceived,
)
from imgmagic.wire.client import Client, Timeouts
from imgmagic.wire.dialects import DIALECTS
from tests.support.staged_replies import (
    KEY,
    STREAM,
    USAGE,
    Asker,
    asked,
    b64,
    completed,
    event,
    failure,
    images,
    only,
    packed,
    partial,
    png,
    provider_at,
)
from tests.support.staged_server import HANG, RESET, Stage, head, reply

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "pieces",
    [
        [STREAM, event("error", {"error": {"code": "moderation_blocked", "message": "Refused."}})],
        [reply(b'{"data": [{"respect_moderation": false}]}', x_request_id="req_1")],
    ],
    ids=["in a stream", "a picture that is left out"],
)
async def test_a_refusal_inside_a_success_names_the_request(stage: Stage, asker: Asker, pieces: list[bytes]) -> None:
    """The id came with the headers, and who asks the server's people needs it."""
    stage.play(pieces)

    error = failure(await asker.run(asked()))

    assert isinstance(error, ContentRefused)
    assert "(request id req_1)" in str(error)


async def test_a_stream_gives_its_events_in_order(stage: Stage, asker: Asker) -> None:
    """The request id first, then coarse pictures, the final one, and the usage."""
    coarse, final = png(rest=b"coarse"), png(rest=b"final")
    stage.play([STREAM, partial(coarse, 0), partial(coarse, 1), completed(final, usage=USAGE)])

    events = await asker.run(asked(stream=True, partial_images=2))

    assert [type(each) for each in events] == [ReplyStarted, PartialImage, PartialImage, CompletedImage, UsageReported]
    assert [each.number for each in only(events, PartialImage)] == [0, 1]
    assert events[0].request_id == "req_1"
    assert events[3].picture == Picture(data=final, format="png", width=8, height=4)
    assert events[4].usage == Usage(input_tokens=3, output_tokens=4, total_tokens=7)
    assert [each.elapsed_s for each in events] == sorted(each.elapsed_s for each in events)


async def test_a_partial_image_comes_before_the_next_is_drawn(stage: Stage, asker: Asker) -> None:
    """What the server has sent is seen while it draws on."""
    go_on = asyncio.Event()
    stage.play([STREAM, partial(png()), go_on, completed(png())])

    events = []
    async for each in asker.client.events(asked(stream=True)):
        events.append(type(each))
        if isinstance(each, PartialImage):
            go_on.set()

    assert events == [RequestSent, ReplyStarted, PartialImage, CompletedImage]


async def test_sends_only_what_was_set(stage: Stage, asker: Asker) -> None:
    """The body holds what was asked, the headers the key and who we are, and no compression is asked for."""
    stage.play([reply(images(png()))])

    await asker.run(asked())

    assert stage.seen[0].json() == {"model": "m", "prompt": "a fox"}
    assert stage.seen[0].head.startswith("POST /v1/images/generations HTTP/1.1\r\n")
    lines = stage.seen[0].head.lower().splitlines()
    assert f"authorization: bearer {KEY}" in lines
    assert "content-type: application/json" in lines
    assert "accept-encoding: identity" in lines
    assert any(line.startswith("user-agent: imgmagic/") for line in lines)


async def test_streamed_images_run_side_by_side(stage: Stage, asker: Asker) -> None:
    """Three streamed images are three requests at once, and each event says whose it is."""
    all_here = asyncio.Event()
    stage.play([STREAM, partial(png()), all_here, completed(png(), usage=USAGE)])

    run = asyncio.create_task(asker.run(asked(n=3, stream=True)))
    await stage.saw(3)
    all_here.set()
    events = await run

    assert [each.json() for each in stage.seen] == [{"model": "m", "prompt": "a fox", "stream": True}] * 3
    assert sorted(each.index for each in only(events, PartialImage)) == [0, 1, 2]
    assert sorted(each.index for each in only(events, CompletedImage)) == [0, 1, 2]
    assert not only(events, ImageFailed)


async def test_one_of_several_may_fail(stage: Stage, asker: Asker) -> None:
    """The failure of one streamed image leaves the others alone."""
    stage.play([STREAM, completed(png())], [STREAM, partial(png())], [STREAM, completed(png())])

    events = await asker.run(asked(n=3, stream=True))

    assert len(only(events, CompletedImage)) == 2
    assert len(only(events, ImageFailed)) == 1


async def test_an_unstreamed_reply_gives_all_images(stage: Stage, asker: Asker) -> None:
    """Unstreamed, n goes out in one request, and the images come back in order."""
    pictures = [png(rest=bytes([number])) for number in range(3)]
    stage.play([reply(images(*pictures, usage=USAGE))])

    events = await asker.run(asked(n=3))

    assert len(stage.seen) == 1
    assert [(each.index, each.data) for each in only(events, CompletedImage)] == list(enumerate(pictures))
    assert len(only(events, UsageReported)) == 1


async def test_missing_images_of_a_reply_fail(stage: Stage, asker: Asker) -> None:
    """Fewer images than asked for are told, image by image."""
    stage.play([reply(images(png(), png()))])

    events = await asker.run(asked(n=3))

    assert [each.index for each in only(events, CompletedImage)] == [0, 1]
    assert [(each.index, each.error.message) for each in only(events, ImageFailed)] == [
        (2, "the server sent 2 of 3 images.")
    ]


async def test_more_images_than_asked_for_are_kept(stage: Stage, asker: Asker) -> None:
    """Paid-for images that nobody asked for get numbers of their own, also beside other requests."""
    stage.play([STREAM, completed(png()), completed(png())])

    events = await asker.run(asked(n=2, stream=True))

    assert sorted(each.index for each in only(events, CompletedImage)) == [0, 1, 2, 3]


async def test_the_servers_own_numbers_of_images_count(stage: Stage, asker: Asker) -> None:
    """Where events name their image (Ark), they go to that one; the one that failed fails alone."""
    first, last = png(rest=b"0"), png(rest=b"2")
    body = (
        event("image_generation.partial_succeeded", {"image_index": 2, "b64_json": b64(last)})
        + event("image_generation.partial_failed", {"image_index": 1, "error": {"code": "x", "message": "lost"}})
        + event("image_generation.partial_succeeded", {"image_index": 0, "b64_json": b64(first)})
        + event("image_generation.completed", {"usage": {"generated_images": 2, "output_tokens": 9}})
        + b"data: [DONE]\n\n"
    )
    stage.play([STREAM, body])

    events = await asker.run(asked(n=3))

    assert [(each.index, each.data) for each in only(events, CompletedImage)] == [(2, last), (0, first)]
    assert [(each.index, "lost" in each.error.message) for each in only(events, ImageFailed)] == [(1, True)]
    assert only(events, UsageReported)[0].usage.output_tokens == 9


async def test_done_ends_a_stream_that_stays_open(stage: Stage, asker: Asker) -> None:
    """After [DONE] nothing is waited for."""
    stage.play([STREAM, completed(png()), b"data: [DONE]\n\n", HANG])

    events = await asker.run(asked(stream=True))

    assert [type(each) for each in events] == [ReplyStarted, CompletedImage]
    async with asyncio.timeout(5):
        await stage.seen[0].closed.wait()


FORMS = {
    "JSON": reply(images(png())),
    "JSON as text": reply(images(png()), content_type="text/plain"),
    "JSON as a stream": reply(images(png()), content_type="text/event-stream"),
    "JSON after blanks": reply(b"\n  \n" * 40 + images(png())),
    "JSON with a mark": reply(b"\xef\xbb\xbf" + images(png())),
    "JSON in gzip": reply(gzip.compress(images(png())), content_encoding="gzip"),
    "JSON in gzip of two members": reply(
        gzip.compress(images(png())[:50]) + gzip.compress(images(png())[50:]), content_encoding="gzip"
    ),
    "JSON in deflate": reply(zlib.compress(images(png())), content_encoding="deflate"),
    "JSON in bare deflate": reply(zlib.compress(images(png()))[2:-4], content_encoding="deflate"),
    "a data URI": reply(json.dumps({"data": [{"url": f"data:image/png;base64,{b64(png())}"}]}).encode()),
    "wrapped": reply(json.dumps({"code": 0, "msg": "", "data": {"data": [{"b64_json": b64(png())}]}}).encode()),
    "a bare picture": reply(png(), content_type="image/png"),
    "a bare picture of no type": reply(png(), content_type="application/octet-stream"),
    "a stream": reply(completed(png()), content_type="text/event-stream; charset=utf-8"),
    "a stream as text": reply(completed(png()), content_type="text/plain"),
    "a stream as JSON": reply(b": hi\n\n" + completed(png())),
    "a stream without names": reply(completed(png()).partition(b"\n")[2], content_type="text/event-stream"),
    "a stream without its last line end": reply(completed(png()).rstrip(), content_type="text/event-stream"),
    "exo": reply(
        b'data: {"type":"partial","image_index":0,"partial_index":1,"data":{"b64_json":null}}\n\n'
        + f'data: {{"type":"final","image_index":0,"data":{{"b64_json":"{b64(png())}"}}}}\n\n'.encode()
        + b"data: [DONE]\n\n",
        content_type="text/event-stream",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("stream", [False, True])
async def test_the_reply_says_what_it_is(stage: Stage, asker: Asker, form: str, stream: bool) -> None:
    """JSON, stream or picture: the type and the first bytes decide, not what was asked."""
    stage.play([FORMS[form]])

    events = await asker.run(asked(stream=stream))

    assert [each.data for each in only(events, CompletedImage)] == [png()]
    assert not only(events, ImageFailed)


@given(cuts=st.lists(st.integers(0, 2000), max_size=8), form=st.sampled_from(sorted(FORMS)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_where_a_reply_is_cut_into_pieces_does_not_matter(
    stage: Stage, asker: Asker, cuts: list[int], form: str
) -> None:
    """Each form comes out the same, wherever the network cuts it."""
    whole = FORMS[form]
    places = sorted({0, len(whole), *(cut % len(whole) for cut in cuts)})
    stage.play([whole[start:end] for start, end in pairwise(places)])

    events = await asker.run(asked(stream=True))

    assert [each.data for each in only(events, CompletedImage)] == [png()]


async def test_several_pictures_may_come_in_an_archive(stage: Stage, asker: Asker) -> None:
    """Asked for files, vLLM-Omni packs several pictures into a ZIP; what is no picture in it is left out."""
    stage.play([reply(packed(png(2, 1), b"notes", png(1, 2)), content_type="application/zip")])

    events = await asker.run(asked(n=2))

    assert [(each.index, each.data) for each in only(events, CompletedImage)] == [(0, png(2, 1)), (1, png(1, 2))]


STUCK = {
    "damaged": packed(png())[:60] + packed(png())[64:],
    "cut off": packed(png(), png())[:-30],
    "encrypted": packed(png()).replace(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x01\x00\x08\x00"),  # the flag
    "packed in a way that nobody knows": packed(png()).replace(b"\x08\x00", b"\x63\x00"),
    "of very many": packed(*[b""] * 2000),
    "swelling": packed(png() + bytes(257 * 1024 * 1024)),
}


@pytest.mark.parametrize("name", STUCK)
async def test_an_archive_that_cannot_be_read_is_kept(stage: Stage, asker: Asker, name: str) -> None:
    """What was packed is paid for: the archive is kept as it came, as bytes that nobody knows, and the user is told."""
    stage.play([reply(STUCK[name], content_type="application/zip")])

    events = await asker.run(asked())

    (picture,) = only(events, CompletedImage)
    assert (picture.data, picture.picture.format) == (STUCK[name], "bin")
    assert "ZIP archive that cannot be read" in only(events, Notice)[0].text


async def test_what_can_be_read_of_an_archive_comes_out(stage: Stage, asker: Asker) -> None:
    """One damaged picture does not cost those beside it: they come out, and the archive is kept for the sake of it."""
    whole = packed(png(2, 1), png(1, 2), png(3, 3))
    at = whole.index(b"1.png") + len(b"1.png") + 4
    archive = whole[:at] + b"\xff" * 8 + whole[at + 8 :]
    stage.play([reply(archive, content_type="application/zip")])

    events = await asker.run(asked(n=3))

    assert [each.data for each in only(events, CompletedImage)] == [png(2, 1), png(3, 3), archive]
    assert not only(events, ImageFailed)


@pytest.mark.parametrize("status", [200, 404, 502])
async def test_a_web_page_is_named_as_one(stage: Stage, asker: Asker, status: int) -> None:
    """A proxy's or a login page is no answer of the API, whatever its status; the request id helps to find it."""
    stage.play(
        [reply(b"<!doctype html><title>Sign in</title>", status=status, content_type="text/html", x_request_id="req_1")]
    )

    error = failure(await asker.run(asked()))

    assert isinstance(error, WebPageReceived)
    assert error.status == status
    assert f"answered {status} with" in error.message
    assert "a web page" in error.message
    assert ("base URL" if status < 500 else "on the server's side") in error.remedy
    assert "(request id req_1)" in str(error)


BROKEN: dict[str, tuple[list[bytes | str], str]] = {
    "cut after a partial": ([STREAM, partial(png()), partial(png())], "cut off after 2 partial images"),
    "cut in the final": ([STREAM, partial(png()), completed(png())[:-30]], "cut off after one partial image;"),
    "damaged in the final": (
        [STREAM, partial(png()), completed(png()).replace(b'"}', b"")],
        "not readable as JSON",
    ),
    "cut before anything": ([STREAM, b": hello\n\n"], "ended without an image"),
    "reset": ([STREAM, partial(png()), RESET], "cut off"),
    "shorter than promised": ([reply(images(png()))[:-5]], "cut off"),
    "chunks that end early": ([head(transfer_encoding="chunked") + b"ff\r\n{"], "cut off"),
    "JSON that ends early": ([head() + images(png())[:-5]], "cut off"),
    "empty": ([reply(b"")], "empty"),
    "blank": ([reply(b"\n \n")], "empty"),
    "a damaged ZIP": ([reply(b"PK\x03\x04" + b"\0" * 40, content_type="application/zip")], "ZIP"),
    "a ZIP without pictures": ([reply(packed(b"hello"))], "ended without an image"),
    "words": ([reply(b"hello there", content_type="text/plain")], "neither JSON, nor a stream"),
    "no picture in it": ([reply(images(b"hello"))], "unrecognized image format"),
    "no picture in a picture": ([reply(b"hello", content_type="image/png")], "unrecognized image format"),
    "unknown compression": ([reply(b"abc", content_encoding="br")], "compressed (br)"),
    "damaged compression": ([reply(b"abc" * 20, content_encoding="gzip")], "cannot be decompressed"),
    "longer than promised": ([reply(b"", content_length="999999999999")], "cut off"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_reply_fails_and_nothing_is_passed_off_as_final(stage: Stage, asker: Asker, name: str) -> None:
    """A reply that breaks the format fails the image with a reason, is not asked again, and no partial is promoted."""
    part, words = BROKEN[name]
    stage.play(part)

    events = await asker.run(asked(stream=True))

    error = failure(events)
    assert isinstance(error, ProtocolError)
    assert words in error.message
    assert error.remedy
    assert error.request_id == ("req_1" if STREAM in part else None)
    assert not only(events, CompletedImage)
    assert len(stage.seen) == 1


@pytest.mark.parametrize("name", BROKEN)
async def test_what_may_be_billed_says_so(stage: Stage, asker: Asker, name: str) -> None:
    """Whatever breaks a reply, its words tell of the bill that may come."""
    stage.play(BROKEN[name][0])

    error = failure(await asker.run(asked(stream=True)))

    assert error.may_be_billed
    assert "billed" in str(error)


WHOLE = images(png())


@pytest.mark.parametrize(
    "pieces",
    [
        [reply(WHOLE, content_length="99999")],
        [head(transfer_encoding="chunked") + b"%x\r\n%b\r\n" % (len(WHOLE), WHOLE)],
    ],
    ids=["shorter than promised", "without the last chunk"],
)
async def test_a_reply_that_is_whole_is_believed(stage: Stage, asker: Asker, pieces: list[bytes]) -> None:
    """Where the connection breaks behind the whole reply, its picture is paid for and kept."""
    stage.play(pieces)

    (picture,) = only(await asker.run(asked()), CompletedImage)

    assert picture.data == png()


async def test_a_picture_beside_an_error_is_kept(stage: Stage, asker: Asker) -> None:
    """One of two pictures came, with the reason why the other did not."""
    said = {"error": {"message": "one of two failed"}, "usage": {**USAGE, "cost": 0.04}}
    stage.play([reply(images(png(), **said))])

    events = await asker.run(asked(n=2))

    assert [each.data for each in only(events, CompletedImage)] == [png()]
    assert "one of two failed" in failure(events).message
    assert only(events, UsageReported)[0].cost_usd == "0.04"


async def test_an_event_that_fails_ends_the_stream(stage: Stage, asker: Asker) -> None:
    """A refusal inside a 200 stream is a refusal; no retry."""
    said = {"error": {"code": "moderation_blocked", "message": "Your request was rejected by the safety system"}}
    stage.play([STREAM, partial(png()), event("error", said), HANG])

    events = await asker.run(asked(stream=True))

    assert isinstance(failure(events), ContentRefused)
    assert len(stage.seen) == 1


async def test_bare_json_in_a_stream_is_an_error(stage: Stage, asker: Asker) -> None:
    """An error that a gateway wrote without `data:` is heard."""
    stage.play([STREAM, partial(png()), b'{"error": {"code": 500, "message": "overloaded"}}\n'])

    events = await asker.run(asked(stream=True))

    assert "overloaded" in failure(events).message


async def test_a_success_that_was_moderated_away_is_a_refusal(stage: Stage, asker: Asker) -> None:
    """200 without a picture is how xAI refuses; it says why, and bills it."""
    stage.play([reply(b'{"data": [], "respect_moderation": false, "usage": {"cost_in_usd_ticks": 700000000}}')])

    events = await asker.run(asked())

    assert isinstance(failure(events), ContentRefused)


async def test_images_that_came_stay_when_the_rest_breaks(stage: Stage, asker: Asker) -> None:
    """An image that is complete is not lost to a stream that breaks afterwards."""
    stage.play([STREAM, completed(png()), RESET])

    events = await asker.run(asked(stream=True))

    assert [type(each) for each in events] == [ReplyStarted, CompletedImage]


async def test_unknown_events_are_skipped(stage: Stage, asker: Asker) -> None:
    """What nobody knows yet does no harm."""
    stage.play([STREAM, event("image_generation.mood", {"mood": "blue"}), b"data: ping\n\n", completed(png())])

    events = await asker.run(asked(stream=True))

    assert [type(each) for each in events] == [ReplyStarted, CompletedImage]


async def test_a_price_in_a_header_is_reported(stage: Stage, asker: Asker) -> None:
    """A gateway names the price in a header; it is reported though the reply counts no tokens."""
    stage.play([reply(images(png()), **{"x-litellm-response-cost": "0.04", "x-litellm-call-id": "call_1"})])

    events = await asker.run(asked())

    assert events[0].request_id == "call_1"
    assert only(events, UsageReported)[0].cost_usd == "0.04"


async def test_a_redirect_to_no_address_is_told(stage: Stage, asker: Asker) -> None:
    """Whatever a proxy writes there is an error of ours, not the library's."""
    stage.play([reply(status=302, location="data:text/plain,hello")])

    error = failure(await asker.run(asked()))

    assert isinstance(error, ProtocolError)
    assert "redirects to an invalid URL" in error.message
    assert len(stage.seen) == 1


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://elsewhere.example/v1/images?key=1", "redirects to https://elsewhere.example/v1/images;"),
        ("https://user:key=1@elsewhere.example/v1", "redirects to https://elsewhere.example/v1;"),
        ("/v2/images/generations", "/v2/images/generations; the key was not sent"),
    ],
)
async def test_a_redirect_is_not_followed(stage: Stage, asker: Asker, location: str, told: str) -> None:
    """The key goes nowhere but to the base URL; the error names the whole target, without what may be a credential."""
    stage.play([reply(status=307, location=location)])

    error = failure(await asker.run(asked()))

    assert isinstance(error, ApiError)
    assert told in error.message
    assert "key=1" not in str(error)
    assert len(stage.seen) == 1


async def test_a_read_time_out_is_not_repeated(stage: Stage) -> None:
    """A server that falls silent may have drawn: the message says so, and nothing is sent again."""
    stage.play([HANG])
    client = Client(provider_at(stage), DIALECTS["openai"], timeouts=Timeouts(overall_s=0.5))

    events = [each async for each in client.events(asked())]
    await client.aclose()

    error = failure(events)
    assert isinstance(error, ResponseTimeout)
    assert "overall time-out" in error.message
    assert "billed" in error.message
    assert len(stage.seen) == 1


async def test_silence_in_the_middle_is_a_time_out(stage: Stage) -> None:
    """So it is when the reply had begun."""
    stage.play([STREAM, partial(png()), HANG])
    client = Client(provider_at(stage), DIALECTS["openai"], timeouts=Timeouts(overall_s=0.5))

    events = [each async for each in client.events(asked(stream=True))]
    await client.aclose()

    assert isinstance(failure(events), ResponseTimeout)


async def test_everything_together_has_a_time_out(stage: Stage, asker: Asker) -> None:
    """The time for one call bounds it however busy the stream is; every image of it fails."""
    stage.play([STREAM, partial(png()), HANG])

    events = await asker.run(asked(n=2, stream=True), timeout_s=1.0)

    errors = [each.error for each in only(events, ImageFailed)]
    assert [type(each) for each in errors] == [ResponseTimeout, ResponseTimeout]
    assert "1 s (overall time-out)" in errors[0].message


@pytest.mark.parametrize(
    ("base_url", "kind", "words"),
    [
        ("http://name.invalid/v1", HostUnreachable, "not known (DNS)"),
        ("http:///v1", SettingsError, "malformed"),
        ("ftp://127.0.0.1/v1", SettingsError, "malformed"),
        ("http://[::1/v1", SettingsError, "invalid"),
        (f"http://{'a' * 70}.example/v1", SettingsError, "invalid"),
    ],
)
async def test_an_address_that_does_not_answer_has_its_own_words(
    stage: Stage, base_url: str, kind: type[ImgmagicError], words: str
) -> None:
    """An unknown name and an address that is none: each its class and its next step, and no retry."""
    stage.play([b"not TLS\r\n\r\n"])
    client = Client(provider_at(stage, base_url=base_url.replace("HOST", stage.host)), DIALECTS["openai"])

    error = failure([each async for each in client.events(asked())])
    await client.aclose()

    assert type(error) is kind
    assert words in error.message
    assert error.remedy


async def test_a_server_without_tls_has_its_own_words() -> None:
    """https to a port that speaks http is a TLS failure, not a riddle."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        provider = Provider(name="openai", dialect="openai", base_url=f"https://127.0.0.1:{port}/v1")
        client = Client(provider, DIALECTS["openai"])
        error = failure([each async for each in client.events(asked())])
        await client.aclose()

    assert type(error) is TlsFailed
    assert "TLS" in error.message


@pytest.mark.parametrize("key", ["sk-marked\n", "sk-marked ", "sk-märked", "sk-marked\r\nx: y"])
async def test_a_key_that_no_header_can_carry_is_not_shown(stage: Stage, key: str) -> None:
    """A key that was copied badly is named as the fault, not quoted, and nothing is sent."""
    stage.play([reply(images(png()))])
    client = Client(provider_at(stage, key=Secret(key)), DIALECTS["openai"])

    error = failure([each async for each in client.events(asked())])
    await client.aclose()

    assert isinstance(error, SettingsError)
    assert "sk-m" not in f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"
    assert stage.seen == []


BODIES = {
    "JSON": b'{"error": {"message": "bad KEY", "code": "KEY"}}',
    "words": b"bad KEY",
    "page": b"<html><title>KEY</title></html>",
}


@pytest.mark.parametrize("key", [KEY, "a plain word of a key", "0123456789abcdef0123456789abcdef"])
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 429, 500])
@pytest.mark.parametrize("body", BODIES)
async def test_a_key_that_the_server_sends_back_is_nowhere(stage: Stage, status: int, body: str, key: str) -> None:
    """No event, message or object shows the key, though the server echoes it in every place."""
    sent_back = BODIES[body].replace(b"KEY", key.encode())
    stage.play([reply(sent_back, status=status, content_type=f"text/{key}", x_request_id=key)])
    client = Client(provider_at(stage, key=Secret(key)), DIALECTS["openai"], sleep=lambda _: asyncio.sleep(0))

    events = [each async for each in client.events(asked())]
    await client.aclose()

    error = failure(events)
    shown = f"{events!r} {error!s} {vars(error)} {error._render_traceback_()} {error.__cause__!r} {client!r}"
    assert key not in shown


async def test_a_reply_past_the_bound_is_refused_with_flat_memory(stage: Stage, asker: Asker) -> None:
    """A small compressed reply that holds gigabytes is refused at the bound; memory stays flat meanwhile."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    blanks = b" " * (1024 * 1024)
    bomb = b"".join(squeeze.compress(blanks) for _ in range(300)) + squeeze.flush()
    stage.play([reply(bomb, content_encoding="gzip")])

    tracemalloc.start()
    error = failure(await asker.run(asked()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "longer than 268,435,456 bytes" in error.message
    assert peak < 16 * 1024 * 1024


async def test_an_error_body_is_read_to_a_bound_only(stage: Stage, asker: Asker) -> None:
    """A huge error page is cut; the connection is closed."""
    stage.play([reply(b"no " * 1_000_000, status=400, content_type="text/plain")])

    error = failure(await asker.run(asked()))

    assert len(error.message) < 600


async def test_a_client_may_be_closed_and_used_again(stage: Stage, asker: Asker) -> None:
    """Closing ends the connections, not the client."""
    stage.play([reply(images(png()))])

    await asker.run(asked())
    await asker.client.aclose()
    await asker.client.aclose()
    events = await asker.run(asked())

    assert len(only(events, CompletedImage)) == 1


async def test_loopback_goes_past_the_environments_proxy(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's proxy does not stand between us and a server on this machine."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    stage.play([reply(images(png()))])
    client = Client(provider_at(stage), DIALECTS["openai"])

    events = [each async for each in client.events(asked())]
    await client.aclose()

    assert len(only(events, CompletedImage)) == 1


async def test_a_proxy_that_cannot_be_used_is_a_setting_to_mend(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of an unknown kind is named as the fault, without its password."""
    monkeypatch.setenv("ALL_PROXY", "gopher://user:hidden@127.0.0.1:9")
    client = Client(provider_at(stage, base_url="https://server.example/v1"), DIALECTS["openai"])

    error = failure([each async for each in client.events(asked())])

    assert isinstance(error, SettingsError)
    assert "hidden" not in f"{error} {error.__cause__!r}"


@pytest.mark.parametrize(("stream", "accept"), [(True, "text/event-stream"), (False, "application/json")])
async def test_accepts_only_what_was_asked(stage: Stage, asker: Asker, stream: bool, accept: str) -> None:
    """A proxy passes a stream on as it comes only where nothing else is accepted (jupyter-server-proxy)."""
    stage.play([STREAM, completed(png())] if stream else [reply(images(png()))])

    await asker.run(asked(stream=stream))

    assert f"accept: {accept}" in stage.seen[0].head.lower().splitlines()


@pytest.mark.parametrize("more", [USAGE, None])
async def test_a_stream_that_goes_on_without_a_word_is_ended(
    stage: Stage, asker: Asker, more: dict[str, int] | None
) -> None:
    """The only picture is there: comments, pings and coarse pictures keep nobody waiting."""
    comments = [b": keep-alive\n\n", b"event: ping\ndata: {}\n\n", partial(png())] * 3
    stage.play([STREAM, completed(png(), **({"usage": more} if more else {})), *comments, HANG])

    async with asyncio.timeout(10):
        events = await asker.run(asked(stream=True))

    assert isinstance(events[1], CompletedImage)
    assert not only(events, ImageFailed)
    assert not only(events, PartialImage)  # a coarse picture after the finished one would prolong the wait as well


async def test_a_series_is_waited_for(stage: Stage, asker: Asker) -> None:
    """Ark sends each picture of a series when it is drawn, and says itself when that was the last."""
    go_on = asyncio.Event()
    one = {"url": "", "b64_json": b64(png())}
    stage.play(
        [
            STREAM,
            event("image_generation.partial_succeeded", {**one, "image_index": 0}),
            go_on,
            event("image_generation.partial_succeeded", {**one, "image_index": 1}),
            event("image_generation.completed", {"usage": USAGE}),
        ]
    )
    asyncio.get_running_loop().call_later(2.0, go_on.set)

    events = await asker.run(asked(stream=True))

    assert len(only(events, CompletedImage)) == 2


async def test_ten_thousand_pictures_are_not_an_answer(stage: Stage, asker: Asker) -> None:
    """What comes beyond any number that could be asked for is dropped."""
    stage.play([reply(images(*[png()] * 10_000))])

    events = await asker.run(asked())

    assert len(only(events, CompletedImage)) == 100


@pytest.mark.parametrize("encoding", ["aws-chunked", "utf-8", "none", "identity", "UTF-8, aws-chunked"])
async def test_what_is_no_compression_is_none(stage: Stage, asker: Asker, encoding: str) -> None:
    """Servers write charsets and transfer codings there; the picture is not lost to it."""
    stage.play([reply(images(png()), content_encoding=encoding)])

    assert len(only(await asker.run(asked()), CompletedImage)) == 1


async def test_a_compression_that_was_only_announced_is_passed_over(stage: Stage, asker: Asker) -> None:
    """A proxy may unpack a reply and leave the header."""
    stage.play([reply(images(png()), content_encoding="gzip")])

    assert len(only(await asker.run(asked()), CompletedImage)) == 1


async def test_a_gateways_attempts_are_told(stage: Stage, asker: Asker) -> None:
    """What it asked of its own server may have been billed each time."""
    stage.play([reply(images(png()), **{"x-litellm-attempted-retries": "2"})])

    (notice,) = only(await asker.run(asked()), Notice)

    assert "asked its own server 3 times" in notice.text


@pytest.mark.parametrize("body", [b"data:image/png;base64,%s", b"%s", b'"%s"', b'"data:image/png;base64,%s"\n'])
async def test_a_picture_may_come_as_text(stage: Stage, asker: Asker, body: bytes) -> None:
    """As base64 or a data: URI alone, between quotes or not."""
    stage.play([reply(body % b64(png()).encode(), content_type="text/plain")])

    assert [each.data for each in only(await asker.run(asked()), CompletedImage)] == [png()]


async def test_a_forked_child_has_connections_of_its_own(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the parent are left alone, also where it was opening them in the moment of the fork."""
    stage.play([reply(images(png()), connection="keep-alive")])
    client = Client(provider_at(stage), DIALECTS["openai"])
    before = [each async for each in client.events(asked())]
    await client._connecting.acquire()
    parents = client._line

    monkeypatch.setattr("os.getpid", lambda: -1)
    async with asyncio.timeout(10):
        after = [each async for each in client.events(asked())]
    monkeypatch.undo()
    assert client._line is not parents
    assert parents is not None
    await parents.http.aclose()
    assert client._line is not None
    await client._line.http.aclose()

    assert [type(each) for each in before] == [type(each) for each in after]
