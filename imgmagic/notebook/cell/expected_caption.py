"""The caption that a run will end with, guessed before it starts, so the live view reserves as many lines."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.picture import Picture
from imgmagic.domain.usage import Usage
from imgmagic.notebook.output.figure import caption_lines
from imgmagic.notebook.output.tile_size import asked_aspect
from imgmagic.runs.plan import Plan

_UNKNOWN_SIDE = 1024
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def expect_caption(plan: Plan, notices: Sequence[str] = ()) -> str:
    """Return the caption of a successful run, with numbers as long as the real ones will be."""
    request = plan.request
    width, height = asked_aspect(request.options.get("size"))
    if width * height < _UNKNOWN_SIDE:  # no size, or an aspect such as 3:2
        width = height = _UNKNOWN_SIDE
    picture = Picture(data=b"", format=str(request.options.get("output_format", "png")), width=width, height=height)
    done = Generation(
        id=100,
        request=request,
        status=Status.COMPLETED,
        provider=plan.provider.name,
        created_at=_NEVER,
        elapsed_s=10.0,
        first_partial_s=1.0 if request.partial_images else None,
        images=(GeneratedImage(picture=picture),),
        usage=Usage(total_tokens=1000),
        cost=Decimal(1),
        simulated=plan.is_simulated,
        replayed=None if plan.route.recording is None else _NEVER,
        left_out=plan.left_out,
        notices=tuple(notices),
    )
    return "\n".join(caption_lines(done))
