"""Build the site into build/docs: `python -m tools.docs`. Warnings are errors, and nothing is fetched."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT
from tools.docs.reference import PAGES

WRITTEN = ROOT / "docs"
# Pages of the site that are files of the repository's root.
_FROM_ROOT = {"CHANGELOG.md": "changelog.md", "SECURITY.md": "explanation/threat-model.md"}
BUILD = ROOT / "build" / "docs"


def assemble(source: Path) -> None:
    """Lay out the site's source: the written pages, the generated ones, and the notebooks with their outputs."""
    shutil.rmtree(source, ignore_errors=True)
    # The page of parameters is kept in the repository too, for readers there; here it is among the generated ones.
    shutil.copytree(WRITTEN, source, ignore=shutil.ignore_patterns("parameters.md"))
    for name, page in _FROM_ROOT.items():
        shutil.copy(ROOT / name, source / page)
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = notebook.read_text(encoding="utf-8").replace("../docs/parameters.md", "../reference/parameters.md")
        (source / "tutorial" / notebook.name).write_text(text, encoding="utf-8")
    for name, render in PAGES.items():
        (source / "reference" / f"{name}.md").write_text(render(), encoding="utf-8")


def build(source: Path, site: Path) -> int:
    """Lay out the source and build the site from it; return Sphinx's exit code."""
    assemble(source)
    options = ["-b", "html", "-W", "--keep-going", "-q", "-j", "auto"]
    return subprocess.run([sys.executable, "-m", "sphinx", *options, source, site], check=False).returncode


if __name__ == "__main__":
    sys.exit(build(BUILD / "source", BUILD / "html"))
