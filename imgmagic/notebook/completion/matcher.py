"""Completion of the magics' lines: flags, and the values that a flag takes; a matcher of IPython's completer."""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

import imgmagic
from imgmagic.errors import ImgmagicError
from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.command import Argument
from imgmagic.notebook.line.arguments import flags, imagine_parser

_COMMAND_LINE = re.compile(r"%?imgmagic\s+(?P<said>.*)")
_LINE_MAGIC = re.compile(r"\s*([\w.\[\]]+\s*=\s*)?%imagine\s")


def candidates(word: str, before: Sequence[str]) -> list[str]:
    """Return what may stand for `word` on the line, `before` being the words in front of it.

    `--flag=val` completes to the whole word, a value after its flag to the value, and anything that begins with a
    hyphen to a flag.
    """
    flag, equals, value = word.partition("=")
    offers = _offers()
    if equals and offers.takes_offers(flag):
        return [f"{flag}={offer}" for offer in offers.offers(flag, before) if offer.startswith(value)]
    if before and offers.takes_offers(before[-1]):
        return [offer for offer in offers.offers(before[-1], before) if offer.startswith(word)]
    if word and not word.startswith("-"):
        return []
    return [flag for flag in flags(imagine_parser()) if flag.startswith(word)]


def command_candidates(said: str) -> list[str]:
    """Return what may stand for the last word of an %imgmagic line, `said` being all that follows the magic's name."""
    *before, word = said.split(" ") if said else [""]
    before = [each for each in before if each]
    if not before:
        return [command for command in COMMANDS if command.startswith(word)]
    command = COMMANDS.get(before[0])
    if command is None:
        return []
    if command.passes_on and len(before) > 1:
        return candidates(word, before[1:])
    return [offer for offer in _command_offers(command.arguments, before) if offer.startswith(word)]


def _command_offers(arguments: tuple[Argument, ...], before: list[str]) -> Iterable[str]:
    flags_of = {flag: each for each in arguments if each.is_flag for flag in each.names}
    last = flags_of.get(before[-1])
    if last is not None and "action" not in last.settings:
        return _of(last)
    words = [each for each in arguments if not each.is_flag]
    given = sum(1 for each in before[1:] if not each.startswith("-"))
    return [*(offer for each in words[given : given + 1] for offer in _of(each)), *flags_of]


def _of(argument: Argument) -> Iterable[str]:
    return _SOURCES[argument.offers]() if isinstance(argument.offers, str) else argument.offers


def _ids() -> Iterable[str]:
    """Return the newest numbers of the history; none where it cannot be read."""
    try:
        return [str(record.id) for record in imgmagic.history.records(_records().HistoryQuery(limit=_IDS))]
    except ImgmagicError:
        return []


def _records() -> Any:
    return importlib.import_module("imgmagic.store.history.records")


@context_matcher(identifier="imgmagic", priority=200)
def complete(context: CompletionContext) -> SimpleMatcherResult:
    """Complete an %imgmagic line, an %imagine line, and the first line of a %%imagine cell; nothing elsewhere."""
    found = _COMMAND_LINE.match(context.text_until_cursor.lstrip())
    if found is not None:
        word = re.split(r"\s", context.text_until_cursor)[-1]
        return _result(command_candidates(re.sub(r"\s", " ", found["said"])), word)
    if not _is_imagine(context):
        return SimpleMatcherResult(completions=[])
    words = context.text_until_cursor.split()
    word = "" if context.text_until_cursor.endswith(" ") else words.pop()
    if not words:  # still inside the magic's own name
        return SimpleMatcherResult(completions=[])
    return _result(candidates(word, words), word)


def _is_imagine(context: CompletionContext) -> bool:
    if context.cursor_line == 0 and context.text_until_cursor.split()[:1] == ["%%imagine"]:
        return True
    in_prompt = context.full_text.lstrip().startswith("%%")
    return _LINE_MAGIC.match(context.text_until_cursor) is not None and not in_prompt


def _result(texts: Iterable[str], word: str) -> SimpleMatcherResult:
    found = [SimpleCompletion(text, type="param") for text in texts]
    return SimpleMatcherResult(completions=found, suppress=bool(found), matched_fragment=word)


def _offers() -> Any:
    return importlib.import_module("imgmagic.notebook.completion.offers")


_IDS = 20  # newest, to complete
_SOURCES: Mapping[str, Callable[[], Iterable[str]]] = {
    "ids": _ids,
    "providers": lambda: _offers().provider_names(),
    "models": lambda: _offers().models(),
    "topics": lambda: [*COMMANDS, *flags(imagine_parser())],
}
