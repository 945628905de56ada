"""A request for images, as made: the prompt, only the options that were set, and what it starts from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.source_picture import SourcePicture

STREAMING = frozenset({"stream", "partial_images"})  # how the images arrive, not what they show


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """Hold a request: the expanded prompt, the model, and the options that someone set.

    Args:
        prompt: the text after `{{ }}` expansion.
        model: the model's name as the user knows it; a dialect may spell it otherwise on the wire.
        options: body parameters by name; nothing here is a default that nobody chose.
        template: the prompt as typed, if expansion changed it.
        explicit: names of options typed for this call, as opposed to taken from settings.
        sources: the pictures that an edit starts from, in order; none for a new picture.
        mask: which part of the first source may change: an 8-bit grey PNG of its size, white where it may.
        markup: drawn instructions, a transparent PNG laid over the first source.
    """

    prompt: str
    model: str | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    template: str | None = None
    explicit: frozenset[str] = frozenset()
    sources: tuple[SourcePicture, ...] = ()
    mask: SourcePicture | None = None
    markup: SourcePicture | None = None

    @property
    def n(self) -> int:
        """Return how many images were asked for; 1 unless set."""
        n = self.options.get("n")
        return n if isinstance(n, int) and not isinstance(n, bool) else 1

    @property
    def stream(self) -> bool:
        """Return whether the images are to be streamed."""
        return self.options.get("stream") is True

    @property
    def partial_images(self) -> int:
        """Return how many partial images were asked for, per image."""
        partials = self.options.get("partial_images")
        return partials if self.stream and isinstance(partials, int) else 0

    @property
    def inputs(self) -> tuple[tuple[str, SourcePicture], ...]:
        """Return every picture that the request carries with its role: image, mask or markup, in that order."""
        optional = (("mask", self.mask), ("markup", self.markup))
        pictures = tuple(("image", source) for source in self.sources)
        return (*pictures, *((role, picture) for role, picture in optional if picture is not None))

    @property
    def input_hashes(self) -> tuple[str, ...]:
        """Return the role and the hash of each picture that the request carries, in order."""
        return tuple(f"{role}:{picture.sha256}" for role, picture in self.inputs)


def identity(request: ImageRequest, **asked: str | None) -> str:
    """Return a SHA-256 that identical requests share; how the images arrive does not matter.

    Args:
        request: the request.
        asked: who is asked, if that matters, under the names `provider` and `server`.
    """
    options = {name: value for name, value in request.options.items() if name not in STREAMING}
    kind = "edit" if request.sources else "generation"
    wanted = {"kind": kind, "model": request.model, "prompt": request.prompt, "options": options}
    return hash_json({**wanted, "inputs": request.input_hashes, **asked})


def hash_json(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def canonical_json(value: object) -> str:
    """Return a value's canonical JSON: names sorted, no spaces, ASCII only."""
    # The standard library's form, because hashes of it must outlive every other JSON writer.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)
