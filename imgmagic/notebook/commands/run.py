"""Running a command: parse its line by the table, load its module, and call its function."""

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.line import parse, require_command, split_word
from imgmagic.notebook.commands.manual import FIRST_PAGE
from imgmagic.notebook.shell import Shell

if TYPE_CHECKING:
    from imgmagic.notebook.commands.context import Runs
    from imgmagic.session import Session


def run(shell: Shell, session: "Session", line: str) -> None:
    """Run one `%imgmagic` line.

    Raises:
        UsageError: no such command, or arguments that it does not take; it lists what there is.
    """
    from imgmagic.notebook.commands.context import Front

    if not line.strip():
        Front(shell, session).say(FIRST_PAGE)
        return
    word, rest = split_word(line.strip().removesuffix(";"))  # people put it there to hide results
    require_command(word)
    options = parse(word, rest)
    if options.help:
        word, options = "help", argparse.Namespace(topic=word)
    HOMES[COMMANDS[word].home]()[word](Front(shell, session), options)


def _history() -> "Runs":
    from imgmagic.notebook.commands.history import RUN

    return RUN


def _sweeps() -> "Runs":
    from imgmagic.notebook.commands.sweeps import RUN

    return RUN


def _edits() -> "Runs":
    from imgmagic.notebook.commands.edits import RUN

    return RUN


def _marks() -> "Runs":
    from imgmagic.notebook.commands.marks import RUN

    return RUN


def _pictures() -> "Runs":
    from imgmagic.notebook.commands.pictures import RUN

    return RUN


def _stop() -> "Runs":
    from imgmagic.notebook.commands.stop import RUN

    return RUN


def _usage() -> "Runs":
    from imgmagic.notebook.commands.usage import RUN

    return RUN


def _export() -> "Runs":
    from imgmagic.notebook.commands.export import RUN

    return RUN


def _recordings() -> "Runs":
    from imgmagic.notebook.commands.recordings import RUN

    return RUN


def _panel() -> "Runs":
    from imgmagic.notebook.commands.panel import RUN

    return RUN


def _providers() -> "Runs":
    from imgmagic.notebook.commands.providers import RUN

    return RUN


def _help() -> "Runs":
    from imgmagic.notebook.commands.help import RUN

    return RUN


def _trust() -> "Runs":
    from imgmagic.notebook.commands.trust import RUN

    return RUN


HOMES: "Mapping[str, Callable[[], Runs]]" = {
    "history": _history,
    "sweeps": _sweeps,
    "edits": _edits,
    "marks": _marks,
    "pictures": _pictures,
    "stop": _stop,
    "usage": _usage,
    "export": _export,
    "recordings": _recordings,
    "panel": _panel,
    "providers": _providers,
    "trust": _trust,
    "help": _help,
}
"""The functions of each home's commands; a home loads at its first command, so the extension loads quickly."""
