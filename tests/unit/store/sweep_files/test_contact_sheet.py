import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.errors import StoreError
from imgmagic.store.sweep_files import font_files
from imgmagic.store.sweep_files.contact_sheet import write_contact_sheet
from tests.support.swept import swept

SWEEP = swept({"style": ["oil", "ink"], "quality": ["low", "high"]}, failed=[4])


def test_a_picture_holds_the_grid_and_says_what_it_shows(tmp_path: Path) -> None:
    """A PNG sheet has the pictures at their places, and a description for those who do not see it."""
    path = write_contact_sheet(SWEEP, tmp_path / "sheet.png")

    with Image.open(path) as sheet:
        assert "style: oil, ink; quality: low, high" in sheet.text["Description"]
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(1 << 20)}
    for cell in SWEEP.cells[:3]:
        with Image.open(io.BytesIO(cell.generation.image.data)) as picture:
            drawn = picture.convert("RGB").getpixel((0, 0))
        assert any(sum(abs(a - b) for a, b in zip(drawn, colour, strict=True)) < 24 for colour in colours)


def test_a_document_has_a_page_per_grid(tmp_path: Path) -> None:
    """A PDF sheet has one page for each value of the third axis."""
    path = write_contact_sheet(swept({"a": [1, 2], "b": [1, 2], "c": [1, 2, 3]}), tmp_path / "sheet.pdf")

    assert path.read_bytes().startswith(b"%PDF")
    assert path.read_bytes().count(b"/Type /Page\n") == 3


def test_a_page_is_a_real_table(tmp_path: Path) -> None:
    """An HTML sheet stands alone, with heads, alternative texts and every text escaped."""
    page = write_contact_sheet(SWEEP, tmp_path / "sheet.html").read_text(encoding="utf-8")

    assert page.count('<th scope="col">') == 2
    assert page.count('<th scope="row">') == 2
    assert page.count("<img alt=") == 3
    assert "&lt;b&gt;blocked" in page
    assert "<script" not in page


@pytest.mark.parametrize("data", [b"\x00\x01" * 99, b"<svg xmlns='http://www.w3.org/2000/svg'/>"], ids=["odd", "SVG"])
@pytest.mark.parametrize("ending", ["html", "png", "pdf"])
def test_a_picture_that_cannot_be_shown_does_not_cost_the_sheet(tmp_path: Path, ending: str, data: bytes) -> None:
    """The other pictures are there, and its place says why it is empty."""
    image = SWEEP.cells[0].generation.image
    odd = replace(image, picture=replace(image.picture, data=data, format="bin", width=0, height=0))
    first = replace(SWEEP.cells[0], generation=replace(SWEEP.cells[0].generation, images=(odd,)))

    path = write_contact_sheet(replace(SWEEP, cells=(first, *SWEEP.cells[1:])), tmp_path / f"sheet.{ending}")

    assert path.stat().st_size > 1000
    if ending == "html" and data.startswith(b"\x00"):
        assert path.read_text(encoding="utf-8").count("<img alt=") == 2
        assert "cannot be shown here" in path.read_text(encoding="utf-8")


def test_a_sheet_is_not_written_over_a_file_unasked(tmp_path: Path) -> None:
    """A file that exists stays as it is, unless it is to be overwritten."""
    path = write_contact_sheet(SWEEP, tmp_path / "sheet.png")
    with pytest.raises(StoreError, match="exists already"):
        write_contact_sheet(SWEEP, path)
    assert write_contact_sheet(SWEEP, path, overwrite=True) == path


@pytest.mark.parametrize("name", ["sheet", "sheet.jpg", "sheet.pn"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    """The ending says the format, and there are three."""
    with pytest.raises(StoreError, match=r"End the name in \.png, \.pdf or \.html"):
        write_contact_sheet(SWEEP, tmp_path / name)


def test_a_script_without_a_font_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no font has the letters, that is said before anything is written, and the browser's page still works."""
    monkeypatch.setattr(font_files, "all_files", lambda: ())
    monkeypatch.setattr(font_files, "files_with", lambda _: [])
    sweep = swept({"style": ["油画", "水墨"]})

    with pytest.raises(StoreError, match="no font on this machine has the letters"):
        write_contact_sheet(sweep, tmp_path / "sheet.png")
    assert not (tmp_path / "sheet.png").exists()
    assert "油画" in write_contact_sheet(sweep, tmp_path / "sheet.html").read_text(encoding="utf-8")
