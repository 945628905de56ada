"""Sweeps made by hand, with small pictures, for what shows or saves them."""

import io
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from PIL import Image

from imgmagic.domain.axes import axis_of
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.picture import Picture
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.domain.sweep_shape import Cell, SweepShape
from imgmagic.errors import ContentRefused
from imgmagic.store.images.copies import save_copies

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def png(shade: int, width: int = 96, height: int = 96) -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), ((shade * 67) % 256, (shade * 131) % 256, 120)).save(file, "PNG")
    return file.getvalue()


def swept(
    vary: Mapping[str, object],
    *,
    n: int = 1,
    failed: Collection[int] = (),
    missing: Collection[int] = (),
    zipped: bool = False,
    template: str = "a lighthouse, {{ style }}",
    side: int = 96,
) -> Sweep:
    """Return a sweep whose cells with these numbers failed or were not drawn, of pictures with sides of `side`."""
    shape = SweepShape(axes=tuple(axis_of(name, values) for name, values in vary.items()), zipped=zipped)
    cells = tuple(_swept(cell, n, cell.number in failed, cell.number in missing, side) for cell in shape.cells)
    return Sweep(id=3, template=template, shape=shape, cells=cells, created_at=AT)


def _swept(cell: Cell, n: int, is_failed: bool, is_missing: bool, side: int) -> SweptCell:
    prompt = f"a lighthouse, {cell.title}"
    if is_missing:
        return SweptCell(cell=cell, prompt=prompt)
    request = ImageRequest(prompt=prompt, model="gpt-image-2", options={"n": n})
    images = tuple(
        GeneratedImage(
            picture=Picture(data=png(cell.number * 7 + take, side, side), format="png", width=side, height=side),
            index=take,
            copier=save_copies,
        )
        for take in range(0 if is_failed else n)
    )
    generation = Generation(
        id=cell.number + 10,
        request=request,
        status=Status.FAILED if is_failed else Status.COMPLETED,
        provider="openai",
        created_at=AT,
        elapsed_s=2.5,
        images=images,
        error=ContentRefused("openai answered 400: <b>blocked</b>.", remedy="Change it.") if is_failed else None,
        cost=Decimal("0.01"),
        copier=save_copies,
    )
    return SweptCell(cell=cell, prompt=prompt, generation=generation)
