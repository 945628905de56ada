"""The command that prints the manual, whole or of one command."""

import argparse
from collections.abc import Callable, Mapping

from IPython.core.page import page

from imgmagic.notebook.arguments import imagine_parser
from imgmagic.notebook.commands import COMMANDS, known, parser_of
from imgmagic.notebook.front import Front
from imgmagic.notebook.manual import IMAGINE_MANUAL, IMGMAGIC_MANUAL


def help_(front: Front, options: argparse.Namespace) -> None:
    """Print the manual."""
    topic = (options.topic or "").lstrip("%")
    if not topic:
        page("\n\n".join([IMGMAGIC_MANUAL, IMAGINE_MANUAL, imagine_parser().format_help()]))
    elif topic == "imagine":
        page("\n\n".join([IMAGINE_MANUAL, imagine_parser().format_help()]))
    elif (option := _option(topic)) is not None:
        front.say(f"{', '.join(option.option_strings)} {option.metavar or ''}: {str(option.help).replace('%%', '%')}")
    else:
        known(topic)
        front.say(parser_of(topic).format_help().rstrip())


def _option(topic: str) -> argparse.Action | None:
    """Return the option of %%imagine by its name; a command of the same name goes first."""
    flag = f"--{topic.replace('_', '-')}"
    found = (each for each in imagine_parser()._actions if flag in each.option_strings)
    return None if topic in COMMANDS else next(found, None)


RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {"help": help_}
