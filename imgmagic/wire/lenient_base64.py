"""Base64 as servers really write it: with a `data:` prefix, with line ends, URL-safe, without padding."""

import binascii
from urllib.parse import unquote_to_bytes

import pybase64

_STANDARD = bytes.maketrans(b"-_", b"+/")
_BLANKS = b" \t\r\n\f\v"


def from_base64(text: str) -> bytes | None:
    """Decode `text`, which may carry a `data:` prefix; None when it is no base64."""
    try:
        encoded = text.encode("ascii")
        if encoded[:5].lower() == b"data:":
            encoded = encoded.partition(b",")[2]
        encoded = encoded.translate(_STANDARD, _BLANKS).rstrip(b"=")
        return binascii.a2b_base64(encoded + b"=" * (-len(encoded) % 4), strict_mode=True)
    except ValueError:  # also binascii.Error and UnicodeEncodeError
        return None


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
    return unquote_to_bytes(value)
