"""The panel: what its page asks for, done with the session; all its state is here, and the page only shows it.

Messages are answered where they arrive, as they are quick; whatever reads or writes the archive goes to one worker
thread, in order, so that the kernel is free at once.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any

from imgmagic.domain.rules import Fault
from imgmagic.errors import ImgmagicError, redact
from imgmagic.notebook.execution import Execution
from imgmagic.notebook.panel import changes, from_page
from imgmagic.notebook.panel.as_code import Asked, as_call, as_cell
from imgmagic.notebook.panel.assessment import in_words, judge
from imgmagic.notebook.panel.draft import asked_in, asked_of, fields_content, fields_of, form_content, harmless
from imgmagic.notebook.panel.form import fault
from imgmagic.notebook.panel.from_page import Fields
from imgmagic.notebook.panel.gallery import MOST_THUMBS, SHOWN_QUALITY, SHOWN_SIDE, Filmstrip, details
from imgmagic.notebook.panel.runs import Run, Runs
from imgmagic.notebook.panel.summary import overview, summary_html
from imgmagic.notebook.panel.widget import Surface
from imgmagic.session import Session
from imgmagic.store.history.records import Record


class Panel:
    """Answer one panel's page.

    Args:
        session: what plans, sends and keeps; panels of one session share its history.
        names: the user's namespace, for `{{ }}` in prompts.
        summarize: called with the place of the panel and the HTML of its summary whenever that changes.
    """

    def __init__(
        self, session: Session, names: Mapping[str, object], *, summarize: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        self.surface = Surface()
        self.execution: Execution | None = None
        self.session = session
        self._names = names
        self._summarize = summarize
        self._fields = Fields()
        self._filmstrip = Filmstrip(session.archive)
        self._runs = Runs(session, self.post, self._run_ended)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imgmagic-panel")
        self._answering = threading.RLock()  # each page may be heard in a shell, and so a thread, of its own
        self.surface.on_msg(self._received)
        self.surface.answer_beside_cells()
        open_panels().append(self)

    def post(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a message to every page that shows this panel."""
        if self.surface.comm is not None:
            self.surface.send(harmless(content), list(buffers))

    def answer(self, content: Mapping[str, Any]) -> None:
        """Do what a message asks for; a refusal is said in the panel."""
        try:
            message = from_page.read(content)
            with self._answering:
                _ANSWERS[type(message)](self, message)
        except ImgmagicError as error:
            self._say(error)

    def refresh(self) -> None:
        """Show what is new in the history, from wherever it came."""
        self._later(self._show_news)
        self._later(self._show_totals)  # on its own: a page that was asked for meanwhile need not wait for both

    @property
    def is_idle(self) -> bool:
        """Return whether nothing runs."""
        return self._runs.is_idle

    def close(self) -> None:
        """Stop the runs and take the widget away."""
        if self in open_panels():
            open_panels().remove(self)
        self._runs.close()
        self._worker.shutdown(wait=True)
        layout = self.surface.layout
        self.surface.close()
        layout.close()

    def settle(self) -> None:
        """Wait until everything that the worker was given is done."""
        self._worker.submit(lambda: None).result()

    def _received(self, _: object, content: Mapping[str, Any], __: object) -> None:
        self.answer(content)

    def _later(self, step: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # closed in the meantime
            self._worker.submit(step).add_done_callback(self._done)

    def _done(self, future: "Future[None]") -> None:
        error = future.exception()
        if error is not None:
            self._say(error)

    def _say(self, error: BaseException) -> None:
        own = isinstance(error, ImgmagicError)
        text = str(error) if own else redact(f"the panel itself failed: {type(error).__name__}: {error}.")
        self.post({"kind": "said", "text": text})

    def _hello(self, _: from_page.Hello) -> None:
        self.post({"kind": "fill", "fields": fields_content(self._fields), "providers": self.session.providers.names()})
        self._judge_and_show(0)
        finished = self._runs.show_all()
        self._later(lambda: self._show_pictures_of_runs(finished))
        self.refresh()

    def _check(self, message: from_page.Check) -> None:
        self._fields = message.fields
        self._judge_and_show(message.number)

    def _generate(self, message: from_page.Generate) -> None:
        self._fields = message.fields
        try:
            prompt = self.session.expand(message.fields.prompt, self._names)
        except ImgmagicError as error:
            self._refuse([fault("prompt", str(error))])
            return
        verdict = judge(self.session, message.fields, prompt)
        if verdict.plan is None:
            self._refuse(verdict.faults)
        else:
            self._runs.add(verdict.plan)

    def _refuse(self, faults: Sequence[Fault]) -> None:
        self.post({"kind": "refused", "faults": [[each.parameter, in_words(each)] for each in faults]})

    def _judge_and_show(self, number: int) -> None:
        with self._answering:  # or a verdict on what was filled in before would come after the one on what is now
            try:
                verdict = judge(self.session, self._fields, self._fields.prompt)
            except ImgmagicError as error:
                self._refuse([fault("provider", str(error))])
                return
            told = [each for each in verdict.faults if each.parameter != "prompt" or self._fields.prompt.strip()]
            faults = [[each.parameter, in_words(each)] for each in told]
            self.post({"kind": "form", "number": number, "faults": faults, **form_content(verdict)})

    def _stop(self, message: from_page.Stop) -> None:
        self._runs.stop(message.run)

    def _dismiss(self, message: from_page.Dismiss) -> None:
        self._runs.dismiss(message.run)

    def _key(self, message: from_page.Key) -> None:
        self.session.providers.configured(message.provider)
        if message.key.strip():
            self.session.providers.keep_key(message.provider, message.key.strip())
        self._judge_and_show(0)

    def _page(self, message: from_page.Page) -> None:
        def step() -> None:
            page = self._filmstrip.page(message.search, message.before)
            self.post({"kind": "page", "number": message.number, "first": message.before is None, **page})

        self._later(step)

    def _thumbs(self, message: from_page.Thumbs) -> None:
        def step(generation_id: int) -> None:
            found = self._filmstrip.thumb(generation_id)
            if found is not None:
                self.post({"kind": "thumb", "id": generation_id, "format": found[0]}, (found[1],))

        for each in message.ids[:MOST_THUMBS]:
            self._later(functools.partial(step, each))

    def _open(self, message: from_page.Open) -> None:
        self._later(lambda: self._show_record(self._filmstrip.record(message.id)))

    def _show_record(self, record: Record) -> None:
        formats, pictures = self._filmstrip.pictures(record)
        self.post({"kind": "record", "formats": formats, **details(record)}, pictures)

    def _use(self, message: from_page.Use) -> None:
        def step() -> None:
            fields = fields_of(self._filmstrip.record(message.id))
            with self._answering:
                self._fields = fields
                self.post({"kind": "fill", "fields": fields_content(fields), "used": message.id})
                self._judge_and_show(0)

        self._later(step)

    def _again(self, message: from_page.Again) -> None:
        record = self._filmstrip.record(message.id)
        verdict = judge(self.session, fields_of(record), record.started.request.prompt)
        if verdict.plan is None:
            raise ImgmagicError("; ".join(in_words(each) for each in verdict.faults))
        self._runs.add(replace(verdict.plan, fresh=True))

    def _change(self, message: from_page.Change) -> None:
        def step() -> None:
            changes.apply(self.session.archive, message)
            record = self._filmstrip.record(message.id)
            for panel in tuple(open_panels()):
                panel.post({"kind": "changed", **details(record)})
                panel._later(panel._show_news)  # a tag may be new to the filter

        self._later(step)

    def _forget(self, message: from_page.Forget) -> None:
        def step() -> None:
            changes.forget(self.session.archive, message.id)
            for panel in tuple(open_panels()):
                panel._runs.forget(message.id)
                panel.post({"kind": "forgotten", "id": message.id})
            self._show_totals()

        self._later(step)

    def _compare(self, message: from_page.Compare) -> None:
        def step() -> None:
            content, pictures = self._filmstrip.comparison(message.ids)
            self.post({"kind": "comparison", **content}, pictures)

        self._later(step)

    def _code(self, message: from_page.Code) -> None:
        if message.id is not None:
            self._show_code(asked_in(self._filmstrip.record(message.id)))
        elif message.fields is not None:
            self._show_code(asked_of(self.session, message.fields))

    def _show_code(self, asked: Asked) -> None:
        self.post({"kind": "code", "cell": as_cell(asked), "call": as_call(asked)})

    def _run_ended(self) -> None:
        for panel in tuple(open_panels()):
            panel.refresh()
            panel._later(functools.partial(panel._judge_and_show, 0))

    def _show_news(self) -> None:
        page = self._filmstrip.page(from_page.Search())
        self.post({"kind": "news", "newest": page["records"][:1], **self._filmstrip.filters()})

    def _show_totals(self) -> None:
        totals = overview(self.session.archive)
        self.post({"kind": "totals", **asdict(totals)})
        self._summarize(self.surface.place, summary_html(self.session.archive, totals, self.surface.place))

    def _show_pictures_of_runs(self, runs: Sequence[Run]) -> None:
        kept = ((run, self.session.archive.history.get(run.generation)) for run in runs if run.generation is not None)
        for run, record in kept:
            if record is not None:  # else it was forgotten from elsewhere
                formats, pictures = self._filmstrip.pictures(record, SHOWN_SIDE, SHOWN_QUALITY)
                for index, (name, data) in enumerate(zip(formats, pictures, strict=True)):
                    self.post({"kind": "tile", "run": run.number, "index": index, "format": name}, (data,))


@functools.cache
def open_panels() -> list[Panel]:
    """Return the panels that are open in this process, in the order in which they were opened."""
    return []


def opened_before(session: Session, execution: Execution) -> Panel | None:
    """Return the panel that an earlier run of the same cell opened, and that this run has not shown yet."""
    shown = ((each, each.execution) for each in open_panels() if each.session is session and each.execution)
    return next((panel for panel, earlier in shown if execution.repeats(earlier)), None)


_ANSWERS: Mapping[type, Callable[[Panel, Any], None]] = {
    from_page.Hello: Panel._hello,
    from_page.Check: Panel._check,
    from_page.Generate: Panel._generate,
    from_page.Stop: Panel._stop,
    from_page.Dismiss: Panel._dismiss,
    from_page.Key: Panel._key,
    from_page.Page: Panel._page,
    from_page.Thumbs: Panel._thumbs,
    from_page.Open: Panel._open,
    from_page.Use: Panel._use,
    from_page.Again: Panel._again,
    from_page.Star: Panel._change,
    from_page.Tags: Panel._change,
    from_page.Note: Panel._change,
    from_page.Forget: Panel._forget,
    from_page.Compare: Panel._compare,
    from_page.Code: Panel._code,
}
