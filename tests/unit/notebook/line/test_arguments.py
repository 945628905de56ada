import time

import pytest
from IPython.core.error import UsageError

from imgmagic.domain.options import OPTIONS
from imgmagic.domain.template import expand
from imgmagic.notebook.line.arguments import imagine_parser, parse
from imgmagic.notebook.line.words import split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b", ["a", "b"]),
        ('--alt "a b"', ["--alt", "a b"]),
        ("--alt='a b' c", ["--alt=a b", "c"]),
        ("the fox's den", ["the", "fox's", "den"]),
        ('{{ a | join(" and ") }} b', ['{{ a | join(" and ") }}', "b"]),
        ('--size={{ s }} x"y', ["--size={{ s }}", 'x"y']),
        ("{{ open", ["{{", "open"]),
        ('"open', ['"open']),
        ('--alt ""', ["--alt", ""]),
    ],
)
def test_a_line_is_split_into_words(line, words):
    """Quotes and braces hold together; an apostrophe is an apostrophe."""
    assert split(line) == words


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("-n 3 -s 1024x1024 -q low", {"n": 3, "size": "1024x1024", "quality": "low"}),
        ("-n3 --size=1024x1024", {"n": 3, "size": "1024x1024"}),
        ("--output_format png", {"output_format": "png"}),
        ("--no-stream --user a-b", {"stream": False, "user": "a-b"}),
        ("--stream --partial-images 0", {"stream": True, "partial_images": 0}),
        ('--param a=1 --param b=x --param "c=d e"', {"params": {"a": 1, "b": "x", "c": "d e"}}),
        ("--param a={\"b\":[1]} --param c=null --param d='x y'", {"params": {"a": {"b": [1]}, "c": None, "d": "x y"}}),
        ("--param a=NaN --param b=-Infinity --param c==", {"params": {"a": "NaN", "b": "-Infinity", "c": "="}}),
        ("--tag a --tag 'b c'", {"tags": ["a", "b c"]}),
        ("--no-check --fresh --timeout 5", {"check": False, "fresh": True, "timeout": 5.0}),
        ('--alt "-5 degrees"', {"alt": "-5 degrees"}),
        ("--from 12 --image cat.png --image @sofa", {"images": ["#12", "cat.png", "@sofa"]}),
        ("--image '#3.2' --from 12.4", {"images": ["#3.2", "#12.4"]}),
        ("--mask mask --paste-back --feather 0", {"mask": "mask", "paste_back": True, "feather": 0}),
        ("--markup arrows.png", {"markup": "arrows.png"}),
    ],
)
def test_options_are_read(line, options):
    """With every spelling of a flag that people type; only what was typed is in the request."""
    found = dict(parse(line).options)

    usual = {"check": True, "fresh": False}
    assert {name: value for name, value in found.items() if usual.get(name) != value} == options


@pytest.mark.parametrize("depth", [100_000])
def test_a_deep_value_is_text(depth):
    """JSON that no parser reads is taken as typed."""
    assert parse("--param a=" + "[" * depth).options["params"]["a"] == "[" * depth


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--qualty low", "no option --qualty. Did you mean --quality?"),
        ("--siz 1x1", "no option --siz. Did you mean --size?"),
        ("--sise=1024x1024", "no option --sise. Did you mean --size?"),
        ("-z", "no option -z"),
        ("a fox --fast", "no option --fast"),
        ("-n three", "'three' is not a whole number"),
        ("-n 1.5", "'1.5' is not a whole number"),
        ("-n", "expected one argument"),
        ("--timeout 0", "not a number of seconds above 0"),
        ("--timeout nan", "not a number of seconds above 0"),
        ("--max-cost -1", "not an amount"),
        ("--param a", "'a' is not KEY=VALUE"),
        ("--param =1", "is not KEY=VALUE"),
        ("-o 1fox", "not '1fox'"),
        ("-o class", "not 'class'"),
        ("-o a.b", "not 'a.b'"),
        ("-o ''", "not ''"),
    ],
)
@pytest.mark.parametrize("magic", ["%imagine", "%%imagine"])
def test_a_bad_line_is_a_usage_error(line, says, magic):
    """Nothing is swallowed into the prompt; the message names the magic and where all options stand."""
    with pytest.raises(UsageError) as raised:
        parse(line, magic=magic)

    assert says in str(raised.value)
    assert f"{magic}?" in str(raised.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a red fox", "a red fox"),
        ('-n 2 a sign that says "OPEN late" at night', 'a sign that says "OPEN late" at night'),
        ('"a red fox"', "a red fox"),
        ("a fox - at -5 degrees", "a fox - at -5 degrees"),
        ("the fox's den --quiet", "the fox's den"),
        ("{{ animal }} in {{ place }}", "{{ animal }} in {{ place }}"),
        ("a fox -- at dusk -- --quiet", "a fox -- at dusk --"),
        ("--quiet -- --no_fog -- a fox", "--no_fog -- a fox"),
    ],
)
def test_the_words_of_a_prompt_stay_as_typed(line, words):
    """Quotes inside a prompt are part of it, and expressions are left to the one expansion of the whole prompt."""
    assert parse(line, expand=lambda text: text.replace("{{", "!")).words == words


def test_values_are_expanded_and_never_taken_for_flags():
    """What an expression gives is a value, whatever it looks like."""
    given = {"{{ a }}": "--dry-run", "{{ n }}": "3", "x={{ a }}": "x=--dry-run"}

    found = parse("--alt {{ a }} -n {{ n }} --param x={{ a }} --tag {{ a }}", expand=lambda text: given.get(text, text))

    assert (found.options["alt"], found.options["n"], found.dry_run) == ("--dry-run", 3, False)
    assert (found.options["params"], found.options["tags"]) == ({"x": "--dry-run"}, ["--dry-run"])


@pytest.mark.parametrize("magic", ["%imagine", "%%imagine"])
def test_the_help_names_the_magic_and_every_option(magic):
    """Both magics' own names, with all their signs."""
    page = imagine_parser(magic).format_help()

    assert page.startswith(f"usage: {magic} [options]")
    assert all(option.flag in page for option in OPTIONS)


def test_two_braces_can_be_meant():
    """The way that the error names holds together as one value."""
    assert parse("--alt {{ '{{' }} a fox", expand=lambda text: expand(text, {})).options["alt"] == "{{"


@pytest.mark.parametrize(
    "line", ["{{" * 16_000, "{{ '{{' " * 4_000, '"' * 32_000, "' " * 16_000, "a " * 16_000, "{{ a }}" * 4_500]
)
def test_a_long_line_takes_no_time(line):
    """At the bound of a prompt."""
    began = time.process_time()

    parse(line)

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("line", "options", "words"),
    [
        ("—size 1x1 a fox", {"size": "1x1"}, "a fox"),
        ("––quality low a fox", {"quality": "low"}, "a fox"),
        ("–n 3 a fox", {"n": 3}, "a fox"),
        ("—output_format=png a fox", {"output_format": "png"}, "a fox"),
        ("−q low a — fox –really", {"quality": "low"}, "a — fox –really"),
        ("a fox — in the snow", {}, "a fox — in the snow"),
    ],
)
def test_dashes_that_are_no_hyphens_begin_an_option(line, options, words):
    """As word processors bend them; in a prompt a dash stays a dash."""
    found = parse(line, magic="%imagine")

    assert {name: value for name, value in found.options.items() if name not in ("check", "fresh")} == options
    assert found.words == words


def test_options_go_on_after_a_dash_of_the_prompt():
    """Each value is read once, and what may be given several times is gathered from both sides."""
    expanded = []

    found = parse("--tag a a fox -- at dusk --tag b -o fox", expand=lambda text: expanded.append(text) or text)

    assert (found.words, found.options["tags"], found.out) == ("a fox -- at dusk", ["a", "b"], "fox")
    assert expanded == ["a", "b", "fox"]


@pytest.mark.parametrize(
    ("line", "vary", "words"),
    [
        ("--vary size=a,b", ("size=a,b",), ""),
        ('--vary style="oil, thick paint",ink a fox', ('style="oil, thick paint",ink',), "a fox"),
        ("--vary style='oil, thick',ink", ("style='oil, thick',ink",), ""),
        ("--vary style=oil, ink -n 2 a fox", ("style=oil, ink",), "a fox"),
        ('--vary=x=["a b", "c"] a fox', ('x=["a b", "c"]',), "a fox"),
        ('--vary x={"one two": 1} a fox', ('x={"one two": 1}',), "a fox"),
        ("""--vary 'x=["a b", "c"]' a fox""", ("""'x=["a b", "c"]'""",), "a fox"),
        ("""--vary='x={"one two": 1}' -n 2 a fox""", ("""'x={"one two": 1}'""",), "a fox"),
        ("--vary x={{ a, b }},c a fox", ("x={{ a, b }},c",), "a fox"),
        ('--vary light=dusk="the last light",dawn=early a fox', ('light=dusk="the last light",dawn=early',), "a fox"),
        ("--vary a=1..3 --vary b=@names --zip a dog's bone", ("a=1..3", "b=@names"), "a dog's bone"),
        ("--vary who=monet's,ink a fox", ("who=monet's,ink",), "a fox"),
        ("--vary x=[1, a fox", ("x=[1, a",), "fox"),
    ],
)
def test_the_values_of_an_axis_are_one_word(line: str, vary: tuple[str, ...], words: str) -> None:
    """Quotes, JSON, expressions and a blank after a comma hold the values together, which are left as typed."""
    arguments = parse(line, magic="%imagine")

    assert arguments.vary == vary
    assert arguments.words == words
