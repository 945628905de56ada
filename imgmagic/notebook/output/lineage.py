"""What a generation started from and what was derived from it here, as caption lines."""

from collections.abc import Iterator

from imgmagic.domain.generation import Generation
from imgmagic.domain.source_picture import PictureNumber, SourcePicture

PASTED = "original pasted back outside the mask"


def lineage_lines(generation: Generation) -> Iterator[str]:
    """Yield the pictures that a generation started from, and those derived from its own."""
    request = generation.request
    if request.sources:
        roles = [f"{role} {picture.name}".rstrip() for role, picture in request.inputs if role != "image"]
        yield " · ".join([f"from {', '.join(map(_describe_source, request.sources))}", *roles])
    if generation.derived:
        yield f"{', '.join(derived_names(generation))}: {PASTED}; the server's own comes first"


def derived_names(generation: Generation) -> tuple[str, ...]:
    """Return the name of each derived picture: its number in the history, after the server's own pictures."""
    first = len(generation.images) + 1
    if generation.id is None:
        return ("derived",)
    numbers = range(first, first + len(generation.derived))
    return tuple(str(PictureNumber(generation_id=generation.id, number=number)) for number in numbers)


def _describe_source(picture: SourcePicture) -> str:
    changes = f" ({'; '.join(picture.changes)})" if picture.changes else ""
    return f"{picture.name or picture.pixels}{changes}"
