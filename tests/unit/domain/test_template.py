import contextlib
import time
from decimal import Decimal
from pathlib import PurePosixPath
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgmagic.domain.template import expand, quote
from imgmagic.errors import RequestInvalid


def _broken():
    raise OSError("the disk is gone")


NAMES = {
    "animal": "fox",
    "n": 3,
    "names": ["ann", "bob"],
    "row": SimpleNamespace(title="dawn"),
    "table": {"a": 1},
    "image": Image.new("RGB", (2, 2)),
    "nothing": None,
    "broken": _broken,
    "hostile": "{{ n }} {% raw %} <script>",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{ animal }}", "a fox"),
        ("{{animal}}{{ n }}", "fox3"),
        ("{{ names | join(' and ') }}", "ann and bob"),
        ("{{ row.title }} {{ names[0] }}", "dawn ann"),
        ("{{ '}}' }} and {{ '{{' }}", "}} and {{"),
        ("{{ {'a': {'b': 1}}['a']['b'] }}", "1"),
        ("{{ n * 2 }}", "6"),
        ("{{ hostile }}", "{{ n }} {% raw %} <script>"),
        ("{{ missing | default('cat') }}", "cat"),
        ("}} {{ n }} }}", "}} 3 }}"),
    ],
)
def test_expressions_are_replaced_by_their_values(text, expected):
    """Names, filters, attributes, items and arithmetic; what a value holds is never read as a template again."""
    assert expand(text, NAMES) == expected


@pytest.mark.parametrize("extra", ["", " {{ n }}"])
@pytest.mark.parametrize(
    "text",
    [
        "{animal}",
        "$animal ${n}",
        "{% if n %}",
        "{# note #}",
        "100 %",
        "# n",
        "## n",
        "}}",
        "f'{n}'",
        "a\n",
        "\n\n",
        "{n:}",
    ],
)
def test_everything_else_is_text(text, extra):
    """Braces, dollars, percent and hash signs stay as typed, also beside an expression."""
    assert expand(text + extra, NAMES) == text + extra.replace("{{ n }}", "3")


@given(st.text().filter(lambda text: "{{" not in text))
def test_a_text_without_expressions_stays_as_it_is(text):
    """Whatever it holds."""
    assert expand(text, {}) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{ names[9] }}", "there is no element 9; it has 2 elements, numbered from 0 to 1. Name one that it has"),
        ("{{ table.b }}", "there is no key 'b'; it has 'a'. Name one that it has"),
        ("{{ animl }}", "Define it in an earlier cell. Did you mean animal?"),
        ("a {{ missing }}", "{{ missing }}: 'missing' is undefined"),
        ("{{ row.author }}", "{{ row.author }}"),
        ("{{ names[7] }}", "{{ names[7] }}"),
        ("{{ missing.part }}", "'missing' is undefined"),
        ("{{ 1 / 0 }}", "{{ 1 / 0 }} failed: ZeroDivisionError"),
        ("{{ animal + n }}", "{{ animal + n }} failed: TypeError"),
        ("{{ broken() }}", "{{ broken() }} failed: OSError: the disk is gone"),
        ("{{ animal | nofilter }}", "nofilter"),
        ("{{ animal. }}", "{{ animal. }} cannot be read"),
        ("{{ }}", "cannot be read"),
        ("fine {{ animal", "begins with {{ animal is not closed"),
        ("{{", "is not closed"),
        ("{{ (n }}", "cannot be read"),
        ("{{ image }}", "the value of {{ image }} is of type Image"),
        ("{{ animal.encode() }}", "is of type bytes"),
        ("{{ names }}", "is of type list"),
        ("{{ nothing }}", "is None"),
        ("{{ broken }}", "is of type function"),
    ],
)
def test_what_cannot_be_expanded_is_refused_and_named(text, named):
    """One RequestInvalid that names the expression, whatever went wrong in it."""
    with pytest.raises(RequestInvalid) as raised:
        expand(text, NAMES)

    assert named in str(raised.value)
    assert ".." not in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize(("value", "shown"), [(True, "True"), (1.5, "1.5"), (Decimal("2.50"), "2.50")])
def test_numbers_read_as_python_prints_them(value, shown):
    """A number goes into the prompt as str() writes it."""
    assert expand("{{ value }}", {"value": value}) == shown


def test_a_path_is_text():
    """Paths are what people have in variables."""
    assert expand("{{ path }}", {"path": PurePosixPath("a/b")}) == "a/b"


@pytest.mark.parametrize(
    "text", ["{{ n }}" + "x" * 32_000, "{{" * 16_000, "{{ n }}," * 4_000, "{ " * 16_000 + "{{ n }}"]
)
def test_a_long_prompt_takes_no_time(text):
    """At the bound of 32,000 characters, also where it is nothing but braces."""
    began = time.process_time()

    with contextlib.suppress(RequestInvalid):
        expand(text, NAMES)

    assert time.process_time() - began < 2


@given(st.text(st.sampled_from("{}%#\x00\x01\x02\r\n\"'\\ a-+\x85\u2028\ud800🦊"), max_size=12))
def test_quoted_text_is_expanded_to_itself(text):
    """Whatever it holds: what came out of one expansion is never code in the next."""
    for each in (text, "{{" + text, text + "{{", "{{ 6 * 7 }}" + text):
        assert expand(quote(each), {"a": "expanded"}) == each


@pytest.mark.parametrize(
    "expression",
    ["''.__class__", "f.__globals__", "(1).real.__class__", "''.format.__self__.__class__", "f.__code__.co_consts"],
)
def test_expressions_run_in_a_sandbox(expression):
    """Nothing below the surface of the notebook's objects is reached."""
    with pytest.raises(RequestInvalid, match=r"is not allowed|is undefined"):
        expand(f"{{{{ {expression} }}}}", {"f": test_expressions_run_in_a_sandbox})
