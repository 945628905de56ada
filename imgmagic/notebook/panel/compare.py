"""A comparison of generations: prompts word by word, parameters, cost and time; values in, values out."""

import difflib
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from imgmagic.notebook.panel.form import format_value
from imgmagic.notebook.panel.shown import Piece, Row
from imgmagic.store.history.records import Record

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def word_difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return how `after` differs from `before`, word by word."""
    a, b = _WORDS.findall(before), _WORDS.findall(after)
    return tuple(_pieces(a, b))


def rows(records: Sequence[Record]) -> tuple[Row, ...]:
    """Return the table of parameters, time, tokens and cost."""
    names = dict.fromkeys(name for record in records for name in record.started.request.options)
    found = [
        _row("model", [record.started.request.model or "" for record in records]),
        _row("provider", [record.started.provider for record in records]),
        *(_row(name, [_option(record, name) for record in records]) for name in names),
        _row("first partial", [_seconds(record.first_partial_s) for record in records]),
        _row("time", [_seconds(record.elapsed_s) for record in records]),
        _row("tokens", [_tokens(record) for record in records]),
        _row("cost", [cost_text(record) for record in records]),
    ]
    return tuple(found)


def cost_text(record: Record) -> str:
    """Return what a generation cost, for people."""
    if record.started.origin != "live":
        return f"nothing ({record.started.origin})"
    return "unknown" if record.cost is None else f"${record.cost.quantize(Decimal('0.0001'))}"


def _pieces(a: Sequence[str], b: Sequence[str]) -> Iterator[Piece]:
    matcher = difflib.SequenceMatcher(a=a, b=b, autojunk=False)
    for change, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if change == "equal":
            yield Piece(change="same", text="".join(a[a_from:a_to]))
            continue
        if a_to > a_from:
            yield Piece(change="removed", text="".join(a[a_from:a_to]))
        if b_to > b_from:
            yield Piece(change="added", text="".join(b[b_from:b_to]))


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
