"""A request as code: whatever it holds, the magic and Python read it back."""

import ast
from collections.abc import Mapping
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from imgmagic.domain.template import expand, quote
from imgmagic.notebook.line.arguments import flags, imagine_parser, parse
from imgmagic.notebook.line.cell_options import split_head
from imgmagic.notebook.panel.as_code import CodeRequest, as_call, as_cell

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
VALUES = st.one_of(st.booleans(), st.integers(-9, 9), TEXTS, st.lists(TEXTS, max_size=2), st.none())


def read_cell(cell: str) -> tuple[Mapping[str, Any], str]:
    """Return what the magic makes of a cell: its options, and its prompt."""
    line, _, cell_text = cell.partition("\n")
    head, body = split_head(cell_text, flags(imagine_parser()))
    arguments = parse(line.removeprefix("%%imagine"), expand=lambda text: expand(text, {}), head=head)
    return arguments.options, expand(body.strip("\n"), {})


@example(prompt="a", user="-\ud7fc", tag="-\ud7fc", params={})
@example(prompt="a", user="--", tag="-- b", params={})
@example(prompt="a", user="{{ name }}", tag="as typed: {{", params={"seed_x": "{{ 7 }}"})
@given(
    prompt=TEXTS, user=TEXTS, tag=TEXTS, params=st.dictionaries(st.from_regex("[a-z]{2,8}_x", fullmatch=True), VALUES)
)
def test_a_cell_asks_for_the_same(prompt: str, user: str, tag: str, params: dict[str, Any]) -> None:
    """Whatever is in prompt, option, tag and parameter, the magic reads it back."""
    asked = CodeRequest(
        prompt=quote(prompt), model="m", options={"user": user, "stream": False, "n": 2, **params}, tags=(tag,)
    )

    options, read = read_cell(as_cell(asked))

    assert read == prompt
    assert (options["model"], options["user"], options["stream"], options["n"]) == ("m", user, False, 2)
    assert options["tags"] == [tag]
    assert options.get("params", {}) == params


@given(prompt=TEXTS, params=st.dictionaries(st.from_regex("[a-z]{2,8}_x", fullmatch=True), VALUES))
def test_a_call_asks_for_the_same(prompt: str, params: dict[str, Any]) -> None:
    """The call parses, and holds prompt and parameters as they were."""
    call = as_call(CodeRequest(prompt=quote(prompt), options={"n": 2, **params}))

    found = ast.parse(call).body[1]
    assert isinstance(found, ast.Expr)
    assert isinstance(found.value, ast.Call)
    keywords = {each.arg: ast.literal_eval(each.value) for each in found.value.keywords}
    typed = found.value.args[0]
    template = typed.args[0] if isinstance(typed, ast.Call) else typed
    assert expand(ast.literal_eval(template), {}) == prompt
    assert keywords == {"n": 2, **({"params": params} if params else {})}


def test_a_prompt_that_looks_like_a_cell_option_stays_a_prompt() -> None:
    """The magic reads `#|` at the head of a cell as options."""
    assert read_cell(as_cell(CodeRequest(prompt="#| size: 1x1\nand more")))[1] == "#| size: 1x1\nand more"


def test_a_template_stays_a_template_in_code() -> None:
    """The cell can be run with another value of the variable."""
    asked = CodeRequest(prompt="a {{ animal }}")

    assert as_cell(asked) == "%%imagine\na {{ animal }}"
    assert "expand('a {{ animal }}', globals())" in as_call(asked)


def test_code_starts_from_the_same_pictures() -> None:
    """A file, a variable and a number, in a cell and in a call."""
    asked = CodeRequest(prompt="in winter", images=("#12", "my cat.png", "cat", "@sofa"), mask="@sky")

    assert (
        as_cell(asked) == '%%imagine --image #12 --image "my cat.png" --image cat --image @sofa --mask @sky\nin winter'
    )
    assert "    images=['#12', 'my cat.png', 'cat', sofa],\n    mask=sky,\n" in as_call(asked)
    drawn_on = CodeRequest(prompt="in winter", images=("#12",), markup="@arrows")
    assert as_cell(drawn_on) == "%%imagine --image #12 --markup @arrows\nin winter"
    assert "    markup=arrows,\n" in as_call(drawn_on)


def test_a_sweep_as_code_varies_the_same() -> None:
    """The cell and the call of a form that varies something hold its axes, lists of the notebook by their names."""
    asked = CodeRequest(
        prompt="a {{ style }} fox",
        vary=('style="oil, thick",ink', "n=1..2", "light=dusk=late,dawn=early", "place=@places"),
    )

    assert as_cell(asked).splitlines()[0] == (
        '%%imagine --vary style="oil, thick",ink --vary n=1..2 --vary light=dusk=late,dawn=early --vary place=@places'
    )
    call = ast.parse(as_call(asked)).body[-1].value
    axes = dict(zip((key.value for key in call.keywords[0].value.keys), call.keywords[0].value.values, strict=True))
    assert {name: ast.literal_eval(node) for name, node in axes.items() if name != "place"} == {
        "style": ["oil, thick", "ink"],
        "n": [1, 2],
        "light": {"dusk": "late", "dawn": "early"},
    }
    assert axes["place"].id == "places"
