"""The commands for servers: which there are, their models, and their keys."""

import argparse
import getpass

from IPython.core.error import StdinNotImplementedError

from imgmagic.config.keys import check_installed
from imgmagic.config.pasted import key_fault, read_key
from imgmagic.config.providers import Providers
from imgmagic.domain.shown_address import shown_server
from imgmagic.errors import SettingsError
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.table import Column, table_html, table_text
from imgmagic.wire.dialects import DIALECTS

_COLUMNS = tuple(Column(title=title) for title in ("provider", "state", "address", "set by", "key"))
_NEXT = "the next cell asks it"
_NOT_TRIED = "not tried"
_UNTRUSTED = "needs %imgmagic trust"


def providers(front: Front, _: argparse.Namespace) -> None:
    """List the servers, the next to ask first, then the user's own, with the source of address and key, never a key."""
    known = front.session.providers
    with front.session.settings.read_once():
        own = known.own_names()
        rows = [_row(known, name) for name in known.names()]
    rows.sort(key=lambda row: (row[1] != _NEXT, row[0] not in own, not row[1]))
    front.show(table_html(_COLUMNS, rows), table_text(_COLUMNS, rows))


def _row(known: Providers, name: str) -> tuple[str, ...]:
    try:
        base_url, place = known.address(name)
        address = shown_server(base_url) if base_url else "–"
        return (name, _state(known, name), address, place if base_url else "", _key(known, name))
    except SettingsError as error:  # an entry that names a dialect that does not exist
        return (name, str(error), "", "", "")


def _state(known: Providers, name: str) -> str:
    """Return whether a provider could be asked; no server is contacted."""
    provider = known.configured(name)
    try:
        known.require_trust(name)
    except SettingsError:
        return _UNTRUSTED
    try:
        known.check(provider)
    except SettingsError:
        return ""
    return _NEXT if provider == known.chosen() else _NOT_TRIED


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
    front.session.providers.require_trust(options.provider)  # or the key would be typed for a stranger's address
    if options.save:
        check_installed()
    place = "the system's keyring" if options.save else "this kernel only"
    try:
        typed = read_key(getpass.getpass(f"key for {provider.name} (kept in {place}): "))
    except (StdinNotImplementedError, EOFError):  # a front end that takes no input, or a program without any
        variables = " or ".join(front.session.providers.key_place(provider.name).variables)
        instead = f"set {variables or 'key_env of the provider'} instead"
        raise UsageError(f"%imgmagic key: this front end cannot prompt for input; {instead}.") from None
    if not typed.reveal():
        raise UsageError(f"%imgmagic key: nothing was typed; the key of {provider.name} is as it was.")
    if fault := key_fault(typed):
        raise UsageError(f"%imgmagic key: what was typed {fault}; the key of {provider.name} is as it was.")
    if options.save:
        front.session.keys.save(provider.name, provider.base_url, typed)
    front.session.providers.keep_key(provider.name, typed)


RUN: Runs = {"providers": providers, "models": models, "key": key}
