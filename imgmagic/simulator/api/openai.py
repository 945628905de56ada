"""OpenAI's reading of a request body: every parameter of "Create an image", checked as the real server does."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final, NoReturn

from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.checks import Check, boolean, check_known, integer, one_of, refuse, refuse_type, svg, text
from imgmagic.simulator.api.refusals import Refusal, RefusedError

MODELS: Final = (
    "gpt-image-2.5-flare",
    "gpt-image-2.5-flare-2026-09-08",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.5-sunburst-2026-09-08",
    "gpt-image-2.6-flare",
    "gpt-image-2.6-sunburst",
    "gpt-image-2",
    "gpt-image-2-2026-04-21",
    "gpt-image-1.5",
    "gpt-image-1-mini",
    "chatgpt-image-latest",
)
# The reference's default, dall-e-2, was shut down: the first model that it lists replaces it.
_DEFAULT_MODEL: Final = "gpt-image-1.5"
_RETIRED: Final[Mapping[str, str]] = {
    "dall-e-2": "2026-05-12",
    "dall-e-3": "2026-05-12",
    "gpt-image-1": "2026-10-23",
}
_FIXED_SIZES: Final = ("1024x1024", "1024x1536", "1536x1024", "auto")
_PLAIN_QUALITIES: Final = ("low", "medium", "high", "auto")
_STILL_FORMATS: Final = ("png", "jpeg", "webp")


@dataclass(frozen=True, kw_only=True)
class _Family:
    models: str
    has_free_sizes: bool
    qualities: tuple[str, ...]


_FAMILIES: Final = (
    _Family(
        models="gpt-image-2.[56]*", has_free_sizes=True, qualities=("low", "medium", "high", "xhigh", "max", "auto")
    ),
    _Family(models="gpt-image-2*", has_free_sizes=True, qualities=_PLAIN_QUALITIES),
    _Family(models="*", has_free_sizes=False, qualities=_PLAIN_QUALITIES),
)


def read_openai(body: Body) -> Call:
    """Return the call, or raise OpenAI's refusal."""
    model = read_model(body)
    return read_parameters(body, model, CHECKED, auto_size=(1024, 1024))


def read_parameters(body: Body, model: str, checks: Mapping[str, Check], *, auto_size: tuple[int, int]) -> Call:
    """Return the call of a body, validated by `checks`; `auto_size` is in pixels."""
    check_known(body, checks)
    family = next(row for row in _FAMILIES if fnmatch(model, row.models))
    one_of(*family.qualities)("quality", body.get("quality") or "auto")
    for check_together in _TOGETHER:
        check_together(body)
    size = str(body.get("size") or "auto")
    return _call(body, model, auto_size if size == "auto" else _size(size, family))


def _call(body: Body, model: str, size: tuple[int, int]) -> Call:
    quality, background = (str(body.get(name) or "auto") for name in ("quality", "background"))
    identifier = body.get("safety_identifier")
    return Call(
        prompt=str(body["prompt"]),
        model=model,
        width=size[0],
        height=size[1],
        n=_whole(body, "n", 1),
        quality="medium" if quality == "auto" else quality,
        background="opaque" if background == "auto" else background,
        output_format=str(body.get("output_format") or "png"),
        compression=_whole(body, "output_compression", 100),
        is_streamed=bool(body.get("stream")),
        partial_images=_whole(body, "partial_images", 0),
        frame_count=_whole(body, "frame_count", 9),
        frame_duration_ms=_whole(body, "frame_duration_ms", 200),
        safety_identifier=str(identifier) if identifier else None,
    )


def _whole(body: Body, name: str, default: int) -> int:
    value = body.get(name)
    return value if isinstance(value, int) else default


def read_model(body: Body) -> str:
    """Return the model, or raise the 404 for an unknown one."""
    model = body.get("model")
    if model is None:
        return _DEFAULT_MODEL
    if not isinstance(model, str):
        refuse_type("model", model, "a string")
    if model in _RETIRED:
        _refuse_model(f"The model `{model}` was shut down on {_RETIRED[model]}. Use gpt-image-2.5-flare instead.")
    if model not in MODELS:
        _refuse_model(f"The model `{model}` does not exist or you do not have access to it.")
    return model


def _refuse_model(message: str) -> NoReturn:
    raise RefusedError(Refusal(status=404, message=message, code="model_not_found", param="model"))


CHECKED: Final[Mapping[str, Check]] = {
    "prompt": text(32_000),
    "n": integer(1, 10),
    "size": text(),
    "quality": text(),
    "background": one_of("transparent", "opaque", "auto"),
    "output_format": one_of(*_STILL_FORMATS, "gif", "svg"),
    "output_compression": integer(0, 100),
    "moderation": one_of("low", "auto"),
    "stream": boolean,
    "partial_images": integer(0, 3),
    "complexity": one_of("low", "medium", "high"),
    "frame_count": integer(2, 16),
    "frame_duration_ms": integer(1, 10_000_000),
    "svg": svg,
    "safety_identifier": text(),
    "user": text(),
}


def _check_partials(body: Body) -> None:
    if body.get("partial_images") is not None and not body.get("stream"):
        refuse("'partial_images' is only supported when 'stream' is true.", "partial_images", "invalid_value")


def _check_compression(body: Body) -> None:
    # 100 with png is in the reference's own example: it asks for no loss, as png has.
    if body.get("output_compression") in (None, 100) or body.get("output_format") in ("jpeg", "webp"):
        return
    shown = str(body.get("output_format") or "png").upper()
    message = f"Compression less than 100 is not supported for {shown} output format."
    refuse(message, "output_compression", "invalid_value", kind="image_generation_user_error")


def _check_transparency(body: Body) -> None:
    if body.get("background") == "transparent" and body.get("output_format") == "jpeg":
        message = "Transparent background is not supported for JPEG output format."
        refuse(message, "background", "invalid_value", kind="image_generation_user_error")


def _check_moving(body: Body) -> None:
    kind = body.get("output_format")
    for name in ("frame_count", "frame_duration_ms"):
        if body.get(name) is not None and kind != "gif":
            refuse(f"'{name}' is only supported when 'output_format' is 'gif'.", name, "invalid_value")
    if body.get("svg") is not None and kind != "svg":
        refuse("'svg' is only supported when 'output_format' is 'svg'.", "svg", "invalid_value")
    if body.get("stream") and kind in ("gif", "svg"):
        refuse(f"'stream' is not supported when 'output_format' is '{kind}'.", "stream", "invalid_value")
    if kind == "svg" and body.get("n") not in (None, 1):
        refuse("'n' must be 1 when 'output_format' is 'svg'.", "n", "invalid_value")


_TOGETHER: Final = (_check_partials, _check_compression, _check_transparency, _check_moving)


def _size(size: str, family: _Family) -> tuple[int, int]:
    if not family.has_free_sizes:
        one_of(*_FIXED_SIZES)("size", size)
    parts = size.split("x")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        refuse(f"Invalid size '{size}'. Expected 'auto' or WIDTHxHEIGHT.", "size", "invalid_value")
    width, height = int(parts[0]), int(parts[1])
    fault = _size_fault(width, height)
    if fault:
        refuse(f"Invalid size '{size}'. {fault}", "size", kind="image_generation_user_error")
    return width, height


def _size_fault(width: int, height: int) -> str | None:
    rules = (
        (max(width, height) > 3840, "The longest edge must be ≤ 3840."),
        (width % 16 or height % 16, "Width and height must both be divisible by 16."),
        (max(width, height) > 3 * min(width, height), "The aspect ratio must be between 1:3 and 3:1."),
        (width * height < 655_360, "The size is below the current minimum pixel budget of 655360."),
        (width * height > 8_294_400, "The size is above the current maximum pixel budget of 8294400."),
    )
    return next((message for is_broken, message in rules if is_broken), None)
