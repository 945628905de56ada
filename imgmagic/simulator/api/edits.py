"""OpenAI's reading of "Create image edit": the parameters of a generation, with a few more rules about pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.checks import Check, one_of, refuse
from imgmagic.simulator.api.openai import CHECKED, read_model, read_parameters

if TYPE_CHECKING:
    from PIL import Image

# `moderation` is only in the schema of the JSON form.
JSON_CHECKS: Final[Mapping[str, Check]] = {**CHECKED, "input_fidelity": one_of("high", "low")}
FORM_CHECKS: Final[Mapping[str, Check]] = {name: check for name, check in JSON_CHECKS.items() if name != "moderation"}
_WITH_FIDELITY: Final = ("gpt-image-1", "chatgpt-image")
_WITH_MARKUP: Final = "gpt-image-2.5"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Hold what an edit starts from.

    Args:
        images: upright, in the order of the request.
        mask: of the first image's size; its alpha is 0 where the picture may change.
        markup: instructions drawn over the first image, of the same size.
    """

    images: "tuple[Image.Image, ...]"
    mask: "Image.Image | None" = None
    markup: "Image.Image | None" = None


def read_edit(body: Body, sources: Sources, *, is_form: bool) -> Call:
    """Return the call, or raise OpenAI's refusal."""
    model = read_model(body)
    checks = FORM_CHECKS if is_form else JSON_CHECKS
    call = read_parameters(body, model, checks, auto_size=_auto_size(sources))
    _check_fidelity(body, model)
    _check_files(body, model, sources)
    fidelity = str(body.get("input_fidelity") or "low")
    return replace(call, sources=sources.images, mask=sources.mask, input_fidelity=fidelity)


def _auto_size(sources: Sources) -> tuple[int, int]:
    """Return the common size whose ratio is nearest to the first picture's."""
    width, height = sources.images[0].size
    if 4 * width > 5 * height:
        return 1536, 1024
    return (1024, 1536) if 4 * height > 5 * width else (1024, 1024)


# Newer models take every picture at one fidelity, and answer with an error if the parameter is there at all.
def _check_fidelity(body: Body, model: str) -> None:
    fidelity = body.get("input_fidelity")
    if fidelity is None:
        return
    if not model.startswith(_WITH_FIDELITY):
        message = f"The model '{model}' does not support the 'input_fidelity' parameter."
        refuse(message, "input_fidelity", "invalid_input_fidelity_model")
    if fidelity == "high" and model == "gpt-image-1-mini":
        message = f"The model '{model}' supports only the 'input_fidelity' value 'low'."
        refuse(message, "input_fidelity", "invalid_input_fidelity_model")


def _check_files(body: Body, model: str, sources: Sources) -> None:
    if sources.mask and body.get("output_format") == "gif":
        refuse("'mask' is not supported when 'output_format' is 'gif'.", "mask", "invalid_value")
    if sources.markup is None:
        return
    if not model.startswith(_WITH_MARKUP):
        refuse(f"The model '{model}' does not support the 'markup' parameter.", "markup", "unsupported_parameter")
    if sources.mask:
        refuse("'mask' and 'markup' cannot be used together.", "markup", "invalid_value")
