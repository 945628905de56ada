"""The threat model names the tests that hold it."""

import re

import pytest

from tests.support import ROOT

_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "test"), sorted(set(_NAMED.findall(_PAGE))))
def test_each_line_of_the_threat_model_is_held_by_a_test(file: str, test: str) -> None:
    """A test that was renamed or removed leaves a promise behind that nobody keeps."""
    text = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^\s*(?:async )?def {test}\(", text, re.MULTILINE)


def test_each_line_names_a_test() -> None:
    """What no test can hold is said below a table, not in it."""
    lines = re.findall(r"^\| (?!\|)(.*) \|$", _PAGE, re.MULTILINE)

    assert len(lines) > 30
    assert [line for line in lines if not _NAMED.search(line)] == []


def test_each_voice_has_its_lines() -> None:
    """None of those who may turn hostile is left out."""
    heads = re.findall(r"^### (.*)$", _PAGE, re.MULTILINE)

    assert heads == [
        "A cloned folder",
        "A recording",
        "A server",
        "A history that others made",
        "A page in the browser",
        "Another user of this machine",
    ]
