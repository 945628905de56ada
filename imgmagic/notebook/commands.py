"""The commands of %imgmagic: a table from each word to what it does."""

import getpass
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError
from IPython.core.page import page

from imgmagic.domain.rules import closest, listed
from imgmagic.notebook.arguments import imagine_parser, split
from imgmagic.notebook.manual import IMAGINE_MANUAL, IMGMAGIC_MANUAL
from imgmagic.session import Session
from imgmagic.wire.dialects import DIALECTS


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command: what it does, and how many words may follow it."""

    run: Callable[[Session, Sequence[str]], None]
    most: int = 0
    least: int = 0


def run(shell: Any, session: Session, line: str) -> None:
    """Run one `%imgmagic` line.

    Raises:
        UsageError: no such command, or too many or too few words; it lists what there is.
    """
    del shell
    word, *rest = split(line) or ["help"]
    command = COMMANDS.get(word)
    if command is None:
        raise UsageError(f"%imgmagic: no command {word!r}.{closest(word, COMMANDS)} Commands: {listed(COMMANDS)}.")
    if not command.least <= len(rest) <= command.most:
        raise UsageError(f"%imgmagic {word}: wrong number of words. Type %imgmagic help.")
    command.run(session, rest)


def _providers(session: Session, _: Sequence[str]) -> None:
    for name in session.providers.names():
        place = session.providers.key_place(name)
        wants = " or ".join(place.variables)
        key = f"key found in {place.found}" if place.found else f"no key ({wants})" if wants else "needs no key"
        _say(f"{name:14} {session.providers.configured(name).base_url or '-':52} {key}")


def _models(session: Session, words: Sequence[str]) -> None:
    name = words[0] if words else (session.settings.text("provider") or session.providers.preferred())
    dialect = DIALECTS[session.providers.configured(name).dialect]
    _say("\n".join(dialect.models) or f"no models of {name} are known; name one with --model")


def _key(session: Session, words: Sequence[str]) -> None:
    session.providers.configured(words[0])
    session.providers.keep_key(words[0], getpass.getpass(f"key for {words[0]} (kept in this kernel only): "))


def _say(text: str) -> None:
    print(text)  # noqa: T201 - what a command answers


def _help(_: Session, __: Sequence[str]) -> None:
    page("\n\n".join([IMGMAGIC_MANUAL, IMAGINE_MANUAL, imagine_parser().format_help()]))


COMMANDS: Mapping[str, Command] = {
    "providers": Command(run=_providers),
    "models": Command(run=_models, most=1),
    "key": Command(run=_key, least=1, most=1),
    "help": Command(run=_help),
}
