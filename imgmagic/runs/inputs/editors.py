"""Editors: which configured providers can start from a picture, for refusing one that cannot."""

from imgmagic.config.providers import Providers
from imgmagic.domain.wording import listed
from imgmagic.errors import ImgmagicError, RequestInvalid
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.dialects.edits import Edits


def require_edits(dialect: Dialect, providers: Providers) -> Edits:
    """Return how a server takes pictures.

    Raises:
        RequestInvalid: it does not; the message names the configured providers that do.
    """
    if dialect.edits is not None:
        return dialect.edits
    able = editors(providers)
    remedy = f"Ask {listed(able)} instead." if able else "Ask a server that can, such as openai, or the simulator."
    raise RequestInvalid(f"nothing was sent. {dialect.title} cannot edit: {dialect.no_edits}.", remedy=remedy)


def editors(providers: Providers) -> tuple[str, ...]:
    """Return the names of the configured providers that take pictures."""
    return tuple(name for name in providers.names() if _is_editor(providers, name))


def _is_editor(providers: Providers, name: str) -> bool:
    """Return whether a provider takes pictures, can be asked, and is meant to be: it has a key or an entry."""
    try:
        provider = providers.configured(name)
        providers.check(provider)
    except ImgmagicError:
        return False
    is_meant = provider.key is not None or name in providers.own_names()
    return is_meant and DIALECTS[provider.dialect].edits is not None
