"""The command for trust: what this folder's settings ask for, and whether the user allows it."""

import argparse
from collections.abc import Callable, Mapping

from imgmagic.config.folder_wishes import FolderWishes
from imgmagic.config.trust import VARIABLE
from imgmagic.display.sanitize import shorten
from imgmagic.notebook.commands.context import Front


def trust(front: Front, options: argparse.Namespace) -> None:
    """Show what the folder asks for, and allow exactly that; with --off, revoke it."""
    settings = front.session.settings
    wishes, foreign = settings.wishes(), settings.foreign_project()
    if foreign is not None:
        front.say(
            f"{foreign} is not read, because another user owns it. To read it, name {foreign.parent} in {VARIABLE}."
        )
    elif wishes is None or not (wishes.effects or options.off):
        front.say("This folder's settings ask for nothing that needs your permission.")
    elif options.off:
        settings.trust.forget(wishes)
        front.say(f"Trust in {wishes.folder} was removed.")
    else:
        settings.trust.allow(wishes)
        front.say(
            f"Allowed for {wishes.folder}, as long as {wishes.file.name} asks for exactly this:\n"
            f"{effects_text(wishes)}\n%imgmagic trust --off takes it back."
        )


def effects_text(wishes: FolderWishes) -> str:
    """Return what a folder asks for, one line each."""
    return "\n".join(shorten(f"- {name}: {effect}", 300) for name, effect in wishes.effects.items())


RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {"trust": trust}
