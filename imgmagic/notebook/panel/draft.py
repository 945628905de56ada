"""What stands in the panel's messages: values of the session as plain data, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from imgmagic.display.sanitize import plain
from imgmagic.notebook.panel.as_code import Asked
from imgmagic.notebook.panel.assessment import Verdict, judge, options_of
from imgmagic.notebook.panel.form import filled, written
from imgmagic.notebook.panel.from_page import Fields
from imgmagic.session import Session
from imgmagic.store.history.records import Record


def form_content(verdict: Verdict) -> dict[str, Any]:
    """Return a form and what stands around it."""
    return {
        "provider": verdict.provider,
        "title": verdict.dialect.title,
        "model": verdict.model or "",
        "models": list(verdict.dialect.models),
        "controls": [asdict(each) for each in verdict.form.controls],
        "absent": [asdict(each) for each in verdict.form.absent],
        "key_wanted": verdict.key_wanted,
        "price": verdict.price,
        "left": verdict.left,
    }


def fields_content(fields: Fields) -> dict[str, Any]:
    """Return what a form is filled with."""
    names = ("prompt", "provider", "model", "values", "other", "max_cost", "tags")
    return {name: getattr(fields, name) for name in names}


def fields_of(record: Record) -> Fields:
    """Return the form filled as it was for a record."""
    request = record.started.request
    return Fields(
        prompt=request.template or request.prompt,
        provider=record.started.provider,
        model=request.model or "",
        values={name: written(value) for name, value in request.options.items()},
        tags=", ".join(record.started.tags),
    )


def asked_in(record: Record) -> Asked:
    """Return what a record asked for, as code would."""
    request = record.started.request
    return Asked(
        prompt=request.prompt,
        template=request.template,
        provider=record.started.provider,
        model=request.model,
        options=request.options,
        tags=record.started.tags,
    )


def harmless(value: Any) -> Any:
    """Return a message without control characters and lone surrogates, which cannot be sent."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {plain(str(key)): harmless(each) for key, each in value.items()}
    return [harmless(each) for each in value] if isinstance(value, list | tuple) else value


def asked_of(session: Session, fields: Fields) -> Asked:
    """Return what a filled form asks for, as code would."""
    verdict = judge(session, fields, fields.prompt)
    values = filled(verdict.form, fields.values, fields.other)
    return Asked(
        prompt=fields.prompt.replace("{{", ""),
        template=fields.prompt,
        provider=fields.provider or None,
        model=fields.model or None,
        options={**values.options, **values.params},
        tags=tuple(options_of(fields, values).get("tags", ())),
        max_cost=fields.max_cost or None,
    )
