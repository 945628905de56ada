"""The store as a user meets it: commands and cells typed into real kernels, and a server that tests can look into."""

import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgmagic.simulator import Simulator
from tests.support.buckets import keys
from tests.support.disks import disk, fill
from tests.support.environment import clean_environment
from tests.support.kernels import Kernel, Outcome, pushed_picture, running_kernel

pytestmark = pytest.mark.slow

KEY = "sk-marked-0123456789abcdef"
FOX = "%%imagine -q low --size 1024x1024 -o kept\na red fox"


@pytest.fixture
def server() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


@contextmanager
def kernel_of(home: Path, server: Simulator, **variables: str) -> Iterator[Kernel]:
    """Run a kernel with the extension loaded, whose provider openai is `server`."""
    asked = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, **variables}
    with running_kernel(clean_environment(home, **asked), home) as kernel:
        assert kernel.run("%load_ext imgmagic").status == "ok"
        yield kernel


def shown(outcome: Outcome) -> str:
    """Return everything that a cell has said, as text."""
    said = [each["content"]["text"] for each in outcome.of("stream")]
    bundles = [each["content"]["data"] for each in outcome.of("display_data")]
    return "\n".join([*said, outcome.traceback, *(bundle["text/plain"] for bundle in bundles)])


def test_a_budget_refuses_what_does_not_fit(server: Simulator, tmp_path: Path) -> None:
    """A refusal says what is left and sends nothing; what is not an amount changes nothing."""
    with kernel_of(tmp_path, server) as kernel:
        drawn = kernel.run(FOX)
        limited = kernel.run("%imgmagic budget 0.02")
        refused = kernel.run(FOX)
        wrong = [kernel.run(f"%imgmagic budget {amount}") for amount in ("-1", "abc")]
        still = kernel.run("%imgmagic budget")
        kernel.run("%imgmagic budget off")
        again = kernel.run(FOX)

    assert drawn.status == "ok"
    assert "session budget $0.02: $0.0119 spent, $0.0081 left" in shown(limited)
    assert refused.traceback.startswith("BudgetExceeded: $0.0081 of the session budget of $0.02 is left")
    assert [each.status for each in wrong] == ["error", "error"]
    for each, amount in zip(wrong, ("-1", "'abc'"), strict=True):
        assert f"a budget of {amount} is not an amount. Give US dollars as a number of 0 or more" in shown(each)
    assert shown(still) == shown(limited)
    assert (again.status, len(server.requests)) == ("ok", 2)


def test_restart_and_run_all_spends_nothing(server: Simulator, tmp_path: Path) -> None:
    """A new kernel shows the finished notebook's pictures again; a second run, or --fresh, asks the server."""
    cells = (FOX, f"{FOX} and an owl")
    whale = FOX.replace("fox", "whale")
    with kernel_of(tmp_path, server) as first:
        drawn = [first.run(cell) for cell in (*cells, whale)]
    with kernel_of(tmp_path, server) as second:
        told = second.run(FOX.replace("-o", "--dry-run -o"))
        reused = [second.run(cell) for cell in cells]
        asked = [len(server.requests)]
        for cell in (FOX, whale.replace("-o", "--fresh -o")):
            second.run(cell)
            asked.append(len(server.requests))
        usage = second.run("%imgmagic usage")

    assert [each.status for each in (*drawn, *reused)] == ["ok"] * 5
    assert re.search(r"#1 would be reused from \d{4}-\d\d-\d\d; add --fresh to ask the server", shown(told))
    # The output of a cell that runs again stays byte for byte what it was, with the number of its only record.
    assert [re.findall(r"#\d+", shown(each)) for each in reused] == [["#1"], ["#2"]]
    assert asked == [3, 4, 5]
    assert "this session, asked of servers: 2 generations" in shown(usage)


def test_a_full_disk_loses_no_picture(server: Simulator, tmp_path: Path) -> None:
    """The picture is shown and stays in memory, the cell says what was not saved and how to, and it can be saved."""
    home = tmp_path / "small"
    home.mkdir()
    with disk(home, "size=3m") as mounted, kernel_of(tmp_path, server, IMGMAGIC_HOME=str(home)) as kernel:
        kernel.run(FOX)
        if mounted:
            fill(home / "ballast")
        else:
            kernel.run("import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (4096, r.getrlimit(r.RLIMIT_FSIZE)[1]))")
        drawn = kernel.run(FOX)
        kept = kernel.value("len(kept.image.data)")
        left_over = list(home.rglob("*.tmp"))
        (home / "ballast").unlink(missing_ok=True)
        kernel.run("'r' in globals() and r.setrlimit(r.RLIMIT_FSIZE, (r.getrlimit(r.RLIMIT_FSIZE)[1],) * 2)")
        kernel.run("kept.save('elsewhere.png')")
        after = kernel.run(FOX)

    assert (drawn.status, len(drawn.figures)) == ("ok", 1)
    assert re.search(
        r"this generation is not in the history: the disk is full or failing \(.*history\.sqlite\)", shown(drawn)
    )
    assert re.search(
        r"the picture was not saved to .*: the (disk is full|file would exceed the allowed size)\.", shown(drawn)
    )
    assert "It is kept in memory: save it elsewhere with generation.save('picture')." in shown(drawn)
    assert left_over == []
    assert (tmp_path / "elsewhere.png").stat().st_size == kept > 100_000
    assert "not saved" not in shown(after)


def test_a_locked_database_loses_no_picture(server: Simulator, tmp_path: Path) -> None:
    """While another program holds the history, pictures are shown and saved; what is missing is said."""
    path = tmp_path / "history.sqlite"
    with kernel_of(tmp_path, server, IMGMAGIC_HISTORY_URL=f"sqlite:///{path}?timeout=0.01") as kernel:
        kernel.run(FOX)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        drawn = kernel.run(FOX)
        saved = Path(kernel.value("str(kept.image.path)"))
        same = kernel.value(f"open({str(saved)!r}, 'rb').read() == kept.image.data")
        other.execute("ROLLBACK")
        other.close()
        after = kernel.run(FOX)

    assert (drawn.status, len(drawn.figures)) == ("ok", 1)
    assert "this generation is not in the history: another program has held the database" in shown(drawn)
    assert same
    assert "· #2\n" in shown(after)


def test_a_read_only_home_loses_no_picture(server: Simulator, tmp_path: Path) -> None:
    """Nothing can be kept: the picture is shown, each thing is said once, and the history's commands say why not."""
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    with disk(home, "ro"):
        place = Path("/proc/imgmagic") if os.access(home, os.W_OK) else home  # what even root cannot write to
        with kernel_of(tmp_path, server, IMGMAGIC_HOME=str(place)) as kernel:
            drawn = kernel.run(FOX)
            kept = kernel.value("len(kept.image.data)")
            past = kernel.run("%imgmagic history")

    assert (drawn.status, len(drawn.figures)) == ("ok", 1)
    assert kept > 100_000
    assert shown(drawn).count("the history cannot be opened") == shown(drawn).count("the picture was not saved") == 1
    assert past.traceback.startswith("StoreError: the history cannot be opened")
    assert past.traceback.count("\n") == 0


def test_a_history_that_cannot_be_reached_stops_no_cell(server: Simulator, tmp_path: Path) -> None:
    """One message, without the password; the picture is drawn and saved, and a limit that cannot be kept is refused."""
    url = "postgresql://me:hunter2secret@127.0.0.1:1/none"
    with kernel_of(tmp_path, server, IMGMAGIC_HISTORY_URL=url) as kernel:
        drawn = kernel.run(FOX)
        saved = Path(kernel.value("str(kept.image.path)"))
        capped = kernel.run(FOX.replace("-o", "--max-cost 1 -o"))

    assert (drawn.status, len(drawn.figures)) == ("ok", 1)
    assert shown(drawn).count("the history cannot be opened: the server cannot be reached") == 1
    assert "hunter2secret" not in str((drawn, capped))
    assert saved.is_file()
    assert capped.traceback.startswith("StoreError: the history cannot be opened")
    assert len(server.requests) == 1


def test_a_killed_kernel_is_told_by_the_next_one(tmp_path: Path) -> None:
    """What streamed when the kernel was killed stands in the next one's history as interrupted, and counts as spent."""
    with Simulator(pace_s=4, require_key=KEY) as slow, kernel_of(tmp_path, slow) as dying:
        sent = dying.start(FOX)
        dying.wait(sent, pushed_picture)
        dying.manager.signal_kernel(signal.SIGKILL)
        with kernel_of(tmp_path, slow) as later:
            past = later.run("%imgmagic history --all")
            alone = later.run("%imgmagic history --all --status interrupted")
            usage = later.run("%imgmagic usage --by model")

    assert re.search(r"^1 .* a red fox .* interrupted ", shown(past), re.MULTILINE)
    assert "a red fox" in shown(alone)
    assert "1 of unknown cost" in shown(usage) or "cost unknown" in shown(usage)


def test_a_class_on_a_bucket(server: Simulator, bucket: str, tmp_path: Path) -> None:
    """Draw, look back, reuse, export and forget with the originals on a bucket alone, under names for people too."""
    away = {"IMGMAGIC_IMAGE_STORE": bucket}
    with kernel_of(tmp_path, server, **away) as first:
        drawn = first.run(FOX)
        address = first.value("kept.image.address")
        data = first.value("kept.image.data")
        first.run("imgmagic.default_session().close()")  # as a kernel does that is shut down and not killed
    with kernel_of(tmp_path, server, **away) as second:
        reused = second.run(FOX)
        past = second.run("%imgmagic history --all")
        seen = second.run("%imgmagic show 1")
        second.run("%imgmagic export --all page.html")
        second.run("%imgmagic export --all table.csv")
        before = keys(bucket)
        forgotten = [second.run(f"%imgmagic forget {number} --yes") for number in (1,)]

    assert [each.status for each in (drawn, reused, past, seen, *forgotten)] == ["ok"] * 5
    assert (len(server.requests), re.findall(r"#\d+", shown(reused))) == (1, ["#1"])
    assert address == f"{bucket}/{shown(drawn).splitlines()[-1]}"
    assert re.fullmatch(rf"{bucket}/\d{{4}}/\d\d/\d\d/1-a-red-fox-[0-9a-f]{{8}}\.png", address)
    assert before[address.removeprefix(f"{bucket}/")] == data
    assert [len(each.figures) for each in (past, seen)] == [1, 1]
    assert (tmp_path / "page.html").read_text().count("data:image/") == 1
    assert (tmp_path / "table-images" / "1-a-red-fox-1.png").read_bytes() == data
    assert keys(bucket) == {}
    assert not (tmp_path / "imgmagic" / "images").exists()
