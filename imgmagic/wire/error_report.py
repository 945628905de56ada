"""Failures that a server reports: its words, in whichever form, become one of our errors with a next step.

What a server says is hostile text: control characters and terminal escapes are dropped, keys and base64 removed, and
the length is bounded, before any of it gets into a message.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.provider import Provider
from imgmagic.errors import (
    ApiError,
    AuthenticationFailed,
    ContentRefused,
    ModelNotFound,
    PermissionDenied,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
    WebPageReceived,
    redact,
)
from imgmagic.wire.dialects.dialect import Dialect

MAX_WORDS = 500  # characters of a server's text in one message
NOT_THE_API = "That is not the API: check the base URL, or the proxy in between."

_REQUEST_ID_HEADERS = ("x-request-id", "x-litellm-call-id", "apim-request-id", "x-server-trace-id")
_REQUEST_ID_PREFIX = "x-tfy-"  # TrueFoundry names several; the one that ends in "id" is for support


@dataclass(frozen=True, kw_only=True)
class Said:
    """Hold what a server said of a failure, taken out of the form in which it said it."""

    message: str = ""
    code: str | None = None
    kind: str | None = None
    refused: bool = False  # moderation, though no code says so


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Hold what is known of the reply that reports a failure."""

    status: int | None = None
    request_id: str | None = None
    retry_after_s: float | None = None


def request_id(headers: Mapping[str, str], *secrets: str) -> str | None:
    """Return the server's own name for the request, from the first header that holds one, without `secrets`."""
    named = [headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)]
    tagged = [value for name, value in headers.items() if name.startswith(_REQUEST_ID_PREFIX) and name.endswith("id")]
    found = [*named, *tagged]
    return clean(found[0], *secrets)[:200] if found else None


def clean(text: str, *secrets: str) -> str:
    """Return a server's `text` on one line, without control characters, keys and base64, and not too long."""
    plain = " ".join(_CONTROLS.sub(" ", _ESCAPES.sub("", text)).split())
    safe = redact(plain, *secrets)
    return safe if len(safe) <= MAX_WORDS else safe[: MAX_WORDS - 1] + "…"


# Terminal escape sequences (ECMA-48, 5.4 and 5.6), then control and format characters, bidirectional ones among them.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def said_in_body(body: bytes) -> Said:
    """Return what an error body says: JSON in any of its forms, a web page, plain text, or nothing."""
    try:
        payload: JsonValue = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
        return _said_by_page(text) if _PAGE.match(text) else Said(message=text)
    return said_in(payload)


def said_in(payload: JsonValue) -> Said:
    """Return what JSON says of a failure, whoever wrote it (OpenAI, FastAPI, gRPC gateways, API gateways)."""
    if isinstance(payload, list) and payload:
        payload = payload[0]
    if isinstance(payload, str):
        return Said(message=payload)
    if not isinstance(payload, Mapping):
        return Said()
    detail = payload.get("detail")
    if isinstance(detail, Mapping):  # the same forms one level down (DeepInfra)
        payload = detail
    return next((found for read in _FORMS if (found := read(payload)) is not None), Said())


_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


def _said_by_page(text: str) -> Said:
    title = _TITLE.search(text)
    return Said(message=f"a web page{f' titled {title[1].strip()!r}' if title else ''}", kind="web page")


def _error_object(payload: Mapping[str, JsonValue]) -> Said | None:
    error = payload.get("error")
    if not isinstance(error, Mapping):
        return None
    return Said(
        message=_word(error.get("message")) or _word(error.get("error")) or "",
        code=_word(error.get("code")),
        kind=_word(error.get("type")) or _word(error.get("status")),
        refused=_shows_refusal(payload) or "moderation_details" in error,
    )


def _error_text(payload: Mapping[str, JsonValue]) -> Said | None:
    error, message = _word(payload.get("error")), _word(payload.get("message"))
    if not error:
        return None
    code = _word(payload.get("code")) or (error if message else None)
    return Said(message=message or error, code=code, refused=_shows_refusal(payload))


def _detail(payload: Mapping[str, JsonValue]) -> Said | None:
    """Read FastAPI's `detail`: a list of faults, or a text."""
    detail = payload.get("detail")
    if isinstance(detail, list):
        return Said(message="; ".join(filter(None, (_fault(each) for each in detail[:_MAX_FAULTS]))))
    return Said(message=detail) if isinstance(detail, str) else None


_MAX_FAULTS = 20


def _fault(fault: JsonValue) -> str:
    if not isinstance(fault, Mapping):
        return _word(fault) or ""
    place = fault.get("loc")
    where = ".".join(_word(each) or "" for each in place if each != "body") if isinstance(place, list) else ""
    return ": ".join(filter(None, (where, _word(fault.get("msg")))))


def _flat(payload: Mapping[str, JsonValue]) -> Said | None:
    message = _word(payload.get("message")) or _word(payload.get("msg")) or _word(payload.get("block_reason"))
    refused = _shows_refusal(payload)
    if not message and not refused:
        return None
    code, kind = _word(payload.get("code")), _word(payload.get("type"))
    return Said(message=message or "", code=code, kind=kind, refused=refused)


def _shows_refusal(payload: Mapping[str, JsonValue]) -> bool:
    """Return whether a reply was emptied by moderation: xAI says 200 and leaves the pictures out."""
    blocked = payload.get("respect_moderation") is False or bool(payload.get("block_reason"))
    empty = "data" in payload and not payload["data"] and not payload.get("error") and not payload.get("msg")
    return blocked or empty


_FORMS: tuple[Callable[[Mapping[str, JsonValue]], Said | None], ...] = (_error_object, _error_text, _detail, _flat)


def _word(value: JsonValue) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**18 else None
    return value if isinstance(value, str) and value else None


_REFUSAL_WORDS = ("safety system", "violate the terms of use", "content policy", "safety_violations=")

# What a code says goes before what the status says: gateways keep the one and rewrite the other. In this order.
_KINDS_BY_CODE: tuple[tuple[frozenset[str], type[ApiError]], ...] = (
    (
        frozenset({"moderation_blocked", "content_policy_violation", "contentfilter", "content_filter"}),
        ContentRefused,
    ),
    (
        frozenset(
            {
                "insufficient_quota",
                "billing_hard_limit_reached",
                "billing_not_active",
                "project_spend_limit_exceeded",
                "organization_spend_limit_exceeded",
                "organization_usage_limit_exceeded",
            }
        ),
        QuotaExhausted,
    ),
    (frozenset({"model_not_found", "deploymentnotfound"}), ModelNotFound),
    (frozenset({"invalid_api_key", "unauthenticated"}), AuthenticationFailed),
    (frozenset({"rate_limit_exceeded", "resource_exhausted"}), RateLimited),
)

_KIND_BY_STATUS: Mapping[int, type[ApiError]] = {
    **dict.fromkeys((400, 413, 414, 415, 422), RequestRefused),
    401: AuthenticationFailed,
    402: QuotaExhausted,
    403: PermissionDenied,
    407: PermissionDenied,
    429: RateLimited,
}


def api_error(said: Said, answer: Answer, provider: Provider, dialect: Dialect) -> ApiError:
    """Return the error for what a server said, with its status, code, request id, and what to do next."""
    secrets = secrets_of(provider)
    status = answer.status if answer.status is not None else _status_of(said)
    kind = _kind(said, status)
    words = clean(said.message, *secrets)
    return kind(
        f"{provider.name} {_verb(answer.status, said)}{f': {words}' if words else '.'}",
        remedy=_remedy(kind, said, status, answer, dialect),
        status=answer.status,
        code=clean(said.code, *secrets)[:80] if said.code else None,
        request_id=answer.request_id,
        retry_after_s=answer.retry_after_s,
    )


def secrets_of(provider: Provider) -> tuple[str, ...]:
    """Return what no message may show: the key, and the values of the provider's own headers."""
    key = (provider.key.reveal(),) if provider.key is not None else ()
    return (*key, *(value for value in provider.headers.values() if len(value) >= 8))


def _verb(status: int | None, said: Said) -> str:
    if status is None:
        return "reported an error" if said.message else "sent no picture"
    return f"answered {status} with" if said.kind == "web page" else f"answered {status}"


def _status_of(said: Said) -> int | None:
    """Return the status that an error inside a stream names by its code."""
    return int(said.code) if said.code and re.fullmatch(r"[45]\d\d", said.code) else None


def _kind(said: Said, status: int | None) -> type[ApiError]:
    marks = {mark.lower() for mark in (said.code, said.kind) if mark}
    if said.refused or any(phrase in said.message.lower() for phrase in _REFUSAL_WORDS):
        return ContentRefused
    named = next((kind for codes, kind in _KINDS_BY_CODE if marks & codes), None)
    if named is None and status in (400, 404) and _names_model(said.message.lower()):
        return ModelNotFound
    kind = named or _KIND_BY_STATUS.get(status or 0, ApiError)
    return WebPageReceived if said.kind == "web page" and kind in (ApiError, RequestRefused) else kind


def _names_model(words: str) -> bool:
    return "model" in words and any(phrase in words for phrase in ("not exist", "not found", "unknown model"))


def _remedy(kind: type[ApiError], said: Said, status: int | None, answer: Answer, dialect: Dialect) -> str:
    if kind is RateLimited and answer.retry_after_s is not None:
        return f"Try again in {answer.retry_after_s:.0f} s."
    if kind is AuthenticationFailed:
        names = " or ".join(dialect.key_env)
        return f"Check the key in {names}." if names else "Check the key of this provider."
    if kind is PermissionDenied and "verified" in said.message.lower():
        return "Verify the organization where the message points to, or take another model."
    return _REMEDIES.get(kind) or _remedy_by_status(said, status)


_REMEDIES: Mapping[type[ApiError], str] = {
    PermissionDenied: "The key may not do this: check its rights, its project or folder, and the model.",
    ModelNotFound: "Check the model's name; `%imgmagic models` lists those that are known.",
    RateLimited: "Wait a little, then run it again.",
    QuotaExhausted: "Waiting does not help: add money or raise the limit in the provider's console.",
    ContentRefused: "Change the prompt; the same one will be refused again.",
}

_GAVE_UP = "A gateway gave up waiting; the picture may have been drawn and billed. Ask for a lower quality, or stream."
_REMEDY_BY_STATUS: Mapping[int, str] = {
    400: "Change or leave out what the message names.",
    404: "Check the base URL: this server has no such address.",
    405: "Check the base URL: this address takes no such request.",
    408: "Try again.",
    409: "Try again.",
    413: "The request is too large: shorten the prompt.",
    422: "Change or leave out what the message names.",
    **dict.fromkeys((504, 524), _GAVE_UP),
}


def _remedy_by_status(said: Said, status: int | None) -> str:
    if said.kind == "web page" and (status or 0) < 500:
        return NOT_THE_API
    if status is not None and status in _REMEDY_BY_STATUS:
        return _REMEDY_BY_STATUS[status]
    if (status or 500) >= 500:
        return "The fault is on the server's side; try again later."
    return "Check the base URL, and what the message names."
