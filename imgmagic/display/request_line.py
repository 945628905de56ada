"""What was asked on one line: of a generation, and of a cell of a sweep."""

import json

from imgmagic.display.sanitize import shorten
from imgmagic.domain.generation import Generation
from imgmagic.domain.sweep import SweptCell


def describe_request(generation: Generation) -> str:
    """Return on one line what was asked and how it ended."""
    number = "" if generation.id is None else f"#{generation.id} "
    options = json.dumps(dict(generation.request.options), default=str, ensure_ascii=False)
    return f"{number}{generation.status}, {generation.model}, {options}: {shorten(generation.prompt, 200)}"


def describe_cell(cell: SweptCell) -> str:
    """Return on one line the values of a cell, what was asked for them, and how it ended."""
    generation = cell.generation
    return f"{cell.cell.title}: {(cell.note or 'not drawn') if generation is None else describe_request(generation)}"
