"""Hostile text made harmless: prompts, server messages, tags and file names come from anywhere."""

import html
import re
import unicodedata

# ANSI sequences (ECMA-48: CSI, OSC and two-character escapes), and what else no output should hold.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -~])?")
_KEPT = {"\n", "\t"}
# Notebooks (MathJax 3) and their HTML exports (2) set text between two dollar signs as mathematics, even prompts and
# prices, unless an element around it says not to.
NO_MATH = 'class="mathjax_ignore tex2jax_ignore"'
# A blank line ends the HTML in a Markdown file (CommonMark 4.6), and what follows it would be read as Markdown.
_BLANK = re.compile(r"\n(?=[ \t]*\n)")
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # Unicode's explicit directional controls


def strip_control(text: str) -> str:
    """Return `text` without escape sequences, control characters, direction overrides and lone surrogates."""
    if text.isprintable():  # most text is, and none of these
        return text
    return "".join(_harmless(each) for each in _ANSI.sub("", text))


def shorten(text: str, length: int = 80) -> str:
    """Return `text` on one line of at most `length` characters."""
    line = " ".join(strip_control(text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def to_html(text: str) -> str:
    """Return `text` for an HTML page: shown as typed, with its writing direction isolated."""
    return _BLANK.sub("&#10;", html.escape(strip_control(text), quote=True))


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":  # a lone surrogate cannot be encoded in a message to the front end
        return "\ufffd"
    if character in _BIDI:  # would reverse what is next to the text
        return ""
    return "" if category == "Cc" and character not in _KEPT else character
