"""The command that prints the manual, whole or of one command."""

import argparse
from collections.abc import Callable, Mapping

from IPython.core.page import page

from imgmagic.notebook.arguments import imagine_parser
from imgmagic.notebook.commands import known, parser_of
from imgmagic.notebook.front import Front
from imgmagic.notebook.manual import IMAGINE_MANUAL, IMGMAGIC_MANUAL


def help_(front: Front, options: argparse.Namespace) -> None:
    """Print the manual."""
    topic = (options.topic or "").lstrip("%")
    if not topic:
        page("\n\n".join([IMGMAGIC_MANUAL, IMAGINE_MANUAL, imagine_parser().format_help()]))
    elif topic == "imagine":
        page("\n\n".join([IMAGINE_MANUAL, imagine_parser().format_help()]))
    else:
        known(topic)
        front.say(parser_of(topic).format_help().rstrip())


RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {"help": help_}
