"""A request for images, as it was asked: the prompt and only the options that were set."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgmagic.domain.json_types import JsonValue

STREAMING = frozenset({"stream", "partial_images"})  # how the images arrive, not what they show


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """Hold what was asked: the expanded prompt, the model, and the options that someone set.

    Args:
        prompt: the text after `{{ }}` expansion.
        model: the model's name as the user knows it; a dialect may spell it otherwise on the wire.
        options: body parameters by name; nothing here is a default that nobody chose.
        template: the prompt as typed, where expansion changed it.
        explicit: names of options typed for this call, as opposed to taken from settings.
    """

    prompt: str
    model: str | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    template: str | None = None
    explicit: frozenset[str] = frozenset()

    @property
    def n(self) -> int:
        """Return how many images were asked for; 1 unless set."""
        n = self.options.get("n")
        return n if isinstance(n, int) and not isinstance(n, bool) else 1

    @property
    def stream(self) -> bool:
        """Return whether the images shall be streamed."""
        return self.options.get("stream") is True

    @property
    def partial_images(self) -> int:
        """Return how many partial images were asked for, per image."""
        partials = self.options.get("partial_images")
        return partials if self.stream and isinstance(partials, int) else 0
