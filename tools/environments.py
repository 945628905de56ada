"""Try imgmagic where developers do not work: `python -m tools.environments lowest|pythons|newcomer`.

`lowest` installs the lowest versions that pyproject.toml allows, and runs a part of the suite that meets each of them.
`pythons` runs the quick part on every supported Python that this machine has, and says which it lacks.
`newcomer` does what README's first screen says, with the wheel alone, and tells how long each step took.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.lowest import ROOT, lowest

ENVIRONMENTS = ROOT / "build" / "environments"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
QUICK = ("-m", "not slow and not kernel and not browser")

_EXTRAS = "keyring,lab,pandas,postgres,s3,terminal"  # dask brings a cluster, which no quick test starts
_OF_TESTS = (
    "axe-playwright-python",
    "hypothesis",
    "moto[server]",
    "nbval",
    "openai",
    "playwright",
    "pyarrow",
    "pytest",
    "pytest-cov",
    "pytest-rerunfailures",
    "pytest-xdist",
)
"""What the tests below import beside imgmagic; the checkers of the code are not among it."""
_MEETS_EACH = (
    "tests/integration/test_record_and_replay.py",
    "tests/unit/domain/test_template.py",
    "tests/unit/notebook/painter",
    "tests/unit/notebook/test_magics.py",
    "tests/unit/recordings/test_folder.py",
    "tests/unit/store/history/test_history.py",
    "tests/unit/store/images",
    "tests/unit/store/sweep_files",
    "tests/unit/wire/test_client_retries.py",
)
_FIRST_CELL = """
%load_ext imgmagic
get_ipython().run_cell_magic("imagine", "--size 1536x1024 -o fox", "a red fox in the snow by a small house, dusk")
assert fox.image.width == 1536
"""


def uv(*arguments: str) -> None:
    """Run the uv that requirements-dev.txt pins."""
    subprocess.run([sys.executable, "-m", "uv", "--quiet", *arguments], cwd=ROOT, check=True)


def make(name: str, python: str, packages: Sequence[str]) -> Path:
    """Make an environment from nothing, and return its Python."""
    folder = ENVIRONMENTS / name
    uv("venv", "--clear", "--no-python-downloads", "--python", python, str(folder))
    found = folder / "bin" / "python"
    uv("pip", "install", "--python", str(found), *packages)
    return found


def run_tests(python: Path, *tests: str) -> int:
    """Run tests with a Python; return pytest's exit code."""
    options = ("-n", "auto", "-q", "-p", "no:cacheprovider", *QUICK)
    return subprocess.run([python, "-m", "pytest", *options, *tests], cwd=ROOT, check=False).returncode


def try_lowest() -> int:
    """Run the tests that meet each dependency, with all of them as old as they may be."""
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    constraints = ENVIRONMENTS / "lowest.txt"
    constraints.write_text("\n".join([*lowest(), ""]), encoding="utf-8")
    wanted = ("-e", f".[{_EXTRAS}]", *_OF_TESTS, "--constraint", str(constraints))
    return run_tests(make("lowest", PYTHONS[0], wanted), *_MEETS_EACH)


def try_pythons() -> int:
    """Run the quick part on each Python that is here."""
    failed = 0
    for version in PYTHONS:
        command = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", version]
        if subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode:
            print(f"Python {version} is not on this machine: not tried", flush=True)
            continue
        print(f"Python {version}:", flush=True)
        failed |= run_tests(make(f"python-{version}", version, ("-r", "requirements-dev.txt")))
    return failed


def try_newcomer() -> int:
    """Install the built wheel with pip and draw the first picture of README; print what each step took."""
    shutil.rmtree(ENVIRONMENTS / "newcomer", ignore_errors=True)
    wheel = build_wheel(ENVIRONMENTS / "newcomer" / "dist")
    environment = ENVIRONMENTS / "newcomer" / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    started = time.monotonic()
    subprocess.run([environment / "bin" / "pip", "install", "--quiet", wheel], check=True)
    installed = time.monotonic()
    first = [str(environment / "bin" / "ipython"), "--no-banner", "-c", _FIRST_CELL]
    home = {"IMGMAGIC_HOME": str(environment / "home"), "IPYTHONDIR": str(environment / "ipython")}
    drew = subprocess.run(first, cwd=environment, env={**os.environ, **home}, check=False)
    drawn = time.monotonic()
    print(f"pip install {installed - started:.0f} s, first picture {drawn - installed:.0f} s later")
    return drew.returncode


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder, and return it."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


def main(arguments: Sequence[str]) -> int:
    """Do what was asked for; return an exit code."""
    steps: Mapping[str, Callable[[], int]] = {
        "lowest": try_lowest,
        "pythons": try_pythons,
        "newcomer": try_newcomer,
    }
    if len(arguments) != 1 or arguments[0] not in steps:
        sys.exit("usage: python -m tools.environments lowest|pythons|newcomer")
    return steps[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
