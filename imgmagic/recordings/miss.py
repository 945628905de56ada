"""A miss: what is recorded nearest to a request that is not recorded, and in what the two differ."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.wording import count_noun, listed
from imgmagic.errors import RecordingMiss
from imgmagic.recordings.folder import RecordedLine, Recordings
from imgmagic.recordings.recording import RecordedRequest, Recording

_PLACES = 3  # differences of the prompt to show; more would be the prompts themselves
_WORDS = 8  # of each difference


def recording_miss(recordings: Recordings, request: RecordedRequest) -> RecordingMiss:
    """Return the error for a request that is not recorded: the nearest that is, the difference, and the ways out."""
    miss = RecordingMiss(
        f"this prompt was not recorded{_nearest(recordings.lines, request)}",
        remedy="Draw it now with the simulator: add {provider=simulator}.",
    )
    miss.for_teachers = (
        f"with a key (%imgmagic key PROVIDER), type %imgmagic record {recordings.folder} and run this cell: that "
        "records it; %imgmagic live asks the server and records nothing."
    )
    return miss


def _nearest(lines: Sequence[RecordedLine], request: RecordedRequest) -> str:
    if not lines:
        return ": the folder holds no recordings."
    words = frozenset(request.prompt.casefold().split())
    line = max(lines, key=lambda each: _likeness(each.recording, request, words))
    recorded = line.recording
    found = "; ".join(_differences(request, recorded.request))
    return f". The nearest recording is line {line.number}, of {recorded.recorded_at:%Y-%m-%d}: {found}."


def _likeness(recording: Recording, request: RecordedRequest, words: frozenset[str]) -> float:
    recorded = recording.request
    other = frozenset(recorded.prompt.casefold().split())
    # By shared words, as it must be quick for hundreds of lines; the exact differences are then found for one.
    shared = len(words & other) / (len(words | other) or 1)
    alike = [
        recorded.model == request.model,
        recorded.options == request.options,
        recorded.prompt == request.prompt,
        recorded.inputs == request.inputs,
    ]
    return shared + sum(alike) / 10


def _differences(request: RecordedRequest, recorded: RecordedRequest) -> Iterable[str]:
    if request.prompt != recorded.prompt:
        yield f"its prompt {_prompt_difference(request.prompt, recorded.prompt)}"
    asked = {"model": request.model, **request.options}
    known = {"model": recorded.model, **recorded.options}
    for name in sorted({*asked, *known}):
        if asked.get(name) != known.get(name):
            yield f"its {name} is {_value(known, name)}, yours is {_value(asked, name)}"
    yield from _input_differences(request.inputs, recorded.inputs)


def _input_differences(inputs: Sequence[str], recorded: Sequence[str]) -> Iterable[str]:
    """Say which of the pictures that a request starts from are others; a picture is known by its hash alone."""
    for role in ("image", "mask", "markup"):
        yours = [each for each in inputs if each.partition(":")[0] == role]
        its = [each for each in recorded if each.partition(":")[0] == role]
        if len(yours) != len(its):
            yield f"it has {count_noun(len(its), _ROLES[role])}, yours has {len(yours)}"
            continue
        other = [number for number, pair in enumerate(zip(yours, its, strict=True), 1) if pair[0] != pair[1]]
        which = f" {listed(other).replace(' or ', ' and ')}" if len(yours) > 1 else ""
        if other:
            yield f"your {_ROLES[role]}{which} is a different one"


_ROLES = {"image": "source picture", "mask": "mask", "markup": "markup"}


def _prompt_difference(prompt: str, recorded: str) -> str:
    yours, its = prompt.split(), recorded.split()
    if yours == its:
        return "has other spaces or line ends"
    matcher = difflib.SequenceMatcher(a=its, b=yours, autojunk=False)
    changes = (change for change in matcher.get_opcodes() if change[0] != "equal")
    return ", ".join(
        f"has {_quote(its[a:b])} where yours has {_quote(yours[c:d])}" for _, a, b, c, d in islice(changes, _PLACES)
    )


def _quote(words: Sequence[str]) -> str:
    if not words:
        return "nothing"
    return f"“{' '.join(words[:_WORDS])}{' …' if len(words) > _WORDS else ''}”"


def _value(values: dict[str, JsonValue] | dict[str, object], name: str) -> str:
    return repr(values[name]) if name in values and values[name] is not None else "not set"
