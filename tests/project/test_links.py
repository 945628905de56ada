"""README's links: they lead somewhere, on GitHub and on PyPI, and where the project lives is said in one place."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support import ROOT
from tools.links import UNFILLED, badge_address, repository, with_badge

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
REPOSITORY = "https://github.com/imagers/magic.py"


def test_every_relative_link_of_the_readme_leads_to_a_file() -> None:
    """GitHub follows them from the repository's root."""
    relative = [link for link in LINK.findall(README) if "://" not in link]

    assert relative
    assert [link for link in relative if not (ROOT / link.partition("#")[0]).is_file()] == []


def test_the_badge_is_what_pyproject_makes_of_it() -> None:
    """`make links` was run after the repository's address was filled in."""
    assert with_badge(README, repository()) == README


def test_the_badge_opens_the_lesson_where_the_project_is_published() -> None:
    """A dot in the name is part of it, a slash at the end is not."""
    changed = with_badge(README, f"{REPOSITORY}/")

    assert badge_address(REPOSITORY).startswith("https://mybinder.org/v2/gh/imagers/magic.py/HEAD?")
    assert f"]({badge_address(REPOSITORY)})" in changed
    assert (ROOT / badge_address(REPOSITORY).partition("lab/tree/")[2]).is_file()


def test_a_repository_elsewhere_is_told() -> None:
    """Nothing is guessed for other hosts."""
    with pytest.raises(ValueError, match="not an address on GitHub: write README's badge by hand"):
        badge_address("https://git.example/imagers/magic")


def test_only_pyproject_is_left_to_fill_in() -> None:
    """No other file names the place that only a publisher knows, but the tool that fills it in."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    text = {path for path in listed if Path(path).suffix in {".md", ".toml", ".py", ".cff", ".yml", ".ipynb", ".json"}}

    holding = {path for path in text if UNFILLED in (ROOT / path).read_text(encoding="utf-8")}

    assert text
    assert holding <= {"pyproject.toml", "tools/links.py"}


def test_the_page_on_pypi_has_no_relative_link(tmp_path: Path) -> None:
    """Pictures come from the repository's files as they are, pages from its view of them."""
    source = tmp_path / "source"
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text((ROOT / name).read_text(encoding="utf-8").replace(UNFILLED, "imagers/magic"))
    (source / "imgmagic").mkdir()
    (source / "imgmagic" / "notebook" / "static" / "labextension").mkdir(parents=True)

    ended = subprocess.run(
        [sys.executable, "-m", "hatchling", "metadata"], cwd=source, capture_output=True, text=True, check=True
    )

    links = LINK.findall(json.loads(ended.stdout)["readme"]["text"])
    assert [link for link in links if not link.startswith("https://")] == []
    assert any(link.startswith("https://raw.githubusercontent.com/imagers/magic/HEAD/docs/images/") for link in links)
    assert "https://github.com/imagers/magic/blob/HEAD/SECURITY.md" in links


def test_the_moving_picture_is_small_and_moves() -> None:
    """README's first screen loads it each time."""
    path = ROOT / "docs" / "images" / "streaming.webp"

    with Image.open(path) as film:
        frames = getattr(film, "n_frames", 1)

    assert path.stat().st_size < 1_000_000
    assert frames > 4
    assert f"]({path.relative_to(ROOT).as_posix()})" in README
