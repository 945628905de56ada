"""Build the site into build/docs: `python -m tools.docs`. Warnings are errors, and nothing is fetched."""

import shutil
import subprocess
import sys

from tests.support import ROOT
from tools.docs.reference import PAGES

WRITTEN = ROOT / "docs"
SOURCE = ROOT / "build" / "docs" / "source"
SITE = ROOT / "build" / "docs" / "html"


def assemble() -> None:
    """Lay out the site's source: the written pages, the generated ones, and the notebooks with their outputs."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    # The page of parameters is kept in the repository too, for readers there; here it is among the generated ones.
    shutil.copytree(WRITTEN, SOURCE, ignore=shutil.ignore_patterns("parameters.md"))
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = notebook.read_text(encoding="utf-8").replace("../docs/parameters.md", "../reference/parameters.md")
        (SOURCE / "tutorial" / notebook.name).write_text(text, encoding="utf-8")
    for name, render in PAGES.items():
        (SOURCE / "reference" / f"{name}.md").write_text(render(), encoding="utf-8")


def main() -> int:
    """Assemble and build; return Sphinx's exit code."""
    assemble()
    options = ["-b", "html", "-W", "--keep-going", "-q", "-j", "auto"]
    return subprocess.run([sys.executable, "-m", "sphinx", *options, SOURCE, SITE], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
