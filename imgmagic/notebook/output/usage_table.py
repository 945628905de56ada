"""Usage as a table with bars, in HTML and plain text."""

from collections.abc import Sequence
from decimal import Decimal

from imgmagic.display.amounts import describe_cost, describe_totals
from imgmagic.domain.origin import Origin
from imgmagic.domain.totals import Totals
from imgmagic.notebook.output.table import Column, Row, TableCell, table_html, table_text
from imgmagic.store.usage_report import UsageReport

_WIDE = 160  # CSS pixels of the longest bar


_BLOCKS = 16  # characters of the longest bar


_MOST = 40  # rows


def usage_html(found: UsageReport, lines: Sequence[str] = ()) -> str:
    """Return what was used as a table with bars."""
    return table_html(_columns(found), _rows(found), caption="\n".join([_title(found), *lines]))


def usage_text(found: UsageReport, lines: Sequence[str] = ()) -> str:
    """Return what was used as text with bars."""
    title = [_title(found), *lines]
    return "\n".join([*title, table_text(_columns(found), _rows(found))] if found.rows else title)


def _title(found: UsageReport) -> str:
    if found.by == "tag":  # adding up would count twice
        return "all sessions; what has several tags counts under each"
    return f"{'this session' if found.session else 'all sessions'}, asked of servers: {describe_totals(found.live)}"


def _columns(found: UsageReport) -> tuple[Column, ...]:
    return (
        Column(title=found.by, is_long=True),
        Column(title="generations", is_number=True),
        Column(title="images", is_number=True),
        Column(title="tokens", is_number=True),
        Column(title="cost", is_number=True),
        Column(title="compared by cost" if _by_cost(found) else "compared by images"),
    )


def _rows(found: UsageReport) -> list[Row]:
    rows = found.rows[:_MOST]
    amounts = [_amount(row, by_cost=_by_cost(found)) for row in rows]
    most = max(amounts, default=Decimal(0)) or Decimal(1)
    return [_row(row, float(amount / most)) for row, amount in zip(rows, amounts, strict=True)]


def _row(row: Totals, share: float) -> Row:
    key = row.key or "no name"
    return (
        key if row.origin is Origin.LIVE else f"{key} ({row.origin})",
        f"{row.generations:,}",
        f"{row.images:,}",
        "unknown" if row.usage.total_tokens is None else f"{row.usage.total_tokens:,}",
        describe_cost(row),
        _bar(share),
    )


def _by_cost(found: UsageReport) -> bool:
    return bool(found.live.cost)


def _amount(row: Totals, *, by_cost: bool) -> Decimal:
    if by_cost:
        return (row.cost or Decimal(0)) if row.origin is Origin.LIVE else Decimal(0)
    return Decimal(row.images)


def _bar(share: float) -> TableCell:
    """Return a bar; the numbers beside it say the same to those who cannot see it."""
    colour = "background:var(--jp-brand-color1,#1976d2)"
    return TableCell(
        text="█" * round(share * _BLOCKS) or "·",
        html=f'<div aria-hidden="true" style="width:{round(share * _WIDE)}px;height:10px;{colour}"></div>',
    )
