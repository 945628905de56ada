"""Originals for the page: it opens a preview large, and asks for its original by the hash.

The page asks over a separate channel, because nothing in a saved output can ask. A kernel that does not have the
picture closes the channel, and the page keeps the preview.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from imgmagic.errors import ImgmagicError

if TYPE_CHECKING:
    from imgmagic.session import Session

TARGET = "imgmagic.original"  # as originals.js has it


def offer_originals(shell: Any, open_session: Callable[[], "Session"]) -> None:
    """Let pages ask this kernel for originals; a terminal has no page."""
    if channels := _channels(shell):
        channels.register_target(TARGET, lambda comm, asked: _send(comm, asked, open_session))


def withdraw_originals(shell: Any) -> None:
    """Stop answering pages."""
    if channels := _channels(shell):
        channels.targets.pop(TARGET, None)


def _channels(shell: Any) -> Any:
    return getattr(getattr(shell, "kernel", None), "comm_manager", None)


def _send(comm: Any, asked: dict[str, Any], open_session: Callable[[], "Session"]) -> None:
    """Send the original with the requested hash, if it is here, and close the channel."""
    from imgmagic.domain.image_header import SHOWN_FORMATS, sniff

    try:
        data = open_session().archive.images.load(str(asked["content"]["data"].get("sha256")))
        header = sniff(data)
        if header is not None and header.format in SHOWN_FORMATS:  # of any other the preview stays
            comm.send({"format": header.format}, buffers=[data])
    except ImgmagicError:
        pass  # the preview stays, and says nothing wrong
    comm.close()
