"""Edits in the dialect table: what is refused before anything is sent, and why."""

from dataclasses import replace
from typing import Any

import pytest

from imgmagic.domain.request import ImageRequest
from imgmagic.wire.dialects import DIALECTS
from tests.support.source_pictures import drawn, grey_png, left_half, source

CAT = source(drawn())
MASK = source(grey_png(left_half()), "mask")
ARROWS = source(drawn(mode="RGBA", colour="#00000000"), "arrows.png")


def faults(name: str, *, images: int = 1, model: str | None = None, **typed: Any) -> list[str]:
    pictures = {role: typed.pop(role) for role in ("mask", "markup") if role in typed}
    request = ImageRequest(
        prompt="a fox",
        model=model or DIALECTS[name].default_model,
        options=typed,
        explicit=frozenset(typed),
        sources=(CAT,) * images,
        **pictures,
    )
    return [str(fault) for fault in DIALECTS[name].faults(request)]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("openai", {"images": 17}, "17 pictures are too many; this server takes up to 16 pictures"),
    ("exo", {"images": 2}, "2 pictures are too many; this server takes one picture"),
    ("recraft", {"images": 2}, "this server takes one picture"),
    ("openai", {"images": 0, "mask": MASK}, "a mask needs a picture"),
    ("openai", {"images": 0, "markup": ARROWS}, "a markup needs a picture"),
    ("yandex", {"images": 0, "mask": MASK}, "a mask needs a picture"),
    ("openai", {"mask": MASK, "markup": ARROWS}, "cannot be used together"),
    ("openai", {"model": "gpt-image-2", "markup": ARROWS}, "gpt-image-2 takes no markup"),
    ("deepinfra", {"markup": ARROWS}, "this server takes no markup"),
    ("openai", {"mask": MASK, "output_format": "gif"}, "gif takes no mask"),
    ("xai", {"mask": MASK}, "this server takes no mask"),
    ("sglang", {"mask": MASK}, "takes a mask and ignores it"),
    ("exo", {"mask": MASK}, "this server takes no mask"),
    ("yandex", {}, "cannot edit: its documentation has no edits"),
    ("compatible", {}, "cannot edit: its documentation has no edits"),
    ("gemini", {}, "its OpenAI form answers 404 to edits"),
    ("nebius", {}, "cannot edit"),
    ("openai", {"model": "gpt-image-2", "input_fidelity": "high"}, "always stay close to the given picture"),
    ("openai", {"model": "gpt-image-2.5-flare", "input_fidelity": "low"}, "always stay close to the given picture"),
    ("openai", {"model": "gpt-image-1-mini", "input_fidelity": "high"}, "choose low"),
    ("openai", {"moderation": "low"}, "edits take no moderation level"),
    ("vllm-omni", {"stream": True}, "only multi-stage models stream edits"),
    ("recraft", {"strength": 1.5}, "0 to 1 are allowed"),
]


@pytest.mark.parametrize(("name", "typed", "says"), REFUSED, ids=[f"{row[0]}-{row[2][:30]}" for row in REFUSED])
def test_what_a_server_would_refuse_is_said_beforehand(name: str, typed: dict[str, Any], says: str) -> None:
    """One fault, the document's rule, and nothing is sent."""
    found = faults(name, **typed)

    assert len(found) == 1
    assert says in found[0]


ALLOWED: list[tuple[str, dict[str, Any]]] = [
    ("openai", {"images": 16}),
    ("openai", {"mask": MASK}),
    ("openai", {"markup": ARROWS, "model": "gpt-image-2.5-sunburst-2026-09-08"}),
    ("openai", {"model": "gpt-image-1.5", "input_fidelity": "high"}),
    ("openai", {"model": "gpt-image-1-mini", "input_fidelity": "low"}),
    ("vllm-omni", {"size": "auto"}),
    ("localai", {"mask": MASK}),
    ("recraft", {"strength": 0.0}),
    ("generic", {"images": 40, "mask": MASK}),
]


@pytest.mark.parametrize(("name", "typed"), ALLOWED)
def test_what_a_server_takes_is_not_refused(name: str, typed: dict[str, Any]) -> None:
    """What the document allows for edits has no fault, also where new pictures have another rule."""
    assert faults(name, **typed) == []


def test_a_picture_too_large_for_the_server_is_named() -> None:
    """The message says how large it is, and the bound."""
    large = replace(CAT, size_bytes=60_000_000, name="wall.png")
    request = ImageRequest(prompt="a fox", model="gpt-image-2", sources=(large,))

    assert [f"{fault.message} {fault.remedy}" for fault in DIALECTS["openai"].faults(request)] == [
        "wall.png has 60.0 MB; at most 50 MB are allowed. Give a smaller one."
    ]


def test_a_new_picture_keeps_its_own_rules() -> None:
    """What differs for edits does not reach a request without pictures."""
    request = ImageRequest(prompt="a fox", model="gpt-image-2", options={"moderation": "low"})

    assert DIALECTS["openai"].faults(request) == ()
