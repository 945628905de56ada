"""The commands of %imgmagic: a table from each word to its arguments, its help, and the module that runs it.

It loads nothing that a command needs: manual and completion are made of this table when the extension loads.
"""

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError

from imgmagic.domain.rules import closest, listed
from imgmagic.notebook.commands.command import Argument, Command, amount_or_off, count, whole_id
from imgmagic.notebook.line.arguments import LineParser, hyphenated, refuse_unknown, split

if TYPE_CHECKING:
    from imgmagic.session import Session

STATUSES = ("completed", "partial", "failed", "cancelled", "interrupted", "running")
KINDS = ("model", "day", "provider", "tag", "session")


class _CommandParser(LineParser):
    def error(self, message: str) -> NoReturn:
        word = self.prog.rpartition(" ")[2]
        raise UsageError(f"{self.prog}: {message.rstrip('.')}. Type %imgmagic help {word}.")


def run(shell: Any, session: "Session", line: str) -> None:
    """Run one `%imgmagic` line.

    Raises:
        UsageError: no such command, or arguments that it does not take; it lists what there is.
    """
    word, _, rest = line.strip().partition(" ")
    word = word or "help"
    known(word)
    options = parse(word, rest)
    if options.help:
        word, options = "help", argparse.Namespace(topic=word)
    runs: Mapping[str, Callable[..., None]]
    runs = importlib.import_module(f"imgmagic.notebook.{COMMANDS[word].home}").RUN
    front = importlib.import_module("imgmagic.notebook.commands.context").Front(shell, session)
    runs[word](front, options)


def known(word: str) -> Command:
    """Return the command; UsageError when there is none, with the closest."""
    if word not in COMMANDS:
        raise UsageError(f"%imgmagic: no command {word!r}.{closest(word, COMMANDS)} Commands: {listed(COMMANDS)}.")
    return COMMANDS[word]


def parse(word: str, line: str) -> argparse.Namespace:
    """Return the arguments of a command; `rest` holds what it passes on."""
    rest = ""
    if COMMANDS[word].passes_on:
        line, _, rest = line.strip().partition(" ")
    parser = parser_of(word)
    words = hyphenated(split(line))
    if COMMANDS[word].names_flags:
        words = [each.lstrip("-") for each in words]
    found, stray = parser.parse_known_intermixed_args(words, argparse.Namespace(rest=rest))
    _refuse(parser, stray)
    if not found.help:
        _check_words(parser, word, found)
    return found


def parser_of(word: str) -> argparse.ArgumentParser:
    """Return the parser of a command's line."""
    command = COMMANDS[word]
    parser = _CommandParser(
        prog=f"%imgmagic {word}",
        usage=f"%(prog)s {command.usage}".strip().replace("%%", "%%%%"),
        description=command.help,
        add_help=False,
        allow_abbrev=False,
    )
    for each in command.arguments:
        # Needed words are asked for below: --help must do without them.
        parser.add_argument(*each.names, **{"nargs": "?", **each.settings} if not each.is_flag else each.settings)
    parser.add_argument("--help", action="store_true", help=argparse.SUPPRESS)
    return parser


def _refuse(parser: argparse.ArgumentParser, stray: Sequence[str]) -> None:
    flags = [word for word in stray if word.startswith("-")]
    if flags:
        refuse_unknown(parser, flags[0])
    if stray:
        parser.error(f"{stray[0]!r} is one word too many")


def _check_words(parser: argparse.ArgumentParser, word: str, found: argparse.Namespace) -> None:
    for each in COMMANDS[word].arguments:
        if each.is_needed and getattr(found, each.names[0]) in (None, []):
            parser.error(f"it needs {each.settings['metavar']}")


_ID = Argument(
    names=("id",), is_needed=True, settings={"metavar": "ID", "type": whole_id, "help": "its number"}, offers="ids"
)
_TEXT = Argument(names=("text",), settings={"metavar": "TEXT", "nargs": "*", "help": "any words"})
_PATH = Argument(names=("path",), settings={"metavar": "PATH", "help": "a path"})
_PROVIDER = Argument(
    names=("provider",), settings={"metavar": "PROVIDER", "help": "%%imgmagic providers lists them"}, offers="providers"
)
_FILTER = (
    Argument(names=("--all",), settings={"action": "store_true", "help": "of every session, not only of this one"}),
    Argument(
        names=("--search",), settings={"metavar": "TEXT", "help": "words that occur in the prompt, the note or a tag"}
    ),
    Argument(names=("--model",), settings={"metavar": "M", "help": "drawn by this model"}, offers="models"),
    Argument(names=("--tag",), settings={"metavar": "T", "help": "with this tag"}),
    Argument(names=("--star",), settings={"action": "store_true", "help": "with a star"}),
    Argument(
        names=("--status",),
        settings={"metavar": "S", "choices": STATUSES, "help": listed(STATUSES)},
        offers=STATUSES,
    ),
)
_WHICH = "[--all] [--search TEXT] [--model M] [--tag T] [--star] [--status S]"

COMMANDS: Mapping[str, Command] = {
    "history": Command(
        home="commands.history",
        usage=f"{_WHICH} [-n N]",
        help="what was drawn in this session, the newest first",
        arguments=(
            *_FILTER,
            Argument(names=("-n",), settings={"metavar": "N", "type": count, "default": 20, "help": "at most N; 20"}),
        ),
    ),
    "show": Command(
        home="commands.history", usage="ID", help="one generation: pictures, options, usage, paths", arguments=(_ID,)
    ),
    "again": Command(
        home="commands.history",
        usage="ID [options of %%imagine] [another prompt]",
        help="run a recorded call again, with changes",
        arguments=(_ID,),
        passes_on=True,
    ),
    "tag": Command(
        home="commands.history", usage="ID TEXT...", help="add tags", arguments=(_ID, replace(_TEXT, is_needed=True))
    ),
    "star": Command(
        home="commands.history",
        usage="ID [--off]",
        help="mark a good one, or take the star off",
        arguments=(_ID, Argument(names=("--off",), settings={"action": "store_true", "help": "take the star off"})),
    ),
    "note": Command(
        home="commands.history",
        usage="ID [TEXT]",
        help="write a note beside it; without words take it away",
        arguments=(_ID, _TEXT),
    ),
    "forget": Command(
        home="commands.history",
        usage="ID [--yes]",
        help="show what would be removed; with --yes remove record and pictures for good",
        arguments=(_ID, Argument(names=("--yes",), settings={"action": "store_true", "help": "really remove it"})),
    ),
    "usage": Command(
        home="output.usage_table",
        usage="[--by KIND]",
        help="generations, tokens and cost, of this session or of all by " + listed(KINDS),
        arguments=(
            Argument(
                names=("--by",), settings={"metavar": "KIND", "choices": KINDS, "help": listed(KINDS)}, offers=KINDS
            ),
        ),
    ),
    "budget": Command(
        home="output.usage_table",
        usage="[USD|off]",
        help="show, set or lift what this session may spend",
        arguments=(
            Argument(
                names=("usd",),
                settings={"metavar": "USD", "type": amount_or_off, "help": "US dollars, or off"},
                offers=("off",),
            ),
        ),
    ),
    "export": Command(
        home="commands.export",
        usage=f"PATH {_WHICH} [--overwrite]",
        help="write PATH.html, one page; or a folder, .csv or .jsonl, a table with the pictures beside it",
        arguments=(
            replace(_PATH, is_needed=True),
            *_FILTER,
            Argument(names=("--overwrite",), settings={"action": "store_true", "help": "replace files that exist"}),
        ),
    ),
    "record": Command(
        home="commands.recordings",
        usage="[PATH]",
        help="from now on ask the server, and record what it answers",
        arguments=(_PATH,),
    ),
    "replay": Command(
        home="commands.recordings",
        usage="[PATH]",
        help="from now on play what is recorded; ask no server",
        arguments=(_PATH,),
    ),
    "live": Command(home="commands.recordings", help="from now on ask the server, and record nothing"),
    "recordings": Command(
        home="commands.recordings",
        usage="[ACTION] [PATH]",
        help="which recordings are in use; list, verify or trim them, or say their size",
        arguments=(
            Argument(
                names=("action",),
                settings={"metavar": "ACTION", "help": "list, verify, unused, trim or size"},
                offers=("list", "verify", "unused", "trim", "size"),
            ),
            _PATH,
        ),
    ),
    "panel": Command(home="panel.registry", help="open a panel to try, compare and go back, by mouse or by keyboard"),
    "providers": Command(
        home="commands.providers", help="the servers that are configured, and whether their key was found"
    ),
    "models": Command(
        home="commands.providers",
        usage="[PROVIDER]",
        help="the models that a provider is known to have",
        arguments=(_PROVIDER,),
    ),
    "key": Command(
        home="commands.providers",
        usage="PROVIDER [--save]",
        help="ask for a key and keep it in this kernel; with --save in the system's keyring",
        arguments=(
            replace(_PROVIDER, is_needed=True),
            Argument(names=("--save",), settings={"action": "store_true", "help": "keep it for later sessions"}),
        ),
    ),
    "help": Command(
        home="commands.help",
        usage="[TOPIC]",
        help="this page and every option of %%imagine; or one command or option",
        arguments=(
            Argument(
                names=("topic",),
                settings={"metavar": "TOPIC", "help": "a command, or an option with its hyphens or without"},
                offers="topics",
            ),
        ),
        names_flags=True,
    ),
}
