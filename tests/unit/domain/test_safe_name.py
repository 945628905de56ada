"""Names from outside: what may touch a path."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.safe_name import is_file_name, is_hash, is_hashed_name

HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../x", "a/../b", "/etc/passwd", "a\\b", "C:x", "a:stream", "x\0", "x\n", "x\x1b[31m", "x\u202e",
        "nul", "NUL.png", "com1.txt", "x.", "x ", " ", "…" * 100, "\ud800",
    ],
)  # fmt: skip
def test_a_name_that_leaves_its_folder_or_harms_is_refused(name: str) -> None:
    """Separators, drives, devices, control characters, and what no disk can hold."""
    assert not is_file_name(name)


@pytest.mark.parametrize("name", ["12-a fox.png", "été 1.webp", "…" * 85, ".hidden", "a..b", "console.png", "狐.png"])
def test_a_plain_name_is_taken(name: str) -> None:
    """In any script, to the last byte that a disk takes."""
    assert is_file_name(name)


@given(st.text(max_size=30))
def test_a_name_that_is_taken_stays_in_its_folder(name: str) -> None:
    """However it is joined."""
    folder = Path("/pictures")

    assert not is_file_name(name) or (folder / name).parent == folder


@pytest.mark.parametrize("text", ["", HASH[1:], HASH + "0", HASH.upper(), f"{HASH}\n", f"../{HASH[3:]}", "٣" * 64])
def test_what_is_not_a_hash_is_refused(text: str) -> None:
    """A hash has 64 digits, of ASCII, in lower case."""
    assert not is_hash(text)
    assert not is_hashed_name(f"{text}.png")


@pytest.mark.parametrize("suffix", ["", ".", ".PNG", ".p/g", ".toolongsuffix", ".png\n", ".png/..", ".tar.gz"])
def test_a_hash_with_another_suffix_is_no_name(suffix: str) -> None:
    """The suffix is a short word."""
    assert is_hash(HASH)
    assert is_hashed_name(f"{HASH}.png")
    assert not is_hashed_name(HASH + suffix)
