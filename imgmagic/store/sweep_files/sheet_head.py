"""What stands above the grid of a contact sheet: a title, the prompt, and when and how it was drawn."""

from dataclasses import dataclass

from imgmagic.display.sweep_line import describe_sweep
from imgmagic.domain.local_time import local_time
from imgmagic.domain.sweep import Sweep


@dataclass(frozen=True, kw_only=True)
class SheetHead:
    """Hold the lines above a grid.

    Args:
        title: what the sheet is called; empty where the prompt says enough.
        prompt: as it was typed.
        about: the date and the facts of the sweep.
    """

    title: str
    prompt: str
    about: str

    @property
    def name(self) -> str:
        """Return what the file calls itself."""
        return self.title or self.prompt[:200]


def sheet_head(sweep: Sweep, *, title: str = "", date: str | None = None) -> SheetHead:
    """Return the head of a sweep's sheet; without a date of its own it has the day on which it was begun."""
    day = f"{local_time(sweep.created_at):%Y-%m-%d}" if date is None else date
    about = " · ".join(filter(None, (day, describe_sweep(sweep))))
    return SheetHead(title=title, prompt=sweep.template, about=about)
