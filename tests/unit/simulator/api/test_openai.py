"""OpenAI's reading of the parameters: what is refused, with which parameter and code."""

from typing import Any

import pytest

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.openai import read_openai
from imgmagic.simulator.api.refusals import RefusedError

BODY = {"model": "gpt-image-2.5-flare", "prompt": "a cat"}


@pytest.mark.parametrize(
    ("said", "param", "code"),
    [
        ({"prompt": None}, "prompt", "missing_required_parameter"),
        ({"prompt": ""}, "prompt", "empty_string"),
        ({"prompt": "x" * 32_001}, "prompt", "string_above_max_length"),
        ({"prompt": 5}, "prompt", "invalid_type"),
        ({"model": []}, "model", "invalid_type"),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"n": 11}, "n", "integer_above_max_value"),
        ({"n": "2"}, "n", "invalid_type"),
        ({"n": True}, "n", "invalid_type"),
        ({"size": "huge"}, "size", "invalid_value"),
        ({"size": "1000x1000"}, "size", None),
        ({"size": "4096x2048"}, "size", None),
        ({"size": "512x512"}, "size", None),
        ({"size": "3840x1024"}, "size", None),
        ({"size": "3840x3840"}, "size", None),
        ({"size": "512x512", "model": "gpt-image-1.5"}, "size", "invalid_value"),
        ({"size": "2048x2048", "model": "gpt-image-1-mini"}, "size", "invalid_value"),
        ({"quality": "hd"}, "quality", "invalid_value"),
        ({"quality": "max", "model": "gpt-image-2"}, "quality", "invalid_value"),
        ({"background": "blue"}, "background", "invalid_value"),
        ({"background": "transparent", "output_format": "jpeg"}, "background", "invalid_value"),
        ({"output_format": "tiff"}, "output_format", "invalid_value"),
        ({"output_compression": 50}, "output_compression", "invalid_value"),
        ({"output_compression": 101, "output_format": "jpeg"}, "output_compression", "integer_above_max_value"),
        ({"moderation": "high"}, "moderation", "invalid_value"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"partial_images": 4, "stream": True}, "partial_images", "integer_above_max_value"),
        ({"partial_images": 2}, "partial_images", "invalid_value"),
        ({"response_format": "url"}, "response_format", "unknown_parameter"),
        ({"style": "vivid"}, "style", "unknown_parameter"),
        ({"seed": 5}, "seed", "unknown_parameter"),
        ({"complexity": "max"}, "complexity", "invalid_value"),
        ({"frame_count": 4}, "frame_count", "invalid_value"),
        ({"frame_count": 17, "output_format": "gif"}, "frame_count", "integer_above_max_value"),
        ({"output_format": "gif", "stream": True}, "stream", "invalid_value"),
        ({"output_format": "svg", "n": 2}, "n", "invalid_value"),
        ({"output_format": "svg", "svg": {}}, "svg.model", "missing_required_parameter"),
        ({"svg": {"model": "gpt-5.6"}}, "svg", "invalid_value"),
        ({"svg": "gpt-5.6"}, "svg", "invalid_type"),
        ({"user": 7}, "user", "invalid_type"),
    ],
)
def test_refused(said: dict[str, Any], param: str, code: str | None) -> None:
    """A wrong value is a 400 that names the parameter and the code."""
    with pytest.raises(RefusedError) as caught:
        read_openai({**BODY, **said})

    refusal = caught.value.refusal
    assert (refusal.status, refusal.param, refusal.code) == (400, param, code)


@pytest.mark.parametrize("model", ["dall-e-2", "dall-e-3", "gpt-image-1", "gpt-image-9"])
def test_models_that_are_not_served(model: str) -> None:
    """Retired and unknown models are not found."""
    with pytest.raises(RefusedError) as caught:
        read_openai({**BODY, "model": model})

    assert (caught.value.refusal.status, caught.value.refusal.code) == (404, "model_not_found")


@pytest.mark.parametrize(
    "said",
    [
        {"size": "auto"},
        {"model": None},
        {"size": "3840x2160", "quality": "max"},
        {"size": "1536x1024", "model": "gpt-image-1.5"},
        {"output_compression": 100},
        {"output_format": "webp", "output_compression": 0, "background": "transparent"},
        {"stream": True, "partial_images": 0},
        {"n": 10, "user": "me", "safety_identifier": "me", "moderation": "low", "complexity": "high"},
        {"output_format": "gif", "frame_count": 16, "frame_duration_ms": 50},
        {"output_format": "svg", "svg": {"model": "gpt-5.6", "reasoning": {"effort": "none"}}},
    ],
)
def test_taken(said: dict[str, Any]) -> None:
    """What the document allows is taken."""
    assert isinstance(read_openai({**BODY, **said}), Call)


def test_what_is_left_open_is_decided() -> None:
    """A bare request gets the defaults of the document."""
    call = read_openai(BODY)

    assert (call.size, call.quality, call.background, call.output_format, call.n) == (
        "1024x1024",
        "medium",
        "opaque",
        "png",
        1,
    )
