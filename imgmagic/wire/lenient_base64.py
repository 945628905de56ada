"""Base64 as servers really write it: with a `data:` prefix, with line breaks, URL-safe, or without padding."""

from urllib.parse import unquote_to_bytes

import pybase64

_STANDARD = bytes.maketrans(b"-_", b"+/")
_MOST_ESCAPES = 1_000_000  # each costs the decoder some fifty bytes of memory
_BLANKS = b" \t\r\n\f\v"
_STEP_BYTES = 1024 * 1024


def from_base64(text: str) -> bytes | None:
    """Decode `text`, which may carry a `data:` prefix; None when it is not base64.

    A large picture is decoded in steps, because no other thread of this process runs during a step.
    """
    try:
        encoded = text.encode("ascii")
        if encoded[:5].lower() == b"data:":
            encoded = encoded.partition(b",")[2]
        encoded = encoded.rstrip(_BLANKS + b"=")
        return None if b"=" in encoded else _decode_in_steps(encoded)
    except ValueError:  # also binascii.Error and UnicodeEncodeError
        return None


def _decode_in_steps(encoded: bytes) -> bytes:
    decoded, rest = bytearray(), b""
    for at in range(0, len(encoded), _STEP_BYTES):
        piece = rest + encoded[at : at + _STEP_BYTES].translate(_STANDARD, _BLANKS)
        whole = len(piece) & ~3
        decoded += pybase64.b64decode(piece[:whole], validate=True)
        rest = piece[whole:]
    return bytes(decoded + pybase64.b64decode(rest + b"=" * (-len(rest) % 4), validate=True))


def from_exact_base64(encoded: bytes | memoryview) -> bytes | None:
    """Decode base64 in the standard form, padded and without blanks, fast; None when it is anything else."""
    try:
        return pybase64.b64decode(encoded, validate=True)
    except ValueError:  # also binascii.Error
        return None


def from_data_uri(uri: str) -> bytes | None:
    """Decode a `data:` URI (RFC 2397), base64 or percent-encoded; None when it is malformed."""
    head, comma, value = uri.partition(",")
    if not comma:
        return None
    if head.rstrip().lower().endswith(";base64"):
        return from_base64(value.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
    return unquote_to_bytes(value) if value.count("%") < _MOST_ESCAPES else None
