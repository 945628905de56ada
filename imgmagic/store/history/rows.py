"""Rows: records as the columns that the database keeps; `reading` is the way back."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from imgmagic.domain.generation import Generation
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.store.history.columns import NANO, DatabaseRow
from imgmagic.store.history.records import RUNNING, Started, SweepCell, SweepRecord, request_key
from imgmagic.store.stored_image import StoredImage, UnfetchedImage

_MOST_TOKENS = 10**12
_SAME_OF_INPUTS = ("sha256", "format", "width", "height", "size_bytes")
_USAGE = tuple(each.name for each in fields(Usage))


def started_row(started: Started) -> dict[str, object]:
    """Return the columns of a generation that is about to be sent."""
    request = started.request
    return {
        "status": RUNNING,
        "origin": str(started.origin),
        "prompt": request.prompt,
        "template": request.template,
        "parameters": json.dumps(request.options, sort_keys=True),
        "request_key": request_key(started),
        "server": started.server,
        "user_name": started.user,
        "provider": started.provider,
        "model": request.model,
        "dialect": started.dialect,
        "session": started.session,
        "notebook": started.notebook,
        "day": f"{started.at:%Y-%m-%d}",
        "sent_at": _time_text(started.at),
        "drawn_at": _time_text(started.drawn_at) if started.drawn_at else None,
        "price_date": started.price_date,
        "reserved": to_nano(started.at_most),
        "estimated": to_nano(started.at_most) or None,
        **_cell_row(started.cell),
    }


def _cell_row(cell: SweepCell | None) -> dict[str, object]:
    if cell is None:
        return {}
    values = json.dumps(cell.values)
    return {"sweep_id": cell.sweep_id, "cell_key": cell.key, "cell_values": values, "take": cell.take}


def settled_row(generation: Generation, found: DatabaseRow, *, unpriced: int) -> dict[str, object]:
    """Return the columns of a generation that ended.

    Images whose bill is unknown keep their share of what was reserved.
    """
    error, usage = generation.error, generation.usage or Usage()
    cost = generation.cost if generation.cost is not None or unpriced else Decimal(0)
    n = max(generation.request.n, 1)
    share = -(-(found["reserved"] or 0) * min(unpriced, n) // n)
    return {
        "status": str(generation.status),
        "done_at": _time_text(generation.created_at + timedelta(seconds=generation.elapsed_s)),
        "elapsed_s": generation.elapsed_s,
        "first_partial_s": generation.first_partial_s,
        "error_class": type(error).__name__ if error else None,
        "error_message": str(error) if error else None,
        "request_id": generation.request_id,
        "cost": to_nano(cost),
        "reserved": share or None,
        **{name: _plausible_count(getattr(usage, name)) for name in _USAGE},
    }


def image_row(generation_id: int, image: StoredImage) -> dict[str, object]:
    """Return the columns of one picture."""
    return {
        "generation_id": generation_id,
        "kind": str(image.kind),
        "position": image.index,
        "sha256": image.sha256,
        "name": image.name,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "revised_prompt": image.revised_prompt,
    }


def input_rows(generation_id: int, request: ImageRequest) -> list[dict[str, object]]:
    """Return the columns of the pictures that go to the server, one row per picture."""
    places: dict[str, int] = {}
    rows = []
    for role, picture in request.inputs:
        places[role] = places.get(role, -1) + 1
        row = {name: getattr(picture, name) for name in _SAME_OF_INPUTS}
        place = {"generation_id": generation_id, "role": role, "position": places[role]}
        said = {"name": picture.name, "changes": json.dumps(picture.changes)}
        origin = picture.origin
        source = {"source_id": origin and origin.generation_id, "source_number": origin and origin.number}
        rows.append({**row, **place, **said, **source})
    return rows


def unfetched_row(generation_id: int, image: UnfetchedImage) -> dict[str, object]:
    """Return the columns of a picture that is not here."""
    place = {"generation_id": generation_id, "position": image.index}
    return {**place, "address": image.address, "reason": image.reason}


def sweep_row(sweep: SweepRecord) -> dict[str, object]:
    """Return the columns of a sweep."""
    return {
        "template": sweep.template,
        "axes": json.dumps(sweep.axes),
        "options": json.dumps(sweep.options),
        "session": sweep.session,
        "created_at": _time_text(sweep.created_at),
        "notebook": sweep.notebook,
        "user_name": sweep.user,
    }


def to_nano(amount: Decimal | None) -> int | None:
    """Return US dollars as whole billionths; a finer figure is rounded up."""
    return None if amount is None else int((amount * NANO).to_integral_value(ROUND_CEILING))


def _time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _plausible_count(count: int | None) -> int | None:
    """Return a count of tokens, or None where no server can have counted so many: sums must fit the columns."""
    return count if count is not None and 0 <= count <= _MOST_TOKENS else None
