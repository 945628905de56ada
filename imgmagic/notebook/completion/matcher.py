"""Completion of the magics' lines: flags, and the values of a flag; a matcher for IPython's completer."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.command import Argument
from imgmagic.notebook.line.arguments import imagine_flags

if TYPE_CHECKING:
    from imgmagic.session import Session

_COMMAND_LINE = re.compile(r"%?imgmagic\s+(?P<said>.*)")
_LINE_MAGIC = re.compile(r"\s*([\w.\[\]]+\s*=\s*)?%imagine\s")


def make_matcher(open_session: "Callable[[], Session]") -> Callable[[CompletionContext], SimpleMatcherResult]:
    """Return the matcher for an %imgmagic line, an %imagine line, and the first line of a %%imagine cell."""
    candidates = Candidates(open_session)

    @context_matcher(identifier="imgmagic", priority=200)
    def complete(context: CompletionContext) -> SimpleMatcherResult:
        found = _COMMAND_LINE.match(context.text_until_cursor.lstrip())
        if found is not None:
            word = re.split(r"\s", context.text_until_cursor)[-1]
            return _result(candidates.of_command(re.sub(r"\s", " ", found["said"])), word)
        if not _is_imagine(context):
            return SimpleMatcherResult(completions=[])
        words = context.text_until_cursor.split()
        word = "" if context.text_until_cursor.endswith(" ") else words.pop()
        if not words:  # still inside the magic's own name
            return SimpleMatcherResult(completions=[])
        return _result(candidates.of_option(word, words), word)

    matcher: Callable[[CompletionContext], SimpleMatcherResult] = complete
    return matcher


class Candidates:
    """Find completions of the word before the cursor.

    Args:
        open_session: opens the session whose servers, models and history are offered; called for the first value.
    """

    def __init__(self, open_session: "Callable[[], Session]") -> None:
        self._open_session = open_session

    def of_option(self, word: str, before: Sequence[str]) -> list[str]:
        """Return completions of `word` on a line of %%imagine, `before` being the words in front of it.

        `--flag=val` completes to the whole word, a value after its flag to the value, and anything that begins with a
        hyphen to a flag.
        """
        from imgmagic.notebook.completion.offers import offers, takes_offers

        flag, equals, value = word.partition("=")
        if equals and takes_offers(flag):
            return [
                f"{flag}={offer}" for offer in offers(self._open_session(), flag, before) if offer.startswith(value)
            ]
        if before and takes_offers(before[-1]):
            return [offer for offer in offers(self._open_session(), before[-1], before) if offer.startswith(word)]
        if word and not word.startswith("-"):
            return []
        return [flag for flag in imagine_flags() if flag.startswith(word)]

    def of_command(self, said: str) -> list[str]:
        """Return completions of the last word of an %imgmagic line; `said` is what follows the magic's name."""
        *before, word = said.split(" ") if said else [""]
        before = [each for each in before if each]
        if not before:
            return [command for command in COMMANDS if command.startswith(word)]
        if " ".join(before[:2]) in COMMANDS:  # `show sweep` is one command
            before = [" ".join(before[:2]), *before[2:]]
        command = COMMANDS.get(before[0])
        if command is None:
            return []
        if command.passes_on and len(before) > 1:
            return self.of_option(word, before[1:])
        return [offer for offer in self._of_arguments(command.arguments, before) if offer.startswith(word)]

    def _of_arguments(self, arguments: tuple[Argument, ...], before: list[str]) -> Iterable[str]:
        by_flag = {flag: each for each in arguments if each.is_flag for flag in each.names}
        last = by_flag.get(before[-1])
        if last is not None and "action" not in last.settings:
            return self._of_argument(last)
        words = [each for each in arguments if not each.is_flag]
        count = sum(1 for each in before[1:] if not each.startswith("-"))
        return [*(offer for each in words[count : count + 1] for offer in self._of_argument(each)), *by_flag]

    def _of_argument(self, argument: Argument) -> Iterable[str]:
        from imgmagic.notebook.completion.offers import models, newest_ids, newest_sweeps, provider_names

        if not isinstance(argument.offers, str):
            return argument.offers
        if argument.offers == "topics":
            return [*COMMANDS, *imagine_flags()]
        if argument.offers == "models":
            return models()
        sources = {"ids": newest_ids, "sweeps": newest_sweeps, "providers": provider_names}
        return sources[argument.offers](self._open_session())


def _is_imagine(context: CompletionContext) -> bool:
    if context.cursor_line == 0 and context.text_until_cursor.split()[:1] == ["%%imagine"]:
        return True
    in_prompt = context.full_text.lstrip().startswith("%%")
    return _LINE_MAGIC.match(context.text_until_cursor) is not None and not in_prompt


def _result(texts: Iterable[str], word: str) -> SimpleMatcherResult:
    found = [SimpleCompletion(text, type="param") for text in texts]
    # If nothing of ours matches, IPython's own completions (files, names) stay.
    return SimpleMatcherResult(completions=found, suppress=bool(found), matched_fragment=word)
