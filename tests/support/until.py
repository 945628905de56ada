"""Waiting for what will happen, however loaded the machine is."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60.0


def until(reached: Callable[[], Any], what: str = "it never happened") -> Any:
    """Return what `reached` gives once it is true; fail with `what` where it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := reached()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return found
