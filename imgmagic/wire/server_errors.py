"""Server errors: turn what a server reports, in any form, into one of our errors with a next step.

What a server says is hostile text: before it gets into a message, control characters, terminal escapes, keys and base64
are removed, and its length is bounded.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from imgmagic.domain.provider import Provider
from imgmagic.errors import (
    ApiError,
    AuthenticationFailed,
    ContentRefused,
    DownloadFailed,
    ImgmagicError,
    MaskRefused,
    ModelNotFound,
    PermissionDenied,
    PictureRefused,
    QuotaExhausted,
    RateLimited,
)
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.error_kinds import error_kind
from imgmagic.wire.error_report import ErrorReport, ReportFormat, clean
from imgmagic.wire.upstream import attempts_note

NOT_THE_API = "That is not the API: check the base URL, or the proxy in between."

_REQUEST_ID_HEADERS = ("x-request-id", "x-litellm-call-id", "apim-request-id", "x-server-trace-id")
_REQUEST_ID_PREFIX = "x-tfy-"  # TrueFoundry names several; the one that ends in "id" is for support


@dataclass(frozen=True, kw_only=True)
class ErrorReply:
    """Hold what is known about the reply that reports a failure.

    Args:
        status: of HTTP; None inside a reply that began as a success.
        request_id: the server's name for the request.
        retry_after_s: how long it asks to wait.
        took_s: seconds between the whole request and the reply.
        attempts: how often a gateway asked the server behind it.
    """

    status: int | None = None
    request_id: str | None = None
    retry_after_s: float | None = None
    took_s: float = 0.0
    attempts: int = 1


def request_id(headers: Mapping[str, str], *secrets: str) -> str | None:
    """Return the server's name for the request, from the first header that has one, without `secrets`."""
    named = [headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)]
    tagged = [value for name, value in headers.items() if name.startswith(_REQUEST_ID_PREFIX) and name.endswith("id")]
    found = [*named, *tagged]
    return clean(found[0], *secrets)[:200] if found else None


def api_error(said: ErrorReport, reply: ErrorReply, provider: Provider, dialect: Dialect) -> ApiError:
    """Return the error for what a server said, with its status, code, request id, and what to do next."""
    secrets = provider.secrets()
    status = reply.status if reply.status is not None else _status_of(said)
    kind = error_kind(said, status)
    words = clean(said.message, *secrets)
    error = kind(
        f"{provider.name} {_verb(reply.status, said)}{f': {words}' if words else '.'}",
        status=reply.status,
        code=clean(said.code, *secrets)[:80] if said.code else None,
        request_id=reply.request_id,
        retry_after_s=reply.retry_after_s,
    )
    if reply.status in _TURNS_AWAY:  # once a reply has begun, so has the server
        error.may_be_billed = not _is_turned_away(said, reply)
    elif isinstance(error, RateLimited):  # which says nothing about what a gateway tried before
        error.may_be_billed = reply.attempts > 1 and reply.took_s >= _AT_ONCE_S
    case = _Case(error=error, said=said, status=status, reply=reply, provider=provider, dialect=dialect)
    error.remedy = _remedy(case)
    return error


_TURNS_AWAY = (409, 503)
_AT_ONCE_S = 1.0


def _is_turned_away(said: ErrorReport, reply: ErrorReply) -> bool:
    """Return whether a server did not begin, and this is not the answer of a gateway that lost its server.

    Envoy answers 503 if the server behind it hung up, perhaps after drawing; and gateways say when to come back
    whatever happened.
    """
    lost = "disconnect/reset" in said.message or "upstream" in said.message.lower()
    return reply.took_s < _AT_ONCE_S and not lost


def _verb(status: int | None, said: ErrorReport) -> str:
    if status is None:
        return "reported an error" if said.message else "sent no picture"
    return f"answered {status} with" if said.form is ReportFormat.PAGE else f"answered {status}"


def _status_of(said: ErrorReport) -> int | None:
    """Return the status that the code of an error inside a stream stands for."""
    return int(said.code) if said.code and re.fullmatch(r"[45]\d\d", said.code) else None


@dataclass(frozen=True, kw_only=True)
class _Case:
    """Hold everything that a remedy may depend on."""

    error: ApiError
    said: ErrorReport
    status: int | None
    reply: ErrorReply
    provider: Provider
    dialect: Dialect


def _remedy(case: _Case) -> str:
    """Return what to do next, after what a gateway did."""
    by_kind = _REMEDIES.get(type(case.error))
    steps = by_kind(case) if by_kind else _remedy_by_status(case)
    bill = _LOOK_FIRST if case.error.may_be_billed else ""
    return " ".join(filter(None, (attempts_note(case.reply.attempts), bill, steps)))


_LOOK_FIRST = "The picture may have been drawn and billed: look at the provider's usage page before you run it again."
_DRAWN = "The picture was drawn and billed."


def with_bill(error: ImgmagicError) -> ImgmagicError:
    """Return `error` with words that say so if the picture may be billed."""
    if error.may_be_billed and "billed" not in f"{error.message} {error.remedy}":
        said = _DRAWN if isinstance(error, DownloadFailed) else _LOOK_FIRST
        error.remedy = f"{said} {error.remedy}".strip()
    return error


_OF_GATEWAY = re.compile(r"litellm\.\w+: \w+Exception|\bupstream\b", re.IGNORECASE)


def _remedy_of_key(case: _Case) -> str:
    if _OF_GATEWAY.search(case.said.message):
        return "This is the gateway's own key for the server behind it, not yours: its operator must correct it."
    names = " or ".join(case.provider.key_env or case.dialect.key_env)
    key = f"the key in {names}" if names else f"the key of {case.provider.name}"
    if case.said.form is ReportFormat.TEXT:
        return f"A proxy in between may have said that, and not the API. Check it, then {key}."
    return f"Check {key}." if case.provider.key is not None else f"It needs a key: set {names or 'its key_env'}."


def _remedy_of_right(case: _Case) -> str:
    if "verified" in case.said.message.lower():
        return "Verify the organization where the message points, or use another model."
    if case.said.form is ReportFormat.TEXT:
        return "A proxy in between may have said that, and not the API. Check it, then the rights of the key."
    return "The key may not do this: check its rights, its project or folder, and the model."


def _remedy_of_rate(case: _Case) -> str:
    wait_s = case.reply.retry_after_s
    return "Wait a little, then run it again." if wait_s is None else f"Try again in {wait_s:.0f} s."


_REMEDIES: Mapping[type[ApiError], Callable[[_Case], str]] = {
    AuthenticationFailed: _remedy_of_key,
    PermissionDenied: _remedy_of_right,
    RateLimited: _remedy_of_rate,
    ModelNotFound: lambda _: "Check the model's name against {models}.",
    QuotaExhausted: lambda _: "Waiting does not help: add money or raise the limit in the provider's console.",
    ContentRefused: lambda case: _REMEDY_OF_INPUT if case.said.stage == "input" else _REMEDY_OF_PROMPT,
    MaskRefused: lambda _: "The mask must be the size of the first picture, and let some of it change, not all.",
    PictureRefused: lambda case: _REMEDY_OF_FIELD if case.error.code == "duplicate_parameter" else _REMEDY_OF_PICTURE,
}

_REMEDY_OF_PROMPT = "Change the prompt; the same one will be refused again."
_REMEDY_OF_INPUT = "Change the prompt, or the picture that it starts from; the same will be refused again."
_REMEDY_OF_PICTURE = "Save the picture again as a PNG, and start from that."
_REMEDY_OF_FIELD = "This server wants its pictures in another field: check the dialect of the provider."

_REMEDY_BY_STATUS: Mapping[int, str] = {
    400: "Change or leave out what the message names.",
    404: "Check {base_url}: this server has no such address.",
    405: "Check {base_url}: this address does not accept such requests.",
    407: "A proxy in between needs a name and a password: put them into HTTPS_PROXY, or HTTP_PROXY.",
    408: "Ask for a lower quality, or stream.",
    409: "Try again.",
    413: "The request is too large: give fewer or smaller pictures, or a shorter prompt.",
    422: "Change or leave out what the message names.",
    **dict.fromkeys((504, 524), "A gateway gave up waiting: ask for a lower quality, or stream."),
}


def _remedy_by_status(case: _Case) -> str:
    status = case.status if case.status is not None else 500
    if case.said.form is ReportFormat.PAGE and status < 500 and status != 407:
        known = NOT_THE_API
    elif status in _REMEDY_BY_STATUS:
        known = _REMEDY_BY_STATUS[status]
    elif status >= 500:
        known = "The fault is on the server's side."
    else:
        known = "Check {base_url}, and what the message names."
    return known.replace("{base_url}", base_url_name(case.provider))


def base_url_name(provider: Provider) -> str:
    """Return what the user has to correct when the address is wrong."""
    return f"the base URL ({provider.address_from})" if provider.address_from else "the base URL"
