"""Arguments: the magic's line as options; it knows argparse and the option table, not IPython's shell."""

import argparse
import functools
import keyword
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, cast

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTIONS, ImagineOptions, Option
from imgmagic.domain.typed_value import DASHES
from imgmagic.domain.wording import closest, listed
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.line.values import (
    KINDS,
    amount,
    key_and_value,
    picture_of_history,
    seconds,
    text_as_it_is,
    whole_number,
)
from imgmagic.notebook.line.words import typed_words, unquote


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """A parsed `%%imagine` line: the request's options, and what to do with the result."""

    options: ImagineOptions = field(default_factory=ImagineOptions)
    words: str = ""  # the line magic's prompt
    inputs: tuple[str, ...] = ()  # variables whose text begins the prompt
    suffixes: tuple[str, ...] = ()  # variables whose text ends it
    vary: tuple[str, ...] = ()  # the axes of a sweep, as typed
    zipped: bool = False
    parallel: int = 4
    retry: bool = False
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


def parse(
    line: str, *, magic: str = "%%imagine", expand: Callable[[str], str] = str, head: Sequence[str] = ()
) -> Arguments:
    """Parse the line of `%%imagine` or `%imagine`.

    Args:
        line: everything after the magic's name.
        magic: its name, for messages.
        expand: replaces `{{ }}` in each value.
        head: words from the head of the cell; those on the line win.

    Raises:
        UsageError: an unknown option, a missing value, or one of the wrong type; it names the closest option.
    """
    parser = imagine_parser(magic)
    _expand_values(parser, expand)
    known, words = _options_and_prompt(parser, [*head, *typed_words(line)])
    values = vars(known)
    if values["out"] is not None and not (values["out"].isidentifier() and not keyword.iskeyword(values["out"])):
        parser.error(f"--out needs a valid variable name, not {values['out']!r}")
    return Arguments(
        options=_imagine_options(values),
        words=_prompt(words),
        inputs=tuple(values["inputs"]),
        suffixes=tuple(values["suffixes"]),
        vary=tuple(values["vary"]),
        **{name: values[name] for name in _WHAT_TO_DO},
    )


def _options_and_prompt(parser: argparse.ArgumentParser, words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options and the prompt's words: `--` before the prompt ends the options; within it, it is a dash."""
    end = words.index("--") if "--" in words else len(words)
    options, prompt = _parse_words(parser, words[:end], argparse.Namespace())
    if not prompt or end == len(words):
        return options, [*prompt, *words[end + 1 :]]
    options, more = _parse_words(parser, [_DASH if word == "--" else word for word in words[end:]], options)
    return options, [*prompt, *("--" if word == _DASH else word for word in more)]


_DASH = " --"  # not an option to argparse, and not a word that a line can contain


def _parse_words(
    parser: argparse.ArgumentParser, words: Sequence[str], options: argparse.Namespace
) -> tuple[argparse.Namespace, list[str]]:
    known, rest = parser.parse_known_intermixed_args(hyphenate(words, parser), options)
    stray = [word for word in rest if word.startswith("-")]
    if stray:
        refuse_unknown(parser, stray[0])
    return known, [*vars(known).pop("words"), *rest]


_WHAT_TO_DO = ("zipped", "parallel", "retry", "out", "save", "overwrite", "dry_run", "quiet", "wait", "help")


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
        type=key_and_value,
        metavar="KEY=VALUE",
        default=[],
        help="any other key of the request body; VALUE is JSON if it parses, else text; repeatable",
    )
    for flags, place, edge in ((("--prefix",), "inputs", "begin"), (("--suffix",), "suffixes", "end")):
        request.add_argument(
            *flags,
            dest=place,
            action="append",
            default=[],
            metavar="NAME",
            help=f"{edge} the prompt with the text of a variable, unchanged; repeatable",
        )
    request.add_argument("-i", "--input", dest="inputs", action="append", help=argparse.SUPPRESS)  # as it was called
    _add_inputs(parser)
    _add_sweep(parser)
    _add_result(parser)
    _add_sending(parser)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    inputs = parser.add_argument_group("what to start from")
    inputs.add_argument(
        "--from",
        dest="images",
        action="append",
        type=picture_of_history,
        metavar="ID[.K]",
        help="start from a picture in the history, such as 12 or 12.2; repeatable",
    )
    inputs.add_argument(
        "--image",
        dest="images",
        action="append",
        metavar="REF",
        help="start from a file, a variable, or #12; repeatable",
    )
    inputs.add_argument("--mask", metavar="REF", help="which part of the first picture may change")
    inputs.add_argument("--markup", metavar="REF", help="drawn instructions over the first picture")
    inputs.add_argument(
        "--paste-back",
        action="store_true",
        default=None,
        help="restore the original outside the mask, in a second picture",
    )
    inputs.add_argument(
        "--feather", type=whole_number, metavar="PIXELS", help="how soft the edge of --paste-back is; by default 8"
    )


def _add_sweep(parser: argparse.ArgumentParser) -> None:
    sweep = parser.add_argument_group("several values at once")
    sweep.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="draw a grid over the values of an option, the prompt, or a name in its {{ }}: a,b, 1..5, JSON, @name or "
        '@file.txt; a value may have a label, dusk="the last light"; repeatable, at most 4',
    )
    sweep.add_argument(
        "--zip",
        dest="zipped",
        action="store_true",
        help="take the lists of --vary side by side instead of crossing them",
    )
    sweep.add_argument(
        "--parallel", type=whole_number, default=4, metavar="N", help="how many cells to draw at a time; by default 4"
    )
    sweep.add_argument(
        "--retry", action="store_true", help="also ask again for cells that failed and may have been billed"
    )


def _add_result(parser: argparse.ArgumentParser) -> None:
    result = parser.add_argument_group("what to do with the result")
    result.add_argument("-o", "--out", metavar="NAME", help="bind the Generation to a variable")
    result.add_argument("--save", metavar="PATH", help="save the image to a file or into a folder")
    result.add_argument("--overwrite", action="store_true", help="let --save replace an existing file")
    result.add_argument("--alt", metavar="TEXT", help="alternative text for the picture; by default the prompt")
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
    sending.add_argument("--fresh", action="store_true", help="ask again, even if an earlier session drew the same")
    sending.add_argument("--max-cost", type=amount, metavar="USD", help="refuse the call if it could cost more")
    sending.add_argument("--timeout", type=seconds, metavar="SECONDS", help="how long the call may take in total")
    sending.add_argument(
        "--no-check", dest="check", action="store_false", help="send even what the server is known to refuse or ignore"
    )
    sending.add_argument("--help", action="store_true", help="show this page")


def _expand_values(parser: argparse.ArgumentParser, expand: Callable[[str], str]) -> None:
    """Let each option unquote and expand its value itself.

    Then the value of an expression is never mistaken for a flag, and the words of a prompt stay as typed until the
    whole prompt is expanded, once.
    """
    for action in parser._actions:
        if action.option_strings and action.dest != "vary":  # whose values are read, and filled in, cell by cell
            read = cast("Callable[[str], object]", action.type or text_as_it_is)
            action.type = functools.partial(_read, read, expand)


def _read(read: Callable[[str], object], expand: Callable[[str], str], text: str) -> object:
    return read(expand(unquote(text)))


def _prompt(words: Sequence[str]) -> str:
    """Return the prompt as typed: its quotes are part of it, unless they enclose all of it."""
    return unquote(words[0]) if len(words) == 1 else " ".join(words)


def flags(parser: argparse.ArgumentParser) -> Sequence[str]:
    """Return every long flag of `parser`."""
    return [flag for action in parser._actions for flag in action.option_strings if flag.startswith("--")]


@functools.cache
def imagine_flags() -> Sequence[str]:
    """Return every long flag of the magics, from a parser made once: making one takes a millisecond."""
    return flags(imagine_parser())


def _add(group: argparse._ArgumentGroup, option: Option) -> None:
    flags = [f"-{option.short}", option.flag] if option.short else [option.flag]
    if option.kind is bool:
        group.add_argument(*flags, action=argparse.BooleanOptionalAction, default=None, help=option.help)
    else:
        group.add_argument(*flags, type=KINDS[option.kind], metavar=option.metavar, help=option.help)


def _imagine_options(values: Mapping[str, object]) -> ImagineOptions:
    names = [name for name in ImagineOptions.__annotations__ if name != "params"]
    options = {name: values[name] for name in names if values[name] is not None}
    params = cast("list[tuple[str, JsonValue]]", values["param"])
    return cast("ImagineOptions", {**options, **({"params": dict(params)} if params else {})})


def hyphenate(words: Sequence[str], parser: argparse.ArgumentParser) -> list[str]:
    """Read `--output_format`, the body's name, as `--output-format`, and a pasted dash as hyphens."""
    known = frozenset(flag for action in parser._actions for flag in action.option_strings)
    plain = (_with_plain_dashes(word, known) for word in words)
    return [_with_hyphens(word) if word.startswith("--") else word for word in plain]


def _with_plain_dashes(word: str, known: Collection[str]) -> str:
    """Return `—size` and `–n` as `--size` and `-n`: word processors replace hyphens; in a prompt a dash is a dash."""
    name = word.lstrip(f"-{DASHES}")
    if word[: len(word) - len(name)].strip("-") == "":
        return word
    name, equals, value = name.partition("=")
    plain = name.translate(dict.fromkeys(map(ord, DASHES), "-")).replace("_", "-")
    found = f"-{plain}" if len(plain) == 1 else f"--{plain}"
    return f"{found}{equals}{value}" if found in known else word


def _with_hyphens(word: str) -> str:
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value


def refuse_unknown(parser: argparse.ArgumentParser, word: str) -> NoReturn:
    """Raise the UsageError for an option that `parser` does not have; it names the closest."""
    known, name = flags(parser), word.partition("=")[0]
    parser.error(f"there is no option {name}.{closest(name, known)} Options: {listed(known)}")
