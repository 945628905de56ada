"""The documentation: nothing is left out, every block of code runs, and the site builds without a warning."""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import imgmagic
from imgmagic.config.settings_table import SETTINGS
from imgmagic.config.toml_files import read_toml
from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.line.arguments import imagine_parser
from imgmagic.simulator import Simulator
from imgmagic.simulator.api.faults import FAULTS
from imgmagic.wire.dialects import DIALECTS
from tests.support import ROOT
from tools.docs.__main__ import build
from tools.docs.reference import NEXT_STEPS, PAGES, error_tree

WRITTEN = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "parameters.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Runs cells one after the other, as a kernel does, and ends at the first that fails.
RUNNER = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.load(sys.stdin):
    result = shell.run_cell(cell, store_history=False)
    if not result.success:
        sys.exit(f"this block fails: {cell}")
import imgmagic
imgmagic.default_session().close()
"""


@pytest.fixture(scope="module")
def text() -> str:
    """Return all pages, written and generated."""
    return "\n".join(
        [*(path.read_text(encoding="utf-8") for path in WRITTEN), *(render() for render in PAGES.values())]
    )


def test_every_command_option_and_setting_occurs(text: str) -> None:
    """What can be typed can be looked up."""
    shown = [action for action in imagine_parser()._actions if action.help != argparse.SUPPRESS]
    options = [flag for action in shown for flag in action.option_strings]

    missing = [name for name in COMMANDS if f"%imgmagic {name}" not in text]
    missing += [flag for flag in options if flag not in text]
    missing += [name for each in SETTINGS.values() for name in (each.name, each.variable) if f"`{name}`" not in text]
    missing += [
        f"[simulate: {name}]" for name in FAULTS if f"`{name}`" not in text and f"simulate: {name}]" not in text
    ]

    assert missing == []


def test_every_error_class_has_its_next_step(text: str) -> None:
    """The page of errors is the class tree."""
    names = [kind.__name__ for kind in error_tree()]

    assert sorted(NEXT_STEPS) == sorted(names)
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_environment_variable_occurs(text: str) -> None:
    """Those of our own that the code names, and those of every provider."""
    named = {
        name
        for path in (ROOT / "imgmagic").rglob("*.py")
        for name in re.findall(r'"(IMGMAGIC_[A-Z_]+[A-Z])"', path.read_text(encoding="utf-8"))
    }
    for dialect in DIALECTS.values():
        named |= {*dialect.key_env, *dialect.base_url_env, *dialect.account_env.values()}

    assert sorted(name for name in named if f"`{name}`" not in text) == []


def _blocks(path: Path, *languages: str) -> Iterator[str]:
    for language, code in BLOCK.findall(path.read_text(encoding="utf-8")):
        if language in languages:
            yield code


WITH_CODE = [path for path in (ROOT / "README.md", *WRITTEN) if any(_blocks(path, "python", "ipython"))]


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    """Run what the pages ask by OpenAI's name."""
    with Simulator(pace_s=0) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("path", WITH_CODE, ids=lambda path: path.stem)
def test_code_runs(path: Path, tmp_path: Path, server: Simulator) -> None:
    """The blocks of a page run in order, in one kernel, with the settings that the page shows."""
    home = tmp_path / "home"
    home.mkdir()
    for code in _blocks(path, "toml"):
        file = tmp_path / "pyproject.toml" if "[tool.imgmagic" in code else home / "config.toml"
        file.write_text(code, encoding="utf-8")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("IMGMAGIC_", "OPENAI_"))}
    own = {
        "IMGMAGIC_HOME": str(home),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "IMGMAGIC_SIMULATOR_PACE": "0",
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_API_KEY": "of-this-test",
    }

    ended = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(list(_blocks(path, "python", "ipython"))),
        cwd=tmp_path,
        env=mine | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stdout[-1500:] + ended.stderr[-1500:]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_settings_and_commands_can_be_read(path: Path, tmp_path: Path) -> None:
    """A block of TOML is a valid config.toml, and a block of commands is valid for a shell."""
    for code in _blocks(path, "toml"):
        (tmp_path / "config.toml").write_text(code, encoding="utf-8")
        assert set(read_toml(tmp_path / "config.toml")) <= {*SETTINGS, "providers"}
        assert tomllib.loads(code)
    for code in _blocks(path, "console"):
        commands = code.replace("$ ", "")
        assert subprocess.run(["sh", "-n"], input=commands, text=True, check=False).returncode == 0, code


@pytest.mark.slow
def test_site_builds_without_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every page is in a table of contents and every link within the site leads somewhere; nothing is fetched."""
    # A proxy that does not exist: whatever asked for a page from outside would fail.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    assert build(tmp_path / "source", tmp_path / "html") == 0
    pages = {path.relative_to(tmp_path / "html").as_posix() for path in (tmp_path / "html").rglob("*.html")}
    assert {"index.html", "reference/magics.html", "tutorial/01_quickstart.html", "how-to/marimo.html"} <= pages


def test_citation_names_this_version() -> None:
    """Whoever cites the project cites what they used."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")

    assert f"\nversion: {imgmagic.__version__}\n" in citation
    assert "\nlicense: BSD-3-Clause\n" in citation
