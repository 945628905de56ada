"""Payloads: every body has the length that it says, in pieces short enough for the event loop."""

import json
from base64 import b64decode

from hypothesis import given
from hypothesis import strategies as st

from imgmagic.wire.payload import Part, form_fields, json_payload, json_with_pictures, multipart_payload
from tests.support.forms import read_form

BYTES = st.binary(max_size=200_000)


def part(data: bytes, number: int = 1) -> Part:
    return Part(name="image[]", file_name=f"image-{number}.png", content_type="image/png", data=data)


@given(st.lists(BYTES, min_size=1, max_size=3))
def test_a_form_holds_its_pictures_whole(pictures: list[bytes]) -> None:
    """Length and content are exact, whatever the bytes, and no piece is long."""
    payload = multipart_payload({"prompt": "a fox"}, [part(data) for data in pictures])

    pieces = list(payload.pieces())

    body = b"".join(pieces)
    assert len(body) == payload.length
    assert max(map(len, pieces)) <= 64 * 1024
    assert [each.content for each in read_form(payload.content_type, body)] == [b"a fox", *pictures]


@given(st.lists(BYTES, min_size=1, max_size=3), st.text())
def test_json_holds_its_pictures_in_addresses(pictures: list[bytes], prompt: str) -> None:
    """The base64 is walked in pieces and is the same as that of the whole."""
    prompt = prompt.encode("utf-8", "ignore").decode()
    payload = json_with_pictures(
        {"prompt": prompt}, [part(data) for data in pictures], lambda addresses: {"images": list(addresses)}
    )

    pieces = list(payload.pieces())

    body = b"".join(pieces)
    assert len(body) == payload.length
    said = json.loads(body)
    assert said["prompt"] == prompt
    heads, texts = zip(*(address.split(",") for address in said["images"]), strict=True)
    assert set(heads) == {"data:image/png;base64"}
    assert [b64decode(text) for text in texts] == pictures


def test_a_payload_is_made_again_for_each_attempt() -> None:
    """A retry sends the same bytes."""
    payload = multipart_payload({"prompt": "a fox"}, [part(b"1")])

    assert b"".join(payload.pieces()) == b"".join(payload.pieces())


def test_fields_of_a_form_are_named_as_the_sdk_names_them() -> None:
    """Nested values get brackets, lists repeat, booleans are lower case, None is left out."""
    body = {"n": 2, "stream": True, "seed": 1.5, "svg": {"model": "m", "reasoning": {"effort": "low"}}, "a": [1, 2]}

    assert list(form_fields({**body, "user": None})) == [
        ("n", "2"),
        ("stream", "true"),
        ("seed", "1.5"),
        ("svg[model]", "m"),
        ("svg[reasoning][effort]", "low"),
        ("a[]", "1"),
        ("a[]", "2"),
    ]


def test_a_plain_request_is_json() -> None:
    """Nothing changes for a request without pictures."""
    payload = json_payload({"prompt": "ä"})

    assert (payload.content_type, b"".join(payload.pieces())) == ("application/json", b'{"prompt":"\xc3\xa4"}')
    assert payload.length == 15
