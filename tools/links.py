"""Write README's badge from the repository that pyproject.toml names: `make links`.

While nobody has filled in where the project is published, the badge leads to the page that explains Binder.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LESSON = "notebooks/06_prompting_a_lesson.ipynb"
UNFILLED = "OWNER/REPOSITORY"
_BADGE = re.compile(r"(?<=\[!\[Open a lesson on Binder\]\(https://mybinder\.org/badge_logo\.svg\)\]\()[^)]*(?=\))")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)/?$")


def repository() -> str:
    """Return the address in `[project.urls]`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Repository"])


def badge_address(repository: str) -> str:
    """Return where the badge leads, for a repository on GitHub.

    Raises:
        ValueError: The repository is elsewhere; Binder's form of address for it is not known here.

    """
    found = _GITHUB.match(repository)
    if found is None:
        raise ValueError(f"{repository} is not an address on GitHub: write README's badge by hand")
    if found[1] == UNFILLED:
        return "docs/how-to/binder.md"
    return f"https://mybinder.org/v2/gh/{found[1]}/HEAD?urlpath=lab/tree/{LESSON}"


def with_badge(readme: str, repository: str) -> str:
    """Return README's text with its badge leading to the repository's lesson."""
    address = badge_address(repository)
    return _BADGE.sub(lambda _: address, readme)


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(with_badge(path.read_text(encoding="utf-8"), repository()), encoding="utf-8")
