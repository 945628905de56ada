"""What a cell says to a notebook: a real kernel, real sockets, and a simulator that the test can look into."""

import random
import re
import socketserver
import threading
import time
from pathlib import Path

import pytest

from imgmagic.simulator import Simulator
from imgmagic.simulator.api.state import SeenRequest
from tests.support.environment import clean_environment
from tests.support.kernels import (
    Kernel,
    Outcome,
    is_busy,
    pushed_picture,
    running_kernel,
)
from tests.support.until import until

SLOW_CELL = "%%imagine --provider slow\na red fox"
LONG_CELL = f"{SLOW_CELL} [simulate: slow]"  # still under way when a busy machine gets round to stopping it
QUICK_CELL = "%%imagine --size 1024x640 -f jpeg\na red fox"

# Everything that loading adds somewhere, by place.
TRACES = """
def traces():
    import threading
    shell = get_ipython()
    foreign = ("GarbageCollectorThread",)  # pyzmq's, started at the first large message
    formatters = [*shell.display_formatter.formatters.values(), shell.display_formatter.ipython_display_formatter]
    return {
        "magics": {kind: sorted(names) for kind, names in shell.magics_manager.magics.items()},
        "registry": sorted(shell.magics_manager.registry),
        "matchers": [each.matcher_identifier for each in shell.Completer.custom_matchers],
        "configurables": [type(each).__name__ for each in shell.configurables],
        "printers": [sorted(map(str, [*each.type_printers, *each.deferred_printers])) for each in formatters],
        "events": {name: sorted(each.__qualname__ for each in all) for name, all in shell.events.callbacks.items()},
        "threads": sorted(each.name for each in threading.enumerate() if type(each).__name__ not in foreign),
    }
"""

# What a run could leave behind in the process.
REMAINS = """
def remains():
    import asyncio, gc, os, threading, ipywidgets
    def target(name):
        try:
            return os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            return ""
    gc.collect()
    return {
        "threads": sorted(each.name for each in threading.enumerate()),
        "tasks": sum(1 for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()),
        "sockets": sum(target(name).startswith("socket:") for name in os.listdir("/proc/self/fd")),
        "comms": len(get_ipython().kernel.comm_manager.comms),
        "handler": __import__("signal").getsignal(__import__("signal").SIGINT).__name__,
    }
"""


def closed(server: Simulator, number: int = -1) -> SeenRequest:
    """Return a request once it is over."""
    return until(lambda: server.requests[number].closed_at and server.requests[number])


def interrupted(kernel: Kernel, cell: str, after_s: float) -> Outcome:
    """Run a cell and interrupt it so long after its start, whatever it does by then."""
    sent = kernel.start(cell)
    kernel.wait(sent, is_busy)
    time.sleep(after_s)
    kernel.interrupt()
    return kernel.outlast(sent)


def held(outcome: Outcome, trait: str) -> list[str]:
    """Return the values that a trait of a widget took, one after the other."""
    states = [each["content"]["data"].get("state", {}) for each in outcome.messages if each["msg_type"][:5] == "comm_"]
    return list(dict.fromkeys(state[trait] for state in states if trait in state))


def test_partial_images_arrive_in_order_while_the_cell_runs(kernel: Kernel, slow: Simulator) -> None:
    """Each partial image reaches the widget before the server is done, and the figure follows the last picture."""
    sent = kernel.start(SLOW_CELL)
    kernel.wait(sent, pushed_picture)
    state_at_first = slow.requests[-1].state
    outcome = kernel.finish(sent)

    assert state_at_first == "open"
    pictures = [data for _, data in outcome.pictures]
    assert len(pictures) == len(set(pictures)) == 3
    texts = [outcome.where("comm_msg", text) for text in ("partial image 1 of 2", "partial image 2 of 2", "'done'")]
    assert texts == sorted(texts)
    figure = outcome.where("display_data", "<figure")
    assert figure > max(place for place, _ in outcome.pictures)
    assert outcome.status == "ok"


def test_what_is_known_grows_while_the_cell_runs(kernel: Kernel, quick: Simulator) -> None:
    """First the estimate, then the time to the first partial image, then tokens and cost of each finished picture."""
    kernel.run(f"%env OPENAI_BASE_URL={quick.base_url}\n%env OPENAI_API_KEY=sk-test-0123456789abcdefgh")
    outcome = kernel.run("%%imagine -p openai -m gpt-image-2 -q low -s 1024x1024 -n 2\na red fox")

    estimate = r"about \$0\.\d+, at most \$0\.\d+"
    first = r"first partial \d\.\d s · "
    forms = [estimate, first + estimate, first + r"\d+ tokens · \$0\.\d+ so far · " + estimate]
    known = held(outcome, "known")
    met = [next(number for number, form in enumerate(forms) if re.fullmatch(form, each)) for each in known]
    assert met == [0, 1, 2, 2]


def test_live_view_leaves_no_widget(kernel: Kernel) -> None:
    """The live view's place is emptied, its bytes blanked, and every widget model that was opened is closed."""
    outcome = kernel.run(QUICK_CELL)

    emptied = outcome.of("update_display_data")[-1]["content"]["data"]
    opened = {each["content"]["comm_id"] for each in outcome.of("comm_open")}
    ended = {each["content"]["comm_id"] for each in outcome.of("comm_close")}
    blanked = [each for each in outcome.of("comm_msg") if each["buffers"] and not bytes(each["buffers"][0])]
    assert emptied == {"text/html": "", "text/plain": "<imgmagic run>"}
    assert opened == ended
    assert len(blanked) == 1


def test_interrupt_ends_the_cell_at_once(kernel: Kernel, slow: Simulator) -> None:
    """An interrupt in the middle leaves a figure that says where it stopped, and closes the connection; all goes on."""
    sent = kernel.start(LONG_CELL)
    kernel.wait(sent, pushed_picture)
    interrupted_at = kernel.interrupt()
    outcome = kernel.finish(sent)
    idle_s = time.monotonic() - interrupted_at
    request = closed(slow)
    after = kernel.run(QUICK_CELL)

    assert idle_s < 2  # about 0.02 s on an idle machine; the target is 0.2 s
    assert request.state == "disconnected"
    assert request.closed_at is not None
    assert request.closed_at - interrupted_at < 2  # about 0.01 s on an idle machine; the target is 0.1 s
    assert (outcome.status, outcome.traceback, outcome.stdout) == ("error", "", "")
    assert "stopped after" in str(outcome.figures[-1])
    assert (after.status, len(after.figures)) == ("ok", 1)


def test_an_interrupt_stops_the_queue(kernel: Kernel, slow: Simulator) -> None:
    """The cell that waits behind the interrupted one does not run, and nothing is asked for it."""
    first = kernel.start(LONG_CELL)
    second = kernel.start(LONG_CELL)
    kernel.wait(first, pushed_picture)
    asked = len(slow.requests)
    kernel.interrupt()

    assert [kernel.finish(sent).status for sent in (first, second)] == ["error", "aborted"]
    assert len(slow.requests) == asked


def test_an_interrupt_ends_the_wait_for_another_attempt(home: Path) -> None:
    """A countdown is shown while the server's wait lasts; an interrupt ends it, and nothing more is asked."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        variables = {"IMGMAGIC_BASE_URL": f"http://127.0.0.1:{server.server_address[1]}/v1", "IMGMAGIC_API_KEY": "k"}
        with running_kernel(clean_environment(home, IMGMAGIC_PROVIDER="compatible", **variables), home) as waiting:
            waiting.run("%load_ext imgmagic")
            sent = waiting.start("%%imagine -m any --no-stream\na red fox")
            for seconds in (100, 99):  # it counts
                waiting.wait(sent, lambda each, left=seconds: f"attempt 2 in {left} s" in str(each["content"]))
            waiting.interrupt()
            outcome = waiting.finish(sent)
        server.shutdown()

    said = [text for text in held(outcome, "said") if "attempt" in text]
    assert len(said) == 1  # what counts down is for eyes only; a screen reader would never fall silent
    assert (outcome.status, outcome.traceback) == ("error", "")
    assert _Busy.requests == 1


class _Busy(socketserver.StreamRequestHandler):
    """Asks everybody to come back in 100 seconds."""

    requests = 0

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        type(self).requests += 1
        self.wfile.write(b"HTTP/1.1 429 Busy\r\nretry-after: 100\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


@pytest.mark.slow
def test_fifty_interrupts_leave_nothing_behind(kernel: Kernel, brisk: Simulator) -> None:
    """Interrupts at any moment of a run leave no thread, task, socket or widget, and the next cell works."""
    cell = "%%imagine --provider brisk --size 1024x640 -f jpeg\na red fox"
    moments = random.Random(50)
    kernel.run(REMAINS)
    kernel.run(cell)
    before = kernel.value("remains()")
    outcomes = [interrupted(kernel, cell, moments.uniform(0, 0.35)) for _ in range(50)]
    after = kernel.run(cell)
    remaining = kernel.value("remains()")
    # The client keeps idle connections for the next request; which of two it keeps depends on when an interrupt came.
    idle = remaining.pop("sockets") - before.pop("sockets")

    # A few land before the request is planned or after the figure is shown: plain interrupts of IPython.
    assert sum("stopped after" in str(outcome.of("display_data")) for outcome in outcomes) >= 10
    assert not [outcome.traceback for outcome in outcomes if re.search(r"view\.py|job\.py", outcome.traceback)]
    assert (after.status, len(after.figures)) == ("ok", 1)
    assert remaining == before
    assert idle <= 1
    assert all(request.state != "open" for request in brisk.requests)


def test_interrupt_while_the_figure_is_shown_loses_nothing(kernel: Kernel) -> None:
    """A finished picture is shown and bound even when the interrupt comes after its last byte."""
    kernel.run(
        "import signal\n"
        "def interrupt(message):\n"
        "    if '<figure' in str(message['content']):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    return message\n"
        "get_ipython().display_pub.register_hook(interrupt)"
    )
    outcome = kernel.run(QUICK_CELL.replace("imagine", "imagine -o kept", 1))
    kernel.run("get_ipython().display_pub.unregister_hook(interrupt)")

    assert (outcome.status, outcome.traceback, len(outcome.figures)) == ("error", "", 1)
    assert kernel.value("kept.status.value") == "completed"


def test_the_first_cell_finds_everything_loaded(home: Path, quick: Simulator) -> None:
    """After the warm-up the first cell imports no library, and its request leaves while another would still import."""
    with running_kernel(clean_environment(home, IMGMAGIC_PROVIDER="quick"), home) as fresh:
        fresh.run("%load_ext imgmagic")
        fresh.run("get_ipython().magics_manager.registry['ImagineMagics'].warm_up.wait()")
        fresh.run("import sys\nbefore = set(sys.modules)")
        began = time.monotonic()
        fresh.run(QUICK_CELL)
        taken_s = quick.requests[-1].started_at - began
        imported = fresh.value("sorted(set(sys.modules) - before)")

    # Not Pillow: it loads the reader of a format with the first picture of that format, after the request.
    heavy = {"anyio", "anywidget", "httpcore", "httpx", "imgmagic", "ipywidgets", "jinja2", "sqlalchemy"}
    assert not [name for name in imported if name.partition(".")[0] in heavy]
    assert taken_s < 5  # not a tight time: everything together is imported in one to ten seconds


def test_loading_and_unloading_are_inverses(home: Path) -> None:
    """Loading prints nothing and waits for nothing heavy; unloading takes it all away, reloading doubles nothing."""
    heavy = ("httpx", "sqlalchemy", "PIL", "jinja2", "fsspec")
    with running_kernel(clean_environment(home, IMGMAGIC_PROVIDER="quick"), home) as fresh:
        fresh.run("%unload_ext nothing")  # IPython makes the magics of extensions at their first use
        fresh.run(TRACES)
        bare = fresh.value("traces()")
        imported = fresh.value(
            "(__import__('imgmagic.notebook.extension'), "
            f"[each for each in {heavy} if each in __import__('sys').modules])[1]"
        )
        loading = fresh.run("%load_ext imgmagic")
        fresh.run("get_ipython().magics_manager.registry['ImagineMagics'].warm_up.wait()")
        loaded = fresh.value("traces()")
        first = fresh.run(QUICK_CELL)
        fresh.run("%reload_ext imgmagic")
        reloaded = fresh.value("traces()")
        second = fresh.run(QUICK_CELL)
        fresh.run("%unload_ext imgmagic")
        unloaded = fresh.value("traces()")
        refused = fresh.run(QUICK_CELL)
        fresh.run("%load_ext imgmagic")
        third = fresh.run(QUICK_CELL)

    assert [each["msg_type"] for each in loading.messages] == ["status", "execute_input", "status"]
    assert imported == []
    assert reloaded == loaded != bare
    assert unloaded == bare
    assert refused.status == "error"
    assert [len(each.figures) for each in (first, second, third)] == [1, 1, 1]
