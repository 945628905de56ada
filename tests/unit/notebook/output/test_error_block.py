import html as html_text
import re

import pytest

from imgmagic.errors import ContentRefused, ImgmagicError, RecordingMiss, RequestInvalid, SettingsError
from imgmagic.notebook.line.refusals import BadSetting, UsageError
from imgmagic.notebook.line.spelling import as_flag
from imgmagic.notebook.output.error_block import error_bundle, error_html, title_of


def words(html):
    """Return a block as people read it: one line for each of its parts, what can be copied in backticks."""
    html = re.sub(r"<style>.*?</style>", "", html)
    html = re.sub(r"</?code[^>]*>", "`", html)
    return [html_text.unescape(line) for line in re.sub(r"<[^>]+>", "\n", html).splitlines() if line]


def test_a_block_has_a_title_a_sentence_and_the_next_step():
    """As text it is the title alone, since the error's own text stands below."""
    error = ContentRefused("lab answered 400: refused.", remedy="Change the prompt.", request_id="req_1")

    shown = error_bundle(error)

    assert words(shown["text/html"]) == [
        "The server refused the content",
        "lab answered 400: refused. (request id req_1)",
        "Change the prompt.",
    ]
    assert shown["text/plain"] == "The server refused the content"
    assert "mathjax_ignore" in shown["text/html"]


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (SettingsError("no key.", remedy="Type %imgmagic key my-lab."), "Type `%imgmagic key my-lab`."),
        (
            SettingsError("no key.", remedy="Set LAB_KEY {key_of=my-lab}."),
            "Set `LAB_KEY` before Jupyter starts, or type `%imgmagic key my-lab`.",
        ),
        (SettingsError("none.", remedy="Use {stream=False} now."), "Use `--no-stream` now."),
        (SettingsError("none.", remedy='Run: pip install "a[b]".'), 'Run: `pip install "a[b]"`.'),
        (SettingsError("none.", remedy="{history} lists them."), "`%imgmagic history --all` lists them."),
        (UsageError("%imgmagic: no command 'x'. Type %imgmagic help."), "Type `%imgmagic help`."),
        (BadSetting("it is set to 3. Correct it there."), "Correct it there."),
        (RequestInvalid("nothing was sent. {size}: no. Add {check=False} now."), "Add `--no-check` now."),
    ],
    ids=str,
)
def test_what_can_be_typed_is_code_that_a_click_selects(error, step):
    """Parameters as the magic spells them, commands, variables and what to install."""
    error.spelling = as_flag

    html = error_html(error)

    assert words(html)[-1] == step
    assert html.count("user-select:all") == 2 * html.count("<code")


def test_a_block_is_harmless():
    """What a server wrote is text."""
    html = error_html(ImgmagicError("<script>alert(1)</script>\x1b[31m", remedy="{{ <b> }}"))

    assert "<script" not in html
    assert "<b>" not in html
    assert "\x1b" not in html


def test_a_miss_speaks_to_the_student_and_folds_the_teachers_part():
    """As plain text both follow each other."""
    miss = RecordingMiss("this prompt was not recorded.", remedy="Add {provider=simulator}.")
    miss.for_teachers = "type %imgmagic live."

    student, teacher = error_html(miss).split("<details")

    assert words(student)[1:] == ["This prompt was not recorded.", "Add `provider=simulator`."]
    assert "<summary>For teachers</summary>" in teacher
    assert "%imgmagic live" in teacher
    assert str(miss).endswith("Add provider=simulator. For teachers: type %imgmagic live.")


def test_every_kind_has_a_title():
    """None is called by the name of its class."""
    kinds = _below(ImgmagicError)

    assert [each.__name__ for each in kinds if title_of(each("x")) == "That did not work"] == []


def _below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
