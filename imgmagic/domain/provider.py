"""A provider: a named server, with the dialect it speaks, its address, and a key that never shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from imgmagic.domain.secret import HiddenMapping, Secret
from imgmagic.domain.shown_address import distinct_part, hidden_parts, shown_server

__all__ = ("Provider", "Secret", "ServerKind")

_SHORTEST_SECRET = 8  # a shorter header value is a word that may be in any text


def is_header_value(text: str) -> bool:
    r"""Return whether a request header can carry `text` as it is.

    >>> is_header_value("sk-0123"), is_header_value("sk-0123\n"), is_header_value("clé")
    (True, False, False)
    """
    return text.isascii() and text.isprintable() and text == text.strip()


@dataclass(frozen=True, kw_only=True, repr=False)
class Provider:
    """Hold what is needed to reach a server; a repr shows neither key, headers, account nor the address's secrets.

    Args:
        name: what `--provider` calls it.
        dialect: the name of its row in the dialect table.
        base_url: everything before the dialect's path; no trailing slash.
        key: None when the server wants none.
        model: the model to ask when none is named.
        headers: additional request headers; people put credentials there.
        account: what the dialect needs in addition to the key, by name, such as `folder`, `organization`,
            `api_version`.
        origin: where the provider is configured, for people: "environment", a file's name.
        key_env: the environment variables that may hold its key; the one that does, where one does.
        address_from: where its address is set, for people: a variable, a file's entry, "built in".
    """

    name: str
    dialect: str
    base_url: str
    key: Secret | None = None
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    account: Mapping[str, str] = field(default_factory=dict)
    origin: str = "default"
    key_env: tuple[str, ...] = ()
    address_from: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", HiddenMapping(self.headers))

    def __repr__(self) -> str:
        return f"Provider(name={self.name!r}, dialect={self.dialect!r}, server={self.server!r}, model={self.model!r})"

    def secrets(self) -> tuple[str, ...]:
        """Return what no message, log or recording may show: the key, and the secrets in its headers and address."""
        key = () if self.key is None else (self.key.reveal(),)
        hidden = (*self.headers.values(), *hidden_parts(self.base_url))
        return (*key, *(value for value in hidden if len(value) >= _SHORTEST_SECRET))

    @property
    def server(self) -> str:
        """Return the address without user, password and query: what may be shown and kept."""
        return shown_server(self.base_url, self.key) if self.base_url else ""

    @property
    def distinct_server(self) -> str:
        """Return what distinguishes this server, for a hash: the address, and what in its query is not a key."""
        more = distinct_part(self.base_url)
        return f"{self.server}?{more}" if more else self.server


class ServerKind(Protocol):
    """What settings must know about a dialect to find a provider: which variables to read, and what is required."""

    @property
    def name(self) -> str:
        """Return what settings call it."""

    @property
    def base_url(self) -> str | None:
        """Return its public address, if it has one."""

    @property
    def base_url_env(self) -> tuple[str, ...]:
        """Return the variables that may hold its address."""

    @property
    def key_env(self) -> tuple[str, ...]:
        """Return the variables that may hold its key, in order of preference."""

    @property
    def key_needed(self) -> bool:
        """Return whether it refuses a request without a key."""

    @property
    def account_env(self) -> Mapping[str, str]:
        """Return the variables that hold account entries, by entry."""

    @property
    def account_needed(self) -> tuple[str, ...]:
        """Return the account entries without which no request can be made."""

    @property
    def default_model(self) -> str | None:
        """Return the model to ask when none is named."""
