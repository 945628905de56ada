"""Completion of the magics' lines: flags, and the values that a flag takes; a matcher of IPython's completer."""

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

import imgmagic
from imgmagic.domain.options import OPTIONS
from imgmagic.notebook.arguments import flags, imagine_parser

MAGICS = ("%%imagine", "%imagine")


def candidates(word: str, before: str | None) -> list[str]:
    """Return what may stand for `word` on the line, `before` being the word in front of it.

    `--flag=val` completes to the whole word, a value after its flag to the value, and anything that begins with a
    hyphen to a flag.
    """
    flag, equals, value = word.partition("=")
    if equals and flag in _OFFERS:
        return [f"{flag}={offer}" for offer in _offers(flag) if offer.startswith(value)]
    if before is not None and before in _OFFERS:
        return [offer for offer in _offers(before) if offer.startswith(word)]
    if word and not word.startswith("-"):
        return []
    return [flag for flag in flags(imagine_parser()) if flag.startswith(word)]


@context_matcher(identifier="imgmagic", priority=200)
def complete(context: CompletionContext) -> SimpleMatcherResult:
    """Complete the first line of a cell that begins with one of the magics; nothing elsewhere."""
    first_line = context.full_text.partition("\n")[0]
    if context.cursor_line != 0 or not first_line.startswith(MAGICS):
        return SimpleMatcherResult(completions=[])
    words = context.text_until_cursor.split()
    word = "" if context.text_until_cursor.endswith(" ") else words.pop()
    if not words:  # still inside the magic's own name
        return SimpleMatcherResult(completions=[])
    found = [SimpleCompletion(text, type="param") for text in candidates(word, words[-1])]
    return SimpleMatcherResult(completions=found, suppress=bool(found), matched_fragment=word)


def _offers(flag: str) -> Iterable[str]:
    return _OFFERS[flag]()


def _providers() -> Iterable[str]:
    return imgmagic.default_session().providers.names()


def _models() -> Iterable[str]:
    dialects = importlib.import_module("imgmagic.wire.dialects").DIALECTS
    return dict.fromkeys(model for dialect in dialects.values() for model in dialect.models)


_OFFERS: Mapping[str, Callable[[], Iterable[str]]] = {
    "--provider": _providers,
    "-p": _providers,
    "--model": _models,
    "-m": _models,
    **{
        name: functools.partial(tuple, option.offers)
        for option in OPTIONS
        if option.offers
        for name in filter(None, (option.flag, option.short and f"-{option.short}"))
    },
}
