"""What marimo is given: our values by its own hooks, and plain behaviour outside its notebooks."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import marimo
import pytest

import imgmagic
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.notebook.marimo.front_end import figure_within_cap
from tests.support.drawn import png
from tests.support.pictures import generated_image


@pytest.fixture
def generation() -> Generation:
    return Generation(
        request=ImageRequest(prompt="a <fox>"),
        status=Status.COMPLETED,
        provider="simulator",
        created_at=datetime(2026, 11, 26, tzinfo=UTC),
        elapsed_s=1.0,
        images=(generated_image(data=png(), format="png", width=48, height=32),),
    )


def test_generation_shows_itself(generation: Generation) -> None:
    """marimo's formatter finds the figure: pictures with their alternative text, and the caption."""
    assert imgmagic.Generation is Generation  # the first use of a public name brings the hooks

    shown = marimo.as_html(generation).text

    assert 'alt="a &lt;fox&gt;"' in shown
    assert "<figcaption" in shown


def test_script_that_imports_marimo_draws_as_any_script_does() -> None:
    """Outside a notebook nothing waits for marimo, and what is shown by its hooks is the same."""
    code = """
import marimo, imgmagic
from imgmagic.notebook.marimo.host import is_running
print(is_running(), imgmagic.imagine("a red circle", provider="simulator").image is not None)
for shown in (imgmagic.usage(), imgmagic.history):
    print("<table" in marimo.as_html(shown).text)
"""

    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "True", "True", "True"]


def test_figure_keeps_below_the_cap(generation: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output that marimo would refuse for its size is shown with previews in place of the originals."""
    monkeypatch.setenv("IMGMAGIC_PREVIEW", "full")
    image = generated_image(data=png() + b"\0" * 6_000_000, format="png", width=48, height=32)

    assert len(figure_within_cap(replace(generation, images=(image,)))) < 1_000_000


def test_nothing_imports_marimo() -> None:
    """It is no dependency: without it in the process, nothing of ours loads it."""
    code = "import sys, imgmagic; imgmagic.imagine; imgmagic.history; print('marimo' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
