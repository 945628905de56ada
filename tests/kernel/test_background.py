"""Runs in the background: cells that return at once, and outputs that go on by themselves."""

from imgmagic.simulator import Simulator
from tests.support.kernels import Kernel

FOLLOWED = """
import threading
for each in threading.enumerate():
    if each.name == "imgmagic-view":
        each.join(60)
"""
RUN = "%%imagine --provider slow --no-wait -o {name}\na red fox"
LONG_RUN = f"{RUN} [simulate: slow]"  # still under way when a busy machine gets round to stopping it


def test_the_cell_returns_at_once_and_its_own_output_goes_on(kernel: Kernel) -> None:
    """A background run's partial images and figure land in the outputs of its own cell, while another cell runs.

    The job is the cell's value, and not shown: that it runs would stand in the saved notebook for good.
    """
    started = kernel.run(RUN.format(name="behind"))
    places = {each["content"]["transient"]["display_id"] for each in started.of("display_data")}

    other = kernel.run("import imgmagic\nfinished = imgmagic.jobs[-1].result()\nprint(finished.status)")

    assert started.result == ""
    assert kernel.run("imgmagic.jobs[-1]").result.startswith("<Job completed")
    assert other.stdout.strip() == "completed"
    late = kernel.run(f"{FOLLOWED}\nprint(behind.status)")
    updates = [each for each in kernel.said if each["msg_type"] == "update_display_data"]
    figures = [each for each in updates if "<img" in each["content"]["data"].get("text/html", "")]
    assert late.stdout.strip() == "completed"
    assert figures[-1]["content"]["transient"]["display_id"] in places
    assert not other.figures


def test_a_job_is_listed_and_stopped(kernel: Kernel, slow: Simulator) -> None:
    """`imgmagic.jobs` shows what runs; cancelling it closes the connection and the figure says so."""
    kernel.run(LONG_RUN.format(name="stopped"))

    listed = kernel.run("import imgmagic\nprint(imgmagic.jobs)\nimgmagic.jobs.cancel()")
    ended = kernel.run("print(imgmagic.jobs[-1].generation().status)")

    assert "running" in listed.stdout
    assert ended.stdout.strip() == "cancelled"


def test_reloading_keeps_a_running_job_and_the_history(kernel: Kernel) -> None:
    """%reload_ext does not stop what runs, its figure lands in its cell, and the session's history goes on."""
    kernel.run("import imgmagic")
    started = kernel.run(RUN.format(name="kept"))
    place = started.of("display_data")[-1]["content"]["transient"]["display_id"]
    before = kernel.value("[each.id for each in imgmagic.history]")

    kernel.run("%reload_ext imgmagic")
    ended = kernel.run(f"print(imgmagic.jobs[-1].result().status)\n{FOLLOWED}")

    assert ended.stdout.strip() == "completed"
    assert kernel.value("[each.id for each in imgmagic.history]") == before
    updates = [each["content"] for each in kernel.said if each["msg_type"] == "update_display_data"]
    assert any(each["transient"]["display_id"] == place and "<img" in each["data"]["text/html"] for each in updates)


def test_unloading_stops_what_runs_and_takes_the_help_away(kernel: Kernel, slow: Simulator) -> None:
    """The server sees the connection close, the job ends, and neither magic nor settings can be asked about."""
    kernel.run(LONG_RUN.format(name="dropped"))
    kernel.run("import imgmagic\njob = imgmagic.jobs[-1]")
    kernel.run("%unload_ext imgmagic")
    status = kernel.run(f"print(job.generation().status)\n{FOLLOWED}").stdout.strip()
    answers = [kernel.run(line) for line in ("%%imagine?", "%imgmagic?", "%config ImagineMagics")]
    kernel.run("%load_ext imgmagic")

    assert status == "cancelled"
    assert slow.requests[-1].state == "disconnected"
    assert not [each.reply["payload"] for each in answers[:2] if each.reply["payload"]]
    assert answers[2].status == "error"


def test_without_a_person_the_cell_waits(kernel: Kernel) -> None:
    """Where no input can be asked for (nbclient, papermill), the picture is there when the cell ends."""
    outcome = kernel.run(RUN.format(name="waited"), allow_stdin=False)

    assert len(outcome.figures) == 1


def test_a_failure_in_the_background_is_shown_in_its_cell(kernel: Kernel) -> None:
    """An error of a background run stands in the output of its own cell."""
    outcome = kernel.run("%%imagine --provider quick --no-wait\na red fox [simulate: moderation]", allow_stdin=False)

    shown = [each["content"]["data"].get("text/html", "") for each in outcome.of("display_data")]
    assert any("safety" in html for html in shown)
