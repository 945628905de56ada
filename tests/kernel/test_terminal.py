"""A terminal IPython and a plain script: text progress, the path of the picture, no widgets."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.environment import clean_environment
from tests.support.kernels import PATIENCE_S

SCRIPT = """
import sys
import imgmagic

generation = imgmagic.imagine("a red fox", size="1024x640")
print(generation.status, generation.image.path)
print("ipywidgets" in sys.modules, "IPython" in sys.modules)
"""


class Terminal:
    """A program in a pseudo-terminal: what is typed, and what it shows."""

    def __init__(self, command: list[str], environment: dict[str, str], size: tuple[int, int]) -> None:
        self._here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.process = subprocess.Popen(command, stdin=there, stdout=there, stderr=there, env=environment)
        os.close(there)
        self.shown = ""

    def type(self, line: str) -> None:
        os.write(self._here, line.encode() + b"\n")

    def wait_for(self, text: str) -> str:
        """Return what was shown up to `text`, and forget it."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            assert time.monotonic() < deadline, f"{text!r} was never shown: {self.shown[-2000:]}"
            if select.select([self._here], [], [], 0.5)[0]:
                self.shown += os.read(self._here, 65536).decode("utf-8", "replace")
        before, _, self.shown = self.shown.partition(text)
        return before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._here)


@contextmanager
def ipython(home: Path, size: tuple[int, int]) -> Iterator[Terminal]:
    environment = clean_environment(home, IMGMAGIC_SIMULATOR_PACE="0.6", TERM="xterm-256color")
    terminal = Terminal([sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt"], environment, size)
    try:
        terminal.wait_for("In [1]:")
        terminal.type("%load_ext imgmagic")
        terminal.wait_for("In [2]:")
        yield terminal
    finally:
        terminal.close()


def test_a_terminal_shows_progress_the_picture_and_its_path(tmp_path: Path) -> None:
    """One line rewrites itself while the picture is drawn; then come the picture, its caption and its path."""
    with ipython(tmp_path, (50, 120)) as terminal:
        terminal.type("%imagine -o fox a red fox")
        shown = terminal.wait_for("In [3]:")
        terminal.type("fox.status")
        status = terminal.wait_for("In [4]:")

    assert "partial image" in shown
    assert "▀" in shown or "\x1bP" in shown  # half cells, or sixels
    assert "1-a-red-fox.png" in shown
    assert "completed" in status


@pytest.mark.slow
def test_a_terminal_of_no_size_still_says_the_path(tmp_path: Path) -> None:
    """Where a terminal does not know its size no picture is tried, and the path is there."""
    with ipython(tmp_path, (0, 0)) as terminal:
        terminal.type("%imagine a red fox")
        shown = terminal.wait_for("In [3]:")

    assert "1-a-red-fox.png" in shown
    assert "Error" not in shown


def test_an_interrupt_stops_a_run_in_a_terminal(tmp_path: Path) -> None:
    """An interrupt in the middle ends the run with one line, and the next one works."""
    with ipython(tmp_path, (0, 0)) as terminal:
        terminal.type("%imagine a slow fox [simulate: slow]")
        terminal.wait_for("waiting")
        terminal.process.send_signal(signal.SIGINT)
        stopped = terminal.wait_for("In [3]:")
        terminal.type("%imagine a red fox")
        after = terminal.wait_for("In [4]:")

    assert "imagine: cancelled" in stopped
    assert "Traceback" not in stopped
    assert "a-red-fox.png" in after


@pytest.mark.slow
def test_each_round_of_a_loop_says_its_path(tmp_path: Path) -> None:
    """A picture drawn in the middle of a cell is told with its path too."""
    with ipython(tmp_path, (50, 120)) as terminal:
        terminal.type("for animal in ['fox', 'cat']: get_ipython().run_line_magic('imagine', animal)")
        terminal.type("")
        shown = terminal.wait_for("2-cat.png")

    assert "1-fox.png" in shown


@pytest.mark.slow
def test_a_script_in_a_terminal_tells_how_far_it_is(tmp_path: Path) -> None:
    """`imagine` in a terminal rewrites one line, and leaves the path of the picture."""
    environment = clean_environment(tmp_path, IMGMAGIC_SIMULATOR_PACE="0.6", TERM="xterm-256color")
    terminal = Terminal(
        [sys.executable, "-c", "import imgmagic; imgmagic.imagine('fox'); print('END')"], environment, (50, 120)
    )

    shown = terminal.wait_for("END")
    terminal.close()

    assert "partial image" in shown
    assert "1-fox.png" in shown


def test_a_plain_script_needs_no_jupyter(tmp_path: Path) -> None:
    """`imagine` in a script keeps the picture, says where it is, and loads neither widgets nor IPython."""
    environment = clean_environment(tmp_path, IMGMAGIC_SIMULATOR_PACE="0")

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )

    said, loaded = done.stdout.splitlines()
    assert said.startswith("completed ")
    assert Path(said.removeprefix("completed ")).is_file()
    assert loaded == "False False"
