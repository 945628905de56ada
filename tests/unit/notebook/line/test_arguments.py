import time

import pytest
from IPython.core.error import UsageError

from imgmagic.domain.options import OPTIONS
from imgmagic.domain.template import expand
from imgmagic.notebook.line.arguments import imagine_parser, parse, split


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
        ("--max-cost -1", "no amount"),
        ("--param a", "'a' is not KEY=VALUE"),
        ("--param =1", "is not KEY=VALUE"),
        ("-o 1fox", "'1fox' is none"),
        ("-o class", "'class' is none"),
        ("-o a.b", "'a.b' is none"),
        ("-o ''", "'' is none"),
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
