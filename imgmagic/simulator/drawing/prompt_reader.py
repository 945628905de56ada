"""Read a prompt as a scene: which things, how many, what colour, where and when; it knows nothing about drawing.

The words are read once, from left to right. Numbers, colours and sizes wait for their noun; a noun takes what is
waiting and goes where the last relation ("on", "left of") puts it. Each reader in the table takes a word or leaves it
to the next one, and a word that no reader takes is ignored.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from imgmagic.simulator.drawing import lexicon

# A picture has room for this much; anything more in a long prompt would cost time and hide the rest.
_MOST_THINGS: Final = 60
_MOST_GROUPS: Final = 12
_MOST_WORDS: Final = 1000
_MOST_CHARACTERS: Final = 12 * _MOST_WORDS
_WORD: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Hold things of one kind; if the words do not say, `count` is None and `colours` is empty."""

    shape: str
    count: int | None = 1
    colours: tuple[str, ...] = ()
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Hold what a prompt says.

    Args:
        columns: from left to right, each a stack of groups from the bottom up.
        colours: those that do not belong to a thing or a place.
    """

    columns: tuple[tuple[Group, ...], ...] = ()
    place: str | None = None
    place_colour: str | None = None
    time: str | None = None
    style: str | None = None
    colours: tuple[str, ...] = ()


def read_prompt(prompt: str) -> Scene:
    """Read the words of `prompt` that affect a picture; skip the others.

    >>> scene = read_prompt("three red circles on a blue sea at night")
    >>> scene.columns
    ((Group(shape='circle', count=3, colours=('red',), scale=1.0),),)
    >>> scene.place, scene.place_colour, scene.time
    ('sea', 'blue', 'night')
    """
    # In any prose, the thousandth word ends within these characters; the rest need not be read.
    text = lexicon.PHRASES.sub(lambda found: re.sub("[ -]", "-", found[0]), prompt[:_MOST_CHARACTERS].lower())
    reader = _Reader()
    for word in islice(_WORD.finditer(text), _MOST_WORDS):
        reader.read(word[0])
    return reader.scene()


@dataclass(kw_only=True)
class _Noun:
    """The words that wait for their noun."""

    count: int | None = None
    said_count: bool = False
    colours: tuple[str, ...] = ()
    scale: float = 1.0
    negated: bool = False


@dataclass
class _Reader:
    columns: list[list[Group]] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)
    waiting: _Noun = field(default_factory=_Noun)
    relation: str = "beside"

    def read(self, word: str) -> None:
        for read_as in _READERS:
            if read_as(self, word):
                return

    def scene(self) -> Scene:
        # "a circle in red": a colour after the noun belongs to the last thing, unless that has one.
        loose = self.waiting.colours
        if loose and self.columns and not self.columns[-1][-1].colours:
            last = self.columns[-1].pop()
            self.columns[-1].append(Group(shape=last.shape, count=last.count, scale=last.scale, colours=loose))
            loose = ()
        return Scene(columns=tuple(tuple(column) for column in self.columns), colours=loose, **self.found)

    def place_group(self, group: Group) -> None:
        """Place a group according to the last relation, while there is room."""
        groups = [each for column in self.columns for each in column]
        if len(groups) >= _MOST_GROUPS:
            return
        left = _MOST_THINGS - sum(each.count or 3 for each in groups)
        group = replace(group, count=group.count and min(group.count, max(1, left)))
        column = self.columns[-1] if self.columns else None
        if column is None or self.relation in ("beside", "left"):
            self.columns.append([group])
        elif self.relation == "right":
            self.columns.insert(len(self.columns) - 1, [group])
        elif self.relation == "on":
            column.insert(0, group)
        else:
            column.append(group)
        self.relation = "beside"


def _meaning(table: Mapping[str, str], word: str) -> str | None:
    # English plurals by their endings: wrong guesses are not in the table.
    singulars = (word, word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word))
    return next((table[form] for form in singulars if form in table), None)


def _is_plural(word: str) -> bool:
    return word in ("mice", "cacti") or (word.endswith("s") and word not in ("cactus", "cross"))


def _read_number(reader: _Reader, word: str) -> bool:
    waiting = reader.waiting
    if word in lexicon.NEGATIONS:
        waiting.negated = True
    elif word in lexicon.DOZENS:
        halved = waiting.said_count and waiting.count is None
        waiting.count = 6 if halved else min(_MOST_THINGS, 12 * (waiting.count or 1))
    elif word == "half":
        waiting.count, waiting.said_count = None, True
    elif word in lexicon.OPEN_COUNTS:
        waiting.count, waiting.said_count = None, False
    elif word.isdecimal() or word in lexicon.NUMBERS:
        _count(waiting, word)
    else:
        return False
    return True


def _count(waiting: _Noun, word: str) -> None:
    if word in ("a", "an") and waiting.said_count:
        return  # "half a dozen", "three of a kind": the article adds nothing
    waiting.count = int(word[:4]) if word.isdecimal() else lexicon.NUMBERS[word]
    waiting.said_count = True


def _read_scale(reader: _Reader, word: str) -> bool:
    if word not in lexicon.SCALES:
        return False
    reader.waiting.scale = lexicon.SCALES[word]
    return True


def _read_shape(reader: _Reader, word: str) -> bool:
    shape = _meaning(lexicon.SHAPES, word)
    if shape is None:
        return False
    waiting, reader.waiting = reader.waiting, _Noun()
    if waiting.negated or waiting.count == 0:
        return True
    several = None if _is_plural(word) else 1
    count = waiting.count if waiting.count is not None else several
    group = Group(shape=shape, count=count and min(count, _MOST_THINGS), colours=waiting.colours, scale=waiting.scale)
    reader.place_group(group)
    return True


def _read_place(reader: _Reader, word: str) -> bool:
    place = _meaning(lexicon.PLACES, word)
    if place is None:
        return False
    waiting, reader.waiting = reader.waiting, _Noun()
    reader.relation = "beside"
    if not waiting.negated and "place" not in reader.found:
        reader.found |= {"place": place} | ({"place_colour": waiting.colours[0]} if waiting.colours else {})
    return True


def _read_colour(reader: _Reader, word: str) -> bool:
    colour = lexicon.COLOURS.get(word)
    if colour is None:
        return False
    reader.waiting.colours += (colour,)
    return True


def _note(name: str, table: Mapping[str, str]) -> Callable[[_Reader, str], bool]:
    def read(reader: _Reader, word: str) -> bool:
        meaning = table.get(word)
        if meaning is not None:
            reader.found.setdefault(name, meaning)
        return meaning is not None

    return read


def _read_relation(reader: _Reader, word: str) -> bool:
    relation = lexicon.RELATIONS.get(word)
    if relation is not None and not reader.waiting.colours:
        reader.relation = relation
    return relation is not None


_READERS: Final = (
    _read_number,
    _read_scale,
    _read_colour,
    _note("time", lexicon.TIMES),
    _note("style", lexicon.STYLES),
    _read_relation,
    _read_shape,
    _read_place,
)
