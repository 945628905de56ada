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
