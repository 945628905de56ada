"""The basis of planning: what settings, providers, recordings and prices say, read each time or once for many plans.

Settings are read when needed, so that an edit takes effect in the next cell. A sweep plans thousands of cells: no edit
may fall between two of them, and they cannot each search the settings files.
"""

import copy
import functools
from collections.abc import Callable, Mapping
from decimal import Decimal

from imgmagic.config.providers import Providers
from imgmagic.config.settings import Resolved, Settings
from imgmagic.domain.budget import Budget
from imgmagic.domain.origin import SIMULATOR
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.recordings.mode import Mode
from imgmagic.recordings.playback import Playback, Route
from imgmagic.runs.inputs.editors import require_edits
from imgmagic.store.archive import Archive
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.dialects.edits import Edits


class Basis:
    """Read what plans are made from.

    Args:
        settings: the defaults of options.
        providers: the servers that can be asked.
        playback: which requests are replayed.
        archive: the prices.
        budget: what one call may cost at most -> the limits that hold for it.
    """

    def __init__(
        self,
        settings: Settings,
        providers: Providers,
        playback: Playback,
        archive: Archive,
        *,
        budget: Callable[[Decimal | float | str | None], Budget],
    ) -> None:
        self._settings = settings
        self._providers = providers
        self._playback = playback
        self._archive = archive
        self._budget = budget

    def steady(self) -> "Basis":
        """Return a basis that reads each thing once, when it is first needed."""
        steady = copy.copy(self)
        for name in _READ_ONCE:
            setattr(steady, name, functools.cache(getattr(self, name)))
        return steady

    def provider(self, name: str | None) -> Provider:
        """Return the provider by name, or the one that settings and keys choose."""
        return self._providers.chosen(name)

    def check_provider(self, name: str) -> None:
        """Refuse a provider that cannot be asked.

        Raises:
            SettingsError: the message says what is missing.
        """
        self._providers.check(self._providers.configured(name))

    def edits(self, dialect: Dialect) -> Edits:
        """Return how a server takes pictures to start from.

        Raises:
            RequestInvalid: it does not; the message names the configured providers that do.
        """
        return require_edits(dialect, self._providers)

    def defaults(self) -> Mapping[str, Resolved]:
        """Return the body parameters that settings set, and where."""
        return self._settings.option_defaults()

    def model(self) -> str | None:
        """Return the model that the settings name."""
        return self._settings.text("model")

    def timeout_s(self) -> float:
        """Return how long a call may take."""
        return self._settings.number("timeout")

    def prices(self) -> PriceTable:
        """Return the price table."""
        return self._archive.prices

    def budget(self, max_cost: Decimal | float | str | None) -> Budget:
        """Return the limits that hold for a call."""
        return self._budget(max_cost)

    def route(self, request: ImageRequest, provider: Provider, named: str | None) -> Route:
        """Return the way of a run: to a server, or to a recording.

        Args:
            request: the request.
            provider: who would be asked.
            named: the provider that was named for this call; None if none was.
        """
        can_ask, simulated = self.can_ask(provider, named), provider.dialect == SIMULATOR
        if self.mode() is Mode.LIVE:  # if the request does not matter
            return self._live_route(can_ask, simulated, named == provider.name)
        return self._playback.route(request, key=can_ask, simulated=simulated, named=named == provider.name)

    def mode(self) -> Mode:
        """Return whether servers are asked and recordings played."""
        return self._playback.mode

    def chosen_provider(self) -> str | None:
        """Return the provider that the settings name."""
        return self._settings.text("provider")

    def can_ask(self, provider: Provider, named: str | None) -> bool:
        """Return whether a server can be asked; the simulator only if someone chose it, not for want of a key."""
        if provider.dialect != SIMULATOR:
            return provider.key is not None or not DIALECTS[provider.dialect].key_needed
        return (named or self.chosen_provider()) == provider.name

    def _live_route(self, can_ask: bool, simulated: bool, named: bool) -> Route:  # noqa: FBT001 - for a cache
        return self._playback.route(ImageRequest(prompt=""), key=can_ask, simulated=simulated, named=named)


_READ_ONCE = (
    "provider",
    "check_provider",
    "defaults",
    "model",
    "timeout_s",
    "prices",
    "budget",
    "mode",
    "chosen_provider",
    "_live_route",
)
