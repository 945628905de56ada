"""A comparison of generations: the table of parameters, cost and time; values in, values out."""

from collections.abc import Sequence
from decimal import Decimal

from imgmagic.notebook.panel.form import format_value
from imgmagic.notebook.panel.shown import Row
from imgmagic.store.history.records import Record


def rows(records: Sequence[Record]) -> tuple[Row, ...]:
    """Return the table of parameters, time, tokens and cost."""
    names = dict.fromkeys(name for record in records for name in record.started.request.options)
    return (
        _row("model", [record.started.request.model or "" for record in records]),
        _row("provider", [record.started.provider for record in records]),
        *(_row(name, [_option(record, name) for record in records]) for name in names),
        _row("first partial", [_seconds(record.first_partial_s) for record in records]),
        _row("time", [_seconds(record.elapsed_s) for record in records]),
        _row("tokens", [_tokens(record) for record in records]),
        _row("cost", [cost_text(record) for record in records]),
    )


def cost_text(record: Record) -> str:
    """Return what a generation cost, for people."""
    if record.started.origin != "live":
        return f"nothing ({record.started.origin})"
    return "unknown" if record.cost is None else f"${record.cost.quantize(Decimal('0.0001'))}"


def _row(name: str, values: Sequence[str]) -> Row:
    return Row(name=name.replace("_", " "), values=tuple(values), differs=len(set(values)) > 1)


def _option(record: Record, name: str) -> str:
    options = record.started.request.options
    return format_value(options[name]) if name in options else "–"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _tokens(record: Record) -> str:
    total = record.usage.total_tokens if record.usage else None
    return "–" if total is None else f"{total:,}"
