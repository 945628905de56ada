"""The commands that mark pictures: each takes several numbers, ranges, and single pictures such as 12.3."""

import argparse
from collections.abc import Sequence

from imgmagic.domain.picture_names import PictureName, missing_picture, split_picture_names
from imgmagic.domain.wording import listed
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.commands.history import history_of
from imgmagic.notebook.line.refusals import UsageError

_HIGHEST = 5


def star(front: Front, options: argparse.Namespace) -> None:
    """Star pictures, or remove their stars."""
    names = _names(front, options.words, "star")
    for name in names:
        front.session.archive.history.star(name.generation_id, index=name.index, on=not options.off)
    front.say(f"{_subject(names)} {'no star' if options.off else 'a star'}")


def rate(front: Front, options: argparse.Namespace) -> None:
    """Rate pictures from 0 to 5, or remove their ratings."""
    *words, last = options.words
    rating = _rating(last)
    names = _names(front, words, "rate")
    for name in names:
        front.session.archive.history.rate(name.generation_id, rating, index=name.index)
    front.say(f"{_subject(names)} {'no rating' if rating is None else f'a rating of {rating}'}")


def tag(front: Front, options: argparse.Namespace) -> None:
    """Add tags to pictures; every word that is not a number is a tag."""
    found, words = split_picture_names(options.words)
    tags = (*words, *(options.text or ()))
    if not tags:
        raise UsageError("%imgmagic tag: it needs TEXT. Write the tags after the numbers: %imgmagic tag 12 good")
    names = _require_names(front, found, "tag")
    for name in names:
        front.session.archive.history.tag(name.generation_id, *tags, index=name.index)
    for name in names:
        record = history_of(front).record(name.generation_id)
        kept = record.started.tags if name.index is None else record.images[name.index].tags
        front.say(f"{name} is tagged {', '.join(kept)}")


def note(front: Front, options: argparse.Namespace) -> None:
    """Write a note beside a generation or one of its pictures."""
    (name,) = _names(front, options.words[:1], "note")
    text = " ".join(options.words[1:])
    front.session.archive.history.note(name.generation_id, text, index=name.index)
    front.say(f"{name}: {text}" if text else f"{name} has no note")


def _rating(word: str) -> int | None:
    if word == "off":
        return None
    if not word.isdecimal() or int(word[:3]) > _HIGHEST:
        raise UsageError(f"%imgmagic rate: {word!r} is not a rating. Write 0 to {_HIGHEST} last, or off.")
    return int(word)


def _names(front: Front, words: Sequence[str], command: str) -> tuple[PictureName, ...]:
    """Return the pictures that the words name, after checking that all exist; otherwise nothing is changed."""
    names, others = split_picture_names(words)
    if others and others[0].lstrip("#").isdecimal():  # a number that no record can have
        history_of(front).record(int(others[0].lstrip("#")))
    if others:
        raise UsageError(f"%imgmagic {command}: {others[0]!r} is not the number of a generation, such as 12 or 12.3")
    return _require_names(front, names, command)


def _require_names(front: Front, names: tuple[PictureName, ...], command: str) -> tuple[PictureName, ...]:
    if not names:
        raise UsageError(f"%imgmagic {command}: it needs ID. Write one or more numbers, such as 12, 14-17 or 12.3")
    for name in names:
        count = len(history_of(front).record(name.generation_id).images)
        if name.index is not None and name.index >= count:
            raise missing_picture(name, count)
    return names


def _subject(names: tuple[PictureName, ...]) -> str:
    """Return the names as the subject of a sentence, with its verb."""
    if len(names) == 1:
        return f"{names[0]} has"
    return f"{listed(map(str, names)).replace(' or ', ' and ')} have"


RUN: Runs = {"star": star, "rate": rate, "tag": tag, "note": note}
