"""The commands about what was drawn: list it, show it, run it again, mark it, forget it."""

import argparse
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from IPython.core.error import UsageError

from imgmagic.display.sanitize import shortened
from imgmagic.domain.generation import Generation
from imgmagic.domain.totals import Origin
from imgmagic.errors import StoreError
from imgmagic.notebook.commands.context import Front
from imgmagic.notebook.line.arguments import parse
from imgmagic.notebook.output.formatters import html, plain_text
from imgmagic.notebook.output.history_table import history_html, history_text
from imgmagic.notebook.output.table import pairs
from imgmagic.store.history.records import RUNNING, HistoryQuery, Record
from imgmagic.store.history_view import HistoryView, options_of

_MAX = 1000


def history(front: Front, options: argparse.Namespace) -> None:
    """List the generations that the options ask for."""
    wanted = query(front, options, limit=min(options.n, _MAX) + 1)
    found = tuple(past(front).records(wanted))
    if not found:
        front.say(nothing(front, options))
        return
    shown = found[: wanted.limit - 1]
    more = f"There are more: add -n {2 * len(shown)}" if len(found) > len(shown) else ""
    pictures = front.session.archive if front.has_html else None
    front.show(history_html(shown, pictures, caption=more), "\n".join(filter(None, (history_text(shown), more))))


def show(front: Front, options: argparse.Namespace) -> None:
    """Show one generation, with all that is known of it."""
    record = past(front).record(options.id)
    figure = seen(front.session.archive.generation(record))
    as_html, as_text = pairs(tuple(facts(record)))
    front.show(html(figure) + as_html, f"{plain_text(figure)}\n{as_text}")


def again(front: Front, options: argparse.Namespace) -> None:
    """Run a recorded call again, with the changes that follow its number."""
    record = past(front).record(options.id)
    names = front.shell.user_ns
    typed = parse(options.rest, magic="%imgmagic again", expand=lambda text: front.session.expand(text, names))
    if typed.help:
        raise UsageError("%imgmagic again ID takes every option of %%imagine: type %%imagine?")
    changed = replace(typed, options={**options_of(record, typed.options), "fresh": True, **typed.options})
    draw: Callable[..., object] = importlib.import_module("imgmagic.notebook.cell.run").draw  # widgets load with it
    # What was recorded was filled in when it was typed; only words that are typed now are still to be.
    prompt = front.session.expand(typed.words, names) if typed.words else record.started.request.prompt
    draw(front.shell, front.session, changed, prompt, template=typed.words or record.started.request.template)


def tag(front: Front, options: argparse.Namespace) -> None:
    """Add tags to a generation."""
    record = past(front).record(options.id)
    front.session.archive.history.tag(record.id, *options.text)
    front.say(f"#{record.id} is tagged {', '.join(past(front).record(record.id).started.tags)}")


def star(front: Front, options: argparse.Namespace) -> None:
    """Star a generation, or take the star off."""
    record = past(front).record(options.id)
    front.session.archive.history.star(record.id, on=not options.off)
    front.say(f"#{record.id} has {'no star' if options.off else 'a star'}")


def note(front: Front, options: argparse.Namespace) -> None:
    """Write a note beside a generation."""
    record = past(front).record(options.id)
    text = " ".join(options.text)
    front.session.archive.history.note(record.id, text)
    front.say(f"#{record.id}: {text}" if text else f"#{record.id} has no note")


def forget(front: Front, options: argparse.Namespace) -> None:
    """Show what would be removed, or remove it."""
    record = past(front).record(options.id)
    if record.status == RUNNING:
        raise StoreError(f"generation {record.id} is still running.", remedy="Stop it first.")
    name = f'#{record.id} "{shortened(record.started.request.prompt)}"'
    if not options.yes:
        front.say(
            f"{name}: its record would be removed for good, and its {_originals(len(record.images))} unless another "
            "generation has them too. What it cost stays counted. Nothing is removed yet; "
            f"type %imgmagic forget {record.id} --yes"
        )
        return
    removed = past(front).forget(record.id)
    kept = len(record.images) - len(removed)
    shared = f"; {_originals(kept)} stayed, as others have them" if kept else ""
    front.say(f"{name} is removed, with {_originals(len(removed))}{shared}.")


def past(front: Front) -> HistoryView:
    """Return the history of the front's session."""
    return HistoryView(lambda: front.session.archive)


def query(front: Front, options: argparse.Namespace, *, limit: int) -> HistoryQuery:
    """Return what the filters of a command ask for."""
    return HistoryQuery(
        text=options.search or "",
        model=options.model,
        tag=options.tag,
        status=options.status,
        star=True if options.star else None,
        session=None if options.all else front.session.name,
        limit=limit,
    )


def nothing(front: Front, options: argparse.Namespace) -> str:
    """Say that nothing was found, and where there is more."""
    earlier = 0 if options.all else len(past(front))
    hint = f"; --all looks through all {earlier:,}" if earlier else ""
    return f"no generation of {'any session' if options.all else 'this session'} matches{hint}."


def seen(generation: Generation) -> Generation:
    """Return the generation with its originals read, or without them and a notice where they are gone."""
    try:
        return replace(generation, images=tuple(generation.images))
    except StoreError as error:
        return replace(generation, images=(), notices=(*generation.notices, str(error)))


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what is known of a record and stands in no figure: a name and a text."""
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
    }
    yield from ((name, text) for name, text in known.items() if text)


def _originals(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {
    "history": history,
    "show": show,
    "again": again,
    "tag": tag,
    "star": star,
    "note": note,
    "forget": forget,
}
