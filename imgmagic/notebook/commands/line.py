"""The line of a command, according to the table: which words and flags it takes, and what is missing."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from imgmagic.domain.wording import closest, listed
from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.command import Command
from imgmagic.notebook.line.arguments import LineParser, hyphenate, refuse_unknown
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.line.words import split


class _CommandParser(LineParser):
    def error(self, message: str) -> NoReturn:
        word = self.prog.removeprefix("%imgmagic ")
        page = f"{self.prog} --help" if " " in word else f"%imgmagic help {word}"
        raise UsageError(f"{self.prog}: {message.rstrip('.')}. Type {page}.")


def split_word(line: str) -> tuple[str, str]:
    """Return the command's word, or its two words, and what follows; `help` for an empty line.

    >>> split_word("show 12"), split_word("show sweep 3"), split_word("")
    (('show', '12'), ('show sweep', '3'), ('help', ''))
    """
    word, _, rest = line.strip().partition(" ")
    second, _, further = rest.strip().partition(" ")
    return (f"{word} {second}", further) if f"{word} {second}" in COMMANDS else (word or "help", rest)


def require_command(word: str) -> Command:
    """Return the command; raise UsageError with the closest if there is none."""
    if word not in COMMANDS:
        raise UsageError(f"%imgmagic: no command {word!r}.{closest(word, COMMANDS)} Commands: {listed(COMMANDS)}.")
    return COMMANDS[word]


def parse(word: str, line: str) -> argparse.Namespace:
    """Return the arguments of a command; `rest` holds what it passes on."""
    rest = ""
    if COMMANDS[word].passes_on:
        line, _, rest = line.strip().partition(" ")
    parser = parser_of(word)
    words = hyphenate(split(line), parser)
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
        # Required words are checked below: --help must work without them.
        parser.add_argument(*each.names, **{"nargs": "?", **each.settings} if not each.is_flag else each.settings)
    parser.add_argument("--help", action="store_true", help=argparse.SUPPRESS)
    return parser


def _refuse(parser: argparse.ArgumentParser, stray: Sequence[str]) -> None:
    flags = [word for word in stray if word.startswith("-")]
    if flags:
        refuse_unknown(parser, flags[0])
    if stray:
        parser.error(f"unexpected argument {stray[0]!r}")


def _check_words(parser: argparse.ArgumentParser, word: str, found: argparse.Namespace) -> None:
    for each in COMMANDS[word].arguments:
        if each.is_needed and getattr(found, each.names[0]) in (None, []):
            parser.error(f"it needs {each.settings['metavar']}")
