"""Write docs/parameters.md from the dialect table: `python -m tools.parameters`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from imgmagic.domain.rules import Rule, Treatment
from imgmagic.domain.wording import listed
from imgmagic.wire.dialects import DIALECTS, Dialect, Family
from imgmagic.wire.dialects.edits import BodyFormat, Edits

PAGE = Path(__file__).parent.parent / "docs" / "parameters.md"
REFERENCES = ("openai", "yandex", "truefoundry", "compatible")
INTRODUCTION = """\
# Parameters and servers

This page is generated from the dialect table by `tools/parameters.py`.

An option typed in a cell that the server would refuse or ignore stops the cell before anything is sent; `--no-check`
sends it anyway. A setting that the server does not take is left out, and the caption says so.

*Taken* goes into the request as it is. *Translated* goes into it under another name or in another form. *Refused* is
answered with an error. *Ignored* is dropped in silence by the server. *Not judged* is sent as it is: no document says
what the server does with it.
"""

EDITS = """\
With `--from` or `--image` the same cell goes to the server's edits, or its pictures go as references into the request
for a new one. You give a mask in one form; it is sent in each server's polarity. What has no entry is not judged.
"""


def render() -> str:
    """Return the page."""
    openai = DIALECTS["openai"]
    dialects = [DIALECTS[name] for name in REFERENCES]
    parts = [
        INTRODUCTION,
        "## What the four reference servers do with each parameter\n",
        f"OpenAI as for `{openai.default_model}`; models that the table does not know are not judged.\n",
        table(["parameter", *(dialect.title for dialect in dialects)], parameter_rows(dialects)),
        "## OpenAI's models\n",
        table(["models", "size", "quality"], map(family_row, openai.families)),
        "## Starting from a picture\n",
        EDITS,
        table(
            ["`--provider`", "goes to", "form", "pictures", "formats, size", "mask", "markup", "differs"],
            [edit_row(dialect, edits) for dialect in DIALECTS.values() for edits in edit_rows(dialect)],
        ),
        f"No edits: {no_edits()}.\n",
        "## Every server\n",
        table(["`--provider`", "server", "address", "key", "streams unasked", "follows"], map(row, DIALECTS.values())),
    ]
    return "\n".join(parts)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines) + "\n"


def parameter_rows(dialects: Sequence[Dialect]) -> Iterable[Sequence[str]]:
    """Return one row a parameter: its name, and what each dialect does with it."""
    rules = [dialect.rules_for(dialect.default_model) for dialect in dialects]
    for name in dict.fromkeys(name for each in rules for name in each):
        yield [f"`{name}`", *(cell(each.get(name)) for each in rules)]


def cell(rule: Rule | None) -> str:
    """Return what a rule says, in a few words."""
    if rule is None:
        return "not judged"
    return "; ".join(filter(None, (f"**{rule.treatment}**", allowed(rule), rule.says.rstrip("."))))


def allowed(rule: Rule) -> str:
    """Return the values that a rule allows, or an empty text."""
    if rule.choices:
        return listed(rule.choices)
    if rule.max_chars:
        return f"up to {rule.max_chars:,} characters"
    if rule.high is None:
        return ""
    return f"up to {rule.high}" if rule.low is None else f"{rule.low} to {rule.high}"


def family_row(family: Family) -> Sequence[str]:
    """Return a family's names, and what size and quality it takes; or when it ended."""
    names = ", ".join(f"`{pattern}`" for pattern in family.models.split() if "*" not in pattern)
    if family.ended:
        return [names, f"ended on {family.ended}; use {family.instead}", ""]
    return [names, *(limits(family.rules[name]) for name in ("size", "quality"))]


def limits(rule: Rule) -> str:
    """Return the bounds of a rule, or that there are none."""
    return allowed(rule) or rule.says or "not judged"


def edit_rows(dialect: Dialect) -> Iterable[Edits]:
    """Return how a dialect takes pictures: once, and once more where those with a mask go elsewhere."""
    return [each for each in (dialect.edits, dialect.edits and dialect.edits.masked) if each is not None]


def edit_row(dialect: Dialect, edits: Edits) -> Sequence[str]:
    """Return where pictures go, in which form and fields, and what differs from a new picture."""
    multipart = edits.form is BodyFormat.MULTIPART
    fields = listed(dict.fromkeys((edits.one, edits.several))) if multipart and edits.most != 1 else edits.one
    where = fields if multipart else listed(dict.fromkeys([*edits.place(["URL"]), *edits.place(["URL", "URL"])]))
    most = f"up to {edits.most}" if edits.most else ""
    mask = f"`{edits.mask.name}`: {edits.mask.polarity}" if edits.mask else "with a mask: next row"
    differs = {**dict(edits.rules), **{name: rule for _, rules in edits.families for name, rule in rules.items()}}
    return [
        f"`{dialect.name}`",
        f"`{edits.path or dialect.path}`",
        edits.form,
        "; ".join(filter(None, (f"`{where}`", most))),
        f"{listed(edits.formats)}, {edits.most_bytes // 1_000_000} MB",
        mask if edits.mask or edits.masked else edits.no_mask,
        ", ".join(f"`{name}`" for name in edits.markup.split() if "*" not in name),
        ", ".join(f"`{name}`" for name in differs),
    ]


def no_edits() -> str:
    """Return who takes no pictures, and why."""
    return ", ".join(f"`{each.name}` ({each.no_edits})" for each in DIALECTS.values() if each.edits is None)


def row(dialect: Dialect) -> Sequence[str]:
    """Return where a server is, and where its key is looked for."""
    address = f"`{dialect.base_url or listed(dialect.base_url_env)}`" if dialect.base_url_env else "your own"
    stops = dialect.rules.get("stream", Rule()).treatment in (Treatment.REFUSED, Treatment.IGNORED)
    streams = "yes" if dialect.streams else "never" if stops else "with `--stream`"
    keys = ", ".join(f"`{name}`" for name in dialect.key_env) or "none"
    return [f"`{dialect.name}`", dialect.title, address, keys, streams, dialect.source or "no document"]


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
