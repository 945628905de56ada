"""The commands for sweeps: list them, show one, run one again."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from imgmagic.domain.axes import Axis, parse_axis
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.template import expand
from imgmagic.notebook.cell.sweep_run import draw_sweep, read_file
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.line.arguments import parse
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.formatters import sweep_page, sweep_plain
from imgmagic.notebook.output.sweep_table import sweeps_html, sweeps_text
from imgmagic.runs.inputs.references import with_references
from imgmagic.store.sweep_history import SweepHistory


def sweeps(front: Front, options: argparse.Namespace) -> None:
    """List the newest sweeps."""
    records = tuple(islice(_sweeps_of(front).records(), options.n))
    if not records:
        front.say("no sweep yet; draw one with %%imagine --vary NAME=VALUES")
        return
    archive = front.session.archive
    front.show(sweeps_html(records, archive), sweeps_text(records, archive))


def show(front: Front, options: argparse.Namespace) -> None:
    """Show one sweep with its grid."""
    sweep = _sweeps_of(front)[options.id]
    front.show(sweep_page(sweep, front.session.settings), sweep_plain(sweep))


def again(front: Front, options: argparse.Namespace) -> None:
    """Run a recorded sweep again, with the changes that follow its number; show what has been drawn."""
    names = front.shell.user_ns
    typed = parse(options.rest, magic="%imgmagic again sweep", expand=lambda text: expand(text, names))
    if typed.help:
        raise UsageError("%imgmagic again sweep ID takes every option of %%imagine: type %%imagine?")
    asked = front.session.sweeps.request_of(options.id)
    axes = [parse_axis(text, names=names, read=read_file) for text in typed.vary]
    _require_axes_unset(asked.axes, typed.options)
    changed = replace(
        asked,
        axes=_replace_axes(asked.axes, axes),
        zipped=asked.zipped or typed.zipped,
        parallel=typed.parallel,
        retry=typed.retry,
        options={**asked.options, **with_references(typed.options, names)},
        variables=names if asked.is_typed else {},
    )
    if typed.words:
        changed = replace(changed, template=typed.words, names=names, is_typed=True)
    draw_sweep(front.shell, front.session, typed, changed)


def _require_axes_unset(axes: Sequence[Axis], options: ImagineOptions) -> None:
    """Refuse an option that the sweep varies: the values of its axis would silently win."""
    for axis in axes:
        if axis.name in options:
            option = axis.name.replace("_", "-")
            raise UsageError(
                f"%imgmagic again sweep: {axis.name} is an axis of this sweep. "
                f"Change its values with --vary {option}=..."
            )


def _replace_axes(axes: Sequence[Axis], changes: Sequence[Axis]) -> list[Axis]:
    """Return the axes, with those that were typed again replaced, and new ones at the end."""
    by_name = {axis.name: axis for axis in (*axes, *changes)}
    return list(by_name.values())


def _sweeps_of(front: Front) -> SweepHistory:
    return SweepHistory(lambda: front.session.archive, lambda: front.session.sweeps.tools)


RUN: Runs = {"sweeps": sweeps, "show sweep": show, "again sweep": again}
