"""Offers: the values that complete an option, as the server and the model of the line take them; it sends nothing."""

import itertools
from collections.abc import Iterable, Sequence

import imgmagic
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTIONS, Option
from imgmagic.domain.provider import Provider
from imgmagic.domain.rules import Rule
from imgmagic.errors import ImgmagicError
from imgmagic.wire.dialects import DIALECTS

_PROVIDER = ("-p", "--provider")
_MODEL = ("-m", "--model")
_OPTIONS = {flag: option for option in OPTIONS for flag in (option.flag, f"-{option.short}")}


def takes_offers(flag: str) -> bool:
    """Return whether values are known that may follow `flag`."""
    return flag in (*_PROVIDER, *_MODEL) or (flag in _OPTIONS and bool(_OPTIONS[flag].offers))


def offers(flag: str, words: Sequence[str]) -> list[str]:
    """Return the values that may follow `flag` on a line that says `words`; it never fails."""
    if flag in _PROVIDER:
        return list(provider_names())
    provider = _provider(words)
    if flag in _MODEL:
        return list((DIALECTS[provider.dialect].models if provider else ()) or models())
    return _values(_OPTIONS[flag], _rule(provider, _model(words, provider), _OPTIONS[flag]))


def provider_names() -> Iterable[str]:
    """Return every server's name; those that are built in where the settings cannot be read."""
    try:
        return imgmagic.default_session().providers.names()
    except ImgmagicError:
        return DIALECTS


def models() -> Iterable[str]:
    """Return the models of all servers."""
    return dict.fromkeys(model for dialect in DIALECTS.values() for model in dialect.models)


def _values(option: Option, rule: Rule) -> list[str]:
    if not rule.takes:
        return []
    values = [str(each) for each in rule.choices] or option.offers
    return [value for value in values if rule.fault(option.name, _typed(option, value)) is None]


def _typed(option: Option, value: str) -> JsonValue:
    return int(value) if option.kind is int else value


def _rule(provider: Provider | None, model: str | None, option: Option) -> Rule:
    rules = DIALECTS[provider.dialect].rules_for(model) if provider else {}
    return rules.get(option.name, Rule())


def _provider(words: Sequence[str]) -> Provider | None:
    try:
        return imgmagic.default_session().providers.chosen(_said(words, _PROVIDER))
    except ImgmagicError:
        return None


def _model(words: Sequence[str], provider: Provider | None) -> str | None:
    try:
        chosen = _said(words, _MODEL) or imgmagic.default_session().settings.text("model")
    except ImgmagicError:
        chosen = None
    return chosen or (provider.model if provider else None)


def _said(words: Sequence[str], flags: Sequence[str]) -> str | None:
    """Return the last value that the line gives to an option."""
    after = [value for flag, value in itertools.pairwise(words) if flag in flags]
    joined = [word.partition("=")[2] for word in words if word.partition("=")[0] in flags and "=" in word]
    return next(reversed([*joined, *after]), None)
