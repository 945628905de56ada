"""Measure how the package reads, and exit with 1 where a bound does not hold: `python -m tools.measure`."""

import ast
import io
import re
import statistics
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Verbs in the form of participles, and idiom that an English reader has to decode; as names of functions or in prose.
PARTICIPLES = frozenset(
    [
        "addressed",
        "arrived",
        "asked",
        "believed",
        "bounded",
        "checked",
        "claimed",
        "compiled",
        "copied",
        "counted",
        "decoded",
        "decompressed",
        "described",
        "drawn",
        "encoded",
        "filled",
        "finished",
        "fitted",
        "found",
        "given",
        "healed",
        "hyphenated",
        "inflated",
        "interrupted",
        "joined",
        "known",
        "loaded",
        "marked",
        "mentioned",
        "mirrored",
        "named",
        "opened",
        "painted",
        "parsed",
        "pasted",
        "placed",
        "played",
        "printed",
        "quoted",
        "referred",
        "reused",
        "rewritten",
        "rounded",
        "said",
        "scaled",
        "searched",
        "seen",
        "sendable",
        "shipped",
        "shortened",
        "shown",
        "spelled",
        "started",
        "stopped",
        "tinted",
        "told",
        "toned",
        "turned",
        "typed",
        "unpacked",
        "unquoted",
        "unwrapped",
        "wanted",
        "written",
    ]
)
IDIOM = re.compile(r"(?<!\b[Tt]here )\bis no [a-z]|(?<!\b[Tt]here )\bare none\b|\banew\b|\ba row a |\ban image a ")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Hold one value and its bounds."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Return whether the value lies within the bounds."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def line(self) -> str:
        """Return the measure as a line of the table."""
        bounds = " and ".join(
            f"{sign} {bound:g}" for sign, bound in ((">=", self.least), ("<=", self.most)) if bound is not None
        )
        return f"{self.name:<42} {self.value:>8.4g}   {bounds or '-':<12} {'yes' if self.holds else 'NO'}"


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module as text and as a tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Return every function, also those inside others."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    def tokens(self) -> Iterator[tokenize.TokenInfo]:
        """Yield the module's tokens."""
        return tokenize.generate_tokens(io.StringIO(self.text).readline)


def read_modules(folder: Path) -> list[Module]:
    """Return every module under a folder."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    return [Module(path=path, text=text, tree=ast.parse(text)) for path, text in texts.items()]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's lines of code, without its docstring."""
    return (function.end_lineno or function.lineno) - function.lineno + 1 - _docstring_lines(function)


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def count_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many arguments a function takes beside self."""
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def comments_per_100_lines(modules: Iterable[Module]) -> float:
    """Return the comments for each 100 lines of code: neither blank, nor a comment alone, nor of a docstring."""
    comments, code = 0, 0
    for module in modules:
        tokens = list(module.tokens())
        comments += sum(token.type == tokenize.COMMENT and "noqa" not in token.string for token in tokens)
        ignored = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        lines = {
            number
            for token in tokens
            if token.type not in ignored and token.string
            for number in range(token.start[0], token.end[0] + 1)
        }
        documented = [
            n
            for n in ast.walk(module.tree)
            if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module)
        ]
        code += len(lines) - sum(map(_docstring_lines, documented))
    return 100 * comments / code


def count_any(modules: Iterable[Module]) -> int:
    """Return how often `Any` is used."""
    return sum(isinstance(node, ast.Name) and node.id == "Any" for module in modules for node in ast.walk(module.tree))


def count_import_module(modules: Iterable[Module]) -> int:
    """Return how often a module of ours may be imported by a string; what is named outright is an optional extra."""
    nodes = [node for module in modules for node in ast.walk(module.tree)]
    extras = [
        node.func
        for node in nodes
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if not str(node.args[0].value).startswith("imgmagic")
    ]
    named = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "import_module"]
    return len([node for node in named if node not in extras])


def participle_names(modules: Iterable[Module]) -> list[str]:
    """Return the functions that are called by a participle; a property or a decorated test of state may be."""
    return [
        f"{module.path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for module in modules
        for function in module.functions
        if function.name.strip("_") in PARTICIPLES and not function.decorator_list
    ]


def idiom(paths: Iterable[Path]) -> list[str]:
    """Return the lines that hold an idiom to replace."""
    return [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if IDIOM.search(line)
    ]


def _texts() -> list[Path]:
    code = [path for end in ("py", "js", "css", "j2", "mjs") for path in (ROOT / "imgmagic").rglob(f"*.{end}")]
    return sorted([*code, *(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def measure(modules: Sequence[Module]) -> list[Measure]:
    """Return every measure with its bounds."""
    lines = [len(module.text.splitlines()) for module in modules if module.text.strip()]
    functions = [function for module in modules for function in module.functions]
    lengths = [length(function) for function in functions]
    return [
        Measure(name="modules", value=len(lines)),
        Measure(name="lines of a module, median", value=statistics.median(lines), most=100),
        Measure(name="lines of a module, longest", value=max(lines), most=300),
        Measure(name="functions", value=len(functions)),
        Measure(name="lines of a function, median", value=statistics.median(lengths), most=8),
        Measure(name="lines of a function, 90th percentile", value=statistics.quantiles(lengths, n=10)[-1], most=15),
        Measure(name="lines of a function, longest", value=max(lengths), most=40),
        Measure(name="arguments of a function, most", value=max(map(count_arguments, functions)), most=6),
        Measure(name="comments for 100 lines of code", value=comments_per_100_lines(modules), least=3, most=8),
        Measure(name="uses of Any", value=count_any(modules), most=39),
        Measure(name="imports of ours by a string", value=count_import_module(modules), most=1),
        Measure(name="functions named by a participle", value=len(participle_names(modules)), most=0),
        Measure(name="lines with idiom to replace", value=len(idiom(_texts())), most=0),
    ]


def main() -> int:
    """Print the table and what is out of bounds by name; return 1 where a bound does not hold."""
    modules = read_modules(ROOT / "imgmagic")
    measures = measure(modules)
    print(*(each.line() for each in measures), sep="\n")
    print(*participle_names(modules), *idiom(_texts()), sep="\n")
    return int(not all(each.holds for each in measures))


if __name__ == "__main__":
    sys.exit(main())
