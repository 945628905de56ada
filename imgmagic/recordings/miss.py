"""A miss: what is recorded nearest to a request that is not recorded, and in what the two differ."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

from imgmagic.domain.json_types import JsonValue
from imgmagic.errors import RecordingMiss
from imgmagic.recordings.folder import RecordedLine, Recordings
from imgmagic.recordings.recording import RecordedRequest, Recording

_PLACES = 3  # differences of the prompt to show; more would be the prompts themselves
_WORDS = 8  # of each difference


def recording_miss(recordings: Recordings, request: RecordedRequest) -> RecordingMiss:
    """Return the error for a request that is not recorded: the nearest that is, the difference, and the ways out."""
    return RecordingMiss(
        f"this request is not recorded in {recordings.folder}{_nearest(recordings.lines, request)}",
        remedy=f"To record it: `%imgmagic record {recordings.folder}` with a key set, then run this cell again. "
        "To ask a server instead: `%imgmagic key PROVIDER`, then `%imgmagic live`.",
    )


def _nearest(lines: Sequence[RecordedLine], request: RecordedRequest) -> str:
    if not lines:
        return ", which holds no recordings."
    words = frozenset(request.prompt.casefold().split())
    line = max(lines, key=lambda each: _likeness(each.recording, request, words))
    recorded = line.recording
    found = "; ".join(_differences(request, recorded.request))
    return f". The nearest is line {line.number}, recorded {recorded.recorded_at:%Y-%m-%d}: {found}."


def _likeness(recording: Recording, request: RecordedRequest, words: frozenset[str]) -> float:
    recorded = recording.request
    other = frozenset(recorded.prompt.casefold().split())
    shared = len(words & other) / (len(words | other) or 1)
    alike = [recorded.model == request.model, recorded.options == request.options, recorded.prompt == request.prompt]
    return shared + sum(alike) / 10


def _differences(request: RecordedRequest, recorded: RecordedRequest) -> Iterable[str]:
    if request.prompt != recorded.prompt:
        yield f"its prompt {_prompt_difference(request.prompt, recorded.prompt)}"
    asked = {"model": request.model, **request.options}
    known = {"model": recorded.model, **recorded.options}
    for name in sorted({*asked, *known}):
        if asked.get(name) != known.get(name):
            yield f"its {name} is {_value(known, name)}, yours is {_value(asked, name)}"


def _prompt_difference(prompt: str, recorded: str) -> str:
    yours, its = prompt.split(), recorded.split()
    if yours == its:
        return "has other spaces or line ends"
    matcher = difflib.SequenceMatcher(a=its, b=yours, autojunk=False)
    changes = (change for change in matcher.get_opcodes() if change[0] != "equal")
    return ", ".join(
        f"has {_quoted(its[a:b])} where yours has {_quoted(yours[c:d])}" for _, a, b, c, d in islice(changes, _PLACES)
    )


def _quoted(words: Sequence[str]) -> str:
    if not words:
        return "nothing"
    return f"“{' '.join(words[:_WORDS])}{' …' if len(words) > _WORDS else ''}”"


def _value(values: dict[str, JsonValue] | dict[str, object], name: str) -> str:
    return repr(values[name]) if name in values and values[name] is not None else "not set"
