"""The words that affect a picture; tables only."""

import re
from collections.abc import Mapping
from typing import Final


def meanings(rows: Mapping[str, str]) -> Mapping[str, str]:
    """Turn rows of a meaning and its words into a table from each word to its meaning."""
    return {word: meaning for meaning, words in rows.items() for word in (meaning, *words.split())}


SHAPES: Final = meanings(
    {
        "circle": "ball disc disk dot sphere bubble orb",
        "square": "box cube block tile",
        "triangle": "pyramid cone",
        "diamond": "rhombus gem jewel crystal",
        "hexagon": "hex honeycomb",
        "ring": "donut doughnut hoop",
        "cross": "plus",
        "star": "",
        "heart": "love",
        "moon": "crescent",
        "sun": "",
        "cloud": "",
        "tree": "oak maple oak-tree apple-tree",
        "pine": "fir spruce conifer pine-tree fir-tree christmas-tree",
        "palm": "palm-tree",
        "cactus": "cacti saguaro",
        "mushroom": "toadstool",
        "flower": "rose tulip daisy blossom sunflower poppy lily",
        "house": "hut home cottage cabin barn",
        "castle": "tower fortress palace",
        "lighthouse": "",
        "boat": "ship sailboat yacht",
        "rocket": "spaceship spacecraft",
        "balloon": "hot-air-balloon",
        "robot": "android",
        "fish": "goldfish carp whale shark dolphin",
        "bird": "seagull gull sparrow parrot swan duck eagle hummingbird",
        "cat": "kitten kitty",
        "dog": "puppy corgi",
        "fox": "",
        "bear": "teddy teddy-bear",
        "rabbit": "bunny hare",
        "otter": "beaver seal",
        "mouse": "mice rat",
        "owl": "",
        "mountain": "hill peak volcano",
        "apple": "fruit cherry peach",
        "car": "automobile taxi van",
        "person": "people man men woman women child children girl boy astronaut figure human",
        "butterfly": "moth butterflies",
        "umbrella": "parasol",
        "cup": "mug teacup coffee tea",
    }
)
PLACES: Final = meanings(
    {
        "sea": "ocean lake water river bay harbour harbor wave pond lagoon",
        "beach": "shore coast island",
        "forest": "wood woods jungle woodland",
        "desert": "dune sahara",
        "city": "town skyline street downtown",
        "meadow": "field grass garden lawn park hillside prairie countryside",
        "snow": "winter arctic ice tundra snowy",
        "space": "galaxy cosmos universe nebula outer-space",
        "sky": "air heaven",
        "room": "table kitchen studio indoors desk shelf",
    }
)
TIMES: Final = meanings(
    {
        "night": "midnight nighttime moonlight moonlit starry dark",
        "sunset": "dusk evening twilight golden-hour",
        "dawn": "sunrise morning daybreak misty",
        "day": "noon daylight daytime afternoon sunny",
    }
)
COLOURS: Final = meanings(
    {
        "red": "scarlet ruby",
        "crimson": "burgundy maroon",
        "orange": "amber",
        "yellow": "lemon",
        "gold": "golden",
        "green": "emerald",
        "olive": "khaki",
        "lime": "",
        "mint": "",
        "turquoise": "teal cyan aqua",
        "blue": "azure cobalt",
        "navy": "indigo",
        "purple": "violet lilac lavender",
        "magenta": "fuchsia",
        "pink": "rosy salmon",
        "brown": "chocolate tan",
        "beige": "cream sand-coloured",
        "white": "ivory",
        "grey": "gray silver",
        "black": "ebony",
    }
)
STYLES: Final = meanings(
    {
        "pixelated": "pixel pixel-art 8-bit mosaic",
        "watercolour": "watercolor aquarelle painting painted",
        "sketch": "pencil drawing charcoal",
        "monochrome": "black-and-white noir greyscale grayscale",
        "blurred": "blurry bokeh dreamy",
    }
)
RELATIONS: Final = meanings(
    {
        "on": "atop upon above over onto",
        "under": "below beneath underneath",
        "left": "",
        "right": "",
        "beside": "and with next near by beside behind",
    }
)
SCALES: Final[Mapping[str, float]] = {
    **dict.fromkeys(("big", "large", "huge", "giant", "enormous", "tall"), 1.25),
    **dict.fromkeys(("small", "little", "short", "baby"), 0.6),
    **dict.fromkeys(("tiny", "mini", "miniature"), 0.38),
}
NUMBERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("a", "an", "one", "single", "lone"), 1),
    **dict.fromkeys(("two", "pair", "couple"), 2),
    **dict.fromkeys(("three", "trio", "few"), 3),
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "sixteen": 16,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}
DOZENS: Final = ("dozen", "dozens")
OPEN_COUNTS: Final = frozenset(("some", "several", "many", "lots", "multiple"))
NEGATIONS: Final = frozenset(("no", "without", "not", "zero", "never"))
PHRASES: Final = re.compile(
    r"""
      \b(palm|pine|fir|oak|apple|christmas)\ trees?\b
    | \bteddy\ bears?\b
    | \bhot[- ]air[- ]balloons?\b
    | \bpixel\ art\b
    | \bouter\ space\b
    | \bgolden\ hour\b
    | \bblack\ and\ white\b(?=\ photo|\ image|\ picture|\W*$)
    """,
    re.VERBOSE,
)
