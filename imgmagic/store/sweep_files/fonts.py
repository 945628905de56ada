"""Fonts for the labels of a contact sheet: those of this machine that have the letters, or a refusal.

Pillow draws a letter that a font does not have as an empty box, so each letter is looked for before anything is drawn.
"""

import functools
import math
import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features
from wcwidth import iter_graphemes

from imgmagic.display.sanitize import strip_control
from imgmagic.errors import StoreError
from imgmagic.store.sweep_files import font_files
from imgmagic.store.sweep_files.clusters import breakable, in_visual_order, needs_shaping, visible

# The sizes in pixels of fonts that hold pictures in place of outlines: of Noto Color Emoji, and of Apple's.
_PICTURE_SIZES = (109, 160, 96, 64)
_BLANKS = re.compile(r"[\n\t]")


class LabelFonts:
    """Draw text in whichever of this machine's fonts has its letters.

    Args:
        size: in pixels.
        text: everything that will be drawn.

    Raises:
        StoreError: no font has some of the letters, or a script needs shaping that this Pillow cannot do.
    """

    def __init__(self, size: int, text: str) -> None:
        _require_shaping(text)
        self._size = size
        self._faces = _faces_for({visible(each) for each in iter_graphemes(text)} - {""}, size)

    @property
    def height(self) -> int:
        """Return the height of a line."""
        return round(self._size * 1.4)

    def width(self, text: str) -> int:
        """Return how wide a line is."""
        return round(sum(face.width(part) for face, part in self._parts(text)))

    def draw(self, image: Image.Image, place: tuple[int, int], text: str, *, color: str = "black") -> None:
        """Draw one line of text from its upper left corner on."""
        x, y = place
        for face, part in in_visual_order(list(self._parts(text))):
            face.draw(image, (x, y + self._size), part, color)
            x += round(face.width(part))

    def wrap(self, text: str, width: int, *, lines: int) -> list[str]:
        """Return the text as at most `lines` lines that fit into `width`, the last one shortened."""
        found: list[str] = []
        for word in breakable(text):
            longer = found[-1] + word if found else word.lstrip()
            if found and self.width(longer.rstrip()) > width:
                found.append(word.lstrip())
            elif found:
                found[-1] = longer
            else:
                found.append(longer)
        kept = [self._shorten(line.rstrip(), width) for line in found[:lines]]
        if len(found) > lines:
            kept[-1] = self._shorten(kept[-1] + "…", width)
        return kept

    def _shorten(self, line: str, width: int) -> str:
        if self.width(line) <= width:
            return line
        letters = list(iter_graphemes(line.rstrip("…")))
        # Halved, not cut letter by letter: a word may be as long as a prompt, and each width is a shaping of the whole.
        kept = bisect(range(1, len(letters) + 1), width, key=lambda count: self.width("".join(letters[:count]) + "…"))
        return "".join(letters[:kept]) + "…" if kept else ""

    def _parts(self, text: str) -> Iterator[tuple["_Face", str]]:
        """Yield the text in pieces that one font has; letters of one script stay together, as shaping needs them."""
        part, chosen = "", self._faces[0]
        for cluster in iter_graphemes(_BLANKS.sub(" ", strip_control(text))):
            letters = visible(cluster)
            # A font of pictures has wide blanks and digits of its own: it draws only what no other font has.
            stays = not chosen.is_pictures and chosen.has(letters)
            face = chosen if stays else next((each for each in self._faces if each.has(letters)), self._faces[0])
            if face is not chosen and part:
                words = part.rstrip(" ")
                # The blanks apart: they belong to the line, not to a word that may run the other way.
                yield from ((chosen, each) for each in (words, part[len(words) :]) if each)
                part = ""
            chosen, part = face, part + cluster
        if part:
            yield chosen, part


@dataclass(frozen=True, kw_only=True, eq=False)
class _Face:
    """One font at the size of the labels.

    Args:
        font: what draws.
        scale: how much smaller its letters are shown than it draws them; 1 but for a font that holds pictures.
        unshaped: the same font as it draws each letter alone, by which a letter is looked for.
    """

    font: ImageFont.FreeTypeFont
    unshaped: ImageFont.FreeTypeFont
    scale: float = 1.0

    @property
    def is_pictures(self) -> bool:
        """Return whether the font holds pictures of its letters, which have one size."""
        return self.scale != 1

    def has(self, letters: str) -> bool:
        """Return whether the font has all these letters."""
        missing = _picture(self.unshaped, "\U0010ffff")  # which no font draws
        return all(_picture(self.unshaped, each) != missing for each in letters)

    def width(self, text: str) -> float:
        """Return how wide a text is."""
        return self.font.getlength(text) * self.scale

    def draw(self, image: Image.Image, place: tuple[int, int], text: str, color: str) -> None:
        """Draw a text on its base line; emoji have colours of their own."""
        if not self.is_pictures:
            ImageDraw.Draw(image).text(place, text, font=self.font, fill=color, anchor="ls", embedded_color=True)
            return
        ascent, descent = self.font.getmetrics()
        layer = Image.new("RGBA", (max(1, math.ceil(self.font.getlength(text))), ascent + descent), "#ffffff00")
        ImageDraw.Draw(layer).text((0, ascent), text, font=self.font, anchor="ls", embedded_color=True)
        size = (max(1, round(layer.width * self.scale)), max(1, round(layer.height * self.scale)))
        small = layer.resize(size, Image.Resampling.LANCZOS)
        image.paste(small, (place[0], place[1] - round(ascent * self.scale)), small)


def _faces_for(wanted: set[str], size: int) -> list[_Face]:
    """Return as few fonts as have all these clusters; the first is that of plain text."""
    faces: list[_Face] = []
    missing = set(wanted)
    for path in font_files.files_for({letter for cluster in wanted for letter in cluster}):
        face = _open(path, size)
        found = set() if face is None else {cluster for cluster in missing if face.has(cluster)}
        if face is not None and (found or not faces):
            faces.append(face)
            missing -= found
        if not missing and faces:
            return faces
    if not missing:
        return faces or [_built_in(size)]
    built_in = _built_in(size)
    missing = {cluster for cluster in missing if not built_in.has(cluster)}
    if missing:
        raise _no_font(missing)
    return [*faces, built_in]


def _no_font(missing: set[str]) -> StoreError:
    shown = "".join(sorted(missing)[:12])
    return StoreError(
        f"no contact sheet was made: no font on this machine has the letters {shown}.",
        remedy="Install one, such as Noto Sans, Noto Sans CJK or Noto Color Emoji, or write an .html sheet, which the "
        "browser draws.",
    )


def _require_shaping(text: str) -> None:
    if needs_shaping(text) and not features.check("raqm"):
        raise StoreError(
            "no contact sheet was made: this Pillow cannot join the letters of a script that is in a label.",
            remedy="Install Pillow with libraqm, or write an .html sheet, which the browser draws.",
        )


def _built_in(size: int) -> _Face:
    font = ImageFont.load_default(size)
    if isinstance(font, ImageFont.FreeTypeFont):
        return _face(font)
    raise StoreError("no contact sheet was made: this Pillow cannot draw text.", remedy="Write an .html sheet.")


def _open(path: Path, size: int) -> _Face | None:
    for each in (size, *_PICTURE_SIZES):
        try:
            return _face(ImageFont.truetype(str(path), each), size / each)
        except (OSError, ValueError):  # not a font, one that this FreeType does not read, or none of this size
            continue
    return None


def _face(font: ImageFont.FreeTypeFont, scale: float = 1.0) -> _Face:
    return _Face(font=font, unshaped=font.font_variant(layout_engine=ImageFont.Layout.BASIC), scale=scale)


@functools.lru_cache(maxsize=20_000)
def _picture(font: ImageFont.FreeTypeFont, letter: str) -> tuple[bytes, tuple[int, int]]:
    try:
        mask = font.getmask(letter)
    except (OSError, ValueError):
        return b"", (0, 0)
    return bytes(mask), mask.size
