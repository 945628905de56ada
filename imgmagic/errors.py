"""The error tree: what went wrong, for which request, and what to do next; it imports nothing of the project.

ImgmagicError
  RequestInvalid         every fault of a request at once; nothing was sent
  SettingsError          a setting, provider or key that is missing or malformed
  BudgetExceeded         the call could cost more than is left
  ApiError               the server answered with an error
    AuthenticationFailed · PermissionDenied · ModelNotFound · RateLimited · QuotaExhausted · ContentRefused
  ConnectionFailed       the server could not be reached, or hung up before it replied
  ResponseTimeout        the server took longer than allowed
  ProtocolError          the server broke the format, or passed a bound
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


class ImgmagicError(Exception):
    """Say what happened and what to do next, in one short message without keys or base64."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = redact(message)
        self.remedy = redact(remedy)
        super().__init__(self.message)

    def __str__(self) -> str:
        return " ".join(filter(None, (self.message, self.remedy)))

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
        super().__init__(message, remedy=remedy)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        request_id = f"(request id {self.request_id})" if self.request_id else ""
        return " ".join(filter(None, (self.message, self.remedy, request_id)))


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


class ConnectionFailed(ImgmagicError):
    """The server could not be reached, or hung up before it replied."""


class ResponseTimeout(ImgmagicError):
    """The server took longer than allowed."""


class ProtocolError(ImgmagicError):
    """The server broke the format, or passed a bound."""


class RecordingMiss(ImgmagicError):
    """Nothing is recorded for this request."""


class RecordingDamaged(ImgmagicError):
    """A recording that cannot be trusted: a damaged line or picture."""


class StoreError(ImgmagicError):
    """Something could not be kept on disk or in the database."""
