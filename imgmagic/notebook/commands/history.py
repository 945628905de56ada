"""The commands for what was drawn: list it, show it, run it again, forget it."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace

from imgmagic.display.sanitize import shorten
from imgmagic.domain.origin import Origin
from imgmagic.domain.picture_names import PictureName, missing_picture
from imgmagic.errors import StoreError
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.arguments import parse
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.figure import read_originals
from imgmagic.notebook.output.formatters import figure_page, figure_plain
from imgmagic.notebook.output.history_table import history_html, history_text
from imgmagic.notebook.output.table import pairs
from imgmagic.store.family import ancestors, children_of
from imgmagic.store.history.records import RUNNING, HistoryQuery, Record
from imgmagic.store.history_view import HistoryView, options_of, settings_for
from imgmagic.store.inputs import input_options

_MAX = 1000


def history(front: Front, options: argparse.Namespace) -> None:
    """List the generations that the options select."""
    wanted = build_query(front, options, limit=min(options.n, _MAX) + 1)
    found = tuple(history_of(front).records(wanted))
    if not found:
        front.say(no_match_text(front, options))
        return
    shown = found[: wanted.limit - 1]
    more = f"There are more: add -n {2 * len(shown)}" if len(found) > len(shown) else ""
    pictures = front.session.archive if front.has_html else None
    front.show(history_html(shown, pictures, caption=more), "\n".join(filter(None, (history_text(shown), more))))


def show(front: Front, options: argparse.Namespace) -> None:
    """Show one generation, or one picture of it, with everything known about it."""
    record = _find(front, options.id)
    generation = front.session.archive.generation(record)
    if options.id.index is not None:
        generation = replace(generation, images=(generation.images[options.id.index],))
    figure = read_originals(generation)
    as_html, as_text = pairs((*record_facts(record), *family_facts(history_of(front), record)))
    front.show(figure_page(figure, front.session.settings) + as_html, f"{figure_plain(figure)}\n{as_text}")


def fetch(front: Front, options: argparse.Namespace) -> None:
    """Fetch the pictures of a generation whose addresses did not answer, and show it."""
    figure = read_originals(front.session.fetch(history_of(front).record(options.id)))
    front.show(figure_page(figure, front.session.settings), figure_plain(figure))


def again(front: Front, options: argparse.Namespace) -> None:
    """Run a recorded call again, with the changes that follow its number."""
    record = _find(front, options.id)
    names = front.shell.user_ns
    typed = parse(options.rest, magic="%imgmagic again", expand=lambda text: front.session.expand(text, names))
    if typed.help:
        raise UsageError("%imgmagic again ID takes every option of %%imagine: type %%imagine?")
    inputs = input_options(front.session.archive.generation(record).request)
    changed = replace(typed, options={**options_of(record, typed.options), **inputs, "fresh": True, **typed.options})
    from imgmagic.notebook.cell.run import draw  # widgets load with it

    # Recorded text was filled in when it was typed; only words that are typed now are still to be.
    prompt = front.session.expand(typed.words, names) if typed.words else record.started.request.prompt
    template = typed.words or record.started.request.template
    defaults = settings_for(record, typed.options)
    draw(front.shell, front.session, changed, prompt, template=template, defaults=defaults)


def forget(front: Front, options: argparse.Namespace) -> None:
    """Show what would be removed, or remove it."""
    record = history_of(front).record(options.id)
    if record.status == RUNNING:
        raise StoreError(f"generation {record.id} is still running.", remedy="Stop it first.")
    name = f'#{record.id} "{shorten(record.started.request.prompt)}"'
    if not options.yes:
        front.say(
            f"{name}: its record would be removed for good, and its {_originals(len(record.images))} unless another "
            f"generation has them too.{_made_from_it(history_of(front), record)} What it cost stays counted. "
            f"Nothing is removed yet; type %imgmagic forget {record.id} --yes"
        )
        return
    removed = history_of(front).forget(record.id)
    kept = len(record.images) - len(removed)
    shared = f"; {_originals(kept)} stayed, as others have them" if kept else ""
    front.say(f"{name} is removed, with {_originals(len(removed))}{shared}.")


def history_of(front: Front) -> HistoryView:
    """Return the history of the front's session."""
    return HistoryView(lambda: front.session.archive)


def _find(front: Front, name: PictureName) -> Record:
    """Return the record of what a name names.

    Raises:
        StoreError: there is no such generation, or it has no such picture.
    """
    record = history_of(front).record(name.generation_id)
    if name.index is not None and name.index >= len(record.images):
        raise missing_picture(name, len(record.images))
    return record


def build_query(front: Front, options: argparse.Namespace, *, limit: int) -> HistoryQuery:
    """Return what the filters of a command select.

    Raises:
        StoreError: there is no such sweep.
    """
    if options.sweep is not None:
        history_of(front).sweeps.record(options.sweep)
    return HistoryQuery(
        text=options.search or "",
        model=options.model,
        tag=options.tag,
        status=options.status,
        star=True if options.star else None,
        sweep_id=options.sweep,
        session=None if options.all or options.sweep is not None else front.session.name,
        limit=limit,
    )


def no_match_text(front: Front, options: argparse.Namespace) -> str:
    """Say that nothing was found, and where to find more."""
    earlier = 0 if options.all else len(history_of(front))
    hint = f"; --all looks through all {earlier:,}" if earlier else ""
    return f"no generation of {'any session' if options.all else 'this session'} matches{hint}."


def record_facts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what is known about a record but not in the figure, as names and texts."""
    started = record.started
    yield "status", record.status
    yield "made", f"{started.at:%Y-%m-%d %H:%M:%S} UTC, {started.origin}"
    if started.origin is Origin.LIVE:
        prices = f", prices of {started.price_date}" if started.price_date and record.cost is not None else ""
        yield "cost", f"{'cost unknown' if record.cost is None else f'${record.cost:f}'}{prices}"
    yield "session", started.session
    known: Mapping[str, str | None] = {
        "notebook": started.notebook,
        "template": started.request.template,
        "tags": ", ".join(started.tags),
        "star": "★" if record.star else "",
        "note": record.note,
        "error": record.error_message,
        "not here": f"%imgmagic fetch {record.id} asks for it: {record.unfetched[0].reason}"
        if record.unfetched
        else "",
    }
    yield from ((name, text) for name, text in known.items() if text)


def family_facts(history: HistoryView, record: Record) -> Iterator[tuple[str, str]]:
    """Yield the versions that a generation came from, and those made from it."""
    line = [f"#{relative.id}{'' if relative.record else ' (forgotten)'}" for relative in ancestors(history, record)]
    if line:
        yield "family", " → ".join([*line, f"#{record.id}"])
    if children := [f"#{child.id}" for child in children_of(history, record.id)]:
        yield "made from it", ", ".join(children)


def _made_from_it(history: HistoryView, record: Record) -> str:
    children = [f"#{child.id}" for child in children_of(history, record.id)]
    verb = "was" if len(children) == 1 else "were"
    return f" {', '.join(children)} {verb} made from it: the pictures they started from stay." if children else ""


def _originals(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


RUN: Runs = {
    "history": history,
    "show": show,
    "fetch": fetch,
    "again": again,
    "forget": forget,
}
