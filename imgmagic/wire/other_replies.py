"""Other replies: what a JSON reply says that is not in OpenAI's form."""

import json
from collections.abc import Iterator, Mapping

from imgmagic.domain.json_types import JsonValue
from imgmagic.errors import ProtocolError
from imgmagic.wire.message import Meaning, Message
from imgmagic.wire.picture_search import find_pictures
from imgmagic.wire.usage import read_cost, read_usage

_MOST_DIGITS = 100


def decode_anything(body: bytes | bytearray) -> JsonValue:
    """Decode JSON of any form.

    Raises:
        ProtocolError: it is not JSON.
    """
    try:
        return decode_leniently(body)
    except (ValueError, RecursionError) as error:
        message = "the reply is not the JSON of an image reply, or it was cut off."
        raise ProtocolError(message, remedy="If this persists, the base URL may lead elsewhere.") from error


def decode_leniently(text: bytes | bytearray | memoryview) -> JsonValue:
    """Decode JSON with what servers write into it: NaN (Python's), line ends in texts, encodings other than UTF-8.

    Raises:
        ValueError, RecursionError: it still cannot be read.
    """
    value: JsonValue = json.loads(bytes(text).decode("utf-8", "replace"), strict=False, parse_int=_plausible_int)
    return value


def _plausible_int(digits: str) -> int | None:
    """Return a whole number; None for one too long to mean anything, which must not cost the picture beside it."""
    return int(digits) if len(digits) < _MOST_DIGITS else None


def read_other_reply(value: JsonValue) -> Iterator[Message]:
    """Yield what a reply says that is not in OpenAI's form; an error if it has no picture."""
    error = value.get("error") if isinstance(value, Mapping) else None
    pictures = [] if error else find_pictures(value)
    if not pictures:
        yield Message(meaning=Meaning.ERROR, error=value)
    for index, found in enumerate(pictures):
        if found.image is None and found.url is None:
            yield Message(meaning=Meaning.FAILED, index=index)
        else:
            yield Message(
                meaning=Meaning.COMPLETED,
                image=found.image,
                url=found.url,
                index=index,
                revised_prompt=found.revised_prompt,
            )
    yield from usage_messages(value.get("usage") if isinstance(value, Mapping) else None)


def usage_messages(usage: JsonValue) -> Iterator[Message]:
    """Yield what a reply says about its cost, if anything."""
    if usage is not None:
        yield Message(meaning=Meaning.COMPLETED, usage=read_usage(usage), cost_usd=read_cost(usage))
