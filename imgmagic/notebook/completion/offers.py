"""Offers: the values that complete an option, for the server and model of the line; it sends nothing."""

import itertools
from collections.abc import Callable, Iterable, Sequence

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTIONS, Option
from imgmagic.domain.provider import Provider
from imgmagic.domain.rules import Rule
from imgmagic.errors import ImgmagicError
from imgmagic.session import Session
from imgmagic.store.history.records import HistoryQuery
from imgmagic.store.history_view import HistoryView
from imgmagic.wire.dialects import DIALECTS

_PROVIDER = ("-p", "--provider")
_MODEL = ("-m", "--model")
_FROM = "--from"
_NEWEST = 20  # how many numbers of the history are offered
_OPTIONS = {flag: option for option in OPTIONS for flag in (option.flag, f"-{option.short}")}


def takes_offers(flag: str) -> bool:
    """Return whether the values that may follow `flag` are known."""
    return flag in (*_PROVIDER, *_MODEL, _FROM) or (flag in _OPTIONS and bool(_OPTIONS[flag].offers))


def offers(session: Session, flag: str, words: Sequence[str]) -> list[str]:
    """Return the values that may follow `flag` on a line that says `words`; it never fails."""
    if flag in _PROVIDER:
        return list(provider_names(session))
    if flag == _FROM:
        return list(newest_ids(session))
    provider = _provider(session, words)
    if flag in _MODEL:
        return list((DIALECTS[provider.dialect].models if provider else ()) or models())
    return _values(_OPTIONS[flag], _rule(provider, _model(session, words, provider), _OPTIONS[flag]))


def provider_names(session: Session) -> Iterable[str]:
    """Return the names of all servers; only the built-in ones if the settings cannot be read."""
    try:
        return session.providers.names()
    except ImgmagicError:
        return DIALECTS


def models() -> Iterable[str]:
    """Return the models of all servers."""
    return dict.fromkeys(model for dialect in DIALECTS.values() for model in dialect.models)


def _values(option: Option, rule: Rule) -> list[str]:
    if not rule.takes:
        return []
    values = [str(each) for each in rule.choices] or option.offers
    # The rule decides: the preflight accepts what completion offers.
    read: Callable[[str], JsonValue] = int if option.kind is int else str
    return [value for value in values if rule.fault(option.name, read(value)) is None]


def _rule(provider: Provider | None, model: str | None, option: Option) -> Rule:
    rules = DIALECTS[provider.dialect].rules_for(model) if provider else {}
    return rules.get(option.name, Rule())


def _provider(session: Session, words: Sequence[str]) -> Provider | None:
    try:
        return session.providers.chosen(_last_value(words, _PROVIDER))
    except ImgmagicError:
        return None


def _model(session: Session, words: Sequence[str], provider: Provider | None) -> str | None:
    try:
        chosen = _last_value(words, _MODEL) or session.settings.text("model")
    except ImgmagicError:
        chosen = None
    return chosen or (provider.model if provider else None)


def _last_value(words: Sequence[str], flags: Sequence[str]) -> str | None:
    """Return the last value that the line gives to an option."""
    after = [value for flag, value in itertools.pairwise(words) if flag in flags]
    joined = [word.partition("=")[2] for word in words if word.partition("=")[0] in flags and "=" in word]
    return next(reversed([*joined, *after]), None)


def newest_ids(session: Session) -> Iterable[str]:
    """Return the newest numbers in the history; none if it cannot be read."""
    view = HistoryView(lambda: session.archive)
    try:
        return [str(record.id) for record in view.records(HistoryQuery(limit=_NEWEST))]
    except ImgmagicError:
        return []


def newest_sweeps(session: Session) -> Iterable[str]:
    """Return the newest numbers of sweeps; none if the history cannot be read."""
    try:
        return [str(record.id) for record in session.archive.history.sweeps(limit=_NEWEST)]
    except ImgmagicError:
        return []
