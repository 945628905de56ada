"""Fonts for the labels of a contact sheet: those of this machine that have the letters, or a refusal.

Pillow draws a letter that a font does not have as an empty box, so each letter is looked for before anything is drawn.
Which fonts there are is asked of fontconfig where it is installed, else of the folders that systems keep fonts in.
"""

import functools
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from imgmagic.errors import StoreError

_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path.home() / "Library/Fonts",
    Path("C:/Windows/Fonts"),
)
# Plain faces that cover many scripts come first; the rest is tried in the order of their names.
_PREFERRED = ("dejavusans", "notosans-regular", "notosanscjk-regular", "arial", "segoeui", "helvetica", "arialunicode")
_ENDINGS = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_MOST_FILES = 400
_TIMEOUT_S = 10
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_FONTCONFIG = ("--format", "%{file}\n")


class LabelFonts:
    """Draw text in whichever of this machine's fonts has its letters.

    Args:
        size: in pixels.
        text: everything that will be drawn.

    Raises:
        StoreError: no font has some of the letters, or a script needs shaping that this Pillow cannot do.
    """

    def __init__(self, size: int, text: str) -> None:
        self._size = size
        self._letters = frozenset(text) - {"\n"}
        self._fonts = _fonts_for(frozenset(each for each in self._letters if not _is_blank(each)), size)
        _require_shaping(text)

    @property
    def height(self) -> int:
        """Return the height of a line."""
        return round(self._size * 1.4)

    def width(self, text: str) -> int:
        """Return how wide a line is."""
        return round(sum(font.getlength(part) for font, part in self._parts(text)))

    def draw(self, image: Image.Image, place: tuple[int, int], text: str, *, color: str = "black") -> None:
        """Draw one line of text from its upper left corner on."""
        x, y = place
        pen = ImageDraw.Draw(image)
        for font, part in self._parts(text):
            pen.text((x, y + self._size), part, font=font, fill=color, anchor="ls")
            x += round(font.getlength(part))

    def wrap(self, text: str, width: int, *, lines: int) -> list[str]:
        """Return the text as at most `lines` lines that fit into `width`, the last one shortened."""
        found: list[str] = []
        for word in _breakable(text):
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
        while line and self.width(line) > width:
            line = line[:-2].rstrip("…") + "…" if len(line) > 2 else ""
        return line

    def _parts(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Yield the text in pieces that one font has; letters of one script stay together, as shaping needs them."""
        part, chosen = "", self._fonts[0]
        for letter in text:
            font = chosen if _is_blank(letter) or _has(chosen, letter) else self._font_of(letter)
            if font is not chosen and part:
                yield chosen, part
                part = ""
            chosen, part = font, part + letter
        if part:
            yield chosen, part

    def _font_of(self, letter: str) -> ImageFont.FreeTypeFont:
        return next((font for font in self._fonts if _has(font, letter)), self._fonts[0])


def _fonts_for(letters: frozenset[str], size: int) -> list[ImageFont.FreeTypeFont]:
    """Return as few fonts as have all letters; the first is that of plain text."""
    fonts: list[ImageFont.FreeTypeFont] = []
    missing = set(letters)
    for path in _font_files(letters):
        font = _open(path, size)
        found = set() if font is None else {letter for letter in missing if _has(font, letter)}
        if font is not None and (found or not fonts):
            fonts.append(font)
            missing -= found
        if not missing and fonts:
            return fonts
    if not missing:
        return fonts or [_built_in(size)]
    built_in = _built_in(size)
    missing = {letter for letter in missing if not _has(built_in, letter)}
    if missing:
        raise _no_font(missing)
    return [*fonts, built_in]


def _no_font(missing: set[str]) -> StoreError:
    shown = "".join(sorted(missing)[:12])
    return StoreError(
        f"no contact sheet was made: no font on this machine has the letters {shown}.",
        remedy="Install one, such as Noto Sans or Noto Sans CJK, or write an .html sheet, which the browser draws.",
    )


def _require_shaping(text: str) -> None:
    if any(unicodedata.bidirectional(each) in _RIGHT_TO_LEFT for each in text) and not features.check("raqm"):
        raise StoreError(
            "no contact sheet was made: this Pillow cannot join the letters of scripts that run from right to left.",
            remedy="Install Pillow with libraqm, or write an .html sheet, which the browser draws.",
        )


def _built_in(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if isinstance(font, ImageFont.FreeTypeFont):
        return font
    raise StoreError("no contact sheet was made: this Pillow cannot draw text.", remedy="Write an .html sheet.")


def _open(path: Path, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(str(path), size)
    except (OSError, ValueError):  # not a font, or one that this FreeType does not read
        return None


def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    return _picture(font, letter) != _picture(font, "\U0010ffff")  # letters that no font draws


@functools.lru_cache(maxsize=20_000)
def _picture(font: ImageFont.FreeTypeFont, letter: str) -> tuple[bytes, tuple[int, int]]:
    try:
        mask = font.getmask(letter)
    except (OSError, ValueError):
        return b"", (0, 0)
    return bytes(mask), mask.size


def _is_blank(letter: str) -> bool:
    """Return whether nothing of a letter is seen: blanks, and what only joins or turns others."""
    return unicodedata.category(letter) in ("Zs", "Cf", "Cc", "Mn", "Me")


def _breakable(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may break: words, and each letter of scripts that write no blanks."""
    word = ""
    for letter in text.replace("\n", " "):
        wide = unicodedata.east_asian_width(letter) in ("W", "F")
        if wide or letter == " ":
            if word:
                yield word
            word = letter
            if wide:
                yield word
                word = ""
        else:
            word += letter
    if word:
        yield word


def _font_files(letters: frozenset[str]) -> Sequence[Path]:
    ascii_only = all(letter.isascii() for letter in letters)
    found = _all_files()
    asked = () if ascii_only else tuple(path for letter in _rare(letters) for path in _files_with(letter))
    preferred = [path for name in _PREFERRED for path in found if path.stem.lower().replace("_", "") == name]
    return tuple(dict.fromkeys([*preferred, *asked, *found]))


def _rare(letters: frozenset[str]) -> list[str]:
    """Return a few letters that stand for the scripts of all."""
    by_block = {ord(letter) >> 8: letter for letter in sorted(letters) if not letter.isascii()}
    return list(by_block.values())[:12]


@functools.cache
def _all_files() -> tuple[Path, ...]:
    found = _ask_fontconfig(":") or [path for folder in _FOLDERS if folder.is_dir() for path in folder.rglob("*")]
    files = sorted({path for path in found if path.suffix.lower() in _ENDINGS}, key=lambda path: path.name)
    return tuple(files[:_MOST_FILES])


def _files_with(letter: str) -> list[Path]:
    return sorted(_ask_fontconfig(f":charset={ord(letter):x}"))[:20]


def _ask_fontconfig(pattern: str) -> list[Path]:
    program = None if sys.platform == "win32" else shutil.which("fc-list")
    if program is None:
        return []
    try:
        said = subprocess.run(  # noqa: S603 - a fixed program and a pattern made of a number
            [program, *_FONTCONFIG, pattern], capture_output=True, check=True, timeout=_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [Path(line) for line in said.stdout.decode("utf-8", "replace").splitlines() if line]
