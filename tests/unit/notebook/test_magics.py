import threading
from pathlib import Path

import pytest
from IPython.core.error import UsageError
from IPython.utils.capture import capture_output

import imgmagic
from imgmagic.errors import ImgmagicError, RequestInvalid, StoreError
from imgmagic.session import shared_session
from imgmagic.simulator import Simulator
from tests.support.sessions import QUICKLY_DRAWN
from tests.support.shell import plain_shell

KEY = "sk-marked-0123456789abcdef"


@pytest.fixture(scope="module")
def server():
    """Run a server that draws at once."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


@pytest.fixture
def shell(server, tmp_path, monkeypatch):
    """Return a shell with the extension loaded, in a folder of its own; nothing of it is left afterwards."""
    monkeypatch.chdir(tmp_path)
    values = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
    for name, value in {**QUICKLY_DRAWN, **values}.items():
        monkeypatch.setenv(name, value)
    imgmagic.default_session().close()
    _forget_session()
    with plain_shell() as shell:
        shell.extension_manager.load_extension("imgmagic")
        yield shell
        shell.extension_manager.unload_extension("imgmagic")
        _forget_session()


def _forget_session():
    shared_session.cache_clear()


def draw(shell, line, cell=None):
    """Run a magic as a cell does, without anything in the way of its errors."""
    with capture_output() as shown:
        made = shell.run_line_magic("imagine", line) if cell is None else shell.run_cell_magic("imagine", line, cell)
    return made, shown


@pytest.mark.parametrize(
    ("line", "cell", "says"),
    [
        ("", " \n\n", "prompt: it is empty"),
        ("--no-check", "\n", "prompt: it is empty"),
        ("-q hgih", "a fox", "Did you mean high?"),
        ("-n 11", "a fox", "1 to 10"),
        ("--size big", "a fox", "'big' is not a size"),
        ("--no-check -n 200", "a fox", "streams can run side by side"),
        ("", "a {{ missing }}", "'missing' is undefined"),
        ("", "a {{ 1 / 0 }}", "{{ 1 / 0 }} failed"),
        ("--alt {{ missing }}", "a fox", "'missing' is undefined"),
        ("-p opnai", "a fox", "Did you mean openai?"),
        ("-p yandex", "a fox", "YANDEX_API_KEY"),
        ("--save {regular}/below/", "a fox", "is a file, not a folder"),
        ("--save {regular}/below.png", "a fox", "does not exist"),
        ("--save nowhere/a.png", "a fox", "does not exist"),
        ("--save regular.png", "a fox", "already exists"),
        ("--save /proc/", "a fox", "is not allowed"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_sent(shell, server, tmp_path, line, cell, says):
    """A clear error, nothing asked, nothing bound, nothing written."""
    (tmp_path / "regular.png").write_bytes(b"mine")
    shell.user_ns["out"] = "before"
    before = len(server.requests)

    with pytest.raises(ImgmagicError) as raised:
        draw(shell, f"-o out {line}".replace("{regular}", str(tmp_path / "regular.png")), cell)

    assert says in str(raised.value)
    assert len(server.requests) == before
    assert shell.user_ns["out"] == "before"
    assert (tmp_path / "regular.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--qualty low", "Did you mean --quality?"),
        ("-n two", "not a whole number"),
        ("-o 1fox", "needs a valid variable name"),
        ("-o for", "needs a valid variable name"),
        ("a red fox", "is not an option. The prompt goes below this line"),
    ],
)
def test_a_bad_line_is_a_usage_error(shell, server, line, says):
    """It never becomes part of the prompt."""
    before = len(server.requests)

    with pytest.raises(UsageError) as raised:
        draw(shell, line, "a fox")

    assert says in str(raised.value)
    assert len(server.requests) == before


@pytest.mark.parametrize("url", ["api.openai.com/v1", "http://[::1"])
def test_an_address_without_scheme_is_refused(shell, monkeypatch, url):
    """The variable is named."""
    monkeypatch.setenv("OPENAI_BASE_URL", url)

    with pytest.raises(ImgmagicError, match="OPENAI_BASE_URL"):
        draw(shell, "", "a fox")


def test_a_cell_draws_binds_and_saves(shell, server, tmp_path):
    """The prompt that leaves is the cell's, expanded once; the original is in the file."""
    shell.user_ns.update(animal="{{ secret }} fox", secret="never")

    made, _ = draw(
        shell, "-o out --save out.jpg --alt '{{ animal }}' --no-stream", "a {{ animal }}, {x} ${y} {% z %}\n"
    )

    assert server.requests[-1].body["prompt"] == "a {{ secret }} fox, {x} ${y} {% z %}"
    assert shell.user_ns["out"] is made
    assert made.alt == "{{ secret }} fox"
    assert (tmp_path / "out.jpg").read_bytes() == made.image.data
    assert made.image.pil().size == (made.image.width, made.image.height)


@pytest.mark.parametrize("head", ["", "#| overwrite: true\n"])
def test_a_cell_that_saves_may_run_again_when_told_to(shell, server, tmp_path, head):
    """A file that exists is refused before anything is sent, and replaced with --overwrite."""
    (tmp_path / "again.jpg").write_bytes(b"an earlier picture")
    before = len(server.requests)

    with pytest.raises(StoreError, match="or add --overwrite"):
        draw(shell, "--save again.jpg --no-stream", "a fox")
    refused = len(server.requests)
    made, _ = draw(shell, f"--save again.jpg --no-stream{'' if head else ' --overwrite'}", f"{head}a fox")

    assert refused == before
    assert (tmp_path / "again.jpg").read_bytes() == made.image.data


@pytest.mark.parametrize("prompt", ["a fox (red", 'a "fox', "a fox :(", "a fox;", "[{("])
def test_a_prompt_is_not_python(shell, server, prompt):
    """IPython must not read it as such: brackets stay open, and a semicolon hides nothing."""
    made, _ = draw(shell, "--no-stream", prompt)

    assert made.prompt == prompt == server.requests[-1].body["prompt"]


@pytest.mark.parametrize("cell", ["a fox\r\nin snow\r\n", "#| n: 1\r\na fox\r\nin snow", "a fox\nin snow\n"])
def test_a_windows_line_end_is_a_line_end(shell, server, cell):
    """Wherever the cell was written, the same prompt leaves."""
    draw(shell, "--no-stream\r", cell)

    assert server.requests[-1].body["prompt"] == "a fox\nin snow"


def test_a_line_draws_what_it_says(shell, server):
    """Quotes inside it stay; an expression is expanded once."""
    shell.user_ns["word"] = "{{ 7 * 6 }}"

    draw(shell, '--no-stream a sign that says "OPEN" and {{ word }}')

    assert server.requests[-1].body["prompt"] == 'a sign that says "OPEN" and {{ 7 * 6 }}'


def test_a_dry_run_shows_the_body_and_sends_nothing(shell, server):
    """To the byte what would leave."""
    before = len(server.requests)

    made, shown = draw(shell, "--dry-run -n 2 --partial-images 1", 'a "fox" \u202e\x1b[31m')

    text = shown.outputs[0].data["text/plain"]
    assert made is None
    assert len(server.requests) == before
    assert f"POST {server.base_url}/images/generations (2 side by side)" in text
    assert '"partial_images": 1' in text
    assert "Nothing was sent." in text
    assert KEY not in text


def test_a_dry_run_of_the_simulator_names_it(shell, monkeypatch):
    """It has no address before it runs."""
    monkeypatch.delenv("OPENAI_API_KEY")

    _, shown = draw(shell, "--dry-run", "a fox")

    assert shown.outputs[0].data["text/plain"].startswith("POST to the simulator\n")
    assert not [thread for thread in threading.enumerate() if thread.name == "imgmagic-io"]


@pytest.mark.parametrize("strongest", range(4))
def test_a_flag_wins_over_config_over_the_environment_over_the_project(shell, server, monkeypatch, strongest):
    """Down to what leaves."""
    flag, config, environ, project = sizes = ("1536x1024", "1024x1536", "1024x1024", "2048x1024")
    Path("pyproject.toml").write_text(f'[tool.imgmagic]\nsize = "{project}"\n')
    monkeypatch.setenv("IMGMAGIC_SIZE", environ if strongest < 3 else "")
    if strongest < 2:
        shell.run_line_magic("config", f"ImagineMagics.size = {config!r}")

    draw(shell, f"--no-stream --size {flag}" if strongest < 1 else "--no-stream", "a fox")

    assert server.requests[-1].body["size"] == sizes[strongest]


@pytest.mark.parametrize(
    ("cell", "asks"),
    [
        ("%imagine what does the fox say?\n", "what does the fox say?"),
        ("for _ in range(2):\n    %imagine -n 1 who is this, really?\n", "-n 1 who is this, really?"),
        ("%imagine?\n", None),
        ("%imagine ?\n", None),
        ('text = """\n%imagine what?\n"""\n', None),
    ],
)
def test_a_question_is_a_prompt(shell, cell, asks):
    """IPython takes a line that ends with a question mark for a wish for help on its last word."""
    transformed = shell.transform_cell(cell)

    assert (f"run_line_magic('imagine', {asks!r})" in transformed) is (asks is not None)


def test_loading_twice_is_loading_once_and_unloading_takes_all_away(shell):
    """Exact inverses: no magic, matcher, configurable or display of ours is left."""
    shell.extension_manager.load_extension("imgmagic")
    shell.run_line_magic("load_ext", "imgmagic")
    loaded = [each for each in shell.configurables if type(each).__name__ == "ImagineMagics"]
    shell.extension_manager.unload_extension("imgmagic")

    assert len(loaded) == 1
    assert "imagine" not in shell.magics_manager.magics["cell"]
    assert "imgmagic" not in shell.magics_manager.magics["line"]
    assert not [each for each in shell.configurables if type(each).__name__ == "ImagineMagics"]
    assert shell.Completer.custom_matchers == []
    assert "run_line_magic('imagine'" not in shell.transform_cell("%imagine what does the fox say?\n")


def test_an_error_is_one_short_message(shell):
    """No traceback; the cell fails, so that Run All stops."""
    with capture_output() as shown:
        result = shell.run_cell("%%imagine -n 11\na fox")

    assert isinstance(result.error_in_exec, RequestInvalid)
    assert "Traceback" not in shown.stdout + shown.stderr
    assert "1 to 10 are allowed" in shown.stdout + shown.stderr


def test_the_manual_holds_every_option(shell):
    """What `%%imagine?` shows."""
    assert "--partial-images" in shell.find_magic("imagine", "cell").__doc__


@pytest.mark.parametrize("topic", ["quality", "output_format", "max-cost"])
def test_an_option_is_a_topic_of_help(shell, topic):
    """By its name, as a flag or as the request body spells it."""
    with capture_output() as shown:
        shell.run_line_magic("imgmagic", f"help {topic}")

    assert shown.stdout.startswith("-")
    assert shown.stdout.count("\n") == 1


def test_a_topic_that_is_none_names_the_closest(shell):
    """Of the commands."""
    with pytest.raises(UsageError, match="Did you mean history"):
        shell.run_line_magic("imgmagic", "help histry")
