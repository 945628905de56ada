"""A problem: an error as the panel shows it, in a title, what happened, and what to do next."""

from imgmagic.errors import PHRASES, ImgmagicError, spell
from imgmagic.notebook.line.spelling import as_flag
from imgmagic.notebook.output.error_block import title_of
from imgmagic.notebook.panel.form import label
from imgmagic.notebook.panel.shown import Problem
from imgmagic.redaction import redact


def describe(error: BaseException) -> Problem:
    """Return an error as a problem; one that is not the project's own shows nothing secret."""
    if not isinstance(error, ImgmagicError):
        text = redact(f"{type(error).__name__}: {error}")
        return Problem(title="The panel itself failed", text=text, next="Run the cell again.")
    request_id = f" (request id {error.request_id})" if error.request_id else ""
    text, remedy = spell(error.message, as_control), spell(error.remedy, as_control)
    return Problem(title=title_of(error), text=f"{text}{request_id}", next=remedy)


def as_control(name: str, value: str | None = None) -> str:
    """Spell a parameter as the form labels its control, and a place as the panel has it."""
    if name in PHRASES:
        return as_flag(name, value)
    called = _PLACES.get(name) or label(name)
    if value is None or value == "True":
        return called
    return f"{called} off" if value == "False" else f"{called} {value}"


_PLACES = {"history": "the pictures on the right", "models": "the list of models"}
