"""The command that prints the whole manual, or that of one command."""

import argparse

from IPython.core.page import page

from imgmagic.domain.wording import closest, listed
from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.commands.line import parser_of
from imgmagic.notebook.commands.manual import IMAGINE_MANUAL, IMGMAGIC_MANUAL
from imgmagic.notebook.line.arguments import imagine_flags, imagine_parser
from imgmagic.notebook.line.refusals import UsageError


def print_help(front: Front, options: argparse.Namespace) -> None:
    """Print the manual."""
    topic = (options.topic or "").lstrip("%")
    if not topic:
        page("\n\n".join([IMGMAGIC_MANUAL, IMAGINE_MANUAL, imagine_parser().format_help()]))
    elif topic == "imagine":
        page("\n\n".join([IMAGINE_MANUAL, imagine_parser().format_help()]))
    elif (option := _option(topic)) is not None:
        front.say(f"{', '.join(option.option_strings)} {option.metavar or ''}: {str(option.help).replace('%%', '%')}")
    elif topic in COMMANDS:
        front.say(parser_of(topic).format_help().rstrip())
    else:
        options_known = [flag.lstrip("-") for flag in imagine_flags()]
        raise UsageError(
            f"%imgmagic help: no topic {topic!r}.{closest(topic, [*COMMANDS, *options_known])} "
            f"Topics: {listed(COMMANDS)}, or an option of %%imagine."
        )


def _option(topic: str) -> argparse.Action | None:
    """Return the option of %%imagine by its name or its letter; a command of the same name has priority."""
    names = {f"--{topic.replace('_', '-')}", f"-{topic}"}
    found = (each for each in imagine_parser()._actions if names & set(each.option_strings))
    return None if topic in COMMANDS else next(found, None)


RUN: Runs = {"help": print_help}
