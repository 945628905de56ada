"""The manual pages behind `%%imagine?`, `%imgmagic?` and `%imgmagic help`."""

from textwrap import wrap

from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.command import Command

IMAGINE_MANUAL = """\
Draw the cell's text with an image server, and show the picture while it grows.

    %%imagine [options]
    the prompt, as many lines as you like

    %imagine [options] a prompt on one line

Examples
    %%imagine --size 1536x1024 --quality high
    A lighthouse at dusk, oil on canvas

    %imagine -n 4 -o foxes a red fox in the snow
    foxes.images[0].pil()

    %%imagine --provider lab --save pictures/
    A {{ animal }} reading {{ books | join(" and ") }}

    %%imagine
    #| size: 1536x1024
    #| quality: high
    The same options can go at the head of the cell; those on the line win

Unless you name a provider, the first of openai, yandex, truefoundry, azure and compatible whose key is in the
environment is asked; without any key the simulator draws, and nothing is spent. `{{ expression }}` in the prompt and in
option values is filled from the notebook's variables; every other brace, $ and % is text. The picture's original bytes
are in the Generation that the cell returns and that -o binds. Stop or interrupt ends a run at once."""

_USAGE_WIDTH = 30
_WIDTH = 110  # characters; an output of 1200 pixels breaks longer lines in the middle of a word
_HELP_AT = " " * (_USAGE_WIDTH + 14)


def _lines(word: str, command: Command) -> str:
    """Return a command's usage with what it does beside it, or below it if the usage is long."""
    usage = wrap(f"    %imgmagic {word} {command.usage}".rstrip(), _WIDTH, subsequent_indent=" " * 8)
    explained = wrap(command.help, _WIDTH, initial_indent=_HELP_AT, subsequent_indent=_HELP_AT)
    if len(usage[-1]) < len(_HELP_AT):
        last = usage.pop()
        explained[0] = last + explained[0][len(last) :]
    return "\n".join([*usage, *explained])


IMGMAGIC_MANUAL = "\n".join(
    [
        "Everything around %%imagine: what was drawn, what it cost, recordings, servers and keys.",
        "",
        *(_lines(word, command) for word, command in COMMANDS.items()),
    ]
)

FIRST_PAGE = """\
%imgmagic history            what was drawn; also imgmagic.history in Python
%imgmagic show 12            one generation; 12.3 is the third picture of #12
%imgmagic again 12 -q high   run it again, with changes
%imgmagic star 12 14-17      mark good ones; also rate, tag, note, compare, save
%imgmagic usage              tokens and cost; %imgmagic budget 2.00 sets a limit
%imgmagic panel              try, compare and go back by mouse or by keyboard
%imgmagic providers          which server is asked, and where its key was found
%imgmagic record lesson      record servers' replies, to replay them without a key
%imgmagic stop               stop every run and every sweep in the background
%imgmagic help               every command and option; %%imagine? for a cell's options"""
"""What `%imgmagic` alone prints: the ten lines that most people need."""
