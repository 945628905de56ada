"""What Binder builds and serves, in short; `make binder` does all of it in an environment made from binder/ alone."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support import ROOT
from tools.binder_check import Place, check, copy_repository

BINDER = ROOT / "binder"


def test_the_environment_comes_from_the_project():
    """One line: the project itself with what a notebook server needs, as pyproject.toml says."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == [".[lab]"]


def test_the_python_is_one_that_the_project_takes():
    """Binder's own choice may be older than what the project needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = tuple(map(int, re.findall(r"\d+", project["requires-python"])))

    name, version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().split("-")

    assert name == "python"
    assert tuple(map(int, version.split("."))) >= oldest


def test_what_runs_after_the_build_can_be_run():
    """It is executable and the shell can read it."""
    assert os.access(BINDER / "postBuild", os.X_OK)
    assert subprocess.run(["sh", "-n", BINDER / "postBuild"], check=False).returncode == 0


def test_no_key_and_no_setting_is_asked_for():
    """Nothing in binder/ sets a variable or names one."""
    for path in BINDER.iterdir():
        assert not re.search(r"IMGMAGIC_|API_KEY|export ", path.read_text(encoding="utf-8")), path.name


@pytest.mark.host
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="what Binder clones is what git knows")
def test_a_lesson_runs_in_jupyterlab_as_binder_serves_it(tmp_path):
    """From a clone as the home, at a path of its own, without a key: every cell runs and shows what it should."""
    place = Place(programs=Path(sys.executable).parent, home=tmp_path / "home")
    copy_repository(place.home)

    assert check(place, ["05_teaching_with_recordings.ipynb"], address="127.0.0.1", as_user={}) == []
