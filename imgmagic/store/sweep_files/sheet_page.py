"""A contact sheet as one HTML page that holds its pictures: any browser draws any script, and alt texts are kept."""

from collections.abc import Mapping

from imgmagic.display.data_uri import data_uri
from imgmagic.display.pages import render_page
from imgmagic.display.request_line import describe_cell
from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.domain.sweep_shape import SweepGrid
from imgmagic.errors import StoreError
from imgmagic.store.images.previews import make_preview
from imgmagic.store.sweep_files.sheet_head import SheetHead
from imgmagic.store.sweep_files.sheet_image import missing_words

_SIDE, _SHOWN, _QUALITY, _MOST_BYTES = 640, 320, 85, 150_000


def sheet_page(sweep: Sweep, head: SheetHead) -> str:
    """Return the page."""
    by_number = {cell.cell.number: cell for cell in sweep.cells}
    grids = [_grid(sweep, grid, by_number) for grid in sweep.shape.grids]
    requests = [describe_cell(cell) for cell in sweep.cells]
    return render_page(__package__, "sheet_page.html.j2", head=head, grids=grids, requests=requests)


def _grid(sweep: Sweep, grid: SweepGrid, by_number: Mapping[int, SweptCell]) -> dict[str, object]:
    rows = [
        {"label": label, "cells": [_cell(sweep, by_number[cell.number]) for cell in cells]}
        for label, cells in zip(grid.rows, grid.cells, strict=True)
    ]
    takes = max((len(cell.generation.images) for cell in by_number.values() if cell.generation is not None), default=1)
    return {
        "title": grid.title,
        "across": grid.across,
        "down": grid.down,
        "columns": grid.columns,
        "rows": rows,
        "abreast": len(grid.columns) * max(takes, 1),
    }


def _cell(sweep: Sweep, cell: SweptCell) -> dict[str, object]:
    pictures, words = [], [missing_words(cell)]
    images = () if cell.generation is None else cell.generation.images
    for number in range(len(images)):
        try:
            pictures.append(_picture(images[number], f"{sweep.alt or cell.prompt} ({cell.cell.title})"))
        except StoreError as error:  # it must not cost the sheet
            words.append(error.message)
    return {"pictures": pictures, "words": " ".join(filter(None, words))}


def _picture(image: GeneratedImage, alt: str) -> dict[str, object]:
    preview = make_preview(image.data, longest_side=_SIDE, quality=_QUALITY, most_bytes=_MOST_BYTES)
    scale = min(1.0, _SHOWN / max(preview.width, preview.height, 1))  # a small picture is not blown up
    return {
        "alt": alt,
        "width": max(1, round(preview.width * scale)),
        "height": max(1, round(preview.height * scale)),
        "source": data_uri(preview.data, preview.format),
    }
