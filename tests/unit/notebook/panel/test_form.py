"""The form: which controls a model has, and what is filled in there."""

import pytest

from imgmagic.domain.options import OPTIONS
from imgmagic.notebook.panel.form import Form, form_of, read_values
from imgmagic.wire.dialects import DIALECTS


def names(form: Form) -> set[str]:
    return {control.name for control in form.controls}


def test_a_model_has_the_controls_that_its_server_takes() -> None:
    """The dialect table decides: OpenAI's models stream and choose a quality, Yandex's take a size and nothing else."""
    openai = form_of(DIALECTS["openai"], "gpt-image-2", {})
    yandex = form_of(DIALECTS["yandex"], None, {})

    quality = next(control for control in openai.controls if control.name == "quality")
    assert quality.choices == ("low", "medium", "high", "auto")
    assert {"n", "size", "stream", "partial_images"} <= names(openai)
    assert names(yandex) == {"size"}


def test_values_and_ranges_follow_the_model() -> None:
    """A model of the same server with more qualities offers more; a stricter server narrows a number."""
    qualities = {
        model: next(c.choices for c in form_of(DIALECTS["openai"], model, {}).controls if c.name == "quality")
        for model in ("gpt-image-2", "gpt-image-2.5-flare")
    }
    counts = {
        name: next(c.high for c in form_of(DIALECTS[name], None, {}).controls if c.name == "n")
        for name in ("openai", "compatible")
    }

    assert "max" in qualities["gpt-image-2.5-flare"]
    assert "max" not in qualities["gpt-image-2"]
    assert counts == {"openai": 10, "compatible": 4}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_parameter_is_in_the_form_or_absent_with_a_reason(name: str) -> None:
    """No parameter that a server has a rule for vanishes without a word."""
    dialect = DIALECTS[name]
    for model in (None, *dialect.models):
        form = form_of(dialect, model, {})

        expected = {option.name for option in OPTIONS} | set(dialect.rules_for(model))
        assert names(form) | {each.name for each in form.absent} == expected - {"prompt", "model"}
        assert all(each.reason.startswith("This server ") for each in form.absent)


def test_what_is_filled_in_becomes_values_of_the_request() -> None:
    """Numbers, switches and text arrive as such; what has no control is left out."""
    form = form_of(DIALECTS["openai"], "gpt-image-2", {})

    values = read_values(form, {"n": "3", "stream": "off", "size": " 1024x1024 ", "style": "vivid"}, '{"seed": 7}')

    assert values.options == {"n": 3, "stream": False, "size": "1024x1024"}
    assert values.params == {"seed": 7}
    assert not values.faults


def test_what_cannot_be_read_is_a_fault_at_its_control() -> None:
    """A word for a number, and a body that is not JSON."""
    form = form_of(DIALECTS["openai"], "gpt-image-2", {})

    values = read_values(form, {"n": "many"}, "seed=7")

    assert {fault.parameter for fault in values.faults} == {"n", "other"}
