"""The totals of a panel, and the summary that a saved notebook keeps of it: plain HTML with the last pictures."""

import functools
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from imgmagic.archive import Archive
from imgmagic.console.text import NO_MATH, escaped, shortened
from imgmagic.domain.budget import dollars
from imgmagic.domain.totals import Origin, Totals
from imgmagic.errors import StoreError
from imgmagic.notebook.figure import data_uri
from imgmagic.store.records import HistoryQuery, Record

_LAST = 6
_SIDE, _QUALITY = 160, 70
_MUTED = "color:var(--jp-ui-font-color2,#616161);font-size:var(--jp-ui-font-size1,13px);line-height:1.5"


@dataclass(frozen=True, kw_only=True)
class TotalsRow:
    """One line of the totals: a model, or everything, in this session and today; ready to show."""

    model: str
    session_images: str
    session_tokens: str
    session_cost: str
    today_images: str
    today_tokens: str
    today_cost: str


class Tally:
    """Count what a session and the day took, by model."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def totals(self) -> tuple[TotalsRow, ...]:
        """Return one row a model that was asked, and one for all of them first."""
        history = self._archive.history
        session = _by_model(history.tally(session=self._archive.session))
        today = _by_model(history.tally(day=datetime.now(UTC).date()))
        names = list(dict.fromkeys([*today, *session]))
        everything = _row("all models", _sum(session.values()), _sum(today.values()))
        return (everything, *(_row(n, session.get(n, Totals()), today.get(n, Totals())) for n in names))


def summary_html(archive: Archive, totals: Sequence[TotalsRow], place: str) -> str:
    """Return what a saved notebook shows where the panel was; the page hides it while the panel at `place` lives."""
    everything = totals[0]
    line = (
        f"imgmagic panel · this session {everything.session_images} images, {everything.session_tokens} tokens, "
        f"{everything.session_cost} · this day {everything.today_images} images, {everything.today_tokens} tokens, "
        f"{everything.today_cost}"
    )
    pictures = "".join(_pictures(archive))
    return (
        f'<figure {NO_MATH} data-imgmagic-summary="{place}" style="margin:0">'
        f'<div style="display:flex;flex-wrap:wrap;gap:6px">{pictures}</div>'
        f'<figcaption style="{_MUTED}">{escaped(line)}<br>'
        "Run the cell again to open the panel.</figcaption></figure>"
    )


def _pictures(archive: Archive) -> Iterator[str]:
    """Yield the last pictures of the session."""
    for record in archive.history.page(HistoryQuery(session=archive.session, limit=_LAST)):
        yield from _picture(archive, record)


def _picture(archive: Archive, record: Record) -> Iterator[str]:
    try:
        stored = record.images[0] if record.images else None
        if stored is None or stored.format == "svg":
            return
        preview = archive.images.preview(stored.sha256, longest_side=_SIDE, quality=_QUALITY)
    except StoreError:
        return
    alt = escaped(shortened(record.started.request.prompt, 200))
    yield f'<img alt="{alt}" height="96" style="border-radius:4px" src="{data_uri(preview.data, preview.format)}">'


def _by_model(found: Sequence[Totals]) -> dict[str, Totals]:
    """Add up what models took; only live calls count as tokens and cost of someone's."""
    summed: dict[str, Totals] = {}
    for each in found:
        name = each.key if each.origin is Origin.LIVE else f"{each.key} ({each.origin})"
        summed[name] = summed[name] + each if name in summed else each
    return summed


def _sum(found: Iterable[Totals]) -> Totals:
    return functools.reduce(operator.add, found, Totals())


def _row(model: str, session: Totals, today: Totals) -> TotalsRow:
    return TotalsRow(
        model=model,
        session_images=f"{session.images:,}",
        session_tokens=_tokens(session),
        session_cost=_cost(session),
        today_images=f"{today.images:,}",
        today_tokens=_tokens(today),
        today_cost=_cost(today),
    )


def _tokens(total: Totals) -> str:
    return "–" if total.usage.total_tokens is None else f"{total.usage.total_tokens:,}"


def _cost(total: Totals) -> str:
    unknown = f"{total.unknown_costs} unknown" if total.unknown_costs and total.origin is Origin.LIVE else ""
    if total.cost is None:
        return unknown or "–"
    return " + ".join(filter(None, (dollars(total.cost), unknown)))
