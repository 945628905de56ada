"""A dialect: how one kind of server deviates from the OpenAI form; a value, whose rows stand in `dialects.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from imgmagic.domain.json import JsonObject, JsonValue
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import STREAMING, ImageRequest
from imgmagic.domain.rules import Combination, Fault, Rule, faults


@dataclass(frozen=True, kw_only=True)
class Family:
    """Models that share rules: patterns of their names (`gpt-image-2.5-*`), and what changes for them."""

    models: str
    rules: Mapping[str, Rule] = field(default_factory=dict)
    combinations: tuple[Combination, ...] = ()
    ended: str = ""  # for a retired model: when it ended and what replaces it

    def holds(self, model: str | None) -> bool:
        """Return whether `model` is of this family; a pattern may name several, separated by spaces."""
        return model is not None and any(fnmatchcase(model, pattern) for pattern in self.models.split())


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Say how one kind of server deviates from the OpenAI form.

    Args:
        name: what settings call it.
        title: what people call it.
        base_url: its public address; None when each installation has its own.
        base_url_env, key_env, account_env: the environment variables to read, in order of preference.
        key_needed: whether a request without a key is refused.
        path: what follows the base URL.
        auth: the header that carries the key, and what stands before the key in it.
        headers: further headers, from the provider.
        default_model: the model to ask when the user and the settings name none.
        models: names to offer; never a limit.
        streams: whether to stream when the user does not say.
        rules: what the server says of each parameter; a parameter without a rule is sent as it is.
        combinations: rules over several parameters.
        families: model families; the first that holds the model adds its rules.
        source: the document that the row follows.
    """

    name: str
    title: str
    base_url: str | None = None
    base_url_env: tuple[str, ...] = ()
    key_env: tuple[str, ...] = ()
    account_env: Mapping[str, str] = field(default_factory=dict)
    key_needed: bool = True
    path: str = "/images/generations"
    auth: tuple[str, str] = ("Authorization", "Bearer ")
    headers: Callable[[Provider], Mapping[str, str]] = field(default=lambda _: {})
    default_model: str | None = None
    models: tuple[str, ...] = ()
    streams: bool = True
    rules: Mapping[str, Rule] = field(default_factory=dict)
    combinations: tuple[Combination, ...] = ()
    families: tuple[Family, ...] = ()
    source: str = ""

    def url(self, provider: Provider, request: ImageRequest) -> str:
        """Return the address to POST to."""
        del request  # a dialect whose path holds the model overrides this by its path template
        return provider.base_url.rstrip("/") + self.path

    def request_headers(self, provider: Provider) -> dict[str, str]:
        """Return the headers of a request, the key among them."""
        headers = {**self.headers(provider), **provider.headers}
        if provider.key is not None:
            name, before = self.auth
            headers[name] = before + provider.key.reveal()
        return headers

    def family(self, model: str | None) -> Family | None:
        """Return the family of `model`; None for a model that the table does not know, which is then not judged."""
        return next((family for family in self.families if family.holds(model)), None)

    def rules_for(self, model: str | None) -> Mapping[str, Rule]:
        """Return the server's rules with those of the model's family on top."""
        family = self.family(model)
        return {**self.rules, **family.rules} if family else self.rules

    def faults(self, request: ImageRequest) -> tuple[Fault, ...]:
        """Return everything that the server would refuse or ignore, at once."""
        family = self.family(request.model)
        extra = family.combinations if family else ()
        return faults(request, self.rules_for(request.model), (*self.combinations, *extra))

    def body(self, request: ImageRequest) -> JsonObject:
        """Return the request body: the prompt, the model, and only what was set, in the server's own spelling."""
        rules = self.rules_for(request.model)
        values: dict[str, JsonValue] = {}
        if request.model is not None:
            values["model"] = request.model
        values["prompt"] = request.prompt
        values.update(_without_noise(request))
        body: dict[str, JsonValue] = {}
        for name, value in values.items():
            rule = rules.get(name)
            body.update(rule.encode(value) if rule and rule.encode else {name: value})
        return body

    def bodies(self, request: ImageRequest) -> tuple[JsonObject, ...]:
        """Return the bodies to send side by side: n of one image each when streaming, else one.

        The protocol's events carry no image index (OpenAI, image streaming), so a streamed request asks for one image.
        """
        body = self.body(request)
        if not (request.stream and request.n > 1):
            return (body,)
        single = {name: value for name, value in body.items() if name != "n"}
        return (single,) * request.n


def _without_noise(request: ImageRequest) -> Mapping[str, JsonValue]:
    """Leave out `stream: false` and what belongs to streaming then: some servers refuse the keys themselves."""
    if request.stream:
        return request.options
    return {name: value for name, value in request.options.items() if name not in STREAMING}
