"""The error tree: what went wrong, for which request, and what to do next; it imports nothing but redaction.

ImgmagicError
  RequestInvalid         every fault of a request at once; nothing was sent
  SettingsError          a setting, provider or key that is missing or malformed
  BudgetExceeded         the call could cost more than is left
  ApiError               the server answered with an error
    RequestRefused       it understood the request and does not take it as it stands
      PictureRefused · MaskRefused
    AuthenticationFailed · PermissionDenied · ModelNotFound · RateLimited · QuotaExhausted · ContentRefused
    WebPageReceived      a web page came where the API should answer
  ConnectionFailed       the server hung up before it replied, or
    HostUnreachable      no connection could be made: name, network, firewall, proxy
    TlsFailed            no secure connection could be made
  ResponseTimeout        the server took longer than allowed
  ProtocolError          the server broke the format, or exceeded a limit
  DownloadFailed         the picture was drawn, but could not be fetched from its address
  RecordingMiss          nothing recorded for this request
  RecordingDamaged       a recording that cannot be trusted
  StoreError             something is not in the history or its files, or could not be kept there
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from imgmagic.redaction import redact


def _sentence(text: str) -> str:
    """End a server's text like a sentence, so that ours can follow."""
    return text if re.search(r"[.!?…:;]\W*\Z", text) else f"{text}."


def _printable(text: str) -> str:
    """Return a message that cannot control a terminal, whatever a server or a folder wrote into it."""
    return "".join(each if each.isprintable() or each in "\n\u00a0" else "\ufffd" for each in text)


Spelling: TypeAlias = Callable[[str, str | None], str]
"""How an interface writes a parameter, alone or with a value: Python as `size=auto`, the magic as `--size auto`."""

_PARAMETER = re.compile(r"\{(?P<name>[a-z_]+)(?:=(?P<value>[^{}]*))?\}")
PHRASES = frozenset({"key_of"})  # parameters that are spelled as a part of the sentence, and not as code
_KEYWORDS = {
    "history": "imgmagic.history",
    "sweeps": "imgmagic.history.sweeps",
    "models": "the server's list of models",
    "image": "images",
    "key_of": "in the environment",
}


def as_keyword(name: str, value: str | None = None) -> str:
    """Spell a parameter as Python does, `size` or `size=auto`, and a place by its name there."""
    return _KEYWORDS.get(name, name) if value is None or name in PHRASES else f"{name}={value}"


def spell(text: str, spelling: Spelling = as_keyword) -> str:
    """Replace every `{name}` and `{name=value}` in `text` with its spelling.

    >>> spell("Add {output_format=png}, or leave {size} out.")
    'Add output_format=png, or leave size out.'
    """
    return _PARAMETER.sub(lambda found: spelling(found["name"], found["value"]), text)


class ImgmagicError(Exception):
    """Say what happened and what to do next, in one short message without keys or base64.

    A remedy names parameters as `{size}` or `{stream=False}`, places to go to as `{history}`, and where to put the key
    of a provider as `{key_of=NAME}`; whoever shows the error chooses how they are spelled. `may_be_billed` is whether
    the server may bill what failed so: false only where nothing can have been drawn.
    """

    may_be_billed = True

    def __init__(self, message: str, *, remedy: str = "", request_id: str | None = None) -> None:
        self.message = redact(message)
        self.remedy = redact(remedy)
        self.request_id = request_id  # the server's name for the request, for its support
        self.spelling: Spelling = as_keyword
        super().__init__(self.message)

    def __str__(self) -> str:
        request_id = f"(request id {self.request_id})" if self.request_id else ""
        happened = _sentence(self.message) if self.remedy else self.message
        return _printable(" ".join(filter(None, (happened, spell(self.remedy, self.spelling), request_id))))

    def _render_traceback_(self) -> list[str]:  # IPython's hook
        return [f"{type(self).__name__}: {self}"]


class RequestInvalid(ImgmagicError):
    """A request with faults; nothing was sent. The message, too, names parameters as `{size}`."""

    def __str__(self) -> str:
        return _printable(" ".join(filter(None, (spell(each, self.spelling) for each in (self.message, self.remedy)))))

    may_be_billed = False


class SettingsError(ImgmagicError):
    """A setting, provider or key that is missing or malformed."""

    may_be_billed = False


class BudgetExceeded(ImgmagicError):
    """A call that could cost more than what is left."""

    may_be_billed = False


# 5xx after which nothing was drawn: the request was not started, or never reached the server behind a gateway.
_NOT_TAKEN_UP = frozenset({501, 503, 505, 511, 521, 523, 525, 526, 529, 530})
_GAVE_UP = frozenset({408, 499})  # somebody stopped waiting, while the server may have gone on


class ApiError(ImgmagicError):
    """An error in the server's answer, with its status, code and request id if it sent them."""

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, request_id=request_id)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        self.may_be_billed = status is None or (_may_be_drawn(status) and not isinstance(self, _REFUSALS))


def _may_be_drawn(status: int) -> bool:
    """Return whether a server that answers `status` may have drawn: a gateway's answer hides what the server did."""
    return status in _GAVE_UP or (status >= 500 and status not in _NOT_TAKEN_UP)


class RequestRefused(ApiError):
    """The server does not take the request as it stands: a parameter, a value, its length."""


class PictureRefused(RequestRefused):
    """The server does not take a source picture: not an image to it, of the wrong type, or in the wrong field."""


class MaskRefused(RequestRefused):
    """The server does not take the mask: its size or format is wrong, or nothing in it is transparent."""


class AuthenticationFailed(ApiError):
    """The key was not accepted."""


class PermissionDenied(ApiError):
    """The key is known, but may not do this."""


class ModelNotFound(ApiError):
    """The server does not know, or no longer serves, the model."""


class RateLimited(ApiError):
    """Too many requests for now."""


class QuotaExhausted(ApiError):
    """The account has no money or quota left; waiting does not help."""


class ContentRefused(ApiError):
    """The server's moderation refused the prompt or the picture."""


# Whatever status a gateway gives them, these say that nothing was drawn.
_REFUSALS = (AuthenticationFailed, PermissionDenied, ModelNotFound, RateLimited, QuotaExhausted, ContentRefused)


class WebPageReceived(ApiError):
    """A web page came instead of the API's answer: from a proxy, a login, or a wrong address."""


class ConnectionFailed(ImgmagicError):
    """The server could not be reached, or hung up before it replied."""


class HostUnreachable(ConnectionFailed):
    """No connection could be made: the name, the network, a firewall, a proxy, or a server that is not running."""

    may_be_billed = False


class TlsFailed(ConnectionFailed):
    """No secure connection could be made: a certificate that is not trusted, or a server without TLS."""

    may_be_billed = False


class ResponseTimeout(ImgmagicError):
    """The server took longer than allowed."""


class ProtocolError(ImgmagicError):
    """The server broke the format, or exceeded a limit."""


class DownloadFailed(ImgmagicError):
    """The picture was drawn, and billed, but could not be fetched from the address that the server gave.

    `address` is that address, as the server wrote it; it may contain a signature, and is never part of a message.
    `may_pass` is whether asking again may help.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        request_id: str | None = None,
        address: str = "",
        may_pass: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, request_id=request_id)
        self.address = address
        self.may_pass = may_pass


class RecordingMiss(ImgmagicError):
    """Nothing is recorded for this request. The remedy addresses the student, `for_teachers` whoever records."""

    may_be_billed = False
    for_teachers = ""

    def __str__(self) -> str:
        return f"{super().__str__()} For teachers: {self.for_teachers}" if self.for_teachers else super().__str__()


class RecordingDamaged(ImgmagicError):
    """A recording that cannot be trusted: a damaged line or picture."""


class StoreError(ImgmagicError):
    """Something is missing from the history or its files, or could not be kept there."""
