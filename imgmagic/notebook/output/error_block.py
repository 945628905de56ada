"""The block of an error: its kind in words, what happened, and what to do next, as HTML without a script.

The error itself is below it as plain text, for front ends without HTML and for programs that run notebooks. In
JupyterLab and Notebook 7 the block hides that text, which would repeat everything.
"""

import re
from collections.abc import Iterator, Mapping

from imgmagic import errors
from imgmagic.display.sanitize import NO_MATH, strip_control, to_html
from imgmagic.errors import ImgmagicError, RecordingMiss, spell
from imgmagic.notebook.line.refusals import BadSetting, UsageError

_TITLES: Mapping[type[BaseException], str] = {
    errors.ContentRefused: "The server refused the content",
    errors.RateLimited: "Too many requests",
    errors.QuotaExhausted: "The account is out of credit",
    errors.AuthenticationFailed: "The key was not accepted",
    errors.PermissionDenied: "The key does not allow this",
    errors.ModelNotFound: "The model was not found",
    errors.RequestRefused: "The server refused the request",
    errors.ApiError: "The server answered with an error",
    errors.RequestInvalid: "The request is not valid",
    errors.SettingsError: "A setting is missing or wrong",
    errors.BudgetExceeded: "The budget does not allow it",
    errors.ConnectionFailed: "The server cannot be reached",
    errors.ResponseTimeout: "The server took too long",
    errors.ProtocolError: "The server's answer cannot be read",
    errors.DownloadFailed: "The picture cannot be fetched",
    errors.RecordingMiss: "Nothing is recorded for this request",
    errors.RecordingDamaged: "A recording cannot be trusted",
    errors.StoreError: "Something is missing, or cannot be saved",
    UsageError: "The line cannot be read",
    BadSetting: "A setting is missing or wrong",
}
# The text of the same error, in the output below the block's.
_HIDE = (
    ".jp-OutputArea-child:has(.imgmagic-error) + .jp-OutputArea-child:has("
    "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr'])"
    " { display: none; }"
)
_FRAME = (
    "border-left:4px solid var(--jp-error-color1,#d32f2f);border-radius:4px;background:rgba(211,47,47,0.08);"
    "padding:6px 12px;margin:2px 0;line-height:1.5"
)
_TEXT = "white-space:pre-wrap;overflow-wrap:break-word;margin-top:2px"
_CODE = "font-family:var(--jp-code-font-family,monospace);user-select:all;-webkit-user-select:all"
# A click selects the whole of what can be typed: parameters, which `spell` writes, commands, variables, our names.
_OPEN, _CLOSE = "\x02", "\x03"
_TYPED = re.compile(
    r"""
      \x02(?P<spelled>[^\x03]*)\x03
    | %%?imagine\??
    | %imgmagic(?:[ ](?:key|record|replay)[ ][\w./-]*\w|(?:[ ][a-z]+\b)?(?:[ ](?:[A-Z]+\b|--[a-z-]+|\d[\d.-]*\b))*)
    | --[a-z][a-z-]*
    | %?\bpip[ ]install(?:[ ]-U)?[ ](?:"[^"]+"|[\w-]+)
    | \bimgmagic(?:\.\w+)+(?:\([^)]*\))?
    | \b[A-Z]+(?:_[A-Z]+)+\b
    | \{\{[^{}]*\}\}
    """,
    re.VERBOSE,
)
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_HELPS = re.compile(r"(?<=[.?!])\s+(?=Did you mean|Leave|Or|Use|Add)")
_SMALL = re.compile(r"(?:an?|generation|no|nothing|the|there|this|writing)\b")  # how our sentences begin


def title_of(error: BaseException) -> str:
    """Return the kind of an error in words."""
    return next((_TITLES[each] for each in type(error).__mro__ if each in _TITLES), "That did not work")


def error_bundle(error: BaseException) -> dict[str, str]:
    """Return the block by MIME type; as text only its title, because the error's own text follows."""
    return {"text/html": error_html(error), "text/plain": title_of(error)}


def error_html(error: BaseException) -> str:
    """Return the block as HTML."""
    happened, remedy, aside = _parts(error)
    body = f'<div style="font-weight:600">{to_html(title_of(error))}</div><div style="{_TEXT}">{_html(happened)}</div>'
    if remedy:
        body += f'<div style="{_TEXT}">{_html(remedy)}</div>'
    if aside:
        body += (
            '<details style="margin-top:2px"><summary>For teachers</summary>'
            f'<div style="{_TEXT}">{_html(aside)}</div></details>'
        )
    return f'<div class="imgmagic-error"><style>{_HIDE}</style><div {NO_MATH} style="{_FRAME}">{body}</div></div>'


def _parts(error: BaseException) -> tuple[str, str, str]:
    """Return what happened, what to do next, and what only a teacher needs."""
    if not isinstance(error, ImgmagicError):
        happened, *rest = _SENTENCE.split(strip_control(str(error)), maxsplit=1)
        return _capitalize(happened), "".join(rest), ""

    def mark(name: str, value: str | None = None) -> str:
        spelled = error.spelling(name, value)
        return spelled if name in errors.PHRASES else f"{_OPEN}{spelled}{_CLOSE}"

    request_id = f" (request id {error.request_id})" if error.request_id else ""
    aside = error.for_teachers if isinstance(error, RecordingMiss) else ""
    happened, remedy, aside = (strip_control(each) for each in (f"{error.message}{request_id}", error.remedy, aside))
    if isinstance(error, errors.RequestInvalid):  # whose message also names parameters, and what to do
        happened, remedy = _split(spell(happened, mark), spell(remedy, mark))
    return _capitalize(happened), spell(remedy, mark), _capitalize(aside)


def _split(happened: str, remedy: str) -> tuple[str, str]:
    """Move advice from the end of a message to the remedy, but not if there are several faults, each with its own."""
    found = None if remedy or "\n" in happened else _HELPS.search(happened)
    return (happened[: found.start()], happened[found.end() :]) if found else (happened, remedy)


def _capitalize(text: str) -> str:
    """Capitalize the first word of our sentence, unless it is a name."""
    return text[0].upper() + text[1:] if _SMALL.match(text) or text.startswith("with ") else text


def _html(text: str) -> str:
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """Yield the text as HTML, and what can be typed in it as code."""
    done = 0
    for found in _TYPED.finditer(text):
        yield to_html(text[done : found.start()])
        yield f'<code style="{_CODE}">{to_html(found["spelled"] or found[0])}</code>'
        done = found.end()
    yield to_html(text[done:])
