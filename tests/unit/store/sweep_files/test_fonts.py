from pathlib import Path

import pytest
from PIL import Image, features

from imgmagic.errors import StoreError
from imgmagic.store.sweep_files import font_files, fonts
from imgmagic.store.sweep_files.fonts import LabelFonts

needs_shaping = pytest.mark.skipif(not features.check("raqm"), reason="this Pillow does not join letters")


def needs_font(letter: str, package: str) -> pytest.MarkDecorator:
    """Skip a test where fontconfig knows no font with a letter."""
    reason = f"no font has {letter} (Debian: apt install {package})"
    return pytest.mark.skipif(not font_files.files_with(letter), reason=reason)


needs_emoji = pytest.mark.skipif(
    "NotoColorEmoji" not in {path.stem for path in font_files.files_with("🦊")},
    reason="there is no font of emoji (Debian: apt install fonts-noto-color-emoji)",
)


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only the font that is in Pillow itself."""
    monkeypatch.setattr(font_files, "all_files", lambda: ())
    monkeypatch.setattr(font_files, "files_with", lambda _: [])


@needs_shaping
@pytest.mark.parametrize(
    "word",
    [
        pytest.param("سميك", marks=needs_font("س", "fonts-dejavu"), id="Arabic"),
        pytest.param("क्षत्रिय", marks=needs_font("क", "fonts-noto-core"), id="Hindi"),
    ],
)
def test_letters_that_change_beside_others_are_joined(word: str) -> None:
    """A word is narrower drawn as a word than letter by letter, as its letters join."""
    drawn = LabelFonts(24, word)

    assert drawn.width(word) < sum(drawn.width(letter) for letter in word)


@pytest.mark.parametrize("word", ["سميك", "हिन्दी", "தமிழ்", "मामा"])
def test_a_script_that_this_pillow_cannot_join_is_refused(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Without libraqm letters would stand side by side, each in the form that it has alone."""
    monkeypatch.setattr(fonts.features, "check", lambda _: False)

    with pytest.raises(StoreError, match="cannot join the letters"):
        LabelFonts(24, word)


@pytest.mark.usefixtures("without_fonts")
@pytest.mark.parametrize("label", ["no. 1\ufe0f\u20e3", "x\u20d7", "\N{FOX FACE}"], ids=["keycap", "vector", "emoji"])
def test_a_mark_is_looked_for_as_a_letter_is(label: str) -> None:
    """A mark that no font has would be an empty box upon its letter."""
    with pytest.raises(StoreError, match="no font on this machine has the letters"):
        LabelFonts(24, label)


@pytest.mark.usefixtures("without_fonts")
def test_what_is_never_seen_is_not_looked_for() -> None:
    """A joiner, or what selects one form of a letter, needs no font of its own."""
    assert LabelFonts(24, "an\u200d ink\ufe0e\u00ad").width("ink") > 0


@needs_emoji
def test_an_emoji_is_drawn_in_its_colours_at_the_size_of_the_text() -> None:
    """A font of pictures has one size: its letters are scaled to that of the others."""
    drawn = LabelFonts(24, "a fox 🦊")
    image = Image.new("RGB", (200, drawn.height), "white")
    drawn.draw(image, (0, 0), "🦊")
    colours = [colour for _, colour in image.getcolors(1 << 16) if max(colour) - min(colour) > 60]

    assert drawn.height * 0.5 < drawn.width("🦊") < drawn.height * 1.5
    assert colours


@needs_emoji
def test_only_the_emoji_are_drawn_as_emoji() -> None:
    """What follows an emoji is plain text again: fonts of emoji have wide blanks, and digits of their own."""
    drawn = LabelFonts(24, "🦊 12")

    assert abs(drawn.width("🦊 12") - drawn.width("🦊") - drawn.width(" 12")) <= 1


@needs_emoji
@pytest.mark.parametrize("tied", ["👨\u200d👩\u200d👧", "🇯🇵", "👍🏽"], ids=["family", "flag", "skin"])
def test_letters_that_are_tied_are_one_emoji(tied: str) -> None:
    """A family is one picture, not three, and a line is never broken or cut within it."""
    drawn = LabelFonts(24, f"fox 🦊 {tied}…")

    assert drawn.width(tied) == drawn.width("🦊")
    for width in range(20, 200, 10):
        assert set("".join(drawn.wrap(f"fox {tied} {tied}", width, lines=2))) & set(tied) in (set(), set(tied))


@needs_shaping
@needs_emoji
def test_a_blank_behind_a_word_from_right_to_left_stays_behind_it() -> None:
    """In a line from left to right the blank after an Arabic word is at its right, between it and what follows."""
    drawn = LabelFonts(24, "a سميك 🦊")
    line = Image.new("RGB", (drawn.width("a سميك 🦊"), drawn.height), "white")
    drawn.draw(line, (0, 0), "a سميك 🦊")
    blank = line.crop((drawn.width("a سميك") + 1, 0, drawn.width("a سميك ") - 1, line.height))

    assert blank.getextrema() == ((255, 255),) * 3


def test_long_labels_are_wrapped_and_cut() -> None:
    """A label has at most so many lines, none wider than its column, and the last says that there is more."""
    drawn = LabelFonts(16, "a very long label indeed…")
    lines = drawn.wrap("a very long label indeed " * 5, 120, lines=2)

    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(drawn.width(line) <= 120 for line in lines)


def test_a_word_as_long_as_a_prompt_is_cut_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a width asks for is few measures, not one per letter: a pasted word would take minutes."""
    drawn, asked = LabelFonts(16, "a…"), []
    width = LabelFonts.width
    monkeypatch.setattr(LabelFonts, "width", lambda self, text: asked.append(text) or width(self, text))

    (line,) = drawn.wrap("a" * 3000, 200, lines=1)

    assert line == "a" * (len(line) - 1) + "…"
    assert width(drawn, line) <= 200 < width(drawn, f"a{line}")
    assert len(asked) < 40


def test_control_characters_are_not_drawn() -> None:
    """They would be empty boxes; a tab is a blank."""
    drawn = LabelFonts(16, "an\x1b[1m ink\twash")

    assert drawn.width("an\x1b\x00 ink\twash") == drawn.width("an ink wash")


def test_plain_faces_are_tried_before_bold_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in the order of the alphabet would draw every script but the common ones in bold."""
    found = [Path(f"/fonts/NotoSansDevanagari-{style}.ttf") for style in ("Bold", "Light", "Regular")]
    monkeypatch.setattr(font_files, "_ask_fontconfig", lambda _: found)

    assert font_files.files_with("ह")[0].stem == "NotoSansDevanagari-Regular"
