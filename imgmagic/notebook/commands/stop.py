"""The command that stops runs in the background."""

import argparse

from imgmagic.domain.wording import count_noun
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.runs.job_list import stop_all


def stop(front: Front, options: argparse.Namespace) -> None:
    """Stop every run and every sweep, or the runs with the given numbers; what is finished is kept."""
    session = front.session
    if not options.ids:
        counted = zip(stop_all(session.sweeps.jobs, session.jobs), ("sweep", "run"), strict=True)
        stopped = " and ".join(count_noun(count, noun) for count, noun in counted if count)
        front.say(f"stopped {stopped}" if stopped else "nothing runs")
        return
    running = {job.number: job for job in session.jobs if not job.done}
    for number in options.ids:
        if number not in running:
            numbers = ", ".join(f"#{each}" for each in running) or "nothing"
            raise UsageError(f"%imgmagic stop: #{number} is not running. Running: {numbers}.")
    for number in options.ids:
        running[number].cancel()
    front.say(f"stopped {count_noun(len(options.ids), 'run')}")


RUN: Runs = {"stop": stop}
