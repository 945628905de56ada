"""The error tree: what went wrong, for which request, and what to do next; it imports nothing of the project.

ImgmagicError
  RequestInvalid         every fault of a request at once; nothing was sent
  SettingsError          a setting, provider or key that is missing or malformed
  BudgetExceeded         the call could cost more than is left
  ApiError               the server answered with an error
    RequestRefused       it understood the request and does not take it as it stands
    AuthenticationFailed · PermissionDenied · ModelNotFound · RateLimited · QuotaExhausted · ContentRefused
    WebPageReceived      a web page came where the API should answer
  ConnectionFailed       the server hung up before it replied, or
    HostUnreachable      no connection could be made: name, network, firewall, proxy
    TlsFailed            no secure connection could be made
  ResponseTimeout        the server took longer than allowed
  ProtocolError          the server broke the format, or passed a bound
  DownloadFailed         the picture was drawn, and could not be fetched from its address
  RecordingMiss          nothing recorded for this request
  RecordingDamaged       a recording that cannot be trusted
  StoreError             something could not be kept on disk or in the database
"""

import re

_SECRETS = re.compile(
    r"""
      \b(?P<scheme>(?i:Bearer|Api-Key))\s+(?![a-z]+[^\w\s]?(?:\s|$))[^\s"',;]{8,}   # an Authorization header's value
    | \b(?i:Basic)\s+(?=\S*(?:[a-z][A-Z]|[0-9]))[A-Za-z0-9+/]{12,}={0,2}   # the same, of names and passwords
    | \b(?:(?:sk|pk|org|proj|xai)[-_](?=[-_.A-Za-z]*[0-9])|AIza|AQVN|t1\.)[-_.A-Za-z0-9]{12,}   # providers' keys
    | [A-Za-z0-9+/]{200,}={0,2}                            # base64: an image, never a message
    """,
    re.VERBOSE,
)


def redact(text: str, *secrets: str) -> str:
    """Replace keys, base64 and each of `secrets` in `text` by a mark that keeps neither prefix nor suffix."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "[key removed]")
    return _SECRETS.sub(lambda found: f"{found['scheme'] or ''} [removed]".strip(), text)


def _sentence(text: str) -> str:
    """End a server's text as a sentence, so that ours can follow."""
    return text if re.search(r"[.!?…:;]\W*\Z", text) else f"{text}."


class ImgmagicError(Exception):
    """Say what happened and what to do next, in one short message without keys or base64."""

    def __init__(self, message: str, *, remedy: str = "", request_id: str | None = None) -> None:
        self.message = redact(message)
        self.remedy = redact(remedy)
        self.request_id = request_id  # the server's own name for the request, for its support
        super().__init__(self.message)

    def __str__(self) -> str:
        request_id = f"(request id {self.request_id})" if self.request_id else ""
        happened = _sentence(self.message) if self.remedy else self.message
        return " ".join(filter(None, (happened, self.remedy, request_id)))

    def _render_traceback_(self) -> list[str]:
        """Show one message instead of a traceback (IPython's hook); what a server wrote cannot steer the terminal."""
        shown = "".join(each if each.isprintable() or each in "\n\u00a0" else "\ufffd" for each in str(self))
        return [f"{type(self).__name__}: {shown}"]


class RequestInvalid(ImgmagicError):
    """A request with faults; nothing was sent."""


class SettingsError(ImgmagicError):
    """A setting, provider or key that is missing or malformed."""


class BudgetExceeded(ImgmagicError):
    """A call that could cost more than what is left."""


class ApiError(ImgmagicError):
    """An error that the server answered, with its status, code and request id where it sent them."""

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


class RequestRefused(ApiError):
    """The server does not take the request as it stands: a parameter, a value, its length."""


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


class WebPageReceived(ApiError):
    """A web page came where the API should answer: a proxy's, a login's, or that of a wrong address."""


class ConnectionFailed(ImgmagicError):
    """The server could not be reached, or hung up before it replied."""


class HostUnreachable(ConnectionFailed):
    """No connection could be made: the name, the network, a firewall, a proxy, or a server that does not run."""


class TlsFailed(ConnectionFailed):
    """No secure connection could be made: a certificate that is not trusted, or a server without TLS."""


class ResponseTimeout(ImgmagicError):
    """The server took longer than allowed."""


class ProtocolError(ImgmagicError):
    """The server broke the format, or passed a bound."""


class DownloadFailed(ImgmagicError):
    """The picture was drawn, and billed, but could not be fetched from the address that the server gave."""


class RecordingMiss(ImgmagicError):
    """Nothing is recorded for this request."""


class RecordingDamaged(ImgmagicError):
    """A recording that cannot be trusted: a damaged line or picture."""


class StoreError(ImgmagicError):
    """Something could not be kept on disk or in the database."""
