"""A table on the screen: the same cells as HTML and as aligned text; it knows nothing about their content."""

from collections.abc import Sequence
from dataclasses import dataclass

from wcwidth import wcswidth

from imgmagic.display.sanitize import NO_MATH, shorten, to_html

_STYLE = "font-size:var(--jp-ui-font-size1,13px);border-collapse:collapse;text-align:left"
_CELL = "padding:4px 10px;vertical-align:middle;border-bottom:1px solid var(--jp-border-color2,#ddd)"
_WIDEST = 60


@dataclass(frozen=True, kw_only=True)
class TableCell:
    """One cell: its text, and safe HTML to use instead if the text is not enough."""

    text: str
    html: str | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its title; whether it has numbers, may wrap, is left out of text, or is never cut there."""

    title: str
    is_number: bool = False
    is_long: bool = False
    is_picture: bool = False
    is_whole: bool = False


Row = Sequence[TableCell | str]


def pairs(rows: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return names and their values as a table without titles, as HTML and as text."""
    columns = (Column(title=""), Column(title="", is_long=True))
    return table_html(columns, rows), table_text(columns, rows)


def table_html(columns: Sequence[Column], rows: Sequence[Row], *, caption: str = "") -> str:
    """Return the table as HTML that needs no style sheet and no script."""
    head = "".join(f'<th scope="col" style="{_css(column)}">{to_html(column.title)}</th>' for column in columns)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_css(column)}">{_html(cell)}</td>' for column, cell in zip(columns, row, strict=True))
        + "</tr>"
        for row in rows
    )
    title = (
        f'<caption style="text-align:left;padding:4px 10px;white-space:pre-line">{to_html(caption)}</caption>'
        if caption
        else ""
    )
    titles = f"<thead><tr>{head}</tr></thead>" if any(column.title for column in columns) else ""
    return f'<table {NO_MATH} style="{_STYLE}">{title}{titles}<tbody>{body}</tbody></table>'


def table_text(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Return the table as lines of aligned text, without its pictures."""
    shown = [place for place, column in enumerate(columns) if not column.is_picture]
    titles = [columns[place].title for place in shown]
    lines = [titles] if any(titles) else []
    lines += [[_fit_text(columns[place], row[place]) for place in shown] for row in rows]
    widths = [max((_width(line[place]) for line in lines), default=0) for place in range(len(shown))]
    numbers = [columns[place].is_number for place in shown]
    return "\n".join(_line(line, widths, numbers) for line in lines)


def _fit_text(column: Column, cell: TableCell | str) -> str:
    return _text(cell) if column.is_whole else shorten(_text(cell), _WIDEST)


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    aligned = []
    for cell, width, is_number in zip(cells, widths, numbers, strict=True):
        gap = " " * (width - _width(cell))
        aligned.append(gap + cell if is_number else cell + gap)
    return "  ".join(aligned).rstrip()


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes: ideographs and emoji take two each."""
    # It returns -1 for text with control characters, but none should be left here.
    return max(wcswidth(text), 0)


def _css(column: Column) -> str:
    breaks = "normal;overflow-wrap:anywhere;min-width:6em" if column.is_long else "nowrap"
    return f"{_CELL};text-align:{'right' if column.is_number else 'left'};white-space:{breaks}"


def _html(cell: TableCell | str) -> str:
    if isinstance(cell, TableCell) and cell.html is not None:
        return cell.html
    return to_html(_text(cell))


def _text(cell: TableCell | str) -> str:
    return cell.text if isinstance(cell, TableCell) else cell
