"""What Tab offers after an option: what the server and the model of that very line take."""

import pytest
from IPython.core.completer import provisionalcompleter

from imgmagic.wire.dialects import DIALECTS
from tests.support.shell import loaded_shell


@pytest.fixture
def shell():
    """Return a shell with the extension loaded, where no key is set."""
    with loaded_shell() as shell:
        shell.ip.Completer.use_jedi = False
        yield shell.ip


def tab(shell, cell, at=None):
    """Return what Tab offers at the end of a cell, or at a place in it."""
    with provisionalcompleter():
        return {each.text for each in shell.Completer.completions(cell, len(cell) if at is None else at)}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("-m gpt-image-2 --quality ", {"low", "medium", "high", "auto"}),
        ("--model=gpt-image-2 -q ", {"low", "medium", "high", "auto"}),
        ("-m gpt-image-2 --quality=", {f"--quality={each}" for each in ("low", "medium", "high", "auto")}),
        ("-m gpt-image-2.5-flare -q ", {"low", "medium", "high", "xhigh", "max", "auto"}),
        ("-q high -m gpt-image-2 -m gpt-image-2.5-flare -q x", {"xhigh"}),
        ("-p xai -m ", set(DIALECTS["xai"].models)),
        ("-p openai -m ", set(DIALECTS["openai"].models)),
        ("--partial-images ", {"0", "1", "2", "3"}),
    ],
)
def test_values_are_those_of_provider_and_model(shell, line, offered):
    """Only what that server says that it takes."""
    assert tab(shell, f"%%imagine {line}") == offered


def test_values_follow_the_settings(shell, monkeypatch):
    """Where the line names no model."""
    monkeypatch.setenv("IMGMAGIC_MODEL", "gpt-image-2")

    assert tab(shell, "%%imagine -q ") == {"low", "medium", "high", "auto"}


@pytest.mark.parametrize("flag", ["--quality", "--background", "--output-format"])
def test_what_a_server_does_not_take_is_not_offered(shell, flag):
    """Neither refused nor ignored values are put into anybody's hand."""
    assert tab(shell, f"%%imagine -p yandex {flag} ").isdisjoint({"low", "high", "auto", "transparent", "png"})


def test_every_server_takes_what_is_offered(shell):
    """For each dialect, each of its models, and each option with values."""
    for name, dialect in DIALECTS.items():
        for model in dialect.models:
            for option in ("size", "quality", "output_format", "background", "moderation", "style"):
                rule = dialect.rules_for(model).get(option)
                found = tab(shell, f"%%imagine -p {name} -m {model} --{option.replace('_', '-')}=")
                values = [each.partition("=")[2] for each in found if each.startswith("--")]
                assert rule is None or [each for each in values if each and rule.fault(option, each)] == []


@pytest.mark.parametrize("line", ["-p nobody -q ", "-m never-heard-of -q "])
def test_an_unknown_server_or_model_offers_what_there_is(shell, line):
    """Completion never fails."""
    assert {"low", "high"} <= tab(shell, f"%%imagine {line}")


@pytest.mark.parametrize(
    "broken",
    [
        b"[tool.imgmagic",
        b"\xff\xfe",
        b"tool = 3",
        b"[tool.imgmagic]\nproviders = 3",
        b"[tool.imgmagic]\nsise = '1024x1024'",
        b"[tool.imgmagic]\nhistory_url = 'nonsense'",
        b"[tool.imgmagic.providers.lab]\ndialect = ['x']",
    ],
)
def test_settings_that_cannot_be_read_do_not_break_completion(shell, monkeypatch, tmp_path, capfd, broken):
    """Whatever does not come from the file is offered, without a word; what is wrong is said when the cell runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(broken)

    assert "low" in tab(shell, "%%imagine -q ")
    assert "--size" in tab(shell, "%%imagine --si")
    assert {"openai", "simulator"} <= tab(shell, "%%imagine -p ")
    assert {"openai", "simulator"} <= tab(shell, "%imgmagic models ")
    assert {"history", "show"} <= tab(shell, "%imgmagic ")
    tab(shell, "%imgmagic show ")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "cell", ["x = 1\n%imagine --si", "for a in b:\n    %imagine --si", "fox = %imagine --si", "%imagine -n 2 --si"]
)
def test_a_line_magic_is_completed_anywhere(shell, cell):
    """On any line of a cell, also in a loop and in an assignment."""
    assert "--size" in tab(shell, cell)


@pytest.mark.parametrize("cell", ["%%imagine\n%imagine --si", "%%time\nx = 'a' --si", "x = 1 --si"])
def test_a_prompt_is_not_completed(shell, cell):
    """What looks like a magic inside a prompt is text."""
    assert "--size" not in tab(shell, cell)
