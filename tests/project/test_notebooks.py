"""The notebooks as files, and what plays a lesson beside Jupyter: nbclient and `jupyter execute`."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter, MarkdownExporter

from imgmagic.config.settings import Settings
from imgmagic.recordings import checks
from imgmagic.session import Session
from tests.support import ROOT
from tests.support.environment import clean_environment
from tools.notebooks import captions, solutions

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSON = ROOT / "notebooks" / "06_prompting_a_lesson.ipynb"
FOLDER = LESSON.with_suffix(".imgmagic")
ids = [path.stem for path in NOTEBOOKS]


def read(path):
    return nbformat.read(path, as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def lesson(folder, *prompts):
    """Write a lesson of one cell a prompt, with its recordings beside it, made by the simulator."""
    made = Session(
        Settings(
            environ={
                "IMGMAGIC_MODE": "record",
                "IMGMAGIC_RECORDINGS": str(folder / "lesson.imgmagic"),
                "IMGMAGIC_PROVIDER": "simulator",
                "IMGMAGIC_SIMULATOR_PACE": "0",
            },
            folder=folder,
            home=folder / "teacher",
        )
    )
    try:
        for prompt in prompts:
            made.imagine(prompt, output_format="jpeg")
    finally:
        made.close()
    cells = [nbformat.v4.new_code_cell("%load_ext imgmagic")]
    cells += [nbformat.v4.new_code_cell(f"%%imagine -f jpeg\n{prompt}") for prompt in prompts]
    path = folder / "lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def replaying(folder, **variables):
    return clean_environment(folder / "student", IMGMAGIC_REPLAY_SPEED="0", **variables)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_is_valid_and_saved_with_outputs(path):
    """Every code cell was run, from top to bottom, and no widget is in the file."""
    notebook = read(path)

    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert captions(notebook)
    assert "widgets" not in notebook.metadata
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_fails_only_where_it_means_to(path):
    """A cell that fails is tagged, so that Run All shows what it should."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]

    failing = [cell.source for cell in cells if any(each.output_type == "error" for each in cell.outputs)]
    tagged = [cell.source for cell in cells if "raises-exception" in cell.metadata.get("tags", [])]
    assert set(failing) <= set(tagged)


@pytest.mark.parametrize("path", [*NOTEBOOKS, FOLDER / "recordings.jsonl"], ids=[*ids, "recordings"])
def test_nothing_names_this_machine_or_a_key(path):
    """Neither a checkout's folder nor a user's home stands in what is published."""
    text = path.read_text(encoding="utf-8")

    assert str(ROOT) not in text
    assert str(Path.home()) not in text.replace("/home/you", "")
    assert not re.search(r"\bsk-[A-Za-z0-9]{16,}", text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_links_to_what_is_there(path):
    """Relative links lead to files of the repository."""
    texts = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    links = [link for text in texts for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]

    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
def test_pictures_and_captions_survive_export(exporter):
    """A page made of the lesson shows what the notebook shows."""
    notebook = read(LESSON)
    page, _ = exporter().from_notebook_node(notebook)

    shown = captions(notebook)
    assert page.count("<figure") == len(shown) > 20
    assert page.count("replayed, recorded on") >= len(shown)


def test_the_lesson_says_of_every_picture_what_it_is():
    """All are replays of what a simulator drew, and say both."""
    for caption in captions(read(LESSON)):
        assert "simulated" in caption
        assert re.search(r"replayed, recorded on \d{4}-\d\d-\d\d with gpt-image", caption)
        assert "nothing spent" in caption


def test_the_lesson_has_solutions_that_can_be_opened():
    """One for every exercise, folded away, in a form that GitHub and Jupyter fold."""
    notebook = read(LESSON)
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")

    assert texts.count("<details><summary>") == texts.count("</details>") >= texts.count("### Your turn") == 6
    assert len(solutions(notebook)) >= 6


def test_the_recordings_of_the_lesson_are_sound_and_small():
    """All is well in the folder, nothing in it is unused, and it stays under 3 MB."""
    assert checks.verify(FOLDER) == ()
    assert checks.unused(FOLDER) == ()
    assert checks.size(FOLDER).bytes < 3_000_000


@pytest.mark.slow
def test_the_lesson_and_its_solutions_replay_strictly(tmp_path):
    """Under nbclient, without a key, and without a word on where the notebook is: its first cell names the folder."""
    shutil.copy(LESSON, tmp_path)
    shutil.copytree(FOLDER, tmp_path / FOLDER.name)
    notebook = read(tmp_path / LESSON.name)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in solutions(notebook)]

    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=replaying(tmp_path, IMGMAGIC_MODE="replay"))

    replayed = [text for text in captions(notebook) if "replayed, recorded on" in text]
    assert len(replayed) == len(captions(notebook)) >= 35


@pytest.mark.slow
def test_nbclient_finds_the_folder_beside_the_notebook(tmp_path):
    """As a server does, it tells the kernel the notebook's name; the mode is auto without a word."""
    path = lesson(tmp_path, "a red fox")
    notebook = read(path)

    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=replaying(tmp_path, JPY_SESSION_NAME=str(path)))

    assert "replayed, recorded on" in captions(notebook)[0]


@pytest.mark.slow
def test_an_unrecorded_cell_fails_strictly_under_nbclient(tmp_path):
    """With the nearest request named, although the simulator could draw."""
    path = lesson(tmp_path, "a red fox")
    notebook = read(path)
    notebook.cells[1].source = "%%imagine -f jpeg\na red owl"

    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    environment = replaying(tmp_path, IMGMAGIC_MODE="replay", IMGMAGIC_RECORDINGS="lesson.imgmagic")
    with pytest.raises(CellExecutionError) as caught:
        client.execute(env={**environment, "IMGMAGIC_PROVIDER": "simulator"})

    assert "RecordingMiss" in str(caught.value)
    assert "has “fox” where yours has “owl”" in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(("prompt", "status"), [("a red fox", 0), ("a red owl", 1)])
def test_jupyter_execute_plays_a_lesson_or_fails(tmp_path, prompt, status):
    """With the folder named in the environment, as in a course's own CI."""
    path = lesson(tmp_path, "a red fox")
    path.write_text(json.dumps(json.loads(path.read_text())).replace("a red fox", prompt))

    ran = subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", path.name],
        cwd=tmp_path,
        env=replaying(tmp_path, IMGMAGIC_MODE="replay", IMGMAGIC_RECORDINGS="lesson.imgmagic"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == status, ran.stderr
    assert ("RecordingMiss" in ran.stderr) == bool(status)
    assert len(captions(read(path))) == 1 - status
