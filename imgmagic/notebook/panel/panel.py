"""The panel: what its page asks for, done with the session; all its state is here, and the page only shows it.

A message goes by its class to the part that answers it: the form, the runs, or browsing (the history).
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from imgmagic.errors import ImgmagicError
from imgmagic.notebook.execution import Execution
from imgmagic.notebook.output.formatters import sweep_page
from imgmagic.notebook.panel import from_page, to_page
from imgmagic.notebook.panel.browsing import Browsing
from imgmagic.notebook.panel.channel import Channel
from imgmagic.notebook.panel.gallery import MOST_COMPARED, MOST_THUMBS, SHOWN_QUALITY, SHOWN_SIDE, Gallery
from imgmagic.notebook.panel.panel_form import PanelForm, code_of_record
from imgmagic.notebook.panel.runs import Run, Runs
from imgmagic.notebook.panel.summary import overview, summary_html
from imgmagic.notebook.panel.widget import Surface
from imgmagic.session import Session
from imgmagic.store.sweep_history import SweepHistory


class OpenPanels:
    """The panels that are open and share a history, in the order in which they were opened."""

    def __init__(self) -> None:
        self._panels: list[Panel] = []

    def __iter__(self) -> Iterator["Panel"]:
        return iter(tuple(self._panels))

    def add(self, panel: "Panel") -> None:
        """Add a panel that opens."""
        self._panels.append(panel)

    def remove(self, panel: "Panel") -> None:
        """Take away a panel that closes."""
        if panel in self._panels:
            self._panels.remove(panel)


class Panel:
    """Answer one panel's page.

    Args:
        session: what plans, sends and keeps; panels of one session share its history.
        names: the user's namespace, for `{{ }}` in prompts.
        panels: the open panels, which hear of what changes; this one joins them.
        surface: the widget that reaches the pages.
        summarize: called with the place of the panel and the HTML of its summary whenever that changes.
    """

    def __init__(
        self,
        session: Session,
        names: Mapping[str, object],
        *,
        panels: OpenPanels | None = None,
        surface: Surface | None = None,
        summarize: Callable[[str, str], None] = lambda *_: None,
    ) -> None:
        self.execution: Execution | None = None
        self.session = session
        self._panels = panels if panels is not None else OpenPanels()
        self._summarize = summarize
        self._channel = Channel(surface or Surface())
        self._gallery = Gallery(session.archive)
        self._form = PanelForm(session, names, self._channel.post)
        self._runs = Runs(session, self._channel, self._run_ended)
        self._browsing = Browsing(session.archive, self._channel, self._gallery)
        # By class, not by a chain of tests: msgspec has checked the message, and each class has one answer.
        self._answers = self._answer_by_class()
        self._answering = threading.RLock()  # each page may be heard in a shell, and so a thread, of its own
        self._channel.surface.on_msg(lambda _, content, buffers: self.answer(content, buffers))
        self._channel.surface.answer_beside_cells()
        self._panels.add(self)

    @property
    def surface(self) -> Surface:
        """Return the widget that reaches the pages."""
        return self._channel.surface

    @property
    def is_idle(self) -> bool:
        """Return whether nothing runs."""
        return self._runs.is_idle

    def answer(self, content: Mapping[str, object], buffers: Sequence[memoryview | bytes] = ()) -> None:
        """Do what a message asks for, with what travelled beside it; a refusal is said in the panel."""
        try:
            message = from_page.read(content)
            with self._answering, self.session.settings.read_once():
                if isinstance(message, from_page.Painted):
                    self._form.keep_painted(message, buffers)
                else:
                    self._answers[type(message)](message)
        except ImgmagicError as error:
            self._channel.say(error)

    def refresh(self) -> None:
        """Show what is new in the history, from wherever it came."""
        self._channel.later(self._show_news)
        self._channel.later(self._show_totals)  # on its own: a page that was asked for meanwhile need not wait for both

    def hear(self, message: to_page.Answer) -> None:
        """Show a change that was made in one of the open panels."""
        self._channel.post(message)
        if isinstance(message, to_page.Forgotten):
            self._runs.forget(message.id)
            self.refresh()

    def settle(self) -> None:
        """Wait until everything that was asked is answered; what runs goes on."""
        self._channel.settle()

    def close(self) -> None:
        """Stop the runs and take the widget away."""
        self._runs.close()  # while this is one of the open panels: what was finished counts in the last summary
        self._panels.remove(self)
        self._channel.close()

    def _answer_by_class(self) -> Mapping[type, Callable[[Any], None]]:
        return {
            from_page.Hello: self._hello,
            from_page.Check: self._form.check,
            from_page.Key: self._form.keep_key,
            from_page.Generate: self._generate,
            from_page.Stop: self._stop,
            from_page.Dismiss: lambda message: self._runs.dismiss(message.run),
            from_page.Again: self._again,
            from_page.Use: self._use,
            from_page.Edit: self._edit,
            from_page.Code: self._code,
            from_page.Grid: self._grid,
            from_page.Page: self._browsing.page,
            from_page.Thumbs: self._browsing.thumbs,
            from_page.Open: self._browsing.open,
            from_page.Download: self._browsing.download,
            from_page.Compare: self._browsing.compare,
            **dict.fromkeys((from_page.Star, from_page.Rate, from_page.Tags, from_page.Note), self._change),
            from_page.Forget: lambda message: self._browsing.forget(message, self._tell),
        }

    def _hello(self, _: from_page.Hello) -> None:
        cell = self.execution.cell if self.execution else ""
        self._channel.post(to_page.Hello(most_thumbs=MOST_THUMBS, most_compared=MOST_COMPARED, cell=cell))
        self._form.show()
        finished = self._runs.show_all()
        self._channel.later(partial(self._show_pictures, finished))
        self.refresh()

    def _generate(self, message: from_page.Generate) -> None:
        plan = self._form.plan(message.fields)
        if plan is not None:
            self._runs.add(plan)

    def _stop(self, message: from_page.Stop) -> None:
        if message.run is None:
            self._runs.stop_all()
        else:
            self._runs.stop(message.run)

    def _again(self, message: from_page.Again) -> None:
        plan = self._form.plan_again(self._gallery.record(message.id))
        # The same once more is wanted as a new picture, never as the one from the history.
        self._runs.add(replace(plan, fresh=True))

    def _use(self, message: from_page.Use) -> None:
        self._channel.later(lambda: self._form.use(self._gallery.record(message.id)))

    def _edit(self, message: from_page.Edit) -> None:
        self._channel.later(lambda: self._form.edit(self._gallery.record(message.id), message.picture))

    def _code(self, message: from_page.Code) -> None:
        if message.id is not None:
            self._form.show_code(code_of_record(self.session, self._gallery.record(message.id)))
        elif message.fields is not None:
            self._form.show_code(self._form.code_of(message.fields))

    def _grid(self, message: from_page.Grid) -> None:
        sweeps = SweepHistory(lambda: self.session.archive, lambda: self.session.sweeps.tools)

        def post() -> None:
            sweep = sweeps[message.sweep]
            html = sweep_page(sweep, self.session.settings)
            self._channel.post(to_page.Grid(title=f"Sweep {message.sweep}", html=html))

        self._channel.later(post)

    def _change(self, message: from_page.Change) -> None:
        self._browsing.change(message, self._tell)
        if isinstance(message, from_page.Tags):  # one may be new to the filter
            for panel in self._panels:
                panel._channel.later(panel._show_news)

    def _tell(self, message: to_page.Answer) -> None:
        for panel in self._panels:
            panel.hear(message)

    def _run_ended(self) -> None:
        for panel in self._panels:
            panel.refresh()
            # What the run cost changes what is left, and so what the form may say.
            panel._channel.later(panel._form.assess)

    def _show_news(self) -> None:
        self._channel.post(self._gallery.news())

    def _show_totals(self) -> None:
        totals = overview(self.session.archive)
        self._channel.post(totals)
        self._summarize(self.surface.place, summary_html(self.session.archive, totals, self.surface.place))

    def _show_pictures(self, runs: Sequence[Run]) -> None:
        """Post the pictures of runs that have ended."""
        kept = ((run, self.session.archive.history.get(run.generation)) for run in runs if run.generation is not None)
        for run, record in kept:
            if record is not None:  # else it was forgotten from elsewhere
                for image in record.images:
                    name, data = self._gallery.fit(image, SHOWN_SIDE, SHOWN_QUALITY)
                    self._channel.post(to_page.Tile(run=run.number, index=image.index, format=name), (data,))
