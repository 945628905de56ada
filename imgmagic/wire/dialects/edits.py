"""Edits: how one kind of server takes pictures to start from; the columns of a dialect that plain requests lack.

There are two conventions. Some servers have a separate endpoint (OpenAI's edits, as a multipart form or as JSON),
others take references inside the request for a new picture. Masks differ in name and polarity, so what is sent is
always rendered from the one internal form (`domain.mask`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from imgmagic.domain.json_types import JsonObject
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Combination, Fault, Rule, Treatment
from imgmagic.domain.wording import listed

MEGABYTE = 1_000_000
MOST_BYTES_IN_JSON = 15 * MEGABYTE  # in base64 they stay below the 20,971,520 characters that an address may have


class BodyFormat(StrEnum):
    """How pictures travel."""

    MULTIPART = "multipart"
    JSON = "JSON"  # base64 in `data:` addresses


class Polarity(StrEnum):
    """What a mask shows where the picture may change."""

    TRANSPARENT = "transparent may change"
    WHITE = "white may change"


@dataclass(frozen=True, kw_only=True)
class MaskField:
    """How a server takes a mask: the field's name, its polarity, and how large its file may be."""

    name: str = "mask"
    polarity: Polarity = Polarity.TRANSPARENT
    most_bytes: int = 4 * MEGABYTE


Placed = Callable[[Sequence[str]], JsonObject]
"""Where the `data:` addresses of pictures go in a JSON body: addresses -> body keys."""


def _no_place(addresses: Sequence[str]) -> JsonObject:
    return {"images": [{"image_url": address} for address in addresses]}


@dataclass(frozen=True, kw_only=True)
class Edits:
    """Say how one kind of server takes pictures.

    Args:
        form: a multipart form, or JSON.
        path: what follows the base URL; None if references go into the request for a new picture.
        one, several: the name of a picture's part if there is one picture, and if there are several.
        place: where the pictures go in JSON.
        most: how many pictures a request may carry; None if no document says.
        most_bytes: the largest file of one picture.
        formats: those that the server reads; others are converted to the first.
        mask: how it takes a mask; None if it takes none.
        masked: the row for a request with a mask, if that goes elsewhere.
        no_mask: why there is no mask, in a few words.
        markup: patterns of the models that take a markup; empty for none.
        streams: whether an edit is streamed when the user does not say; None to do as for new pictures.
        always: body keys that the server needs though nobody sets them.
        rules: which parameters differ from a new picture's.
        families: patterns of models -> what differs for them.
        combinations: rules over several parameters.
        source: the document that the row follows.
    """

    form: BodyFormat = BodyFormat.MULTIPART
    path: str | None = "/images/edits"
    one: str = "image"
    several: str = "image[]"
    place: Placed = _no_place
    most: int | None = None
    most_bytes: int = 50 * MEGABYTE
    formats: tuple[str, ...] = ("png", "jpeg", "webp")
    mask: MaskField | None = None
    masked: "Edits | None" = None
    no_mask: str = "this server takes no mask"
    markup: str = ""
    streams: bool | None = None
    always: JsonObject = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    families: tuple[tuple[str, Mapping[str, Rule]], ...] = ()
    combinations: tuple[Combination, ...] = ()
    source: str = ""

    def row_for(self, request: ImageRequest) -> "Edits":
        """Return the row that applies to `request`: a different one if masks go elsewhere."""
        return self.masked if request.mask is not None and self.masked is not None else self

    def rules_for(self, model: str | None) -> Mapping[str, Rule]:
        """Return which parameters differ for `model`; the first family that matches it adds its own."""
        own = next((rules for patterns, rules in self.families if _holds(patterns, model)), {})
        return {**self.rules, **own}

    @property
    def parameters(self) -> frozenset[str]:
        """Return the parameters that a model takes differently, or only, for edits."""
        masked = self.masked.parameters if self.masked is not None else ()
        return frozenset((*self.rules, *(name for _, rules in self.families for name in rules), *masked))

    def field_names(self, count: int) -> tuple[str, ...]:
        """Return the name of each picture's part, for `count` pictures."""
        return (self.one,) if count == 1 else (self.several,) * count

    def faults(self, request: ImageRequest) -> tuple[Fault, ...]:
        """Return what is wrong with the pictures, the mask and the markup of `request`."""
        found = (_too_many(self, request), _mask_fault(self, request), _markup_fault(self, request))
        return (*(fault for fault in found if fault is not None), *_picture_faults(self, request))


def references(addresses: Sequence[str]) -> list[JsonObject]:
    """Return addresses of pictures as content parts (OpenRouter's form)."""
    return [{"type": "image_url", "image_url": {"url": address}} for address in addresses]


def _holds(patterns: str, model: str | None) -> bool:
    return model is not None and any(fnmatchcase(model, pattern) for pattern in patterns.split())


def refuse(parameter: str, message: str, remedy: str) -> Fault:
    """Return the fault of a picture, a mask or a markup that would be refused."""
    return Fault(parameter=parameter, treatment=Treatment.REFUSED, message=message, remedy=remedy)


def _too_many(edits: Edits, request: ImageRequest) -> Fault | None:
    count = len(request.sources)
    if edits.most is None or count <= edits.most:
        return None
    number = "one picture" if edits.most == 1 else f"up to {edits.most} pictures"
    return refuse("image", f"{count} pictures are too many; this server takes {number}.", "Leave some out.")


def _mask_fault(edits: Edits, request: ImageRequest) -> Fault | None:
    if request.mask is None:
        return None
    if edits.mask is None:
        remedy = "Leave it out and say in the prompt what should change, or ask another server."
        return refuse("mask", f"{edits.no_mask}.", remedy)
    if request.markup is not None:
        return refuse("mask", "a mask and a markup cannot be used together.", "Leave one of the two out.")
    if request.options.get("output_format") == "gif":
        return refuse("mask", "gif takes no mask.", "Ask for png, jpeg or webp, or leave the mask out.")
    return None


def _markup_fault(edits: Edits, request: ImageRequest) -> Fault | None:
    if request.markup is None:
        return None
    if not edits.markup:
        return refuse("markup", "this server takes no markup.", "Draw it into the picture itself, or ask OpenAI.")
    if not _holds(edits.markup, request.model):
        models = [pattern for pattern in edits.markup.split() if "*" not in pattern]
        return refuse("markup", f"{request.model} takes no markup.", f"Ask {listed(models)}.")
    return None


def _picture_faults(edits: Edits, request: ImageRequest) -> tuple[Fault, ...]:
    return tuple(
        refuse(
            "image",
            f"{source.name or 'a picture'} has {source.size_bytes / MEGABYTE:.1f} MB; "
            f"at most {edits.most_bytes / MEGABYTE:.0f} MB are allowed.",
            "Give a smaller one.",
        )
        for source in request.sources
        if source.size_bytes > edits.most_bytes
    )


def needs_picture(request: ImageRequest) -> tuple[Fault, ...]:
    """Return the faults of a mask and a markup that come without a picture."""
    if request.sources:
        return ()
    remedy = "Say which picture to start from."
    return tuple(refuse(role, f"a {role} needs a picture to apply to.", remedy) for role, _ in request.inputs)
