"""Names of pictures: `12` is a generation in the history, `12.3` its third picture, `12-14` three generations.

People count pictures from 1; everywhere else they are counted from 0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imgmagic.errors import StoreError

MAX_RANGE = 1000
LARGEST_ID = 2**63 - 1  # of a row in a database
_NAME = re.compile(r"#?(\d{1,19})(?:\.(\d{1,9}))?", re.ASCII)
_RANGE = re.compile(r"#?(\d{1,19})(?:-|\.\.|–)#?(\d{1,19})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class PictureName:
    """Name a generation in the history, or one of its pictures.

    Args:
        generation_id: the generation's number.
        index: which of its pictures, from 0; None for the whole generation.
    """

    generation_id: int
    index: int | None = None

    def __str__(self) -> str:
        return f"#{self.generation_id}" if self.index is None else f"#{self.generation_id}.{self.index + 1}"


def is_id(number: int) -> bool:
    """Return whether a record in the history can have this number."""
    return 0 < number <= LARGEST_ID


def parse_picture_name(text: str) -> PictureName | None:
    """Return what `12`, `#12` or `#12.3` names; None for any other text.

    >>> str(parse_picture_name("12.3")), parse_picture_name("a fox"), parse_picture_name("12.0")
    ('#12.3', None, None)
    """
    found = _NAME.fullmatch(text.strip())
    if found is None or int(found[1]) > LARGEST_ID or (found[2] is not None and int(found[2]) == 0):
        return None
    return PictureName(generation_id=int(found[1]), index=None if found[2] is None else int(found[2]) - 1)


def split_picture_names(words: Sequence[str]) -> tuple[tuple[PictureName, ...], tuple[str, ...]]:
    """Return what the words name, ranges expanded, each once, and the words that are not names.

    >>> names, others = split_picture_names(["12", "14-16", "2.1", "good"])
    >>> [str(name) for name in names], others
    (['#12', '#14', '#15', '#16', '#2.1'], ('good',))

    Raises:
        StoreError: a range runs backwards, or is too long.
    """
    names: dict[PictureName, None] = {}
    others = []
    for word in words:
        found = parse_picture_name(word)
        if found is not None:
            names[found] = None
        elif (ends := _RANGE.fullmatch(word.strip())) is not None:
            names.update(dict.fromkeys(_spell_out(word, int(ends[1]), int(ends[2]))))
        else:
            others.append(word)
    return tuple(names), tuple(others)


def missing_generation(generation_id: int) -> StoreError:
    """Return the error for a generation that the history does not have."""
    return StoreError(f"there is no generation {generation_id}.", remedy="{history} lists them.")


def missing_picture(name: PictureName, count: int) -> StoreError:
    """Return the error for a picture that its generation does not have."""
    has = f"#{name.generation_id} has {count} picture{'' if count == 1 else 's'}" if count else "it has no pictures"
    return StoreError(f"there is no picture {name}.", remedy=f"{has[0].upper()}{has[1:]}.")


def _spell_out(word: str, first: int, last: int) -> tuple[PictureName, ...]:
    if first > last:
        raise StoreError(f"the range {word} runs backwards.", remedy=f"Write {last}-{first}.")
    if last - first >= MAX_RANGE:
        raise StoreError(f"the range {word} names more than {MAX_RANGE:,} generations.", remedy="Name fewer at once.")
    return tuple(PictureName(generation_id=number) for number in range(first, last + 1))
