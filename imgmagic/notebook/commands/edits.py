"""The commands for edits: paint over a picture, and show the family that edits make."""

import argparse
import keyword

from imgmagic.domain.source_picture import picture_number
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.commands.history import history_of
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.family_tree import tree_html, tree_text
from imgmagic.notebook.painter.paint import open_painter
from imgmagic.runs.inputs.references import resolve
from imgmagic.store.family import family_of


def tree(front: Front, options: argparse.Namespace) -> None:
    """Show the family of a generation as a tree of thumbnails."""
    root = family_of(history_of(front), options.id)
    text = tree_text(root, marked=options.id)
    front.show(tree_html(root, front.session.archive.images, marked=options.id) if front.has_html else text, text)


def paint(front: Front, options: argparse.Namespace) -> None:
    """Open a painter over a picture, and bind it."""
    out = options.out
    if out is not None and (not out.isidentifier() or keyword.iskeyword(out)):
        raise UsageError(f"%imgmagic paint: --out needs a valid variable name, not {out!r}.")
    number = picture_number(options.picture)
    names = front.shell.user_ns
    painter = open_painter(
        resolve(options.picture, names) if number is None else number,
        mode=options.mode,
        find=front.session.archive.find,
        names=names,
    )
    if out is not None:
        names[out] = painter


RUN: Runs = {"tree": tree, "paint": paint}
