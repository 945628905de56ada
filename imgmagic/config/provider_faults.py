"""What is wrong with a configured provider, in words."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from imgmagic.config.toml_files import table_of
from imgmagic.domain.provider import Provider, ServerKind, is_header_value
from imgmagic.domain.shown_address import is_key_in_host
from imgmagic.domain.wording import closest, is_key_like, listed, quote_name
from imgmagic.errors import SettingsError

_ENTRIES = ("dialect", "base_url", "key_env", "model", "headers", "account")
_HEADER_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def address_faults(provider: Provider, kind: ServerKind, place: str) -> Iterator[str]:
    """Yield what is wrong with a provider's base URL."""
    if not provider.base_url:
        variables = " or ".join(kind.base_url_env)
        where = f"{variables}, or " if variables else ""
        yield f"it has no base URL; set {where}base_url in [tool.imgmagic.providers.{provider.name}] of pyproject.toml"
        return
    try:
        url = urlsplit(provider.base_url)
        whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:  # a bracket without its pair, a port that is not a number
        url, whole = None, False
    if is_key_in_host(provider.base_url, provider.key):
        yield f"its base URL ({place}) has a key where its host belongs"
    elif url is not None and "@" in url.netloc:
        yield f"its base URL ({place}) contains a user name or password; they do not belong there"
    elif url is None or not whole:
        # What is written there is not shown: people paste keys in the place of addresses.
        yield (
            f"its base URL ({place}) is not an address that begins with https:// (or http:// for a server of your own)"
        )


def header_faults(provider: Provider) -> Iterator[str]:
    """Yield what is wrong with a provider's own headers."""
    for name, value in provider.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not is_header_value(value):
            yield f"its header {quote_name(name)} ({provider.origin}) contains a character that headers cannot carry"


def account_faults(provider: Provider, kind: ServerKind) -> Iterator[str]:
    """Yield the account entries that a provider lacks."""
    for entry in kind.account_needed:
        if entry not in provider.account:
            variable = kind.account_env.get(entry)
            where = f"set {variable}, or " if variable else ""
            yield (
                f"it has no {entry}; {where}write {entry} in "
                f"[tool.imgmagic.providers.{provider.name}.account] of pyproject.toml"
            )


def text_table(value: object, name: str, origin: object) -> Mapping[str, str]:
    """Return a table whose values are all text; others are written as JSON."""
    entries = table_of(value, name, origin)
    return {key: each if isinstance(each, str) else json.dumps(each) for key, each in entries.items()}


def provider_entry(name: str, entry: Mapping[str, object], origin: str) -> Mapping[str, object]:
    """Check a provider's table, and return it; its values are never shown.

    Raises:
        SettingsError: an entry does not exist or is of the wrong kind.
    """
    for key, value in entry.items():
        if key not in _ENTRIES:
            raise SettingsError(
                f"providers.{name} in {origin} has no entry {quote_name(key)}.{closest(key, _ENTRIES)}",
                remedy=f"Entries: {listed(_ENTRIES)}. Keys do not belong in files: key_env names its variable.",
            )
        if key not in ("headers", "account") and not isinstance(value, str):
            raise SettingsError(f"{key} of providers.{name} in {origin} is not text.", remedy="Put it in quotes.")
    if "key_env" in entry and (not _VARIABLE.fullmatch(str(entry["key_env"])) or is_key_like(str(entry["key_env"]))):
        raise SettingsError(
            f"key_env of providers.{name} in {origin} is not the name of an environment variable.",
            remedy="Put the key into a variable and write the variable's name.",
        )
    return entry
