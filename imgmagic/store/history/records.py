"""A record: one generation as the history keeps it; it knows nothing of databases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.origin import Origin
from imgmagic.domain.request import ImageRequest, identity
from imgmagic.domain.usage import Usage
from imgmagic.store.stored_image import StoredImage, UnfetchedImage

RUNNING = "running"


@dataclass(frozen=True, kw_only=True)
class SweepCell:
    """Say which cell of a sweep a generation is.

    Args:
        sweep_id: the sweep's number.
        key: what the cell is: the same request, wherever it is sent, has the same.
        values: the axis values by the axes' names.
        take: which of the cell's takes it is, from 0.
        is_claimed: whether nobody else may draw it; False to draw it whoever else does.
    """

    sweep_id: int
    key: str
    values: Mapping[str, JsonValue]
    take: int = 0
    is_claimed: bool = True


class CellTaken(Exception):
    """Carry the generation that somebody has drawn, or is drawing, for a cell that was to be recorded."""

    def __init__(self, generation_id: int) -> None:
        super().__init__(f"generation {generation_id} is this cell")
        self.generation_id = generation_id


@dataclass(frozen=True, kw_only=True)
class SweepRecord:
    """One sweep as the history keeps it.

    Args:
        id: its number; None before it is written.
        template: the prompt as typed.
        axes: what it varies, in the form that the sweep itself reads back.
        options: what all its cells have in common, in the same way.
    """

    template: str
    axes: JsonValue
    session: str
    created_at: datetime
    id: int | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    notebook: str | None = None
    user: str | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    """What is known of a generation before its request leaves.

    Args:
        request: what is sent; its options are the parameters, and its pictures are known by their hashes.
        at: when it is sent, by the caller's clock; its date is the day that the cost counts for.
        session: the name of the session that sends it.
        drawn_at: when the images were drawn that are replayed or shown again; None where they are drawn now.
        notebook: the notebook's name, where known.
        at_most: what it cannot exceed in cost, to be reserved under a budget.
        price_date: the date of the price table.
        server: the address that is asked, without user, password and query.
        distinct_server: what tells it from others, where that is more; it is hashed, and kept nowhere.
        user: who draws it.
        cell: which cell of a sweep it is.
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
    server: str | None = None
    distinct_server: str | None = None
    user: str | None = None
    cell: SweepCell | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """One generation as the history keeps it.

    Args:
        status: "running", or how it ended (`imgmagic.domain.generation.Status`).
        started: what was known before the request left.
        done_at: when it ended.
        error_class, error_message: how it failed.
        reserved: what is set aside for it under a budget, while its cost, or that of some of its images, is not known.
        released: what was set aside for it until somebody gave it back by hand.
        star: whether the generation itself, or one of its images, is starred.
        images: the finished pictures; nothing else is its result.
        partials: the last partial images of pictures that were not finished.
        derived: pictures made here from the finished ones.
        unfetched: pictures that the server gave as addresses, and that are not here.
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
    released: Decimal | None = None
    star: bool = False
    note: str = ""
    images: tuple[StoredImage, ...] = ()
    partials: tuple[StoredImage, ...] = ()
    derived: tuple[StoredImage, ...] = ()
    unfetched: tuple[UnfetchedImage, ...] = ()

    @property
    def rating(self) -> int | None:
        """Return the best rating among its images; None where none is rated."""
        return max((image.rating for image in self.images if image.rating is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class HistoryQuery:
    """Which records to show, newest first; what is None does not matter.

    Args:
        text: words that must all occur in the prompt, the notes or the tags; parts of words count.
        tag, star: of the generation, or of one of its images.
        rating: only those with an image rated so high or higher.
        source_id: only those that began from an image of this generation.
        before_id: only records with smaller ids: the last id of the page before.
    """

    text: str = ""
    model: str | None = None
    tag: str | None = None
    status: str | None = None
    star: bool | None = None
    session: str | None = None
    rating: int | None = None
    user: str | None = None
    sweep_id: int | None = None
    source_id: int | None = None
    before_id: int | None = None
    limit: int = 20


def request_key(started: Started) -> str:
    """Return what identical requests to one server have in common; how the images arrive does not matter."""
    server = started.distinct_server or started.server
    return identity(started.request, provider=started.provider, server=server)
