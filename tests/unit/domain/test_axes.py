import string
from pathlib import PurePosixPath

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.axes import Axis, axes_of, axis_of, parse_axis, typed_axis
from imgmagic.domain.axis_words import json_or_text, number_or_text
from imgmagic.errors import RequestInvalid

NAMES = {
    "styles": ["oil", "ink"],
    "lights": {"dusk": "the last light", "dawn": "the first light"},
    "numbers": numpy.array([1, 2]),
    "number": 3,
    "word": "oil",
    "nothing": [],
    "objects": [object()],
    "hostile": ["{{ secret }}"],
    "table": pandas.DataFrame({"style": ["oil", "ink"]}),
    "square": numpy.zeros((2, 2)),
    "once": (style for style in ["oil", "ink"]),
    "unknown": [float("nan"), 1.0],
}
FILES = {"words.txt": "red\n\n  blue \n", "sub/words.txt": "one", "empty.txt": "\n"}


def read(path: str) -> str:
    if path not in FILES:
        raise RequestInvalid(f"nothing was sent: {path} does not exist.")
    return FILES[path]


def parse(text: str) -> Axis:
    return parse_axis(text, names=NAMES, read=read)


@pytest.mark.parametrize(
    ("text", "name", "labelled"),
    [
        ("size=1024x1024,1536x1024", "size", {"1024x1024": "1024x1024", "1536x1024": "1536x1024"}),
        ("output-format=png , webp", "output_format", {"png": "png", "webp": "webp"}),
        ('style="oil, thick paint",ink', "style", {"oil, thick paint": "oil, thick paint", "ink": "ink"}),
        ("style='oil, thick paint',ink", "style", {"oil, thick paint": "oil, thick paint", "ink": "ink"}),
        ("light=dusk=late,dawn=early", "light", {"dusk": "late", "dawn": "early"}),
        ('light=dusk="the last, red light"', "light", {"dusk": "the last, red light"}),
        ('light="at dusk"="a=b"', "light", {"at dusk": "a=b"}),
        ("who=monet's,ink", "who", {"monet's": "monet's", "ink": "ink"}),
        ('word="",b', "word", {"(empty)": "", "b": "b"}),
        ("n=1..3", "n", {"1": "1", "2": "2", "3": "3"}),
        ("n=2..-1,7", "n", {"2": "2", "1": "1", "0": "0", "-1": "-1", "7": "7"}),
        ('n="1..3"', "n", {"1..3": "1..3"}),
        ("""'style="oil, thick paint",ink'""", "style", {"oil, thick paint": "oil, thick paint", "ink": "ink"}),
        ("""style='["oil", "ink"]'""", "style", {"oil": "oil", "ink": "ink"}),
        ("style='[a, b]'", "style", {"[a, b]": "[a, b]"}),
        ("v=1.0..rc", "v", {"1.0..rc": "1.0..rc"}),
        ("x={{ a, b }},c", "x", {"{{ a, b }}": "{{ a, b }}", "c": "c"}),
        ('x=["a, b", 3, true, null]', "x", {"a, b": "a, b", "3": 3, "true": True, "default": None}),
        ('x={"few": [1], "many": {"n": 2}}', "x", {"few": [1], "many": {"n": 2}}),
        ("x=@styles", "x", {"oil": "oil", "ink": "ink"}),
        ("x=@lights", "x", {"dusk": "the last light", "dawn": "the first light"}),
        ("x=@numbers", "x", {"1": 1, "2": 2}),
        ("x=@words.txt", "x", {"red": "red", "blue": "blue"}),
        ("x=@sub/words.txt", "x", {"one": "one"}),
    ],
)
def test_values_are_read_as_typed(text, name, labelled):
    """Every way of writing values gives the axis that it describes, with its labels."""
    axis = parse(text)

    assert axis.name == name
    assert {value.label: value.value for value in axis.values} == labelled


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "does not say what to vary"),
        ("size", "does not say what to vary"),
        ("=a,b", "does not say what to vary"),
        ("a b=1", "does not say what to vary"),
        ("size=", "no value for size"),
        ("size=[]", "no value for size"),
        ("size=@nothing", "no value for size"),
        ("size=@empty.txt", "no value for size"),
        ("size=a,,b", "a value of size is empty"),
        ("size=a,", "a value of size is empty"),
        ("size=,", "a value of size is empty"),
        ("size=a,b,a", "has the value a twice"),
        ('x="unclosed, b', "does not end where a value ends"),
        ('x="a"b,c', "does not end where a value ends"),
        ("x=[1, ", "not valid JSON"),
        ("x=[NaN]", "not valid JSON"),
        ("x=1..100000000", "more than 100,000 values"),
        ("x=@missing", "missing, which is not defined"),
        ("x=@number", "number, which is of type int, not a list"),
        ("x=@word", "word, which is of type str, not a list"),
        ("x=@objects", "of type object, not text or a number"),
        ("x=@missing.txt", "missing.txt does not exist"),
        ("x=['oil', 'ink']", "strings in double quotes"),
        ("x=0.1..0.5", "0.1..0.5 in x is not a range of whole numbers"),
        ("x=1..99999999999", "is not a range of whole numbers"),
        ("x=@table", "of type DataFrame, a table"),
        ("x=@square", "of type ndarray, a table"),
        ("x=@once", "once, which can be read only once"),
        ("x=@unknown", "a value of x is nan, not text or a number"),
    ],
)
def test_what_cannot_be_read_is_refused(text, told):
    """A text that is not an axis is refused with what is wrong in it."""
    with pytest.raises(RequestInvalid, match="nothing was sent") as caught:
        parse(text)

    assert told in str(caught.value)


def test_what_a_list_holds_is_data():
    """Braces in a value from a list are not an expression; those typed on the line are."""
    assert not any(value.is_typed for value in parse("x=@hostile").values)
    assert all(value.is_typed for value in parse('x={{ a }},"{{ b }}"').values)


@pytest.mark.parametrize("values", ["oil", b"oil", 3, None])
def test_python_values_must_be_a_list(values):
    """A keyword that is not a list is refused, a text among them: its letters are not values."""
    with pytest.raises(RequestInvalid, match="not a list"):
        axis_of("style", values)


@pytest.mark.parametrize("vary", [None, ["size"], "size=a,b"])
def test_python_axes_must_be_a_dict(vary):
    """Anything else is refused with how to write one."""
    with pytest.raises(RequestInvalid, match="not a dict") as caught:
        axes_of(vary)

    assert "vary={" in caught.value.remedy


def test_python_lists_keep_their_kinds():
    """Numbers, booleans, None and paths of a Python list go in as they are."""
    axis = axis_of("x", (value for value in [1, 1.5, True, None, PurePosixPath("a/b"), numpy.float64(2.5)]))

    assert [value.value for value in axis.values] == [1, 1.5, True, None, "a/b", 2.5]


def test_long_labels_that_agree_are_told_apart():
    """Two long values with the same beginning have heads of their own."""
    axis = axis_of("prompt", ["a" * 100 + "1", "a" * 100 + "2"])

    assert axis.labels[0] != axis.labels[1]


@pytest.mark.parametrize(
    ("word", "number", "json"),
    [
        ("3", 3, 3),
        ("-2", -2, -2),
        ("2.5", 2.5, 2.5),
        ("1.10", "1.10", 1.1),
        ("007", "007", "007"),
        ("true", "true", True),
        ("nan", "nan", "nan"),
        ("NaN", "NaN", "NaN"),
        ("1_0", "1_0", "1_0"),
        ("red", "red", "red"),
        ("[1]", "[1]", [1]),
    ],
)
def test_an_unquoted_word_gets_its_kind(word, number, json):
    """A word is a number of the prompt only where the number is written exactly so, and JSON in a body."""
    assert number_or_text(word) == number
    assert json_or_text(word) == json


def test_a_quoted_word_stays_a_text():
    """Quotes keep a number from being taken for one."""
    axis = typed_axis(parse('x=1,"2"'), number_or_text)

    assert [value.value for value in axis.values] == [1, "2"]


_WORDS = st.text(string.ascii_letters + string.digits + " ,='.-+*äß漢", min_size=1, max_size=12)


@given(st.lists(_WORDS, min_size=1, max_size=6, unique=True))
def test_quoted_values_come_back(words):
    """Whatever stands between double quotes is one value, unchanged."""
    axis = parse("x=" + ",".join(f'"{word}"' for word in words))

    assert [value.value for value in axis.values] == words


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text):
    """Any text is an axis or a refusal, and every axis has values with distinct labels."""
    try:
        axis = parse("x=" + text)
    except RequestInvalid:
        return
    assert len(axis) >= 1
    assert len(set(axis.labels)) == len(axis)
