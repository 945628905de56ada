import io
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.errors import ImgmagicError, StoreError
from imgmagic.store.sweep_files import font_files
from imgmagic.store.sweep_files.contact_sheet import write_contact_sheet
from imgmagic.store.sweep_files.sweep_folder import check_folder
from tests.support.swept import AT, swept

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
    """An HTML sheet has heads and alternative texts, every text escaped, and no small picture blown up."""
    page = write_contact_sheet(SWEEP, tmp_path / "sheet.html").read_text(encoding="utf-8")

    assert page.count('<th scope="col">') == 2
    assert page.count('<th scope="row">') == 2
    assert page.count("<img alt=") == 3
    assert page.count('width="96" height="96"') == 3
    assert "&lt;b&gt;blocked" in page
    assert "<script" not in page


def test_a_page_has_a_head_and_needs_nothing_else(tmp_path: Path) -> None:
    """Title, prompt, date and facts stand above the grid, the requests below it; nothing is loaded from anywhere."""
    path = write_contact_sheet(SWEEP, tmp_path / "sheet.htm", title="Styles <of> light", date="winter term")

    page = path.read_text(encoding="utf-8")
    assert "<h1>Styles &lt;of&gt; light</h1>" in page
    assert '<p class="text">a lighthouse, {{ style }}</p>' in page
    assert "winter term · 3 pictures in 4 cells" in page
    assert "style oil, quality high: #13 completed" in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "default-src 'none'" in page


def test_a_sheet_without_a_title_is_named_by_its_prompt(tmp_path: Path) -> None:
    """The prompt stands there once, and the day on which the sweep was begun below it, unless no date is wanted."""
    page = write_contact_sheet(SWEEP, tmp_path / "sheet.html").read_text(encoding="utf-8")
    undated = write_contact_sheet(SWEEP, tmp_path / "undated.html", date="").read_text(encoding="utf-8")

    assert page.count("a lighthouse, {{ style }}") == 2  # in the window's bar, and above the grid
    assert f'about">{AT.astimezone():%Y-%m-%d} · 3 pictures' in page
    assert 'about">3 pictures' in undated


def test_a_picture_and_a_document_have_the_title_and_the_date(tmp_path: Path) -> None:
    """They stand above the grid, and the title in what the file says of itself."""
    plain = write_contact_sheet(SWEEP, tmp_path / "plain.png", date="")
    titled = write_contact_sheet(SWEEP, tmp_path / "titled.png", title="Light", date="winter term")
    paper = write_contact_sheet(SWEEP, tmp_path / "titled.pdf", title="Light", date="winter term")

    with Image.open(plain) as without, Image.open(titled) as sheet:
        assert sheet.text["Description"].startswith("Light; a lighthouse")
        assert sheet.height > without.height
        assert _ink_rows(sheet) > _ink_rows(without)
    assert "Light".encode("utf-16-be") in paper.read_bytes()


def _ink_rows(sheet: Image.Image) -> int:
    """Return how many rows of pixels above the grid hold ink."""
    head = sheet.convert("L").crop((0, 0, sheet.width, sheet.height - 2 * 96))
    return sum(min(head.crop((0, y, head.width, y + 1)).tobytes()) < 128 for y in range(head.height))


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
    with pytest.raises(StoreError, match="already exists"):
        write_contact_sheet(SWEEP, path)
    assert write_contact_sheet(SWEEP, path, overwrite=True) == path


@pytest.mark.parametrize("name", ["sheet", "sheet.jpg", "sheet.pn"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    """The ending says the format, and others than these are not known."""
    with pytest.raises(StoreError, match=r"End the name in \.png, \.pdf, \.html or \.htm\."):
        write_contact_sheet(SWEEP, tmp_path / name)


@pytest.mark.parametrize("name", ["~nobody-of-this-name/sheet.png", "a\0b.png", "x" * 300 + ".png"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    """As a sheet and as a folder for the pictures, before anything is drawn."""
    for take in (partial(write_contact_sheet, swept({"style": ["oil"]})), check_folder):
        with pytest.raises(ImgmagicError, match=r"no such home folder|cannot be the name"):
            take(name)


def test_a_script_without_a_font_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no font has the letters, that is said before anything is written, and the browser's page still works."""
    monkeypatch.setattr(font_files, "all_files", lambda: ())
    monkeypatch.setattr(font_files, "files_with", lambda _: [])
    sweep = swept({"style": ["油画", "水墨"]})

    with pytest.raises(StoreError, match="no font on this machine has the letters"):
        write_contact_sheet(sweep, tmp_path / "sheet.png")
    assert not (tmp_path / "sheet.png").exists()
    assert "油画" in write_contact_sheet(sweep, tmp_path / "sheet.html").read_text(encoding="utf-8")
