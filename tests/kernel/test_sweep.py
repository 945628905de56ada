"""A sweep in real kernels: stopped in one, gone on with in another that shares the history."""

from pathlib import Path

from imgmagic.simulator import Simulator
from tests.support.environment import clean_environment
from tests.support.kernels import running_kernel

SWEEP = (
    "%%imagine --vary style=oil,ink,chalk --vary light=dusk,dawn -m gpt-image-2 -q low --parallel 2 -o grid\n"
    "a {{ style }} fox at {{ light }}"
)
COUNTS = "(grid.status, len(grid.generations), sum(cell.is_found for cell in grid))"


def test_a_sweep_stopped_in_one_kernel_goes_on_in_another(home: Path, slow: Simulator) -> None:
    """An interrupt keeps what is finished; a kernel that comes later asks for exactly the missing cells."""
    environment = clean_environment(home, IMGMAGIC_PROVIDER="slow")
    before = len(slow.requests)
    with running_kernel(environment, home) as first:
        assert first.run("%load_ext imgmagic").status == "ok"
        sent = first.start(SWEEP)
        first.wait(
            sent, lambda message: message["msg_type"] == "comm_msg" and "picture_0" in str(message["content"])[:3000]
        )
        first.interrupt()
        assert "cancelled" in first.finish(sent).traceback
        done = first.value("sum(cell.is_complete for cell in grid)")
        asked = len(slow.requests) - before
    with running_kernel(environment, home) as second:
        second.run("%load_ext imgmagic")
        assert second.run(SWEEP).status == "ok"
        counts = second.value(f"str({COUNTS})")

    assert 1 <= done < 6
    assert len(slow.requests) - before - asked == 6 - done
    assert counts == f"(<Status.COMPLETED: 'completed'>, 6, {done})"


def test_a_sweep_in_the_background_has_its_name_at_once(home: Path, slow: Simulator) -> None:
    """The next cell can stop it by its name, which is the sweep's in the end."""
    with running_kernel(clean_environment(home, IMGMAGIC_PROVIDER="slow"), home) as kernel:
        kernel.run("%load_ext imgmagic")
        kernel.run(SWEEP.replace("-o grid", "-o grid --no-wait") + " [simulate: slow]")
        assert kernel.value("type(grid).__name__") == "SweepJob"
        assert kernel.value("(grid.cancel(), str(grid.result().status))[1]") == "cancelled"


def test_a_sweep_that_is_called_shows_what_a_cell_shows(home: Path, slow: Simulator) -> None:
    """The live grid, then once the durable one, though it is the result of the cell; with show=False nothing."""
    call = "imgmagic.sweep('a {{ style }} fox', {'style': ['oil', 'ink']}, quality='low', model='gpt-image-2'"
    with running_kernel(clean_environment(home, IMGMAGIC_PROVIDER="slow"), home) as kernel:
        kernel.run("%load_ext imgmagic\nimport imgmagic")
        shown = kernel.run(f"{call})")
        silent = kernel.run(f"quiet = {call}, size='1024x1536', show=False)")
        bound = kernel.value("(len(quiet), str(quiet.status))")

    assert len(shown.figures) == 1
    assert "oil" in shown.figures[0]
    assert shown.result == ""
    assert shown.of("comm_open")
    assert silent.figures == silent.of("comm_open") == []
    assert silent.stdout == ""
    assert bound == (2, "completed")
    assert len(slow.requests) >= 4
