"""The commands for single pictures: save one to a file, and compare several side by side."""

import argparse
from collections.abc import Iterator

from imgmagic.domain.picture_names import PictureName, missing_picture, split_picture_names
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.commands.history import history_of
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.comparison import ComparedPicture, comparison_html, comparison_text

_MOST = 9


def save(front: Front, options: argparse.Namespace) -> None:
    """Save the originals of a generation, or one of them, to a file or into a folder."""
    names, others = split_picture_names([options.id])
    if others or len(names) != 1:
        raise UsageError(f"%imgmagic save: {options.id!r} is not the number of a generation, such as 12 or 12.3")
    (name,) = names
    found = front.session.archive.generation(history_of(front).record(name.generation_id))
    if name.index is None:
        paths = found.save(options.path, overwrite=options.overwrite)
    elif name.index < len(found.images):
        paths = (found.images[name.index].save(options.path, overwrite=options.overwrite),)
    else:
        raise missing_picture(name, len(found.images))
    front.say("\n".join(f"{name} is saved to {path}" for path in paths))


def compare(front: Front, options: argparse.Namespace) -> None:
    """Show pictures side by side, with what differs in their prompts and options."""
    names, others = split_picture_names(options.words)
    if others:
        raise UsageError(f"%imgmagic compare: {others[0]!r} is not the number of a picture, such as 12 or 12.3")
    pictures = [each for name in names for each in _pictures(front, name)]
    if not 2 <= len(pictures) <= _MOST:
        raise UsageError(f"%imgmagic compare: {len(pictures)} pictures are named; 2 to {_MOST} can be compared.")
    front.show(comparison_html(pictures), comparison_text(pictures))


def _pictures(front: Front, name: PictureName) -> Iterator[ComparedPicture]:
    """Yield the picture that is named, or all of a generation."""
    generation = front.session.archive.generation(history_of(front).record(name.generation_id))
    count = len(generation.images)
    wanted = range(count) if name.index is None else (name.index,)
    if not count or wanted[-1] >= count:
        raise missing_picture(name, count)
    for index in wanted:
        shown = PictureName(generation_id=name.generation_id, index=index)
        title = str(shown) if count > 1 else f"#{name.generation_id}"
        yield ComparedPicture(name=title, generation=generation, image=generation.images[index])


RUN: Runs = {"save": save, "compare": compare}
