"""Redirects: reported with their target, and never followed, because the key would go along."""

import httpx

from imgmagic.domain.provider import Provider
from imgmagic.errors import ApiError
from imgmagic.wire.connection_errors import Target
from imgmagic.wire.error_report import clean
from imgmagic.wire.server_errors import ErrorReply


def redirect_error(response: httpx.Response, reply: ErrorReply, provider: Provider, target: Target) -> ApiError:
    """Return the error for a reply that redirects."""
    where = clean(_target_of(response), *provider.secrets())
    return ApiError(
        f"{target.host} answered {reply.status}: it redirects to {where}; the key was not sent there.",
        remedy=f"If that is the right place, correct {target.address} accordingly.",
        status=reply.status,
        request_id=reply.request_id,
    )


def _target_of(response: httpx.Response) -> str:
    """Return a redirect's target, without user names, passwords and queries, which may be credentials."""
    try:
        url = response.url.join(response.headers["location"])
    except (httpx.InvalidURL, ValueError):
        return "an invalid URL"
    return str(url.copy_with(username=None, password=None, query=None, fragment=None))
