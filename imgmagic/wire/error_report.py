"""Error reports: what a server says about an error, read from any of the bodies that servers send."""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

import msgspec

from imgmagic.domain.json_types import JsonValue
from imgmagic.redaction import redact
from imgmagic.wire.other_replies import decode_leniently

MAX_WORDS = 500  # characters of a server's text in one message
_MOST_READ = 20_000  # and how many of them are read


class ReportFormat(Enum):
    """The form in which a failure was reported: only JSON certainly comes from the API."""

    JSON = auto()
    TEXT = auto()
    PAGE = auto()


@dataclass(frozen=True, kw_only=True)
class ErrorReport:
    """Hold what a server said about a failure, independent of the form in which it said it."""

    message: str = ""
    code: str | None = None
    kind: str | None = None
    refused: bool = False  # moderation, although no code says so
    form: ReportFormat = ReportFormat.JSON
    stage: str | None = None  # what moderation inspected: "input" or "output" (OpenAI, `moderation_details`)


def clean(text: str, *secrets: str) -> str:
    """Return a server's `text` on one line, without control characters, keys and base64, and not too long."""
    plain = " ".join(_CONTROLS.sub(" ", _ESCAPES.sub("", text[:_MOST_READ])).split())
    safe = redact(plain, *secrets)
    return safe if len(safe) <= MAX_WORDS else safe[: MAX_WORDS - 1] + "…"


# Terminal escape sequences (ECMA-48, 5.4 and 5.6), then control and format characters, bidirectional ones among them.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.")


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def read_error_body(body: bytes) -> ErrorReport:
    """Return what an error body says: JSON in any form, a web page, plain text, or nothing."""
    try:
        payload = _decode_body(body)
    except (ValueError, RecursionError):
        text = body[: 4 * _MOST_READ].decode("utf-8", "replace")[:_MOST_READ]
        return (
            _read_page(text)
            if _PAGE.match(text)
            else ErrorReport(message=text, form=ReportFormat.TEXT if text.strip() else ReportFormat.JSON)
        )
    report = read_error(payload)
    return report if report.message else replace(report, message=next(_find_words(payload, _MOST_LEVELS), ""))


def _decode_body(body: bytes) -> JsonValue:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16", "replace").encode()
    try:
        payload: JsonValue = msgspec.json.decode(body)
    except (ValueError, RecursionError):  # not quite JSON, or in another encoding
        return decode_leniently(body.removeprefix(b"\xef\xbb\xbf"))
    return payload


# Where gateways put their words, besides the keys that are read by name; lower case, without underscores.
_WORDS = ("message", "msg", "errormessage", "statusmsg", "faultstring", "description", "failurereason", "reason", "err",
          "error", "text", "title")  # fmt: skip


def _find_words(value: JsonValue, levels: int) -> Iterator[str]:
    """Yield the words anywhere in an error reply, the outer ones first."""
    if isinstance(value, list) and levels:
        for each in value[:_MOST_LISTED]:
            yield from filter(None, [_word(each)])
            yield from _find_words(each, levels - 1)
    elif isinstance(value, Mapping) and levels:
        plain = {name.lower().replace("_", ""): each for name, each in value.items()}
        yield from (word for name in _WORDS if (word := _word(plain.get(name))))
        for each in value.values():
            yield from _find_words(each, levels - 1)


def read_error(payload: JsonValue) -> ErrorReport:
    """Return what JSON says about a failure, whoever wrote it (OpenAI, FastAPI, gRPC gateways, API gateways)."""
    if isinstance(payload, list) and payload:
        payload = payload[0]
    if isinstance(payload, str):
        return ErrorReport(message=payload[:_MOST_READ])
    if not isinstance(payload, Mapping):
        return ErrorReport()
    detail = payload.get("detail")
    if isinstance(detail, Mapping):  # the same forms one level down (DeepInfra)
        payload = detail
    for name in ("response", "body"):  # one level down inside a gateway's envelope
        inner = payload.get(name)
        if isinstance(inner, Mapping) and "error" in inner:
            payload = inner
    found = next((found for read in _FORMS if (found := read(payload)) is not None), ErrorReport())
    return _with_inner_report(found)


def _with_inner_report(report: ErrorReport) -> ErrorReport:
    """Return `report` with what the JSON inside its words says: gateways pass on the other server's error as text.

    The words before it stay in front if they name the gateway: "litellm.BadRequestError: OpenAIException - {...}".
    """
    # The first brace: words before it are the gateway's, and what follows is used only if it parses.
    start = report.message.find("{")
    if start < 0:
        return report
    inner = _decode_inner(report.message[start : start + _MOST_READ])
    if not isinstance(inner, Mapping):
        return report
    found = read_error(inner)
    if not found.message:
        return report
    before = report.message[:start].rstrip()
    return replace(
        report,
        message=f"{before} {found.message}".strip(),
        code=found.code or report.code,
        kind=found.kind or report.kind,
        refused=report.refused or found.refused,
    )


def _decode_inner(text: str) -> JsonValue:
    """Return the object that `text` begins with, as JSON or a printed Python dict; None if it is neither."""
    try:
        value: JsonValue = json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        pass
    else:
        return value
    try:
        # litellm and others pass on a printed Python dict; this reads only literals, and runs nothing.
        printed: JsonValue = ast.literal_eval(text[: text.rfind("}") + 1])
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return printed


_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


def _read_page(text: str) -> ErrorReport:
    title = _TITLE.search(text)
    return ErrorReport(message=f"a web page{f' titled {title[1].strip()!r}' if title else ''}", form=ReportFormat.PAGE)


def _error_object(payload: Mapping[str, JsonValue]) -> ErrorReport | None:
    error = payload.get("error")
    if not isinstance(error, Mapping):
        return None
    details = error.get("moderation_details")
    words = (_word(error.get(name)) for name in ("message", "error", "msg", "detail", "description"))
    # OpenRouter: what the server behind it said, which its own message omits.
    behind = error.get("metadata")
    raw = _word(behind.get("raw")) if isinstance(behind, Mapping) else None
    return ErrorReport(
        message=": ".join(filter(None, (next(filter(None, words), None), raw))),
        code=_word(error.get("code")),
        kind=_word(error.get("type")) or _word(error.get("status")),
        refused=_shows_refusal(payload) or "moderation_details" in error,
        stage=_word(details.get("moderation_stage")) if isinstance(details, Mapping) else None,
    )


def _error_text(payload: Mapping[str, JsonValue]) -> ErrorReport | None:
    error = _word(payload.get("error"))
    message = _word(payload.get("message")) or _word(payload.get("error_description"))
    if not error:
        return None
    code = _word(payload.get("code")) or (error if message else None)
    return ErrorReport(message=message or error, code=code, refused=_shows_refusal(payload))


def _detail(payload: Mapping[str, JsonValue]) -> ErrorReport | None:
    """Read FastAPI's `detail`: a list of faults, or a text."""
    detail = payload.get("detail")
    if isinstance(detail, list):
        return ErrorReport(message="; ".join(filter(None, (_fault(each) for each in detail[:_MOST_FAULTS]))))
    return ErrorReport(message=detail[:_MOST_READ]) if isinstance(detail, str) else None


_MOST_FAULTS = 20


def _fault(fault: JsonValue) -> str:
    if not isinstance(fault, Mapping):
        return _word(fault) or ""
    place = fault.get("loc")
    where = ".".join(_word(each) or "" for each in place if each != "body") if isinstance(place, list) else ""
    return ": ".join(filter(None, (where, _word(fault.get("msg")))))


def _flat(payload: Mapping[str, JsonValue]) -> ErrorReport | None:
    names = ("message", "msg", "error_message", "errorMessage", "error_msg", "reason", "block_reason")
    message = next(filter(None, (_word(payload.get(name)) for name in names)), None)
    refused = _shows_refusal(payload)
    if not message and not refused:
        return None
    code = _word(payload.get("code")) or _word(payload.get("error_code"))
    kind = _word(payload.get("type"))
    return ErrorReport(message=message or "", code=code, kind=kind, refused=refused)


def _shows_refusal(payload: Mapping[str, JsonValue]) -> bool:
    """Return whether a reply mentions moderation: xAI, Google and others answer 200 and leave the pictures out."""
    return next(_signs_of_moderation(payload, _MOST_LEVELS), False)


_MOST_LEVELS = 4
_MOST_LISTED = 20
_BLOCK_NAMES = frozenset({"block_reason", "blockreason", "raifilteredreason", "moderation_details"})
_FLAG_NAMES = frozenset({"nsfw", "has_nsfw_concepts", "nsfw_content_detected"})
_FINISHES = frozenset(
    {"content_filter", "content_filtered", "safety", "image_safety", "prohibited_content", "moderation"}
)


def _signs_of_moderation(value: JsonValue, levels: int) -> Iterator[bool]:
    if isinstance(value, list) and levels:
        for each in value[:_MOST_LISTED]:
            yield from _signs_of_moderation(each, levels - 1)
    elif isinstance(value, Mapping) and levels:
        for name, each in value.items():
            if _is_sign(name.lower(), each):
                yield True
            yield from _signs_of_moderation(each, levels - 1)


def _is_sign(name: str, value: JsonValue) -> bool:
    if name in _BLOCK_NAMES:
        return bool(value)
    if name in ("finish_reason", "finishreason"):
        return str(value).lower() in _FINISHES
    if name in _FLAG_NAMES:
        return value is True or (isinstance(value, list) and any(each is True for each in value))
    return name == "respect_moderation" and value is False


def _errors_list(payload: Mapping[str, JsonValue]) -> ErrorReport | None:
    """Read a list of errors (Cloudflare, GraphQL): the first one, with the words of the others."""
    errors = payload.get("errors")
    if not isinstance(errors, list) or not errors:
        return None
    found = [_one_of_errors(each) for each in errors[:_MOST_FAULTS]]
    return replace(found[0], message="; ".join(filter(None, (each.message for each in found))))


def _one_of_errors(error: JsonValue) -> ErrorReport:
    if not isinstance(error, Mapping):
        return ErrorReport(message=_word(error) or "")
    return _error_object({"error": error}) or ErrorReport()


_FORMS: tuple[Callable[[Mapping[str, JsonValue]], ErrorReport | None], ...] = (
    _error_object,
    _error_text,
    _errors_list,
    _detail,
    _flat,
)


def _word(value: JsonValue) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**18 else None
    return value[:_MOST_READ] if isinstance(value, str) and value else None
