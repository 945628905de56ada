"""Redaction: removes keys and base64 from text that is shown, logged or kept; it imports nothing from the project."""

import base64
import re

_SECRETS = re.compile(
    r"""
      \b(?P<scheme>(?i:Bearer|Api-Key))\s+(?![a-z]+[^\w\s]?(?:\s|$))[^\s"',;]{8,}   # an Authorization header's value
    | \b(?i:Basic)\s+(?=\S*(?:[a-z][A-Z]|[0-9]))[A-Za-z0-9+/]{12,}={0,2}   # the same, of names and passwords
    | \b(?:(?:sk|pk|org|proj|xai)[-_](?=[-_.A-Za-z]*[0-9])|AIza|AQVN|t1\.)[-_.A-Za-z0-9]{12,}   # providers' keys
    | [A-Za-z0-9+/]{200,}={0,2}                            # base64: an image, never a message
    """,
    re.VERBOSE,
)

_SHORTEST_KEY = 8  # letters and digits; shorter ones are placeholders, such as EMPTY, and ordinary words
_SHORTEST_MIXED = 4  # except those with digits, such as sk-1234
_LONGEST_RUN, _MARK = 12, "[key removed]"


def redact(text: str, *secrets: str) -> str:
    """Replace keys, base64 and each of `secrets` in `text` with a mark that keeps neither prefix nor suffix.

    A secret is found in upper or lower case, with other characters between its letters, as in a host name, and if only
    a longer piece of it appears.
    """
    for secret in secrets:
        text = _without_secret(_without_base64_of(secret, text), secret)
    return _SECRETS.sub(lambda found: f"{found['scheme'] or ''} [removed]".strip(), text)


def _without_base64_of(secret: str, text: str) -> str:
    """Remove a secret that is encoded in base64, at any offset."""
    if len(secret) < _SHORTEST_KEY:
        return text
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret.encode())
        # The characters that depend only on the secret: those at both ends contain bits of its neighbours.
        core = whole[-(-before * 8 // 6) : (before + len(secret.encode())) * 8 // 6].decode()
        for written in (core, core.replace("+", "-").replace("/", "_")):
            text = re.sub(rf"[A-Za-z0-9+/_-]*{re.escape(written)}[A-Za-z0-9+/_=-]*", _MARK, text)
    return text


def _without_secret(text: str, secret: str) -> str:
    letters = _letters(secret)
    if len(letters) < _SHORTEST_KEY:
        is_mixed = len(secret) >= _SHORTEST_MIXED and any(each.isdigit() for each in secret) and not secret.isdigit()
        return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", _MARK, text) if is_mixed else text
    plain = _letters(text)
    run = min(len(letters), _LONGEST_RUN)
    pieces = {letters[at : at + run] for at in range(len(letters) - run + 1)}
    if not any(piece in plain for piece in pieces):
        return text
    return _without_pieces(text, pieces, run)


def _without_pieces(text: str, pieces: set[str], run: int) -> str:
    """Cut out each stretch of `text` whose letters belong to `pieces`, all of length `run`."""
    places = [found.start() for found in re.finditer(r"[A-Za-z0-9]", text)]
    plain = _letters(text)
    kept, done, at = [], 0, 0
    while at + run <= len(plain):
        if plain[at : at + run] not in pieces:
            at += 1
            continue
        end = at + 1
        while plain[end : end + run] in pieces:
            end += 1
        kept.append(text[done : places[at]])
        done = places[end + run - 2] + 1
        at = end + run - 1
    return _MARK.join([*kept, text[done:]])


def _letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text).lower()
