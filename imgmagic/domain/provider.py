"""A provider: a named server, with the dialect it speaks, its address, and a key that never shows."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol


class Secret:
    """Hold a key so that no repr, log, pickle or format shows it; only `reveal` gives it out, at the wire."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        message = "a key is not pickled"
        raise TypeError(message)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Hold what it takes to reach a server.

    Args:
        name: what `--provider` calls it.
        dialect: the name of its row in the dialect table.
        base_url: everything before the dialect's path; no trailing slash.
        key: None when the server wants none.
        model: the model to ask when none is named.
        headers: further request headers; kept out of reprs, as people put credentials there.
        account: what the dialect needs beside the key, by name, such as `folder`, `organization`, `api_version`.
        origin: where the provider is configured, for people: "environment", a file's name.
    """

    name: str
    dialect: str
    base_url: str
    key: Secret | None = None
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: Mapping[str, str] = field(default_factory=dict)
    origin: str = "default"


class ServerKind(Protocol):
    """What settings must know of a dialect to find a provider: which variables to read, and what is needed."""

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
