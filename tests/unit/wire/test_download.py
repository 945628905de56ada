"""Downloads: from where they may come, what goes along, and what is refused."""

import asyncio
import base64
import json

import pytest

from imgmagic.domain.events import CompletedImage, Notice
from imgmagic.domain.provider import Provider, Secret
from imgmagic.errors import DownloadFailed
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.download import MAX_IMAGE_BYTES, Downloads, Network
from tests.support.staged_replies import KEY, Asker, asked, failure, only, png
from tests.support.staged_server import HANG, Stage, head, reply

pytestmark = pytest.mark.anyio

PICTURE = reply(png(), content_type="image/png")
ELSEWHERE = "https://provider.example/v1"  # a base URL whose host is not this machine


async def download(url: str, *, base_url: str, network: Network | None = None, timeout_s: float = 20) -> bytes:
    provider = Provider(name="openai", dialect="openai", base_url=base_url, key=Secret(KEY))
    return await Downloads(provider, DIALECTS["openai"], network=network, timeout_s=timeout_s).fetch(url)


def redirect(location: str) -> bytes:
    return reply(status=302, location=location)


async def test_fetches_from_the_providers_own_host(stage: Stage) -> None:
    """Plain http to the host that the user named is allowed, on this machine too."""
    stage.play([PICTURE])

    data = await download(f"http://{stage.host}/images/1.png", base_url=stage.base_url)

    assert data == png()
    assert stage.seen[0].head.startswith("GET /images/1.png HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/v1/images/7/content?variant=0", "/v1/images/7/content?variant=0"),
        ("images/7", "/v1/images/7"),
        ("//HOST/x", "/x"),
    ],
)
async def test_a_relative_address_belongs_to_the_base_url(stage: Stage, url: str, path: str) -> None:
    """A path is looked for at the provider (SGLang)."""
    stage.play([PICTURE])

    await download(url.replace("HOST", stage.host), base_url=stage.base_url)

    assert stage.seen[0].head.startswith(f"GET {path} HTTP/1.1\r\n")


async def test_the_key_stays_at_home(stage: Stage, asker: Asker) -> None:
    """The download of a picture carries our name, and neither the key nor any of the provider's headers."""
    stage.play([reply(json.dumps({"data": [{"url": f"http://{stage.host}/1.png"}]}).encode())], [PICTURE])

    events = await asker.run(asked())

    assert only(events, CompletedImage)[0].data == png()
    names = {line.partition(":")[0].lower() for line in stage.seen[1].head.splitlines()[1:] if line}
    assert names <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert KEY not in stage.seen[1].head
    assert "user-agent: imgmagic/" in stage.seen[1].head.lower()


async def test_data_uris_are_decoded() -> None:
    """A data URI needs no network."""
    uri = "data:image/png;base64," + base64.b64encode(png()).decode()

    assert await download(uri, base_url=ELSEWHERE) == png()


FORBIDDEN = {
    "this machine": ("http://HOST/1.png", "private network"),
    "this machine by name": ("https://localhost/1.png", "private network"),
    "a private address": ("https://10.0.0.1/1.png", "private network"),
    "the metadata service": ("https://169.254.169.254/latest/meta-data", "private network"),
    "the metadata service in IPv6": ("https://[fd00:ec2::254]/latest", "private network"),
    "a wrapped address": ("https://[::ffff:127.0.0.1]/1.png", "private network"),
    "an address in octal": ("https://0177.0.0.1/1.png", "not http or https"),
    "an address as a number": ("https://2130706433/1.png", "private network"),
    "plain http": ("http://cdn.example/1.png", "not https"),
    "a file": ("file:///etc/passwd", "not http or https"),
    "another scheme": ("ftp://cdn.example/1.png", "not http or https"),
    "credentials": ("https://user:secret@cdn.example/1.png", "not http or https"),
    "a name that is too long": (f"https://{'a' * 300}.invalid/", "not known"),
    "no address": ("https://[::1", "not http or https"),
    "a broken data URI": ("data:image/png;base64,*", "does not contain a picture"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
async def test_forbidden_places_are_not_asked(stage: Stage, name: str) -> None:
    """A server cannot make us fetch what only this machine can reach, nor over plain http."""
    url, words = FORBIDDEN[name]
    stage.play([PICTURE])

    with pytest.raises(DownloadFailed, match=words):
        await download(url.replace("HOST", stage.host), base_url=ELSEWHERE)

    assert stage.seen == []


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "fe80::1%eth0", "::1"])
async def test_a_name_that_leads_inside_is_not_asked(address: str) -> None:
    """What counts is the address behind a name; one bad address among good ones is enough."""

    async def resolver(host: str, port: int) -> tuple[str, ...]:
        return ("93.184.215.14", address)

    with pytest.raises(DownloadFailed, match="private network"):
        await download("https://cdn.example/1.png", base_url=ELSEWHERE, network=Network(resolve=resolver))


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://10.0.0.1/1.png", "private network"),
        ("http://cdn.example/1.png", "not https"),
        ("file:///etc/passwd", "not http or https"),
        ("data:image/png;base64,AAAA", "not http or https"),
        ("https://name.invalid/1.png", "not known"),
    ],
)
async def test_a_redirect_passes_the_same_checks(stage: Stage, location: str, words: str) -> None:
    """An allowed address may not lead to a forbidden one."""
    stage.play([redirect(location)])

    with pytest.raises(DownloadFailed, match=words):
        await download("/1.png", base_url=stage.base_url)


async def test_redirects_are_followed_within_bounds(stage: Stage) -> None:
    """Five redirects are followed, relative ones too; a sixth is too many."""
    stage.play(*[[redirect(f"/{turn}")] for turn in range(5)], [PICTURE])
    data = await download("/start", base_url=stage.base_url)

    stage.seen.clear()
    stage.play([redirect("/again")])
    with pytest.raises(DownloadFailed, match="redirects more than 5 times"):
        await download("/start", base_url=stage.base_url)

    assert data == png()
    assert len(stage.seen) == 6


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ([reply(b"<html>", content_type="image/png")], "does not return a picture"),
        ([reply(b"")], "answered 200 with nothing"),
        ([reply(b"gone", status=404)], "answered 404"),
        ([reply(b"no", status=403)], "expire"),
        ([reply(png())[:-2]], "cut off"),
    ],
)
async def test_what_is_no_picture_is_refused(stage: Stage, part: list[bytes], words: str) -> None:
    """The bytes decide what is a picture, not the type that the server claims."""
    stage.play(part)

    with pytest.raises(DownloadFailed) as caught:
        await download("/1.png", base_url=stage.base_url)

    assert words in str(caught.value)


async def test_a_picture_past_the_bound_is_refused(stage: Stage) -> None:
    """A download without end is stopped at the bound, and the connection closed."""
    stage.play([head(content_type="image/png"), png(), *[b"x" * 1_000_000] * (MAX_IMAGE_BYTES // 1_000_000 + 2), HANG])

    with pytest.raises(DownloadFailed, match="67,108,864 bytes"):
        await download("/1.png", base_url=stage.base_url)

    async with asyncio.timeout(5):
        await stage.seen[0].closed.wait()


async def test_a_slow_download_ends(stage: Stage) -> None:
    """Everything together, redirects too, has a time."""
    stage.play([head(content_type="image/png"), png(), HANG])

    with pytest.raises(DownloadFailed, match=r"longer than 0\.1 s"):
        await download("/1.png", base_url=stage.base_url, timeout_s=0.1)


async def test_a_failed_download_is_the_failure_of_its_image(stage: Stage, asker: Asker) -> None:
    """The other images of the reply come; the one that cannot be fetched says why."""
    good = base64.b64encode(png()).decode()
    pictures = [{"url": "https://169.254.169.254/x"}, {"b64_json": good}]
    stage.play([reply(json.dumps({"data": pictures}).encode())])

    events = await asker.run(asked(n=2))

    assert [each.index for each in only(events, CompletedImage)] == [1]
    assert isinstance(failure(events), DownloadFailed)
    assert "private network" in failure(events).message


def leading_here() -> Network:
    """Return a network in which every name leads to this machine, and may."""

    async def resolver(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    return Network(resolve=resolver, allows=lambda _: True)


async def test_the_connection_goes_to_the_address_that_was_checked(stage: Stage) -> None:
    """The name is not resolved a second time; it stands in the Host header only."""
    stage.play([PICTURE])
    port = stage.host.partition(":")[2]

    data = await download(f"http://never.localhost:{port}/1.png", base_url=ELSEWHERE, network=leading_here())

    assert data == png()
    assert f"host: never.localhost:{port}" in stage.seen[0].head.lower()


async def test_a_certificate_must_hold_the_name() -> None:
    """The secure connection to the checked address asks for the name, not for the address."""
    hello = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4096))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(DownloadFailed):
            await download(f"https://cdn.example:{port}/1.png", base_url=ELSEWHERE, network=leading_here())

    assert b"cdn.example" in await hello


async def test_pictures_behind_the_key_are_fetched_with_it(stage: Stage) -> None:
    """Where the provider's own origin asks for the key it gets it, and only then (open-webui, LocalAI)."""
    stage.play([reply(b"who?", status=401)], [PICTURE])

    data = await download("/files/1.png", base_url=stage.base_url)

    assert data == png()
    assert [f"authorization: bearer {KEY}" in each.head.lower() for each in stage.seen] == [False, True]


async def test_another_origin_never_gets_the_key(stage: Stage) -> None:
    """Also not one that the provider's own redirects to, nor another port of its host."""
    other = Stage()
    listener = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    other.host = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    other.play([reply(b"who?", status=401)])
    stage.play([redirect(f"http://{other.host}/1.png")])

    async with listener:
        with pytest.raises(DownloadFailed, match="answered 401"):
            await download("/files/1.png", base_url=stage.base_url)

    assert KEY not in "".join(each.head for each in (*stage.seen, *other.seen))


@pytest.mark.parametrize("status", [202, 404, 429, 503])
async def test_an_address_that_does_not_answer_yet_is_asked_again(stage: Stage, asker: Asker, status: int) -> None:
    """The picture was paid for, and may be there in a moment; the wait is told."""
    stage.play([reply(b'{"data": [{"url": "/1.png"}]}')], [reply(b"later", status=status)], [PICTURE])

    events = await asker.run(asked())

    assert [each.data for each in only(events, CompletedImage)] == [png()]
    assert asker.waited == [1.0]
    assert f"answered {status}" in only(events, Notice)[0].text


async def test_an_address_that_answers_with_nothing_is_asked_again(stage: Stage, asker: Asker) -> None:
    """A store may know the name of a picture before it has the bytes."""
    stage.play([reply(b'{"data": [{"url": "/1.png"}]}')], [reply(b"")], [PICTURE])

    events = await asker.run(asked())

    assert [each.data for each in only(events, CompletedImage)] == [png()]
    assert "answered 200 with nothing" in only(events, Notice)[0].text


async def test_an_address_that_is_too_slow_is_kept(stage: Stage, asker: Asker) -> None:
    """The time of the call is over while the picture is on its way: it was drawn, and can be fetched later."""
    stage.play([reply(b'{"data": [{"url": "/1.png"}]}')], [HANG])

    error = failure(await asker.run(asked(), timeout_s=0.5))

    assert isinstance(error, DownloadFailed)
    assert error.address == "/1.png"
    assert "overall time-out" in error.message
    assert error.may_be_billed


async def test_an_address_that_never_answers_is_kept(stage: Stage, asker: Asker) -> None:
    """After three further attempts the failure says so, and carries the address for later."""
    stage.play([reply(b'{"data": [{"url": "/1.png?signature=abc"}]}')], [reply(b"gone", status=404)])

    error = failure(await asker.run(asked()))

    assert isinstance(error, DownloadFailed)
    assert error.address == "/1.png?signature=abc"
    assert "signature" not in str(error)
    assert asker.waited == [1.0, 2.0, 4.0]
    assert error.may_be_billed


@pytest.mark.parametrize("status", [401, 403, 410])
async def test_a_refusal_of_an_address_is_not_asked_again(stage: Stage, asker: Asker, status: int) -> None:
    """Its answer would be the same."""
    stage.play([reply(b'{"data": [{"url": "/1.png"}]}')], [reply(b"no", status=status)])

    assert isinstance(failure(await asker.run(asked())), DownloadFailed)
    assert asker.waited == []


async def test_an_address_that_holds_the_key_is_asked_nowhere_else() -> None:
    """It would carry the key to another host."""
    with pytest.raises(DownloadFailed, match="contains the key"):
        await download(f"https://cdn.example/{KEY}.png", base_url=ELSEWHERE)


async def test_the_pictures_address_is_blamed_and_not_the_base_url() -> None:
    """What the user configured is right: the server named an address that does not answer."""
    with pytest.raises(DownloadFailed) as caught:
        await download("https://name.invalid/1.png", base_url=ELSEWHERE)

    assert "base URL" not in str(caught.value)
    assert "the picture's host" in str(caught.value)
