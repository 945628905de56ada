"""Providers: which servers are configured, where their keys are found, and what one lacks before it can be asked."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from imgmagic.config.settings_table import Settings, table_in, table_of
from imgmagic.domain.provider import Provider, Secret, ServerKind
from imgmagic.domain.rules import closest, listed
from imgmagic.errors import SettingsError

SIMULATOR = "simulator"
# With no provider named, the first of these whose key is set (the contract of names); else the simulator.
PREFERENCE = ("openai", "yandex", "truefoundry", "azure", "compatible")

_ENTRIES = ("dialect", "base_url", "key_env", "model", "headers", "account")
_HEADER_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_HEADER_SAFE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class KeyPlace:
    """Where a provider's key is looked for, and whether it is there; never the key."""

    variables: tuple[str, ...]
    found: str | None  # the variable or place that holds it


class Providers:
    """Find providers by name, or by the keys that the environment holds.

    Args:
        kinds: the dialects by name, as far as this must know them.
        settings: where values come from.
        stored_key: provider, base URL -> key kept elsewhere (the system's keyring) for that very address, or None.
    """

    def __init__(
        self,
        kinds: Mapping[str, ServerKind],
        settings: Settings,
        *,
        stored_key: Callable[[str, str], str | None] = lambda *_: None,
    ) -> None:
        self._kinds = kinds
        self._settings = settings
        self._stored_key = stored_key
        self._session_keys: MutableMapping[tuple[str, str], Secret] = {}

    def chosen(self, name: str | None = None) -> Provider:
        """Return the provider by name, or the one that the settings or the keys in the environment choose.

        Raises:
            SettingsError: no provider has this name.
        """
        return self.configured(name or self._settings.text("provider") or self.preferred())

    def check(self, provider: Provider) -> None:
        """Refuse a provider that cannot be asked.

        Raises:
            SettingsError: it has no key, base URL or account entry; it says all that is missing, and what to set where.
        """
        kind = self._kinds[provider.dialect]
        if kind.name == SIMULATOR and not provider.base_url:
            return
        faults = [
            *self._key_fault(provider, kind),
            *_address_faults(provider, kind, self.address(provider.name)[1]),
            *_account_faults(provider, kind),
            *_header_faults(provider),
        ]
        if faults:
            raise SettingsError(f"provider {provider.name} cannot be asked: {'; '.join(faults)}.")

    def preferred(self) -> str:
        """Return the provider to ask when nobody named one: the first whose key is set, else the simulator."""
        return next((name for name in PREFERENCE if name in self._kinds and self.key_place(name).found), SIMULATOR)

    def names(self) -> tuple[str, ...]:
        """Return every name that `--provider` takes."""
        return tuple(dict.fromkeys([*self._own_providers(), *self._kinds]))

    def configured(self, name: str) -> Provider:
        """Return the provider as configured, without checking that it is complete."""
        kind, origin, entry = self._kind(name)
        account = {part: self._variable(v) for part, v in kind.account_env.items() if self._variable(v)}
        model = entry.get("model") or kind.default_model
        return Provider(
            name=name,
            dialect=kind.name,
            base_url=self.address(name)[0],
            key=self._key(name),
            model=None if model is None else str(model),
            headers=_texts(entry.get("headers", {}), f"providers.{name}.headers", origin),
            account={**account, **_texts(entry.get("account", {}), f"providers.{name}.account", origin)},
            origin=origin,
        )

    def keep_key(self, provider: str, key: str) -> None:
        """Keep a key for `provider`, at the address that it has now, in this process only."""
        self._session_keys[provider, self.address(provider)[0]] = Secret(key.strip())

    def key_place(self, provider: str) -> KeyPlace:
        """Return where the provider's key is looked for, and which place holds it."""
        variables = self._key_variables(provider)
        in_environment = next(filter(self._variable, variables), None)
        if (provider, self.address(provider)[0]) in self._session_keys:
            return KeyPlace(variables=variables, found="this session")
        stored = in_environment is None and self._stored_key(provider, self.address(provider)[0]) is not None
        return KeyPlace(variables=variables, found=in_environment or ("keyring" if stored else None))

    def _own_providers(self) -> Mapping[str, tuple[str, Mapping[str, object]]]:
        found: dict[str, tuple[str, Mapping[str, object]]] = {}
        for origin, table in self._settings.files():
            for name, entry in table_in(table, "providers", origin).items():
                found.setdefault(name, (origin, _entry(name, table_of(entry, f"providers.{name}", origin), origin)))
        return found

    def _kind(self, name: str) -> tuple[ServerKind, str, Mapping[str, object]]:
        origin, entry = self._own_providers().get(name, ("the environment", {}))
        dialect = str(entry.get("dialect", "generic" if entry and name not in self._kinds else name))
        if dialect in self._kinds:
            return self._kinds[dialect], origin, entry
        if entry:
            raise SettingsError(
                f"provider {name} in {origin} names the dialect {dialect!r}, which does not exist."
                f"{closest(dialect, self._kinds)}",
                remedy=f"Dialects: {listed(self._kinds)}.",
            )
        names = self.names()
        raise SettingsError(
            f"no provider is called {name!r}.{closest(name, names)}",
            remedy=f"Choose {listed(names)}, or add [tool.imgmagic.providers.NAME] to pyproject.toml.",
        )

    def address(self, name: str) -> tuple[str, str]:
        """Return the base URL of a provider, empty without one, and the place where it stands."""
        kind, origin, entry = self._kind(name)
        variable = next(filter(self._variable, kind.base_url_env), None)
        if entry.get("base_url"):
            return str(entry["base_url"]).rstrip("/"), f"base_url in {origin}"
        if variable:
            return self._variable(variable).rstrip("/"), variable
        return (kind.base_url or "").rstrip("/"), "built in"

    def _variable(self, name: str) -> str:
        return self._settings.environ.get(name, "").strip()

    def _key_variables(self, name: str) -> tuple[str, ...]:
        kind, _, entry = self._kind(name)
        own = entry.get("key_env")
        if own:
            return (str(own),)
        # A key goes to the server that it is for: an address of one's own needs a key_env of one's own.
        return () if "base_url" in entry else kind.key_env

    def _key(self, name: str) -> Secret | None:
        base_url = self.address(name)[0]
        if (name, base_url) in self._session_keys:
            return self._session_keys[name, base_url]
        value = next(filter(None, map(self._variable, self._key_variables(name))), None)
        value = value or (self._stored_key(name, base_url) or "").strip()
        return Secret(value) if value else None

    def _key_fault(self, provider: Provider, kind: ServerKind) -> Iterator[str]:
        variables = " or ".join(self._key_variables(provider.name))
        own_variable = variables != " or ".join(kind.key_env)
        if provider.key is None and variables and (kind.key_needed or own_variable):
            yield (
                f"it has no key (looked in the environment for {variables}, and in this session's keys); set "
                f"{variables} before Jupyter starts, or type %imgmagic key {provider.name}"
            )
        elif provider.key is not None and not _HEADER_SAFE.fullmatch(provider.key.reveal()):
            # Such a key cannot be sent, and the error of who tries would show it.
            yield f"the key from {self.key_place(provider.name).found} holds a character that no key has; copy it again"


def _address_faults(provider: Provider, kind: ServerKind, place: str) -> Iterator[str]:
    if not provider.base_url:
        variables = " or ".join(kind.base_url_env)
        where = f"{variables}, or " if variables else ""
        yield f"it has no base URL; set {where}base_url in [tool.imgmagic.providers.{provider.name}] of pyproject.toml"
        return
    try:
        url = urlsplit(provider.base_url)
        whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:  # a bracket without its pair, a port that is no number
        url, whole = None, False
    if url is not None and "@" in url.netloc:
        yield f"its base URL ({place}) holds a user name or password; they do not belong there"
    elif url is None or not whole:
        yield (
            f"its base URL {provider.base_url!r} ({place}) is not an address that begins with https:// "
            "(or http:// for a server of your own)"
        )


def _header_faults(provider: Provider) -> Iterator[str]:
    for name, value in provider.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_SAFE.fullmatch(value or "-"):
            yield f"its header {name!r} ({provider.origin}) holds a character that no header may hold"


def _account_faults(provider: Provider, kind: ServerKind) -> Iterator[str]:
    for entry in kind.account_needed:
        if entry not in provider.account:
            variable = kind.account_env.get(entry)
            where = f"set {variable}, or " if variable else ""
            yield (
                f"it has no {entry}; {where}write {entry} in "
                f"[tool.imgmagic.providers.{provider.name}.account] of pyproject.toml"
            )


def _texts(value: object, name: str, origin: object) -> Mapping[str, str]:
    entries = table_of(value, name, origin)
    return {key: each if isinstance(each, str) else json.dumps(each) for key, each in entries.items()}


def _entry(name: str, entry: Mapping[str, object], origin: str) -> Mapping[str, object]:
    """Return a provider's table; SettingsError for an entry that is none, or of the wrong kind; values never show."""
    for key, value in entry.items():
        if key not in _ENTRIES:
            raise SettingsError(
                f"providers.{name} in {origin} has no entry {key!r}.{closest(key, _ENTRIES)}",
                remedy=f"Entries: {listed(_ENTRIES)}. A key stands in no file: key_env names its variable.",
            )
        if key not in ("headers", "account") and not isinstance(value, str):
            raise SettingsError(f"{key} of providers.{name} in {origin} is not text.", remedy="Put it in quotes.")
    if "key_env" in entry and not _VARIABLE.fullmatch(str(entry["key_env"])):
        raise SettingsError(
            f"key_env of providers.{name} in {origin} is not the name of an environment variable.",
            remedy="Put the key into a variable and write the variable's name.",
        )
    return entry
