"""Arguments: the magic's line as options; it knows argparse and the option table, not IPython's shell."""

import argparse
import functools
import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NoReturn, cast

from IPython.core.error import UsageError

from imgmagic.domain.budget import parse_amount
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTIONS, ImagineOptions, Option
from imgmagic.domain.rules import closest, listed
from imgmagic.errors import SettingsError

# One word of the line: {{ }} holds together, and a quote opens only at the start of a word or after "=", so that
# an apostrophe inside a prompt stays an apostrophe. A search for the end of {{ goes no further than the next one,
# unless that is a text: {{ '{{' }} is how two braces are written.
_WORD = re.compile(
    r"""(?:\{\{(?:'\{\{'|"\{\{"|(?!\{\{).)*?\}\}|(?<![^\s=])"[^"]*"(?!\S)|(?<![^\s=])'[^']*'(?!\S)|\S)+"""
)
_QUOTED = re.compile(r"""(?P<before>.*?)(?P<quote>["'])(?P<text>.*)(?P=quote)$""", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What a `%%imagine` line says: the request's options, and what to do with the result."""

    options: ImagineOptions = field(default_factory=ImagineOptions)
    words: str = ""  # the line magic's prompt
    inputs: tuple[str, ...] = ()  # variables whose text begins the prompt
    out: str | None = None
    save: str | None = None
    overwrite: bool = False
    dry_run: bool = False
    quiet: bool = False
    wait: bool = True
    help: bool = False


class LineParser(argparse.ArgumentParser):
    """Argparse that raises `UsageError` and never exits, abbreviates or guesses."""

    def error(self, message: str) -> NoReturn:
        """Raise the UsageError."""
        raise UsageError(f"{self.prog}: {message.rstrip('.')}. Type {self.prog}? for every option.")


def split(line: str) -> list[str]:
    """Return the words of a line: quotes taken off, `{{ }}` and apostrophes left as they are."""
    return [_unquoted(word) for word in _typed_words(line)]


def parse(
    line: str, *, magic: str = "%%imagine", expand: Callable[[str], str] = str, head: Sequence[str] = ()
) -> Arguments:
    """Parse the line of `%%imagine` or `%imagine`.

    Args:
        line: everything after the magic's name.
        magic: its name, for messages.
        expand: replaces `{{ }}` in each value.
        head: words from the head of the cell; the line's own win over them.

    Raises:
        UsageError: an unknown option, a missing value, or one of the wrong type; it names the closest option.
    """
    parser = imagine_parser(magic)
    _expand_values(parser, expand)
    known, rest = parser.parse_known_intermixed_args(hyphenated([*head, *_typed_words(line)]))
    stray = [word for word in rest if word.startswith("-")]
    if stray:
        refuse_unknown(parser, stray[0])
    values = vars(known)
    if values["out"] is not None and not (values["out"].isidentifier() and not keyword.iskeyword(values["out"])):
        parser.error(f"--out needs a variable's name; {values['out']!r} is none")
    return Arguments(
        options=_imagine_options(values),
        words=_prompt([*values["words"], *rest]),
        inputs=tuple(values["inputs"]),
        **{name: values[name] for name in _WHAT_TO_DO},
    )


_WHAT_TO_DO = ("out", "save", "overwrite", "dry_run", "quiet", "wait", "help")


def imagine_parser(prog: str = "%%imagine") -> argparse.ArgumentParser:
    """Return the parser of the magic's line, made from the option table."""
    parser = LineParser(prog=prog, add_help=False, allow_abbrev=False, usage=f"{prog.replace('%', '%%')} [options]")
    request = parser.add_argument_group("what to draw, and how")
    request.add_argument("-p", "--provider", metavar="NAME", help="the server to ask; %%imgmagic providers lists them")
    for option in OPTIONS:
        _add(request, option)
    request.add_argument(
        "--param",
        action="append",
        type=_key_and_value,
        metavar="KEY=VALUE",
        default=[],
        help="any other key of the request body; VALUE is JSON if it parses, else text; repeatable",
    )
    request.add_argument(
        "-i",
        "--input",
        dest="inputs",
        action="append",
        default=[],
        metavar="NAME",
        help="begin the prompt with the text of a variable, as it is; repeatable",
    )
    _add_result(parser)
    _add_sending(parser)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def _add_result(parser: argparse.ArgumentParser) -> None:
    result = parser.add_argument_group("what to do with the result")
    result.add_argument("-o", "--out", metavar="NAME", help="bind the Generation to a variable")
    result.add_argument("--save", metavar="PATH", help="save the image to a file or into a folder")
    result.add_argument("--overwrite", action="store_true", help="let --save replace a file that exists")
    result.add_argument("--alt", metavar="TEXT", help="alternative text of the picture; the prompt unless given")
    result.add_argument(
        "--tag", dest="tags", action="append", metavar="TEXT", help="tag the call in the history; repeatable"
    )
    result.add_argument("--quiet", action="store_true", help="show nothing but errors")


def _add_sending(parser: argparse.ArgumentParser) -> None:
    sending = parser.add_argument_group("sending")
    sending.add_argument("--dry-run", action="store_true", help="show the request; send nothing")
    sending.add_argument(
        "--no-wait", dest="wait", action="store_false", help="run in the background; the cell returns its job at once"
    )
    sending.add_argument("--fresh", action="store_true", help="ask again, whatever an earlier session drew")
    sending.add_argument("--max-cost", type=amount, metavar="USD", help="refuse the call if it could cost more")
    sending.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="how long the call may take in all")
    sending.add_argument(
        "--no-check", dest="check", action="store_false", help="send even what the server is known to refuse or ignore"
    )
    sending.add_argument("--help", action="store_true", help="show this page")


def _expand_values(parser: argparse.ArgumentParser, expand: Callable[[str], str]) -> None:
    """Let each option unquote and expand its value itself.

    What an expression gives is then never taken for a flag, and the words of a prompt stay as typed until the prompt
    is expanded as a whole, once.
    """
    for action in parser._actions:
        if action.option_strings:
            read = cast("Callable[[str], object]", action.type or _text)
            action.type = functools.partial(_read, read, expand)


def _read(read: Callable[[str], object], expand: Callable[[str], str], text: str) -> object:
    return read(expand(_unquoted(text)))


def _typed_words(line: str) -> list[str]:
    return [found.group() for found in _WORD.finditer(line)]


def _prompt(words: Sequence[str]) -> str:
    """Return the prompt as typed: its quotes are part of it, unless they hold all of it."""
    return _unquoted(words[0]) if len(words) == 1 else " ".join(words)


def flags(parser: argparse.ArgumentParser) -> Sequence[str]:
    """Return every long flag of `parser`."""
    return [flag for action in parser._actions for flag in action.option_strings if flag.startswith("--")]


def _add(group: argparse._ArgumentGroup, option: Option) -> None:
    flags = [f"-{option.short}", option.flag] if option.short else [option.flag]
    if option.kind is bool:
        group.add_argument(*flags, action=argparse.BooleanOptionalAction, default=None, help=option.help)
    else:
        group.add_argument(*flags, type=_KINDS[option.kind], metavar=option.metavar, help=option.help)


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def amount(text: str) -> Decimal:
    """Return US dollars, for argparse."""
    try:
        return parse_amount(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _text(text: str) -> str:
    return text


_KINDS: Mapping[type, Callable[[str], int | str]] = {int: _whole_number, str: _text}


def _key_and_value(text: str) -> tuple[str, JsonValue]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return key, json.loads(value, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return key, _unquoted(value)


def _no_json(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's


def _imagine_options(values: Mapping[str, object]) -> ImagineOptions:
    names = [name for name in ImagineOptions.__annotations__ if name != "params"]
    options = {name: values[name] for name in names if values[name] is not None}
    params = cast("list[tuple[str, JsonValue]]", values["param"])
    return cast("ImagineOptions", {**options, **({"params": dict(params)} if params else {})})


def _unquoted(word: str) -> str:
    found = _QUOTED.fullmatch(word)
    if found is None or (found["before"] and not found["before"].endswith("=")):
        return word
    return found["before"] + found["text"]


def hyphenated(words: list[str]) -> list[str]:
    """Take `--output_format` for `--output-format`: people type the body's name."""
    return [_with_hyphens(word) if word.startswith("--") else word for word in words]


def _with_hyphens(word: str) -> str:
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value


def refuse_unknown(parser: argparse.ArgumentParser, word: str) -> NoReturn:
    """Raise the UsageError for an option that `parser` does not have; it names the closest."""
    known, name = flags(parser), word.partition("=")[0]
    parser.error(f"there is no option {name}.{closest(name, known)} Options: {listed(known)}")
