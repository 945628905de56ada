"""A message: one thing that a server said, whatever its dialect."""

from dataclasses import dataclass, field
from enum import Enum, auto

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.usage import Usage


class Meaning(Enum):
    """What a message tells."""

    PARTIAL = auto()  # a coarse picture
    ADDRESSED = auto()  # a finished picture is at `url`; a COMPLETED follows, to fetch it
    COMPLETED = auto()  # a finished picture, or usage alone, or both
    FAILED = auto()  # one picture will not come
    ERROR = auto()  # the request failed
    SKIPPED = auto()  # unknown
    DONE = auto()  # the stream is over


@dataclass(frozen=True, kw_only=True)
class Message:
    """Hold one thing that a server said, whatever its dialect.

    Args:
        image: the bytes of a picture; if they are elsewhere, `url` says where.
        index: which of the pictures of one reply it is; None when the server does not say.
        number: the 0-based count of a partial image.
        error: what the server said of a failure, as JSON, in one of the many forms.
        remark: what the user is to be told with a picture.
        may_go_on: whether more pictures may come in the same reply, each when it is drawn.
    """

    meaning: Meaning
    image: bytes | None = field(default=None, repr=False)
    url: str | None = None
    index: int | None = None
    number: int = 0
    revised_prompt: str | None = None
    usage: Usage | None = None
    cost_usd: str | None = None
    error: JsonValue = None
    remark: str | None = None
    may_go_on: bool = False
