"""Every bad input of an edit, typed into a real kernel: one message with the rule and the way out; nothing is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from imgmagic.simulator import Simulator
from tests.support.environment import clean_environment
from tests.support.kernels import Kernel, running_kernel
from tests.support.source_pictures import drawn

KEY = "sk-marked-0123456789abcdef"
HOW = "-s 1024x1024 -q low -m gpt-image-1-mini --no-stream"
PREPARE = """
%load_ext imgmagic
import imgmagic
from imgmagic import mask_box
photo, twice = open("photo.png", "rb").read(), b""
small, far, box = mask_box(0, 0, 1, 1).fit(8, 6), mask_box(0, 0, 300, 9), mask_box(0, 0, 9, 9)
fox = imgmagic.imagine("a red fox", size="1024x1024", quality="low", model="gpt-image-1-mini", stream=False, show=False)
try:
    imgmagic.imagine("a fox [simulate: 400]", size="1024x1024", model="gpt-image-1-mini", stream=False, show=False)
except imgmagic.ImgmagicError:
    failed = imgmagic.history.last
print(fox.id, failed.id, failed.status)
"""
LEFT = "(len(imgmagic.history), imgmagic.history.last.id, len(photo), repr(imgmagic.history.totals()))"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A kernel that is ready to edit, the server that it would ask, and its folder."""

    kernel: Kernel
    server: Simulator
    folder: Path

    def state(self) -> tuple[Any, ...]:
        """Return what a refused edit must leave as it was: requests, records, spending, what the kernel holds."""
        return len(self.server.requests), self.kernel.value(LEFT)

    def originals(self) -> set[str]:
        """Return the pictures in the image store."""
        return {path.name for path in self.folder.rglob("originals/*/*")}

    def refuses(self, line: str) -> str:
        """Type an edit that is refused, look that nothing came of it, and return the one message."""
        before, pictures = self.state(), self.originals()
        outcome = self.kernel.run(f"%%imagine {HOW} {line}\nin winter")
        assert [outcome.status, len(outcome.of("error"))] == ["error", 1]
        assert self.state() == before
        assert self.originals() >= pictures
        return outcome.traceback


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Run a kernel in a folder of files that are not what they should be; its server is a simulator."""
    folder = tmp_path_factory.mktemp("edits")
    prepare_bad_files(folder)
    with Simulator(pace_s=0, require_key=KEY) as server:
        environment = clean_environment(folder, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
        with running_kernel(environment, folder) as kernel:
            said = kernel.run(PREPARE)
            assert said.stdout.split() == ["1", "2", "failed"], said.traceback
            yield Desk(kernel=kernel, server=server, folder=folder)


def prepare_bad_files(folder: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    (folder / "photo.png").write_bytes(drawn((256, 256)))
    (folder / "twice").write_bytes(drawn())
    (folder / "text.png").write_text("not a picture")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:])
    Image.new("1", (10_000, 6_000)).save(folder / "huge.png")
    (folder / "cut.png").write_bytes(drawn((256, 256))[:-30])
    Image.new("RGBA", (256, 256), "red").save(folder / "opaque.png")
    Image.new("RGBA", (256, 256), "#ff000000").save(folder / "clear.png")
    frames[0].resize((256, 256)).save(folder / "colours.png")
    Image.new("RGBA", (256, 256), "#ff000000").save(folder / "arrows.png")


REFERENCE = "A reference is a file (./cat.png), a variable (@cat), or a picture in the history (#12, #12.2)."
BAD: list[tuple[str, str, str]] = [
    ("--image nothing.png", "There is no file 'nothing.png'", REFERENCE),
    ("--image @nothing", "There is no variable 'nothing'", REFERENCE),
    ("--image twice", "both a file here and a variable", "Write ./twice for the file, @twice for the variable"),
    ("--image text.png", "not a picture of a known format", REFERENCE),
    ("--image animated.gif", "animated (2 frames)", "Give one frame"),
    ("--image drawing.svg", "vector picture (svg)", "Give it as a PNG"),
    ("--image huge.png", "60.0 megapixels; at most 50", "Scale it down"),
    ("--image cut.png", "damaged, or was cut off", "Save it again"),
    (" ".join(["--image photo"] * 17), "17 pictures are too many; this server takes up to 16", "Leave some out"),
    ("--from 9999", "there is no generation 9999", "%imgmagic history --all lists them"),
    ("--from 1.2", "#1.2 is not a picture: generation 1 (completed) has 1 picture", "Name one that has a picture"),
    ("--from 2", "generation 2 (failed) has none", "Name one that has a picture"),
    ("--from fox", "not a number of the history", "such as 12 or 12.2"),
    ("--image photo --mask opaque.png", "lets nothing change", "Mark what may change"),
    ("--image photo --mask clear.png", "lets the whole picture change", "Leave the mask out"),
    ("--image photo --mask colours.png", "no transparency and is not grey", "Give a PNG that is transparent where"),
    ("--image photo --mask small", "is 8×6, and the first picture is 256×256", "the size of the first picture"),
    ("--image photo --mask far", "outside the picture of 256×256", "Give a box that lies inside"),
    ("--mask box", "has no picture to apply to", "Say which picture to start from"),
    ("--markup arrows.png", "has no picture to apply to", "Say which picture to start from"),
    (
        "--image photo --mask box --markup arrows.png -m gpt-image-2.5-flare",
        "cannot be used together",
        "Leave one of the two",
    ),
    ("--image photo --markup arrows.png -m gpt-image-2", "gpt-image-2 takes no markup", "Ask gpt-image-2.5-sunburst"),
    ("--image photo -p yandex", "cannot edit: its documentation has no edits", "Ask openai instead"),
    ("--image photo -p compatible", "cannot edit: its documentation has no edits", "Ask openai instead"),
    ("--image photo -p gemini --no-check", "its OpenAI form answers 404 to edits", "Ask openai instead"),
    ("--image photo --paste-back", "Pasting back needs a mask", "Give a mask"),
    ("--image photo --mask box --paste-back --feather 501", "501 is not a width in pixels", "from 0 to 500"),
    ("--image photo --max-cost 0.001", "could cost $0.0038, and at most $0.0010 is allowed", "Ask for a lower quality"),
]


@pytest.mark.parametrize(
    ("line", "rule", "way_out"), BAD, ids=[f"{number}-{row[1][:25]}" for number, row in enumerate(BAD)]
)
def test_bad_input_is_refused_and_nothing_is_sent(desk: Desk, line: str, rule: str, way_out: str) -> None:
    """The rule, then the way out; the server hears nothing, and no record, picture or variable is another one."""
    message = desk.refuses(line)

    assert rule in message
    assert way_out in message[message.index(rule) :]


def test_an_edit_that_the_budget_does_not_hold_is_refused(desk: Desk) -> None:
    """The session's budget counts what an edit may cost, its pictures included."""
    desk.kernel.run("%imgmagic budget 0.001")
    try:
        message = desk.refuses("--image photo")
    finally:
        desk.kernel.run("%imgmagic budget off")

    assert "session budget of $0.0010" in message
    assert "could cost $0.0038; nothing was sent. Ask for a lower quality" in message
