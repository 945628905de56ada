"""The streams of a terminal that cannot write every character: they replace the missing ones while we are loaded."""

import codecs
import io
from collections.abc import Callable, Iterable

_WRITE_ALL = ("utf-8", "utf-16", "utf-32")


def make_lenient(streams: Iterable[object]) -> Callable[[], None]:
    """Let streams replace the characters that their encoding lacks, and return a function that undoes this.

    A caption has a dot or a cross that an ASCII terminal lacks; an error there would fail a billed cell.
    """
    changed = [each for each in streams if isinstance(each, io.TextIOWrapper) and _would_fail(each)]
    for stream in changed:
        stream.reconfigure(errors="replace")

    def undo() -> None:
        for stream in changed:
            if not stream.closed:
                stream.reconfigure(errors="strict")

    return undo


def _would_fail(stream: io.TextIOWrapper) -> bool:
    return stream.errors == "strict" and codecs.lookup(stream.encoding).name not in _WRITE_ALL
