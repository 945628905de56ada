"""The command that stops runs in the background."""

import argparse

from imgmagic.domain.wording import count_noun
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.refusals import UsageError


def stop(front: Front, options: argparse.Namespace) -> None:
    """Stop every run, or those of the numbers; what is finished is kept."""
    running = {job.number: job for job in front.session.jobs if not job.done}
    wanted = options.ids or list(running)
    for number in wanted:
        if number not in running:
            numbers = ", ".join(f"#{each}" for each in running) or "nothing"
            raise UsageError(f"%imgmagic stop: #{number} does not run. Running: {numbers}.")
    for number in wanted:
        running[number].cancel()
    front.say(f"stopped {count_noun(len(wanted), 'run')}" if wanted else "nothing runs")


RUN: Runs = {"stop": stop}
