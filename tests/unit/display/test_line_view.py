import io

import pytest

from imgmagic.display.line_view import LineView
from imgmagic.domain.events import RetryScheduled
from imgmagic.domain.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("reason", ["\x1b[31mred\x07", "\u202eturned", "x" * 10_000, "half \ud83d", "two\nlines"])
def test_a_servers_words_do_not_steer_the_terminal(reason):
    """The line stays one line: no escape sequence, no turned direction, nothing that cannot be written."""
    terminal = Terminal()
    event = RetryScheduled(index=0, elapsed_s=1.0, attempt=2, delay_s=5.0, reason=reason)

    LineView(terminal).update(Progress.start(1).after(event), 2.0)

    line = terminal.getvalue()
    assert line.startswith("\rimagine: 2.0 s, attempt 2 in 4 s: ")
    assert len(line) <= 120
    assert line.encode()
    assert not set(line[1:]) & set("\x1b\x07\r\n\u202e")
