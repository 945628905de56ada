"""The commands about servers: which there are, what they draw with, and their keys."""

import argparse
import getpass
from collections.abc import Callable, Mapping

from IPython.core.error import StdinNotImplementedError, UsageError

from imgmagic.keystore import check_installed
from imgmagic.notebook.front import Front
from imgmagic.wire.dialects import DIALECTS


def providers(front: Front, _: argparse.Namespace) -> None:
    """List the servers and where their keys were found; never a key."""
    known = front.session.providers
    for name in known.names():
        place = known.key_place(name)
        wants = " or ".join(place.variables)
        key = f"key found in {place.found}" if place.found else f"no key ({wants})" if wants else "needs no key"
        front.say(f"{name:14} {known.configured(name).base_url or '-':52} {key}")


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
