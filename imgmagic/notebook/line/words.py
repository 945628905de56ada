"""Words: split a line of the magic as a person would; it knows no option but `--vary`."""

import json
import re

# One word of the line: {{ }} is kept together, and a quote opens only at the start of a word or after "=", so an
# apostrophe inside a prompt stays an apostrophe. The search for the end of {{ stops at the next {{, unless that is
# quoted: {{ '{{' }} is how two braces are written.
_WORD = re.compile(
    r"""(?:\{\{(?:'\{\{'|"\{\{"|(?!\{\{).)*?\}\}|(?<![^\s=])"[^"]*"(?!\S)|(?<![^\s=])'[^']*'(?!\S)|\S)+"""
)
# The values of --vary: a quote opens after "=" or a comma, too, and closes before one; a blank after a comma is inside.
_VARY = re.compile(
    r"""(?:\{\{.*?\}\}|(?<=[=,\s])"[^"]*"(?=[\s,=]|$)|(?<=[=,\s])'[^']*'(?=[\s,=]|$)|,[ \t]+(?=[^\s-])|\S)+"""
)
_QUOTED = re.compile(r"""(?P<before>.*?)(?P<quote>["'])(?P<text>.*)(?P=quote)$""", re.DOTALL)


def split(line: str) -> list[str]:
    """Return the words of a line without their quotes; `{{ }}` and apostrophes stay."""
    return [unquote(word) for word in typed_words(line)]


def typed_words(line: str) -> list[str]:
    """Return the words of a line as written, quotes included."""
    words: list[str] = []
    position = 0
    while (start := _end_of(_BLANKS, line, position)) < len(line):
        is_vary = line.startswith("--vary=", start) or words[-1:] == ["--vary"]
        position = _end_of_vary(line, start) if is_vary else _end_of(_WORD, line, start)
        words.append(line[start:position])
    return words


_BLANKS = re.compile(r"\s*")


def _end_of(pattern: re.Pattern[str], line: str, start: int) -> int:
    found = pattern.match(line, start)
    return start if found is None else found.end()


def _end_of_vary(line: str, start: int) -> int:
    """Return where the values of --vary end; JSON may contain blanks and quotes."""
    first = start + len("--vary=") if line.startswith("--vary=", start) else start
    values = line.find("=", first) + 1
    if line[values : values + 1] in ("[", "{") and not line.startswith("{{", values):
        try:
            end = json.JSONDecoder().raw_decode(line, values)[1]
            # People used to a shell quote the whole argument.
            return end + 1 if line[first] in "\"'" and line[end : end + 1] == line[first] else end
        except ValueError:  # the parser of the values says what is wrong with them
            pass
    return _end_of(_VARY, line, start)


def unquote(word: str) -> str:
    """Return a word without quotes around it or around what follows its equals sign."""
    found = _QUOTED.fullmatch(word)
    if found is None or (found["before"] and not found["before"].endswith("=")):
        return word
    return found["before"] + found["text"]
