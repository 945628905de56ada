"""What people type into cells: completion, help, configuration, results; in a real kernel."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.support.heavy import grainy_picture, serving
from tests.support.kernels import Kernel

FAST = "--size 1024x640 -f jpeg"
ASYNC = "imgmagic.imagine_async('a red fox', size='1024x640', output_format='jpeg')"


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("%%imagine --si", ["--size"]),
        ("%imagine --bac", ["--background"]),
        ("%%imagine --quality ", ["low", "high"]),
        ("%%imagine --quality hi", ["high"]),
        ("%%imagine -q hi", ["high"]),
        ("%%imagine --quality=hi", ["--quality=high"]),
        ("%%imagine --provider qu", ["quick"]),
        ("%%imagine --provider=qu", ["--provider=quick"]),
        ("%%imagine --size 1024x1024 --mod", ["--model", "--moderation"]),
        ("%%imagine --model gpt-image-2.5-fl", ["gpt-image-2.5-flare"]),
        ("%%imagine ", ["--size", "--model", "--out"]),
    ],
)
def test_tab_completes_the_first_line(kernel: Kernel, code: str, offered: list[str]) -> None:
    """Flags and their values are offered, also with an equals sign and after a blank."""
    assert set(offered) <= set(kernel.complete(f"{code}\nthe prompt", len(code)))


@pytest.mark.parametrize("code", ["%%imagine\na fox --si", "%%imagine --quality low\nhi", "x = 1 --si"])
def test_tab_offers_no_flag_elsewhere(kernel: Kernel, code: str) -> None:
    """In the prompt and in other cells the magic stays out of the way."""
    kernel.run("%config IPCompleter.use_jedi = False")  # which takes seconds to warm up
    assert not [each for each in kernel.complete(code) if each.startswith("--") or each == "high"]


def test_question_mark_shows_the_manual(kernel: Kernel) -> None:
    """`%%imagine?` pages examples and every option."""
    page = kernel.run("%%imagine?").reply["payload"][0]["data"]["text/plain"]
    text = re.sub(r"\x1b\[[0-9;]*m", "", page)

    assert "Examples" in text
    assert all(flag in text for flag in ("--size", "--output-compression", "--dry-run", "--param KEY=VALUE"))


def test_config_lists_the_settings(kernel: Kernel) -> None:
    """`%config ImagineMagics` says every setting with its help, default and variable."""
    listed = kernel.run("%config ImagineMagics").stdout

    names = ("size", "provider", "preview_side", "timeout", "nest_asyncio")
    assert all(f"ImagineMagics.{name}=" in listed for name in names)
    assert "IMGMAGIC_PREVIEW_SIDE" in listed


def test_config_sets_a_default(kernel: Kernel) -> None:
    """What %config sets counts in the next cell, and a flag wins over it."""
    kernel.run("%config ImagineMagics.size = '1536x1024'")
    by_config = kernel.run("%imagine --dry-run a red fox")
    by_flag = kernel.run("%imagine --dry-run --size 1024x1024 a red fox")
    kernel.run("%config ImagineMagics.size = None")

    shown = [str(each.of("display_data")[0]["content"]["data"]) for each in (by_config, by_flag)]
    assert "1536x1024" in shown[0]
    assert "1024x1024" in shown[1]
    assert "1536x1024" not in shown[1]


def test_config_refuses_a_bad_value(kernel: Kernel) -> None:
    """The cell fails, names the allowed values, and the setting stays as it was."""
    refused = kernel.run("%config ImagineMagics.preview = 'smal'")
    listed = kernel.run("%config ImagineMagics").stdout

    assert refused.status == "error"
    assert "small" in refused.traceback
    assert "full" in refused.traceback
    assert "smal'" not in listed


def test_await_works_at_the_top_level(kernel: Kernel) -> None:
    """`await imgmagic.imagine_async(...)` runs in the kernel's own loop."""
    kernel.run("import asyncio, imgmagic")
    outcome = kernel.run(f"fox = await {ASYNC}; print(fox.status, fox.image.width)")

    assert (outcome.traceback, outcome.stdout) == ("", "completed 1024\n")


def test_nest_asyncio_lets_scripts_run(kernel: Kernel) -> None:
    """`asyncio.run` fails inside the kernel's running loop, and works once the setting is on."""
    kernel.run("import asyncio, imgmagic")
    code = f"print(asyncio.run({ASYNC}).status)"
    before = kernel.run(code)
    kernel.run("%config ImagineMagics.nest_asyncio = True")
    after = kernel.run(code)

    assert before.status == "error"
    assert (after.traceback, after.stdout) == ("", "completed\n")


def test_out_binds_and_the_result_is_the_cell_s_value(kernel: Kernel) -> None:
    """-o binds the Generation, `_` and Out hold it, and it is not shown a second time."""
    outcome = kernel.run(f"%%imagine {FAST} -o fox\na red fox")
    same = kernel.run("print(fox is _, fox is Out[max(Out)], fox.image.format)")
    later = kernel.run("fox")

    assert len(outcome.figures) == 1
    assert outcome.of("execute_result") == []
    assert same.stdout == "True True jpeg\n"
    assert [each["content"]["data"]["text/html"].count("<img") for each in later.of("execute_result")] == [1]


def test_line_magic_in_a_loop_shows_each_picture(kernel: Kernel) -> None:
    """Each turn of a loop shows its own picture, with the loop's variable filled in."""
    outcome = kernel.run(f"for animal in ('fox', 'owl'):\n    %imagine {FAST} a {{{{ animal }}}}")

    assert [re.findall('alt="([^"]*)"', html) for html in outcome.figures] == [["a fox"], ["a owl"]]


@pytest.mark.parametrize(
    ("cell", "pictures"),
    [
        (f"%%imagine {FAST}\na red fox", 1),
        (f"%imagine {FAST} --no-wait a red fox", 1),
        (f"for animal in ('fox', 'owl'):\n    %imagine {FAST} a {{{{ animal }}}}", 2),
        (f"%%imagine {FAST} --vary quality=low,high\na red fox", 2),
    ],
)
def test_what_is_captured_can_be_shown_later(kernel: Kernel, cell: str, pictures: int) -> None:
    """`%%capture` keeps each figure once: no widget, which would be gone by then, and no output of nothing."""
    held_back = kernel.run(f"%%capture taken\n{cell}")
    shown = [each["content"]["data"] for each in kernel.run("taken.show()").of("display_data")]

    assert (held_back.traceback, held_back.figures) == ("", [])
    assert all("text/plain" in data and "application/vnd.jupyter.widget-view+json" not in data for data in shown)
    assert sum(data.get("text/html", "").count("<img") for data in shown) == pictures


def test_quiet_shows_nothing(kernel: Kernel) -> None:
    """--quiet draws and binds, and leaves no output at all."""
    outcome = kernel.run(f"%%imagine {FAST} --quiet -o fox\na red fox")

    assert {each["msg_type"] for each in outcome.messages} == {"status", "execute_input"}
    assert kernel.value("fox.status.value") == "completed"


def test_failure_fails_the_cell_in_a_block_and_one_line(kernel: Kernel) -> None:
    """An error is a block in words with one line of text below it, and cells queued behind it do not run."""
    kernel.start("import time; time.sleep(0.5)")  # until both are in the queue
    failed = kernel.start(f"%%imagine {FAST}\na red fox [simulate: 401]")
    queued = kernel.start("queued = True")
    outcome = kernel.finish(failed)

    shown = [each["content"]["data"] for each in outcome.of("display_data")][-1]
    assert shown["text/plain"] == "The key was not accepted"
    assert "imgmagic-error" in shown["text/html"]
    assert outcome.where("display_data", "imgmagic-error") < outcome.where("error", "AuthenticationFailed")
    assert outcome.traceback.startswith("AuthenticationFailed: ")
    assert "\n" not in outcome.traceback
    assert kernel.finish(queued).status == "aborted"


def test_heavy_picture_is_light_in_the_notebook(kernel: Kernel, home: Path) -> None:
    """A PNG of about 1.5 MB takes at most 150 KB in the notebook's file, while the Generation holds every byte."""
    picture = grainy_picture()
    with serving(picture) as base_url:
        with (home / "imgmagic" / "config.toml").open("a") as config:
            config.write(f'[providers.heavy]\ndialect = "generic"\nbase_url = "{base_url}"\nmodel = "any"\n')
        outcome = kernel.run("%%imagine -p heavy --no-stream -o heavy\na red fox")
    shown = [nbformat.v4.output_from_msg(message) for message in outcome.of("display_data")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%imagine", outputs=shown)])

    assert len(picture) > 1_400_000
    assert len(nbformat.writes(notebook)) < 150_000
    assert len(outcome.figures) == 1
    assert kernel.value("len(heavy.image.data)") == len(picture)
