"""The key's guard: keeps the key out of tracebacks, messages and the logs of the libraries.

Verbose and rich tracebacks show the local variables of each frame, and the libraries' frames contain the request's
headers. So the library itself adds the headers in its last step (`KeyHeaders`), and an error leaves the wire without
the frames that it passed (`without_frames`). What a server says is cleaned where errors become events (`seal`); what
the libraries log about it is cleaned by a filter that knows whose request it is.
"""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

from imgmagic.domain.provider import Provider, is_header_value
from imgmagic.errors import DownloadFailed, ImgmagicError
from imgmagic.redaction import redact
from imgmagic.wire.dialects.dialect import Dialect

_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")
_ASKED: ContextVar[Provider | None] = ContextVar("provider whose server is asked in this task", default=None)


class KeyHeaders(httpx.Auth):
    """Add a provider's headers, including the key, to a request when it leaves."""

    def __init__(self, dialect: Dialect, provider: Provider) -> None:
        self._dialect = dialect
        self._provider = provider

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Yield the request with the headers."""
        request.headers.update(self._dialect.request_headers(self._provider))
        yield request

    def faulty_header(self) -> str | None:
        """Return the name of the first header that cannot be sent as it is; None when all can."""
        headers = self._dialect.request_headers(self._provider)
        return next((name.lower() for name, value in headers.items() if not is_header_value(value)), None)


@contextmanager
def guarding(provider: Provider) -> Iterator[None]:
    """Keep the provider's secrets out of what the libraries log in this task, and frames out of what is raised."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)  # adding it again does nothing
    token = _ASKED.set(provider)
    try:
        yield
    except BaseException as error:
        without_frames(error)
        raise
    finally:
        _ASKED.reset(token)


def without_frames(error: BaseException) -> None:
    """Remove the frames from `error` and everything that led to it."""
    seen: set[int] = set()
    # A list instead of recursion: causes and contexts may form a circle, and groups may be deep.
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = None
        waiting += [each.__cause__, each.__context__]
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()


def seal(error: ImgmagicError, provider: Provider) -> ImgmagicError:
    """Return `error` as it may leave the wire: without frames, without what led to it, and without the key."""
    secrets = provider.secrets()
    error.message, error.remedy = redact(error.message, *secrets), redact(error.remedy, *secrets)
    error.request_id = redact(error.request_id, *secrets) if error.request_id else error.request_id
    error.args = (error.message,)
    if isinstance(error, DownloadFailed) and holds_secret(error.address, provider):
        error.address = ""
    error.__cause__ = error.__context__ = None
    error.__suppress_context__ = True
    without_frames(error)
    return error


def holds_secret(text: str, provider: Provider) -> bool:
    """Return whether `text` holds the key, or a part of it."""
    return redact(text, *provider.secrets()) != redact(text)


class _SecretFilter(logging.Filter):
    """Clean what a library logs about a guarded request: its server may repeat the key anywhere in a reply."""

    def filter(self, record: logging.LogRecord) -> bool:
        provider = _ASKED.get()
        if provider is not None:
            record.msg, record.args = redact(record.getMessage(), *provider.secrets()), ()
        return True


_FILTER = _SecretFilter()
