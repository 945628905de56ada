"""The form of one panel: what it holds, and the verdict on it; to be sent, filled from a record, or read as code."""

import threading
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import cast

from msgspec import structs

from imgmagic.domain.rules import Fault
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import ImgmagicError
from imgmagic.notebook.painter.painting import Painting
from imgmagic.notebook.panel import from_page, to_page
from imgmagic.notebook.panel.as_code import CodeRequest, as_call, as_cell
from imgmagic.notebook.panel.assessment import Verdict, assess, assess_sweep, fault_text, options_of, tags_in
from imgmagic.notebook.panel.channel import Post
from imgmagic.notebook.panel.form import fault, format_value, read_values
from imgmagic.notebook.panel.from_page import Fields
from imgmagic.notebook.panel.shown import Provider
from imgmagic.notebook.panel.varied import is_sweep, names_of, spell_axes, with_first_values, with_single_values
from imgmagic.runs.inputs.preparation import prepare
from imgmagic.runs.inputs.references import read
from imgmagic.runs.plan import Plan
from imgmagic.runs.sweep_plan import SweepPlan
from imgmagic.session import Session
from imgmagic.store.history.records import Record
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.edits import Edits


class PanelForm:
    """Hold the form of one panel, and post what its pages show of it.

    Args:
        session: what plans requests, and knows the providers.
        names: the user's namespace, for `{{ }}` in prompts.
        post: sends a message to the pages.
    """

    def __init__(self, session: Session, names: Mapping[str, object], post: Post) -> None:
        self.fields = Fields()
        self._session = session
        self._kept: dict[str, object] = {}  # masks and pictures of records, by the names that fields call them
        self._notebook = cast("MutableMapping[str, object]", names)
        # Over the user's own names, without writing into them, but for code that was asked for: a cell would see it.
        self._names = ChainMap(self._kept, self._notebook)
        self._painting: Painting | None = None
        self._post = post
        # Or a verdict on what was filled in before would come after the one on what is filled in now.
        self._lock = threading.RLock()

    def show(self) -> None:
        """Post the fields as they are, and the verdict on them."""
        with self._lock:
            self._post(to_page.Fill(fields=self.fields, providers=tuple(self._providers())))
            self._show_painting()
            self.assess()

    def assess(self, number: int = 0) -> None:
        """Post the verdict on the fields, as the answer to the page's question of that number."""
        with self._lock:
            try:
                verdict = self._verdict(self.fields, with_first_values(self.fields).prompt)
            except ImgmagicError as error:
                self._refuse([fault("provider", str(error))])
                return
            self._post(form_of_verdict(verdict, self.fields, number))

    def check(self, message: from_page.Check) -> None:
        """Take what a page filled in, and post the verdict on it."""
        with self._lock:
            self.fields = message.fields
            self.assess(message.number)

    def _verdict(self, fields: Fields, prompt: str) -> Verdict:
        if is_sweep(fields):
            return assess_sweep(self._session, fields, self._names)
        return assess(self._session, with_first_values(fields), prompt, self._names)

    def plan(self, fields: Fields) -> Plan | SweepPlan | None:
        """Return the request or the sweep that the fields ask for; None, and why posted, where it cannot leave."""
        with self._lock:
            self.fields = fields
            try:
                prompt = with_first_values(fields).prompt
                prompt = prompt if is_sweep(fields) else self._session.expand(prompt, self._names)
            except ImgmagicError as error:
                self._refuse([fault("prompt", str(error))])
                return None
            verdict = self._verdict(fields, prompt)
            if verdict.plan is None and verdict.sweep is None:
                self._refuse(verdict.faults)
            return verdict.sweep or verdict.plan

    def plan_again(self, record: Record) -> Plan:
        """Return a record's request, to be sent once more.

        Raises:
            ImgmagicError: it cannot be sent now.
        """
        fields = self._fields_of(record)
        verdict = assess(self._session, fields, record.started.request.prompt, self._names, defaults=())
        if verdict.plan is None:
            raise ImgmagicError("; ".join(fault_text(each) for each in verdict.faults))
        return verdict.plan

    def use(self, record: Record) -> None:
        """Fill the form as it was for a record."""
        with self._lock:
            self.fields = self._fields_of(record)
            self._post(to_page.Fill(fields=self.fields, used=record.id))
            self.assess()

    def edit(self, record: Record, picture: int) -> None:
        """Let the form start from a picture of a record, to be painted over; everything else in it stays."""
        number = PictureNumber(generation_id=record.id, number=max(picture, 1))
        generation = self._session.archive.generation(record)
        painting = Painting(prepare(read(number, lambda _: generation), Edits()))
        with self._lock:
            if self._painting is not None:
                self._kept.pop(_mask_of(self._painting), None)
            self._painting = self._kept[_mask_of(painting)] = painting
            others = [each for each in self.fields.varied if each[0] not in ("images", "mask", "markup")]
            start = {"images": painting.picture.name, "mask": "", "markup": ""}
            self.fields = structs.replace(self.fields, **start, varied=others)
            self._post(to_page.Fill(fields=self.fields, used=record.id))
            self._show_painting()
            self.assess()

    def keep_painted(self, message: from_page.Painted, buffers: Sequence[memoryview | bytes]) -> None:
        """Keep what a page painted, unless the form has gone on to another picture."""
        with self._lock:
            if self._painting is not None and self._painting.picture.name == message.picture and buffers:
                self._painting.keep(buffers[0])

    def _show_painting(self) -> None:
        """Post the picture to paint over, while the form starts from it."""
        if self._painting is None or self._painting.picture.name not in tags_in(self.fields.images)[:1]:
            return
        picture = self._painting.picture
        message = to_page.Painting(
            picture=picture.name,
            mask=f"@{_mask_of(self._painting)}",
            width=picture.width,
            height=picture.height,
            format=picture.format,
        )
        self._post(message, self._painting.layers)

    def _fields_of(self, record: Record) -> Fields:
        """Return the form as it was for a record; what it started from has its number, or a name kept here."""
        request = record.started.request
        words: dict[str, list[str]] = {"image": [], "mask": [], "markup": []}
        for place, (role, source) in enumerate(self._session.archive.generation(record).request.inputs, 1):
            name = f"{role}_{place}_of_{record.id}"
            self._kept[name] = source
            words[role].append(str(source.origin) if role == "image" and source.origin else f"@{name}")
        return Fields(
            prompt=self._session.typed_template(request),
            provider=record.started.provider,
            model=request.model or "",
            values={name: format_value(value) for name, value in request.options.items()},
            tags=", ".join(record.started.tags),
            images=", ".join(words["image"]),
            mask=", ".join(words["mask"]),
            markup=", ".join(words["markup"]),
        )

    def keep_key(self, message: from_page.Key) -> None:
        """Keep a key for this session."""
        self._session.providers.require_trust(message.provider)
        if message.key.strip():
            self._session.providers.keep_key(message.provider, message.key.strip())
        self.assess()

    def show_code(self, asked: CodeRequest) -> None:
        """Post a request as a cell and as a call."""
        self._post(to_page.Code(cell=as_cell(asked), call=as_call(asked)))

    def code_of(self, fields: Fields) -> CodeRequest:
        """Return what filled fields ask for, as code would; a mask that the panel keeps is a variable from then on."""
        for word in (*tags_in(fields.images), fields.mask.strip(), fields.markup.strip()):
            if word.startswith("@") and word[1:] in self._kept:
                self._notebook[word[1:]] = self._kept[word[1:]]
        first, single = with_first_values(fields), with_single_values(fields)
        form = assess(self._session, first, first.prompt, self._names).form
        values = read_values(form, single.values, single.other)
        return CodeRequest(
            prompt=single.prompt,
            provider=single.provider or None,
            model=single.model or None,
            options={**values.options, **values.params},
            tags=tuple(options_of(single, values).get("tags", ())),
            max_cost=single.max_cost or None,
            images=tags_in(single.images),
            mask=single.mask.strip() or None,
            markup=single.markup.strip() or None,
            paste_back=bool(single.paste_back and single.mask.strip()),
            vary=spell_axes(fields, form),
        )

    def _providers(self) -> Iterator[Provider]:
        providers = self._session.providers
        for name in providers.names():
            try:
                provider = providers.configured(name)
                is_ready = not (provider.key is None and DIALECTS[provider.dialect].key_needed)
            except ImgmagicError:  # what is wrong with it is said when it is chosen
                is_ready = False
            yield Provider(name=name, ready=is_ready)

    def _refuse(self, faults: Sequence[Fault]) -> None:
        self._post(to_page.Refused(faults=tuple((each.parameter, fault_text(each)) for each in faults)))


def _mask_of(painting: Painting) -> str:
    """Return the name of what is painted: of #12.3 it is mask_of_12_3."""
    return "mask_of_" + painting.picture.name.removeprefix("#").replace(".", "_")


def form_of_verdict(verdict: Verdict, fields: Fields, number: int) -> to_page.Form:
    """Return a form and what is shown around it; nobody is scolded for a prompt that is not written yet."""
    has_prompt = with_first_values(fields).prompt.strip()
    told = [each for each in verdict.faults if each.parameter != "prompt" or has_prompt]
    return to_page.Form(
        number=number,
        faults=tuple((each.parameter, fault_text(each)) for each in told),
        provider=verdict.provider,
        title=verdict.dialect.title,
        model=verdict.model or "",
        models=verdict.dialect.models,
        controls=verdict.form.controls,
        absent=verdict.form.absent,
        key_wanted=verdict.key_wanted,
        price=verdict.price,
        left=verdict.left,
        pictures=verdict.sweep.pictures if verdict.sweep else 1,
        names=names_of(fields),
    )


def code_of_record(session: Session, record: Record) -> CodeRequest:
    """Return what a record asked for, as code would."""
    request = record.started.request
    return CodeRequest(
        prompt=session.typed_template(request),
        provider=record.started.provider,
        model=request.model,
        options=request.options,
        tags=record.started.tags,
        images=tuple(str(source.origin or source.name) for source in request.sources),
        mask=(request.mask.name or "mask") if request.mask else None,
        markup=(request.markup.name or "markup") if request.markup else None,
    )
