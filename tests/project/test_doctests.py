"""The examples in docstrings are true."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.support import ROOT

WITH_EXAMPLES = sorted(path for path in (ROOT / "imgmagic").rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_give_what_they_say(path: Path) -> None:
    """Each example of the module is run, and at least one is found."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

    failed, attempted = doctest.testmod(module)

    assert (failed, attempted > 0) == (0, True)
