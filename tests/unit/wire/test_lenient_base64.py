"""Base64 and data URIs in every spelling that servers use."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.wire.lenient_base64 import from_base64, from_data_uri


@given(st.binary())
def test_reads_each_spelling(data: bytes) -> None:
    """Padded or not, in lines or not, URL-safe or not, with a prefix or not: the bytes are the same."""
    plain = base64.b64encode(data).decode()
    safe = base64.urlsafe_b64encode(data).decode()
    spellings = [plain, safe, plain.rstrip("="), base64.encodebytes(data).decode(), f"data:image/png;base64,{plain}"]

    assert [from_base64(each) for each in spellings] == [data] * len(spellings)


def test_a_large_picture_is_decoded_in_steps() -> None:
    """In lines, so that no step ends where a group of four does; a mark inside is no end."""
    data = bytes(range(251)) * 12_000
    text = base64.encodebytes(data).decode()

    assert from_base64(text) == data
    assert from_base64(text + "=\n" + text) is None


@pytest.mark.parametrize("text", ["a", "aGVsbG8*", "ünicode", "data:image/png;base64,a", "aGVs=bG8="])
def test_knows_what_is_no_base64(text: str) -> None:
    """Damaged base64 gives nothing rather than something else."""
    assert from_base64(text) is None


@pytest.mark.parametrize(
    ("uri", "data"),
    [
        ("data:image/png;base64,aGk=", b"hi"),
        ("DATA:image/svg+xml;charset=utf-8;BASE64,aGk", b"hi"),
        ("data:image/png;base64,aGk%3D", b"hi"),
        ("data:image/svg+xml,%3Csvg%2F%3E", b"<svg/>"),
        ("data:,a b", b"a b"),
        ("data:image/png;base64,!", None),
        ("data:image/png", None),
    ],
)
def test_reads_data_uris(uri: str, data: bytes | None) -> None:
    """A data URI gives its bytes, base64 or percent-encoded; a malformed one gives nothing."""
    assert from_data_uri(uri) == data
