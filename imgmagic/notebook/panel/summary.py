"""The totals of a panel, and the summary that a saved notebook keeps of it: plain HTML with the last pictures."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from imgmagic.display.amounts import describe_cost, describe_totals
from imgmagic.display.data_uri import data_uri
from imgmagic.display.sanitize import NO_MATH, shorten, to_html
from imgmagic.domain.local_time import local_time
from imgmagic.domain.origin import Origin
from imgmagic.domain.totals import Totals
from imgmagic.errors import StoreError
from imgmagic.notebook.output.style import CAPTION
from imgmagic.notebook.panel.shown import ModelTotals
from imgmagic.notebook.panel.to_page import Totals as PanelTotals
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import HistoryQuery

_LAST = 6
_SIDE, _QUALITY = 160, 70


def overview(archive: Archive) -> PanelTotals:
    """Return what was taken up to now; what was forgotten since stays in it, as money spent is spent."""
    history, day = archive.history, local_time(datetime.now(UTC)).date()
    session, today = _by_model(history.tally(session=archive.session)), _by_model(history.tally(day=day))
    names = dict.fromkeys([*today, *session])
    return PanelTotals(
        session=_in_words(history.totals("session", key=archive.session)),
        today=_in_words(history.totals("day", key=f"{day:%Y-%m-%d}")),
        models=tuple(
            ModelTotals(model=name, session=_amounts(session.get(name)), today=_amounts(today.get(name)))
            for name in names
        ),
    )


def summary_html(archive: Archive, totals: PanelTotals, place: str) -> str:
    """Return what a saved notebook shows where the panel was; the page hides it while the panel at `place` lives."""
    line = f"imgmagic panel · this session: {totals.session} · this day: {totals.today}"
    pictures = "".join(_pictures(archive))
    return (
        f'<figure {NO_MATH} data-imgmagic-summary="{place}" style="margin:0">'
        f'<div style="display:flex;flex-wrap:wrap;gap:6px">{pictures}</div>'
        f'<figcaption style="{CAPTION}">{to_html(line)}<br>'
        "Run the cell again to open the panel.</figcaption></figure>"
    )


def _pictures(archive: Archive) -> Iterator[str]:
    """Yield the last pictures of the session."""
    for record in archive.history.page(HistoryQuery(session=archive.session, limit=_LAST)):
        if not record.images or record.images[0].format == "svg":
            continue
        try:
            preview = archive.images.preview(record.images[0].sha256, longest_side=_SIDE, quality=_QUALITY)
        except StoreError:
            continue
        alt, source = to_html(shorten(record.started.request.prompt, 200)), data_uri(preview.data, preview.format)
        yield f'<img alt="{alt}" height="96" style="border-radius:4px" src="{source}">'


def _in_words(rows: Sequence[Totals]) -> str:
    """Return each origin on its own: what was asked of servers first."""
    words = {each.origin: describe_totals(each) for each in rows}
    parts = [words[each] if each is Origin.LIVE else f"{each} {words[each]}" for each in Origin if each in words]
    return "; ".join(parts) or "nothing yet"


def _by_model(rows: Sequence[Totals]) -> dict[str, Totals]:
    """Name the rows by model, and by origin where no server was asked."""
    return {each.key if each.origin is Origin.LIVE else f"{each.key} ({each.origin})": each for each in rows}


def _amounts(total: Totals | None) -> tuple[str, str, str]:
    if total is None:
        return ("0", "–", "–")
    tokens = total.usage.total_tokens
    return (f"{total.images:,}", "–" if tokens is None else f"{tokens:,}", describe_cost(total))
