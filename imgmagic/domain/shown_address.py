"""Shown addresses: which part of an address may be shown in a message, a table or an output."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from imgmagic.domain.secret import Secret
from imgmagic.domain.wording import is_key_like
from imgmagic.redaction import redact

_HIDDEN = "..."
# Nobody types a host like this; a long lower-case name with a number in it is one that clouds make.
_MIXED = re.compile(r"(?=[^.]*[A-Z])(?=[^.]*[a-z])(?=[^.]*[0-9])[^.]{20,}")


def without_secrets(address: str) -> str:
    """Return an address without its user name, password, query and fragment; a plain path comes back as it is.

    >>> without_secrets("https://me:secret@lab.example:8443/v1?key=secret#secret")
    'https://lab.example:8443/v1'
    >>> without_secrets("/home/me/pictures")
    '/home/me/pictures'
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        return _HIDDEN if "@" in address else address
    head = rest.replace("\\", "/").partition("?")[0].partition("#")[0]
    place, slash, path = head.partition("/")
    # An unquoted password may contain a slash: with an @ after one, everything is hidden.
    if "@" in path:
        return f"{scheme}://{_HIDDEN}"
    plain = "/".join(_HIDDEN if is_key_like(segment) else segment for segment in path.split("/"))
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{plain}"


def shown_server(base_url: str, key: Secret | None = None) -> str:
    """Return a base URL for a table, or other words if it is not a whole address: it may be a misplaced key."""
    try:
        parts = urlsplit(base_url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket without its pair, a port that is not a number
        is_whole = False
    return without_secrets(base_url) if is_whole and not is_key_in_host(base_url, key) else "not an address"


def is_key_in_host(address: str, key: Secret | None = None) -> bool:
    """Return whether a key, `key` itself or what looks like one, is where an address has its host.

    It would be shown, and sent to whoever resolves names here.
    """
    place = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    known = () if key is None else (key.reveal(),)
    return _MIXED.search(place) is not None or redact(place, *known) != place


def host_of(address: str) -> str:
    """Return the host of an address with its port, for a message; the address itself if it has no host.

    Letters of other scripts, some of which look like ours, are shown in the form that networks use.

    >>> host_of("https://api.example:8443/v1"), host_of("https://\u0430pi.example/v1")
    ('api.example:8443', 'xn--pi-6kc.example')
    """
    plain = without_secrets(address)
    try:
        place = urlsplit(plain).netloc
        return place.encode("idna").decode("ascii") if place and not place.isascii() else place or plain
    except ValueError:  # an unmatched bracket, or an invalid name; UnicodeError is a ValueError
        return ascii(plain)[1:-1]


def hidden_parts(address: str) -> Iterator[str]:
    """Yield user name, password, values of the query and key-like parts of the path, but not an API's version."""
    try:
        parts = urlsplit(address)
    except ValueError:  # it cannot be asked either
        return
    yield from filter(None, (parts.username, parts.password))
    yield from (value for name, value in parse_qsl(parts.query) if name != "api-version")
    yield from filter(is_key_like, parts.path.split("/"))


def distinct_part(address: str) -> str:
    """Return what tells servers apart in an address's query: all but keys, in order; to be hashed, never shown.

    >>> distinct_part("https://lab.example/v1?model=b&api-version=2&token=secret")
    'api-version=2&model=b'
    """
    try:
        parts = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    except ValueError:  # it cannot be asked either
        return ""
    plain = (each for each in parts if not _SECRET_NAMES.search(each[0]) and not is_key_like(each[1]))
    return urlencode(sorted(plain))


_SECRET_NAMES = re.compile("key|sig|token|code|secret|pass|auth|cred", re.IGNORECASE)


class HiddenAddress(str):
    """An address that may contain a password: a text whose repr, which tracebacks print, hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(without_secrets(str.__str__(self)))

    def __str__(self) -> str:
        return self
