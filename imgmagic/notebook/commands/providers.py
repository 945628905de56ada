"""The commands about servers: which there are, what they draw with, and their keys."""

import argparse
import getpass
from collections.abc import Callable, Mapping

from IPython.core.error import StdinNotImplementedError, UsageError

from imgmagic.config.keys import check_installed
from imgmagic.config.providers import Providers
from imgmagic.errors import SettingsError
from imgmagic.notebook.commands.context import Front
from imgmagic.notebook.output.table import Column, table_html, table_text
from imgmagic.wire.dialects import DIALECTS

_COLUMNS = tuple(Column(title=title) for title in ("provider", "state", "address", "set by", "key"))


def providers(front: Front, _: argparse.Namespace) -> None:
    """List the servers, those that can be asked first, and where address and key were found; never a key."""
    known = front.session.providers
    rows = sorted((_row(known, name) for name in known.names()), key=lambda row: not row[1])
    front.show(table_html(_COLUMNS, rows), table_text(_COLUMNS, rows))


def _row(known: Providers, name: str) -> tuple[str, ...]:
    base_url, place = known.address(name)
    return (name, _state(known, name), base_url or "–", place if base_url else "", _key(known, name))


def _state(known: Providers, name: str) -> str:
    provider = known.configured(name)
    try:
        known.check(provider)
    except SettingsError:
        return ""
    return "the next cell asks it" if provider == known.chosen() else "ready"


def _key(known: Providers, name: str) -> str:
    place = known.key_place(name)
    wants = " or ".join(place.variables)
    if place.found:
        return f"found in {place.found}"
    is_needed = DIALECTS[known.configured(name).dialect].key_needed
    return f"not found ({wants})" if is_needed and wants else "not needed"


def models(front: Front, options: argparse.Namespace) -> None:
    """List the models of a server."""
    found = front.session.providers.chosen(options.provider)
    dialect = DIALECTS[found.dialect]
    front.say("\n".join(dialect.models) or f"no models of {found.name} are known; name one with --model")


def key(front: Front, options: argparse.Namespace) -> None:
    """Ask for a key and keep it."""
    provider = front.session.providers.configured(options.provider)
    if options.save:
        check_installed()
    place = "the system's keyring" if options.save else "this kernel only"
    try:
        typed = getpass.getpass(f"key for {provider.name} (kept in {place}): ").strip()
    except StdinNotImplementedError:
        variables = " or ".join(front.session.providers.key_place(provider.name).variables)
        message = f"%imgmagic key: nobody can be asked here; set {variables or 'key_env of the provider'} instead."
        raise UsageError(message) from None
    if not typed:
        raise UsageError(f"%imgmagic key: nothing was typed; the key of {provider.name} is as it was.")
    if options.save:
        front.session.keys.save(provider.name, provider.base_url, typed)
    front.session.providers.keep_key(provider.name, typed)


RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {"providers": providers, "models": models, "key": key}
