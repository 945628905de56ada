"""Edits by the magic: what starts from a picture, and what it says; tests/kernel/test_edits.py types bad input."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import imgmagic
from imgmagic.domain.generation import Generation
from imgmagic.domain.mask import mask_box
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import RecordingMiss, RequestInvalid
from imgmagic.notebook.completion.offers import offers
from imgmagic.simulator import Simulator
from tests.support.sessions import QUICKLY_DRAWN
from tests.support.shell import Shell, loaded_shell
from tests.support.source_pictures import drawn

KEY = "sk-marked-0123456789abcdef"
HOW = "-s 1024x1024 -q low -m gpt-image-1-mini --no-stream"


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


@pytest.fixture
def shell(server: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Return a shell whose provider is that server, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    values = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
    for name, value in {**QUICKLY_DRAWN, **values}.items():
        monkeypatch.setenv(name, value)
    with loaded_shell() as loaded:
        loaded.ip.user_ns["photo"] = drawn((256, 256))
        yield loaded


def draw(shell: Shell, line: str, prompt: str = "in winter") -> Generation:
    """Draw, and return the generation."""
    answer = shell.run(f"%%imagine -o drawn {HOW} {line}\n{prompt}")
    if answer.error is not None:
        raise answer.error
    found: Generation = shell.ip.user_ns["drawn"]
    return found


def test_a_picture_of_the_history_is_started_from(shell: Shell) -> None:
    """The edit knows where it came from, in the value, in the caption, and in the history."""
    fox = draw(shell, "", "a red fox")
    answer = shell.run(f"%%imagine -o winter {HOW} --from {fox.id}\nin winter")
    winter: Generation = shell.ip.user_ns["winter"]

    assert [source.origin for source in winter.sources] == [PictureNumber(generation_id=fox.id or 0)]
    assert winter.sources[0].data == fox.images[0].data
    assert f"from #{fox.id}" in answer.text
    assert winter.usage is not None
    assert winter.usage.input_image_tokens == 194
    found = imgmagic.history[winter.id or 0]
    assert found.sources == winter.sources
    assert found.sources[0].data == fox.images[0].data


def test_pictures_come_from_files_variables_and_the_history_in_order(shell: Shell) -> None:
    """Each by the one rule; an expression fills in a reference too."""
    Path("cat.png").write_bytes(drawn((64, 64)))
    fox = draw(shell, "", "a red fox")
    shell.ip.user_ns.update(array=np.zeros((40, 50, 3), dtype="uint8"), which=fox.id)

    made = draw(shell, "--image cat.png --image @array --image photo --image '#{{ which }}'")

    assert [source.name for source in made.sources] == ["cat.png", "@array", "photo", f"#{fox.id}"]
    assert [source.pixels for source in made.sources] == ["64×64", "50×40", "256×256", "1024×1024"]


@pytest.mark.parametrize("mask", ["box", "array", "alpha.png", "grey.png"])
def test_outside_its_mask_an_edit_is_pasted_back(shell: Shell, mask: str) -> None:
    """The server's own picture stays; the derived one holds the original's pixels outside the mask, byte for byte."""
    cells = np.zeros((256, 256), dtype=bool)
    cells[:100] = True
    Image.fromarray(cells).convert("L").save("grey.png")
    see_through = Image.new("RGBA", (256, 256), "red")
    see_through.putalpha(Image.fromarray(~cells).convert("L"))
    see_through.save("alpha.png")
    shell.ip.user_ns.update(box=mask_box(0, 0, 256, 100), array=cells)

    made = draw(shell, f"--image photo --mask {mask} --paste-back --feather 0")

    original = Image.open(io.BytesIO(shell.ip.user_ns["photo"])).convert("RGB")
    (derived,) = made.derived
    assert derived.is_derived
    assert not made.images[0].is_derived
    assert (
        derived.pil().convert("RGB").crop((0, 100, 256, 256)).tobytes() == original.crop((0, 100, 256, 256)).tobytes()
    )
    assert derived.data != made.images[0].data
    again = imgmagic.history[made.id or 0]
    assert [image.data for image in again.images] == [made.images[0].data]
    assert [image.data for image in again.derived] == [derived.data]
    assert derived.path is not None
    assert derived.path.read_bytes() == derived.data


def test_a_derived_picture_is_marked_and_can_be_started_from(shell: Shell) -> None:
    """Its number follows those of the server's own; figure and caption say what it is."""
    shell.ip.user_ns["box"] = mask_box(0, 0, 256, 100)
    answer = shell.run(f"%%imagine -o drawn {HOW} --image photo --mask box --paste-back\nin winter")
    made: Generation = shell.ip.user_ns["drawn"]

    assert f"#{made.id}.2: original pasted back outside the mask" in answer.text
    after = draw(shell, f"--from {made.id}.2")
    assert after.sources[0].data == made.derived[0].data


def test_a_dry_run_shows_what_would_leave(shell: Shell) -> None:
    """The edit route, the fields, each picture, and that nothing was sent."""
    shell.ip.user_ns["box"] = mask_box(0, 0, 256, 100)

    text = shell.run(f"%%imagine {HOW} --dry-run --image photo --mask box\nin winter").text

    assert "/images/edits" in text
    assert "image: photo, png 256×256" in text
    assert "mask: box, png 256×256, transparent may change" in text
    assert "Nothing was sent." in text


def test_again_takes_another_picture(shell: Shell) -> None:
    """The recorded edit on another picture, with its mask; without a change, on the same."""
    shell.ip.user_ns["box"] = mask_box(0, 0, 256, 100)
    first, second = draw(shell, "", "a red fox"), draw(shell, "", "a blue bird")
    edit = draw(shell, f"--from {first.id} --mask box")

    assert shell.run(f"%imgmagic again {edit.id} --from {second.id}").error is None
    other = imgmagic.history.last
    assert shell.run(f"%imgmagic again {edit.id}").error is None
    same = imgmagic.history.last

    assert other is not None
    assert same is not None
    assert [source.origin and source.origin.generation_id for source in other.sources] == [second.id]
    assert (other.prompt, other.request.mask) == (edit.prompt, edit.request.mask)
    assert same.request.inputs == edit.request.inputs


def test_a_tree_shows_three_generations(shell: Shell) -> None:
    """From any of them, the one asked about marked; show names the line it came from."""
    fox = draw(shell, "", "a red fox")
    winter = draw(shell, f"--from {fox.id}")
    night = draw(shell, f"--from {winter.id}", "at night")

    text = shell.run(f"%imgmagic tree {winter.id}").text

    assert text.splitlines()[-3:] == [
        f"#{fox.id} “a red fox”",
        f"└─ #{winter.id} from #{fox.id} “in winter” ←",
        f"   └─ #{night.id} from #{winter.id} “at night”",
    ]
    assert f"#{fox.id} → #{winter.id} → #{night.id}" in shell.run(f"%imgmagic show {night.id}").text


def test_forgetting_says_what_began_from_it(shell: Shell) -> None:
    """The record goes; the picture stays for the edit that began from it, and both messages say so."""
    fox = draw(shell, "", "a red fox")
    winter = draw(shell, f"--from {fox.id}")

    asked = shell.run(f"%imgmagic forget {fox.id}").text
    done = shell.run(f"%imgmagic forget {fox.id} --yes").text

    assert f"#{winter.id} was made from it" in asked
    assert "1 picture stayed" in done
    assert imgmagic.history[winter.id or 0].sources[0].data == fox.images[0].data


def test_a_recorded_edit_plays_for_the_same_pictures_alone(shell: Shell) -> None:
    """The key holds the hash of each picture and mask in order; a miss says which of them is another one."""
    names = shell.ip.user_ns
    names.update(box=mask_box(0, 0, 256, 100), other=drawn((256, 256), colour="#00ff00"), tall=mask_box(0, 0, 9, 256))
    assert shell.run("%imgmagic record lesson").error is None
    edit = draw(shell, "--image @photo --image @other --mask @box")
    assert shell.run("%imgmagic replay lesson").error is None

    played = draw(shell, "--image @photo --image @other --mask @box")
    assert played.replayed is not None
    assert played.images[0].data == edit.images[0].data
    for line, says in (
        ("--image @photo --image @photo --mask @box", "your source picture 2 is a different one"),
        ("--image @other --image @photo --mask @box", "your source picture 1 and 2 is a different one"),
        ("--image @photo --image @other --mask @tall", "your mask is a different one"),
        ("--image @photo --image @other", "it has 1 mask, yours has 0"),
        ("--image @photo --mask @box", "it has 2 source pictures, yours has 1"),
    ):
        answer = shell.run(f"%%imagine {HOW} {line}\nin winter")
        assert isinstance(answer.error, RecordingMiss)
        assert says in str(answer.error)


def test_a_sweep_varies_the_picture(shell: Shell) -> None:
    """Each cell starts from another one: a file, a variable by its name, or a picture of the history."""
    Path("cat.png").write_bytes(drawn((64, 64)))
    fox = draw(shell, "", "a red fox")
    shell.ip.user_ns["photos"] = {"my cat": "cat.png", "the fox": f"#{fox.id}", "a photo": "@photo"}

    answer = shell.run(f"%%imagine -o grid {HOW} --vary image=@photos\nin winter")
    assert answer.error is None
    grid = shell.ip.user_ns["grid"]

    assert [cell.generation.sources[0].name for cell in grid] == ["cat.png", f"#{fox.id}", "@photo"]
    assert [cell.generation.sources[0].pixels for cell in grid] == ["64×64", "1024×1024", "256×256"]
    again = shell.run(f"%%imagine -o same {HOW} --vary image=@photos\nin winter")
    assert again.error is None
    assert [cell.generation.sources for cell in shell.ip.user_ns["same"]] == [cell.generation.sources for cell in grid]


def test_one_image_of_a_generation_is_known_by_its_number(shell: Shell) -> None:
    """Just drawn, pasted back or read from the history, alone or in a sweep: where it came from is kept."""
    shell.ip.user_ns["box"] = mask_box(0, 0, 256, 100)
    pair = draw(shell, "-n 2", "two foxes")
    pasted = draw(shell, "--image @photo --mask @box --paste-back", "a stormy sky")
    read = shell.session.archive.find(pasted.id or 0)
    images = [pair.images[1], pasted.derived[0], read.images[0], read.derived[-1]]
    shell.ip.user_ns["one"] = images[0]

    numbers = [f"#{pair.id}.2", f"#{pasted.id}.2", f"#{pasted.id}", f"#{pasted.id}.2"]
    assert [str(image.number) for image in images] == numbers
    assert str(draw(shell, "--image @one", "at night").sources[0].origin) == numbers[0]
    shell.ip.user_ns["images"] = [images[0], images[1], pair]
    assert shell.run(f"%%imagine -o grid {HOW} --vary image=@images\nat dawn").error is None
    origins = [str(cell.generation.sources[0].origin) for cell in shell.ip.user_ns["grid"]]
    assert origins == [numbers[0], numbers[1], f"#{pair.id}"]


def test_a_sweep_over_an_edit_keeps_its_picture_and_mask(shell: Shell) -> None:
    """What all cells have in common is started from in each, and a sweep is shown, repeated and recorded as any."""
    shell.ip.user_ns["box"] = mask_box(0, 0, 256, 100)

    answer = shell.run(
        f"%%imagine -o grid {HOW} --image @photo --mask @box --vary season=winter,spring\nin {{{{ season }}}}"
    )
    assert answer.error is None
    grid = shell.ip.user_ns["grid"]

    assert len({cell.generation.request.inputs for cell in grid}) == 1
    assert [cell.generation.prompt for cell in grid] == ["in winter", "in spring"]
    assert shell.run(f"%imgmagic again sweep {grid.id}").error is None


def test_a_sweep_refuses_a_picture_that_is_nothing(shell: Shell) -> None:
    """Before anything is drawn."""
    answer = shell.run(f"%%imagine {HOW} --vary image=photo,nothing.png\nin winter")

    assert isinstance(answer.error, RequestInvalid)
    assert "There is no file 'nothing.png'" in str(answer.error)


def test_lineage_is_in_the_exports(shell: Shell) -> None:
    """A page names the family, a table what each began from."""
    fox = draw(shell, "", "a red fox")
    winter = draw(shell, f"--from {fox.id} --image @photo")

    assert shell.run("%imgmagic export all.html --all").error is None
    assert shell.run("%imgmagic export all.csv --all").error is None

    page, table = Path("all.html").read_text(encoding="utf-8"), Path("all.csv").read_text(encoding="utf-8")
    assert f"#{fox.id} → #{winter.id}" in page
    assert f'"#{fox.id}, @photo"' in table


def test_numbers_of_the_history_are_offered_behind_from(shell: Shell) -> None:
    """The newest first, as for the commands that take one."""
    fox, bird = draw(shell, "", "a red fox"), draw(shell, "", "a blue bird")

    assert offers(shell.session, "--from", []) == [str(bird.id), str(fox.id)]
