"""Print the lowest versions that pyproject.toml allows, as constraints for pip: `python -m tools.lowest`."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_LOWER_BOUND = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?>=([0-9.]+)")


def lowest() -> Iterator[str]:
    """Yield one constraint for each dependency, optional ones too; the highest where several lines name one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    for line in lines:
        if found := _LOWER_BOUND.match(line):
            yield f"{found[1]}=={found[2]}"


if __name__ == "__main__":
    print(*lowest(), sep="\n")
