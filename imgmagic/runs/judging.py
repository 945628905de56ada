"""Judging: what a dialect makes of a request; requests that differ only in their prompts are judged once."""

import json
from dataclasses import dataclass, replace

from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Preflight
from imgmagic.wire.dialects.dialect import Dialect


class Judge:
    """Fill in a request as its dialect does, and find its faults."""

    def judge(self, dialect: Dialect, provider: Provider, asked: ImageRequest, *, check: bool) -> Preflight:
        """Return the request to send, its faults, and the settings that were left out; without `check`, as typed."""
        filled = _without_needless_streaming(dialect.with_defaults(provider, asked))
        return dialect.preflight(filled) if check else Preflight(request=filled)


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """The result for a request without faults, and how long its prompt was."""

    found: Preflight
    chars: int
    octets: int

    def holds_for(self, prompt: str) -> bool:
        """Return whether it applies to this prompt, too: servers only refuse an empty prompt or too long a one."""
        is_shorter = len(prompt) <= self.chars and len(prompt.encode("utf-8", "replace")) <= self.octets
        return is_shorter and bool(prompt.strip())


class SteadyJudge(Judge):
    """Judge many requests, most of which differ only in their prompts."""

    def __init__(self) -> None:
        self._known: dict[str, _Judgement] = {}

    def judge(self, dialect: Dialect, provider: Provider, asked: ImageRequest, *, check: bool) -> Preflight:
        """Return the result of an equal request with a prompt at least as long, or judge it."""
        facts = [provider.name, asked.model, dict(asked.options), sorted(asked.explicit), asked.input_hashes, check]
        key = json.dumps(facts)
        known = self._known.get(key)
        if known is not None and known.holds_for(asked.prompt):
            request = replace(known.found.request, prompt=asked.prompt, template=asked.template)
            return replace(known.found, request=request)
        found = super().judge(dialect, provider, asked, check=check)
        if not found.faults:
            octets = len(asked.prompt.encode("utf-8", "replace"))
            self._known[key] = _Judgement(found=found, chars=len(asked.prompt), octets=octets)
        return found


def _without_needless_streaming(request: ImageRequest) -> ImageRequest:
    """Leave the default number of partial images out of a request that does not stream."""
    if request.stream or "partial_images" in request.explicit:
        return request
    kept = {name: value for name, value in request.options.items() if name != "partial_images"}
    return replace(request, options=kept)
