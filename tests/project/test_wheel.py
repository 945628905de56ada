"""The built wheel, installed alone: its data files are there, and it draws a first picture."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.environment import clean_environment

FIRST_PICTURE = """
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
import imgmagic

assert Path(imgmagic.__file__).is_relative_to(Path(__import__("sys").prefix)), imgmagic.__file__
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "imgmagic")
shell.run_cell_magic("imagine", "--provider simulator --size 1024x640 -f jpeg -o fox", "a red fox")
fox = shell.user_ns["fox"]
print(fox.status, fox.image.format, Path(fox.image.location).is_file(), imgmagic.__version__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel out of the source distribution, as a release does."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run([*build, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    (source,) = folder.glob("*.tar.gz")
    subprocess.run(["tar", "-xf", source, "-C", folder], check=True)
    subprocess.run(
        [*build, "-t", "wheel"], cwd=folder / source.name.removesuffix(".tar.gz"), check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, which finds what it depends on where these tests do."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    dependencies = {sysconfig.get_path("purelib"), *(path for path in sys.path if path.endswith("site-packages"))}
    (packages / "dependencies.pth").write_text("\n".join(sorted(dependencies)))
    return folder / "bin" / "python"


@pytest.mark.parametrize("end", [".js", ".css", ".j2", "prices.json", "py.typed"])
def test_every_data_file_is_in_the_wheel(wheel: Path, end: str) -> None:
    """What is beside the modules in the repository is beside them in the wheel."""
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "imgmagic").rglob(f"*{end}")}

    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if name.startswith("imgmagic/") and name.endswith(end)}

    assert packed == here != set()


def test_no_test_and_no_tool_is_in_the_wheel(wheel: Path) -> None:
    """Only the package, what describes it, and what is installed beside it."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"imgmagic"}


def test_the_wheel_installs_the_front_ends_extension(wheel: Path) -> None:
    """Where JupyterLab and Notebook look for extensions, with the script that its description names, and no more."""
    with zipfile.ZipFile(wheel) as archive:
        beside = {name.partition(".data/")[2]: archive.read(name) for name in archive.namelist() if ".data/" in name}
    folder = "data/share/jupyter/labextensions/jupyter-imgmagic"
    described = json.loads(beside[f"{folder}/package.json"])
    script = described["jupyterlab"]["_build"]["load"].partition("?")[0]

    assert beside.keys() == {f"{folder}/package.json", f"{folder}/{script}"}
    assert described["name"].encode() in beside[f"{folder}/{script}"]


def test_the_wheel_alone_draws_a_first_picture(python: Path, tmp_path: Path) -> None:
    """Three lines as README has them, without key and network, from another folder than the repository's."""
    environment = {**clean_environment(tmp_path), "IMGMAGIC_SIMULATOR_PACE": "0"}
    environment.pop("PYTHONPATH", None)

    ran = subprocess.run(
        [python, "-c", FIRST_PICTURE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1].split()[:3] == ["completed", "jpeg", "True"]
