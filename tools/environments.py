"""Try imgmagic where developers do not work: `python -m tools.environments lowest|pythons`.

`lowest` installs the lowest versions that pyproject.toml allows, and runs a part of the suite that meets each of them.
`pythons` runs the quick part on every supported Python that this machine has, and says which it lacks.
"""

import subprocess
import sys
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


def main(arguments: Sequence[str]) -> int:
    """Do what was asked for; return an exit code."""
    steps: Mapping[str, Callable[[], int]] = {"lowest": try_lowest, "pythons": try_pythons}
    if len(arguments) != 1 or arguments[0] not in steps:
        sys.exit("usage: python -m tools.environments lowest|pythons")
    return steps[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
