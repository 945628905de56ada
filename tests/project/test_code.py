"""The limits that no linter holds."""

import ast
import re
import tomllib

import pytest

import imgmagic
from tests.support import ROOT

MODULES = sorted((ROOT / "imgmagic").rglob("*.py"))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def public(node, inside=()):
    """Yield every public class and function of a module with a name that can be reached."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not each.name.startswith("_"):
            yield ".".join([*inside, each.name]), each
            if isinstance(each, ast.ClassDef):
                yield from public(each, (*inside, each.name))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_and_documented(path):
    """At most 300 lines; no function over 40; a docstring for the module and every public name."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)

    assert len(text.splitlines()) <= 300
    assert [f"{each.name}: {_length(each)} lines" for each in functions(tree) if _length(each) > 40] == []
    assert [name for name, each in public(tree) if not ast.get_docstring(each) and not _overloads(each)] == []
    assert not text.strip() or ast.get_docstring(tree)


def _length(function):
    return function.end_lineno - function.lineno + 1


def _overloads(node):
    """Return whether a name is documented elsewhere: an overload, or a magic whose page is made from the parser."""
    names = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
    return bool(names & {"overload", "line_cell_magic", "line_magic"})


def test_the_changelog_begins_with_the_package_version():
    """And so does the package itself."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    released = re.search(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert released is not None
    assert released[1] == declared == imgmagic.__version__


@pytest.mark.parametrize("path", sorted(ROOT.glob("**/requirements*.txt")), ids=lambda path: path.name)
def test_requirement_files_name_no_address(path):
    """No index, no link, no option: they work wherever pip works."""
    if any(part.startswith(".") or part in ("node_modules", "build") for part in path.relative_to(ROOT).parts):
        return

    assert not re.search(r"://|^\s*-[^e]|^\s*--", path.read_text(), re.MULTILINE)
