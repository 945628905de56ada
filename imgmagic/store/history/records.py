"""A record: one generation as the history keeps it, and its way into rows and back; it knows nothing of databases."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from imgmagic.domain.generation import Generation
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.request import STREAMING, ImageRequest
from imgmagic.domain.totals import Origin, Totals
from imgmagic.domain.usage import Usage

RUNNING = "running"
_NANO = 1_000_000_000  # money is whole billionths of a dollar in the database: sums are exact
_MOST_TOKENS = 10**12
_USAGE = tuple(each.name for each in fields(Usage))

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """Say what a picture is and where the image store keeps it.

    Args:
        sha256: the hash of its bytes, by which the store finds it.
        name: its name for people, relative to the store; the original's own where it has no other.
        index: which image of its generation it is, from 0.
    """

    sha256: str
    name: str
    format: str
    width: int
    height: int
    index: int = 0
    revised_prompt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    """What is known of a generation before its request leaves.

    Args:
        request: what is sent; its options are the parameters.
        at: when it is sent, by the caller's clock; its date is the day that the cost counts for.
        session: the name of the session that sends it.
        drawn_at: when the images were drawn that are replayed or shown again; None where they are drawn now.
        notebook: the notebook's name, where known.
        at_most: what it cannot exceed in cost, to be reserved under a budget.
        price_date: the date of the price table.
    """

    request: ImageRequest
    provider: str
    dialect: str
    session: str
    at: datetime
    origin: Origin = Origin.LIVE
    drawn_at: datetime | None = None
    notebook: str | None = None
    at_most: Decimal | None = None
    price_date: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Record:
    """One generation as the history keeps it.

    Args:
        status: "running", or how it ended (`imgmagic.domain.generation.Status`).
        started: what was known before the request left.
        done_at: when it ended.
        error_class, error_message: how it failed.
        reserved: what is set aside for it under a budget, while its cost, or that of some of its images, is not known.
    """

    id: int
    status: str
    started: Started
    done_at: datetime | None = None
    elapsed_s: float | None = None
    first_partial_s: float | None = None
    error_class: str | None = None
    error_message: str | None = None
    request_id: str | None = None
    usage: Usage | None = None
    cost: Decimal | None = None
    reserved: Decimal | None = None
    star: bool = False
    note: str = ""
    images: tuple[StoredImage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HistoryQuery:
    """Which records to show, newest first; what is None does not matter.

    Args:
        text: words that must all occur in the prompt, the note or the tags; parts of words count.
        before_id: only records with smaller ids: the last id of the page before.
    """

    text: str = ""
    model: str | None = None
    tag: str | None = None
    status: str | None = None
    star: bool | None = None
    session: str | None = None
    before_id: int | None = None
    limit: int = 20


def request_key(provider: str, request: ImageRequest) -> str:
    """Return what identical requests have in common; how the images arrive does not matter."""
    options = {name: value for name, value in request.options.items() if name not in STREAMING}
    asked = {"provider": provider, "model": request.model, "prompt": request.prompt, "options": options}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def started_row(started: Started) -> dict[str, Any]:
    """Return the columns of a generation that is about to be sent."""
    request = started.request
    return {
        "status": RUNNING,
        "origin": str(started.origin),
        "prompt": _text(request.prompt),
        "template": _text(request.template),
        "parameters": json.dumps(request.options, sort_keys=True),
        "request_key": request_key(started.provider, request),
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
    }


def settled_row(generation: Generation, *, reserved: int | None, unpriced: int) -> dict[str, Any]:
    """Return the columns of a generation that ended; images whose bill is unknown keep their share of `reserved`."""
    error, usage = generation.error, generation.usage or Usage()
    cost = generation.cost if generation.cost is not None or unpriced else Decimal(0)
    n = max(generation.request.n, 1)
    return {
        "status": str(generation.status),
        "done_at": _time_text(generation.created_at + timedelta(seconds=generation.elapsed_s)),
        "elapsed_s": generation.elapsed_s,
        "first_partial_s": generation.first_partial_s,
        "error_class": type(error).__name__ if error else None,
        "error_message": _text(str(error)) if error else None,
        "request_id": generation.request_id,
        "cost": to_nano(cost),
        "reserved": -(-reserved * min(unpriced, n) // n) if reserved and unpriced else None,
        **{name: _believed(getattr(usage, name)) for name in _USAGE},
    }


def image_row(generation_id: int, image: StoredImage) -> dict[str, Any]:
    """Return the columns of one picture."""
    return {
        "generation_id": generation_id,
        "position": image.index,
        "sha256": image.sha256,
        "name": image.name,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "revised_prompt": _text(image.revised_prompt),
    }


def record(row: Row, images: Iterable[Row], tags: Iterable[str]) -> Record:
    """Return the record that these rows hold."""
    return Record(
        id=row["id"],
        status=row["status"],
        started=_started(row, tuple(tags)),
        done_at=_time(row["done_at"]),
        elapsed_s=row["elapsed_s"],
        first_partial_s=row["first_partial_s"],
        error_class=row["error_class"],
        error_message=row["error_message"],
        request_id=row["request_id"],
        usage=usage(row),
        cost=from_nano(row["cost"]),
        reserved=from_nano(row["reserved"]),
        star=bool(row["star"]),
        note=row["note"],
        images=tuple(stored_image(image) for image in images),
    )


def usage(row: Row) -> Usage | None:
    """Return the usage columns of a row; None when the server counted nothing."""
    found = Usage(**{name: row[name] for name in _USAGE})
    return None if found == Usage() else found


def totals(row: Row) -> Totals:
    """Return the totals that a row holds."""
    return Totals(
        key=row["name"],
        origin=Origin(row["origin"]),
        generations=row["generations"],
        images=row["images"],
        usage=usage(row) or Usage(),
        cost=from_nano(row["cost"]),
        unknown_costs=row["unknown_costs"],
    )


def to_nano(amount: Decimal | None) -> int | None:
    """Return US dollars as whole billionths; a finer figure is rounded up."""
    return None if amount is None else int((amount * _NANO).to_integral_value(ROUND_CEILING))


def from_nano(amount: int | None) -> Decimal | None:
    """Return whole billionths as US dollars."""
    return None if amount is None else (Decimal(amount) / _NANO).normalize()


def _started(row: Row, tags: tuple[str, ...]) -> Started:
    parameters: Mapping[str, JsonValue] = json.loads(row["parameters"])
    return Started(
        request=ImageRequest(prompt=row["prompt"], template=row["template"], model=row["model"], options=parameters),
        provider=row["provider"],
        dialect=row["dialect"],
        session=row["session"],
        at=datetime.fromisoformat(row["sent_at"]),
        drawn_at=_time(row["drawn_at"]),
        origin=Origin(row["origin"]),
        notebook=row["notebook"],
        price_date=row["price_date"],
        tags=tags,
    )


def stored_image(row: Row) -> StoredImage:
    """Return the picture that a row holds."""
    names = {each.name for each in fields(StoredImage)} - {"index"}
    return StoredImage(index=row["position"], **{name: row[name] for name in names})


def _time_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _believed(count: int | None) -> int | None:
    """Return a count of tokens, or None where no server can have counted so many: sums must fit the columns."""
    return count if count is not None and 0 <= count <= _MOST_TOKENS else None


def _text(text: str | None) -> str | None:
    """Return text that every database takes: PostgreSQL has no NUL, and none takes half a surrogate pair."""
    return None if text is None else text.replace("\x00", "").encode("utf-8", "replace").decode()
