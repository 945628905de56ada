"""A dialect: how one kind of server deviates from the OpenAI form; the rows of the table are in `dialects`."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import STREAMING, ImageRequest
from imgmagic.domain.rules import Combination, Fault, Preflight, Rule, Treatment, faults, is_noise, preflight
from imgmagic.wire.dialects.edits import Edits, needs_picture, refuse


@dataclass(frozen=True, kw_only=True)
class Family:
    """Models that share rules: patterns of their names (`gpt-image-2.5-*`), and what changes for them."""

    models: str
    rules: Mapping[str, Rule] = field(default_factory=dict)
    combinations: tuple[Combination, ...] = ()
    ended: str = ""  # for a retired model: when it ended
    instead: str = ""  # and what replaces it

    def holds(self, model: str | None) -> bool:
        """Return whether `model` is of this family; a pattern may name several, separated by spaces."""
        return model is not None and _matches(self.models, model)


@functools.lru_cache(maxsize=4096)
def _matches(patterns: str, model: str) -> bool:
    """Return whether a name matches one of several patterns; a sweep calls this several times for each cell."""
    return any(fnmatchcase(model, pattern) for pattern in patterns.split())


def bearer(key: str) -> Mapping[str, str]:
    """Return the header that carries `key` at most servers."""
    return {"Authorization": f"Bearer {key}"}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Say how one kind of server deviates from the OpenAI form.

    Args:
        name: what settings call it.
        title: what people call it.
        base_url: its public address; None when each installation has its own.
        base_url_env, key_env: the environment variables to read, in order of preference.
        account_env: the environment variable of each account entry.
        account_needed: the account entries without which no request can be made.
        key_needed: whether a request without a key is refused.
        path: what follows the base URL.
        address: what follows the base URL if that depends on the account or the model.
        auth: the headers that carry the key: key -> headers.
        account_headers: the headers that carry account entries: entry -> header.
        default_model: the model to ask when the user and the settings name none.
        model_name: the model as the server spells it; None leaves it out of the body.
        models: names to offer; others are allowed too.
        streams: whether to stream when the user does not say.
        always: body keys that the server needs though nobody sets them.
        rules: what the server says about each parameter; a parameter without a rule is sent as it is.
        combinations: rules over several parameters.
        families: model families; the first that holds the model adds its rules.
        edits: how it takes pictures to start from; None if it takes none.
        no_edits: why it takes none, in a few words.
        source: the document that the row follows.
    """

    name: str
    title: str
    base_url: str | None = None
    base_url_env: tuple[str, ...] = ()
    key_env: tuple[str, ...] = ()
    account_env: Mapping[str, str] = field(default_factory=dict)
    account_needed: tuple[str, ...] = ()
    key_needed: bool = True
    path: str = "/images/generations"
    address: Callable[[Provider, ImageRequest], str] | None = None
    auth: Callable[[str], Mapping[str, str]] = field(default=bearer)
    account_headers: Mapping[str, str] = field(default_factory=dict)
    default_model: str | None = None
    model_name: Callable[[Provider, str], str | None] = field(default=lambda _, model: model)
    models: tuple[str, ...] = ()
    streams: bool = False
    always: JsonObject = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    combinations: tuple[Combination, ...] = ()
    families: tuple[Family, ...] = ()
    edits: Edits | None = None
    no_edits: str = "its documentation has no edits"
    source: str = ""

    def url(self, provider: Provider, request: ImageRequest) -> str:
        """Return the address to POST to."""
        address = self.address(provider, request) if self.address else self._path(request)
        base, _, query = provider.base_url.partition("?")  # some gateways need a query in every request
        further = f"{'&' if '?' in address else '?'}{query}" if query else ""
        return base.rstrip("/") + address + further

    def _path(self, request: ImageRequest) -> str:
        edits = self.edits_of(request)
        return self.path if edits is None or edits.path is None else edits.path

    def edits_of(self, request: ImageRequest) -> Edits | None:
        """Return how the pictures of `request` travel; None when it carries none, or the server takes none."""
        return self.edits.row_for(request) if self.edits is not None and request.sources else None

    def request_headers(self, provider: Provider) -> dict[str, str]:
        """Return the headers of a request, including the key."""
        named = {header: provider.account.get(entry, "") for entry, header in self.account_headers.items()}
        headers = {**{header: value for header, value in named.items() if value}, **provider.headers}
        if provider.key is not None:
            headers.update(self.auth(provider.key.reveal()))
        return headers

    def choose_model(self, provider: Provider, model: str | None) -> str | None:
        """Return the model to ask: the one that was named, else the default of the provider or the dialect."""
        return model or provider.model or provider.account.get("deployment") or self.default_model

    def with_defaults(self, provider: Provider, request: ImageRequest) -> ImageRequest:
        """Return the request with the model and the streaming that provider and dialect choose if nobody did."""
        filled = replace(request, model=self.choose_model(provider, request.model))
        if "stream" in request.options or not (self._streams(request) or "partial_images" in request.explicit):
            return filled
        streaming = replace(filled, options={**filled.options, "stream": True})
        refused = any(fault.parameter == "stream" for fault in self.faults(streaming))
        return filled if refused else streaming

    def _streams(self, request: ImageRequest) -> bool:
        edits = self.edits_of(request)
        return self.streams if edits is None or edits.streams is None else edits.streams

    def preflight(self, request: ImageRequest) -> Preflight:
        """Return the request to send, the faults of what was typed, and the settings that were left out."""
        return preflight(request, self.faults)

    def family(self, model: str | None) -> Family | None:
        """Return the family of `model`; None for a model that the table does not know, which is then not judged."""
        asked = model or self.default_model
        return next((family for family in self.families if family.holds(asked)), None)

    def rules_for(self, model: str | None) -> Mapping[str, Rule]:
        """Return the server's rules with those of the model's family on top."""
        family = self.family(model)
        return {**self.rules, **family.rules} if family else self.rules

    def faults(self, request: ImageRequest) -> tuple[Fault, ...]:
        """Return everything that the server would refuse or ignore."""
        family = self.family(request.model) or Family(models="")
        edits = self.edits_of(request)
        joint = (*self.combinations, *family.combinations, *(edits.combinations if edits else ()))
        found = (*faults(request, self._rules_of(request), joint), *self._input_faults(request))
        return (_retirement_fault(request.model, family), *found) if family.ended else found

    def _rules_of(self, request: ImageRequest) -> Mapping[str, Rule]:
        """Return the rules for `request`: those of the model, with what differs for edits on top."""
        edits, rules = self.edits_of(request), self.rules_for(request.model)
        return {**rules, **edits.rules_for(request.model)} if edits else rules

    def _input_faults(self, request: ImageRequest) -> tuple[Fault, ...]:
        edits = self.edits_of(request)
        if request.sources and edits is None:
            return (refuse("image", f"{self.title} cannot edit: {self.no_edits}.", "Ask another server."),)
        return edits.faults(request) if edits is not None else needs_picture(request)

    def body(self, request: ImageRequest, provider: Provider | None = None) -> JsonObject:
        """Return the request body: the prompt, the model, and only what was set, in the server's own spelling.

        The pictures of an edit are not in it; they are sent beside it (`wire.attachments`).
        """
        rules, edits = self._rules_of(request), self.edits_of(request)
        body: dict[str, JsonValue] = {
            **self._model(request, provider),
            **self.always,
            **(edits.always if edits else {}),
        }
        for name, value in {"prompt": request.prompt, **_without_noise(request)}.items():
            rule = rules.get(name, Rule())
            if rule.takes or not is_noise(name, value):
                body.update(rule.encode(value) if rule.encode else {name: value})
        return body

    def _model(self, request: ImageRequest, provider: Provider | None) -> JsonObject:
        if request.model is None:
            return {}
        name = self.model_name(provider, request.model) if provider else request.model
        return {} if name is None else {"model": name}

    def bodies(self, request: ImageRequest, provider: Provider | None = None) -> tuple[JsonObject, ...]:
        """Return the bodies to send side by side: n of one image each when streaming, else one.

        The protocol's events carry no image index (OpenAI, image streaming), so a streamed request asks for one image.
        """
        body = self.body(request, provider)
        if not (request.stream and request.n > 1):
            return (body,)
        single = {name: value for name, value in body.items() if name != "n"}
        return (single,) * request.n


def _retirement_fault(model: str | None, family: Family) -> Fault:
    return Fault(
        parameter="model",
        treatment=Treatment.REFUSED,
        message=f"{model} ended on {family.ended}.",
        remedy=f"Use {family.instead} instead." if family.instead else "",
    )


def _without_noise(request: ImageRequest) -> Mapping[str, JsonValue]:
    """Leave out `stream: false`, and with it the settings' partial images: some servers refuse the very keys."""
    if request.stream:
        return request.options
    typed = request.explicit - {"stream"}
    return {name: value for name, value in request.options.items() if name in typed or name not in STREAMING}
