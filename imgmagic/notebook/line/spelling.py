"""Spelling: how the magic writes parameters in its messages, as flags; errors know only their names."""

from collections.abc import Iterator
from contextlib import contextmanager

from imgmagic.domain.options import OPTION_BY_NAME
from imgmagic.errors import ImgmagicError

_SWITCHES = {"stream": "no-stream", "check": "no-check", "wait": "no-wait"}  # how each is turned off
_COMMANDS = {
    "history": "%imgmagic history --all",
    "models": "%imgmagic models",
    "sweeps": "%imgmagic sweeps",
    "key_of": "before Jupyter starts, or type %imgmagic key {}",
}
_OTHERS = frozenset(
    (
        "provider",
        "timeout",
        "fresh",
        "max_cost",
        "tags",
        "alt",
        "overwrite",
        "save",
        "out",
        "parallel",
        "retry",
        "vary",
        "image",
        "mask",
        "markup",
        "paste_back",
        "feather",
    )
)


def as_flag(name: str, value: str | None = None) -> str:
    """Spell a parameter as it is typed on the magic's line.

    >>> as_flag("output_format", "png")
    '--output-format png'
    >>> as_flag("stream", "False")
    '--no-stream'
    >>> as_flag("seed")
    '--param seed'
    """
    if name == "prompt":
        return name
    if name in _COMMANDS:
        return _COMMANDS[name].format(value)
    if value in ("True", "False"):
        return f"--{_SWITCHES[name] if value == 'False' else name.replace('_', '-')}"
    if name in OPTION_BY_NAME or name in _OTHERS or name in _SWITCHES:
        return " ".join(filter(None, (f"--{name.replace('_', '-')}", value)))
    return f"--param {name}" + (f"={value}" if value is not None else "")


@contextmanager
def errors_in_flags() -> Iterator[None]:
    """Let errors that leave the block name parameters as flags."""
    try:
        yield
    except ImgmagicError as error:
        error.spelling = as_flag
        raise
