"""The page's committed parts against what they are made of, as far as that takes no node."""

import sys
from pathlib import Path

from tools.page import BUNDLES, EXTENSION, NOTEBOOK, ROOT, STATIC, contents
from tools.page_types import DECLARATIONS, declarations


def test_the_pages_types_are_those_of_the_messages() -> None:
    """Both languages have one schema; `make page` writes it."""
    assert DECLARATIONS.read_text(encoding="utf-8") == declarations()


def test_every_bundle_is_there() -> None:
    """A script for each, a style sheet where it has one, the front ends' extension, and nothing else."""
    styled = {name for name, source in BUNDLES.items() if (NOTEBOOK / f"{source}.css").exists()}
    bundles = {f"{name}.js" for name in BUNDLES} | {f"{name}.css" for name in styled}
    extension = {f"{EXTENSION}/{place}" for place in ("package.json", "static/extension.js")}
    assert contents(STATIC).keys() == bundles | extension
    assert all((NOTEBOOK / f"{source}.js").exists() for source in BUNDLES.values())


def test_the_environment_has_the_extension_as_it_is_here() -> None:
    """Tests in a browser look at what is installed; `make lab` and `make test` install what `make page` changed."""
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "jupyter-imgmagic"
    assert contents(installed) == contents(STATIC / EXTENSION), "install it: pip install -e ."


def test_the_lock_file_names_no_registry() -> None:
    """Packages come from whatever registry the machine is set to."""
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
