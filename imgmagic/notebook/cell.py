"""One %%imagine cell: plan, run with a view, bind, save, show; loaded at the first cell, with all that it needs."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from IPython.display import display

from imgmagic.domain.generation import Generation
from imgmagic.job import Cancelled, Interrupts, Job
from imgmagic.notebook.arguments import Arguments
from imgmagic.notebook.background import BackgroundRun, someone_is_there
from imgmagic.notebook.line import TICK_S, LineView, NoView, View
from imgmagic.notebook.output import figure_bundle
from imgmagic.notebook.text import plain
from imgmagic.notebook.view import LiveView
from imgmagic.plan import Plan
from imgmagic.session import Session
from imgmagic.store.copies import check_destination


def run(shell: Any, session: Session, arguments: Arguments, template: str) -> Generation | Job | None:
    """Run one cell: send what it asks for, show what comes, and return the generation; its job with --no-wait.

    Raises:
        ImgmagicError: the request was refused, or no image came.
        Cancelled: an interrupt stopped it; what was finished is shown.
    """
    prompt = session.expand(template, shell.user_ns)
    plan = session.plan(prompt, template=template, **arguments.options)
    if arguments.save:
        check_destination(arguments.save, n=plan.request.n)
    if arguments.dry_run:
        _show_plan(plan)
        return None
    if not arguments.wait:
        return _behind(shell, session, arguments, plan)
    with Interrupts() as interrupts:  # to the end of the showing: an interrupt must not lose what is finished
        job = interrupts.watch(session.start(plan))
        _follow(job, lambda: _view_of(shell, arguments, plan))
        generation = job.generation()
        _keep(shell, arguments, generation)
        _show(arguments, generation)
    if interrupts.seen:
        raise Cancelled
    if generation.error is not None:
        raise generation.error
    return None if arguments.quiet else generation


def _behind(shell: Any, session: Session, arguments: Arguments, plan: Plan) -> Job:
    """Start the run and return its job; the output goes on by itself."""
    job = session.start(plan)
    run = BackgroundRun(
        job,
        _view_of(shell, arguments, plan, on_stop=job.cancel),
        bundle=None if arguments.quiet else figure_bundle,
        at_end=lambda generation: _keep(shell, arguments, generation),
    )
    if not someone_is_there(shell):
        run.wait()
    return job


def _view_of(shell: Any, arguments: Arguments, plan: Plan, *, on_stop: Callable[[], None] | None = None) -> View:
    if arguments.quiet:
        return NoView()
    if not hasattr(shell, "kernel"):
        # A line that rewrites itself would run through what is typed meanwhile.
        return LineView() if on_stop is None else NoView()
    return LiveView(plan.request, on_stop=on_stop)


def _show_plan(plan: Plan) -> None:
    """Show what would leave: the address, and each body once."""
    bodies = [json.dumps(body, indent=2, ensure_ascii=False) for body in plan.bodies]
    times = f" ({len(bodies)} side by side)" if len(bodies) > 1 else ""
    lines = [f"POST {plan.url or 'the simulator'}{times}", bodies[0]]
    if plan.left_out:
        lines.append(f"left out, as this server does not take it: {', '.join(plan.left_out)}")
    display({"text/plain": plain("\n".join([*lines, "Nothing was sent."]))}, raw=True)


def _follow(job: Job, open_view: Callable[[], View]) -> None:
    """Show the job until its end."""
    try:
        with contextlib.closing(open_view()) as view:
            for _ in job.ticks(TICK_S):
                view.update(job.progress, job.elapsed_s)
    finally:
        job.cancel()  # whatever broke in the view, no run goes on without its cell; nothing once it has ended


def _keep(shell: Any, arguments: Arguments, generation: Generation) -> None:
    """Bind and save the generation where the cell asks for it."""
    if arguments.out:
        shell.user_ns[arguments.out] = generation
    if arguments.save and generation.images:
        generation.save(arguments.save)


def _show(arguments: Arguments, generation: Generation) -> None:
    if generation.images and not arguments.quiet:
        display(figure_bundle(generation), raw=True)
