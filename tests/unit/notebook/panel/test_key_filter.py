"""Keys that were typed into a panel, and the log of a kernel that runs with --debug."""

import io
import logging
from types import SimpleNamespace

import pytest

from imgmagic.notebook.panel.key_filter import hide_keys, stop_hiding_keys

KEY = "MARKq7Qz9Kx2Vt5Wb8Yn3Rd6"
CONTENT = {"comm_id": "1", "data": {"method": "custom", "content": {"kind": "key", "provider": "openai", "key": KEY}}}


@pytest.mark.parametrize("shell", [SimpleNamespace(), SimpleNamespace(kernel=SimpleNamespace())])
def test_a_kernel_without_a_log_has_nothing_to_hide(shell: object) -> None:
    """A terminal has no kernel, and that of xeus-python no log."""
    hide_keys(shell)
    stop_hiding_keys(shell)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("   Content: %s", (CONTENT,)),
        ("%s: %s", ("comm_msg", {"header": {"msg_type": "comm_msg"}, "content": CONTENT, "buffers": []})),
        ("%s", ([CONTENT],)),
    ],
)
def test_a_typed_key_is_in_no_log_of_the_kernel(text: str, arguments: tuple[object, ...]) -> None:
    """However the kernel writes its messages; all others are logged as they are, and without us these too."""
    written = io.StringIO()
    logger = logging.Logger("kernel", logging.DEBUG)
    logger.addHandler(logging.StreamHandler(written))
    shell = SimpleNamespace(kernel=SimpleNamespace(log=logger))

    hide_keys(shell)
    hide_keys(shell)
    logger.debug(text, *arguments)
    logger.debug("%s", {"kind": "generate", "prompt": "a fox"})
    hidden = written.getvalue()
    stop_hiding_keys(shell)
    logger.debug(text, *arguments)

    assert KEY not in hidden
    assert "a fox" in hidden
    assert KEY in written.getvalue()
