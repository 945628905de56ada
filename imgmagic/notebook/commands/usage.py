"""The commands for money and tokens: what was used, with a small chart, and what may be spent."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from imgmagic.domain.wording import dollars
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.usage_table import usage_html, usage_text
from imgmagic.store.usage_report import Limit, report


def usage(front: Front, options: argparse.Namespace) -> None:
    """Show what this session used, or with --by what all sessions used."""
    found = report(front.session.archive, options.by)
    lines = [str(each) for each in _limits(front)]
    front.show(usage_html(found, lines), usage_text(found, lines))


def budget(front: Front, options: argparse.Namespace) -> None:
    """Show, set or remove this session's limit."""
    session = front.session
    if options.usd == "release":
        _release(front, options.ids)
        return
    if options.ids:
        raise UsageError(f"%imgmagic budget: unexpected argument {options.ids[0]!r}. Write release before a number.")
    if options.usd == "off":
        session.limit = None
    elif options.usd is not None:
        session.archive.history.spent(session=session.name)  # a limit that cannot be kept is refused, not set
        session.limit = options.usd
    found = _limits(front)
    if session.limit is None:
        front.say("session budget: no limit")
    for each in found:
        front.say(str(each))


def _release(front: Front, ids: Sequence[int]) -> None:
    """Release what is held for calls that were stopped or cut off; the history records that this was by hand."""
    if not ids:
        raise UsageError("%imgmagic budget release: it needs ID. Write the number of a stopped call, such as 3")
    for number in ids:
        amount = front.session.archive.history.release(number, datetime.now(UTC))
        front.say(f"{dollars(amount)} held for #{number} is given back")


def _limits(front: Front) -> tuple[Limit, ...]:
    return front.session.planner.limits(front.session.budget())


RUN: Runs = {"usage": usage, "budget": budget}
