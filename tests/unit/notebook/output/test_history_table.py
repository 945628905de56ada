"""How the history and the usage look: as text, as HTML, and as the files that export writes."""

import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from IPython.core.error import UsageError
from PIL import Image

import imgmagic
from imgmagic.domain.origin import Origin
from imgmagic.domain.totals import Totals
from imgmagic.domain.usage import Usage
from imgmagic.errors import StoreError
from imgmagic.notebook.commands.context import Front
from imgmagic.notebook.output.history_table import history_html
from imgmagic.notebook.output.table import Column, TableCell, table_html, table_text
from imgmagic.notebook.output.usage_table import usage_html, usage_text
from imgmagic.store.usage_report import UsageReport
from tests.support.drawn import png, put
from tests.support.shell import Shell, loaded_shell

HOSTILE = "<script>alert(1)</script>\x1b[31m & more"


@pytest.fixture
def shell() -> Iterator[Shell]:
    with loaded_shell() as running:
        yield running


@pytest.fixture
def three(shell: Shell) -> Shell:
    """Return a shell with three generations: two of this session, one of an earlier."""
    put(shell.session.archive, "an old bear", session="earlier", tags=("animals",))
    put(shell.session.archive, "a red fox", tags=("animals", "best"))
    put(shell.session.archive, "a lighthouse", pictures=[png(1), png(2)])
    return shell


class TestTable:
    def test_text_is_aligned_and_without_pictures(self):
        """Figures stand right, words left; a picture has no place in a terminal."""
        columns = (Column(title="picture", is_picture=True), Column(title="#", is_number=True), Column(title="prompt"))

        text = table_text(columns, [("", "1", "a fox"), ("", "12", "a\nlong walk")])

        assert text.splitlines() == [" #  prompt", " 1  a fox", "12  a long walk"]

    def test_html_is_escaped_but_for_what_is_meant(self):
        """A cell's text never becomes markup; its own HTML does."""
        html = table_html(
            (Column(title="<b>"), Column(title="x")), [(HOSTILE, TableCell(text="", html="<br>"))], caption="<i>"
        )

        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
        assert "&lt;b&gt;" in html
        assert "&lt;i&gt;" in html
        assert "<script" not in html
        assert "<br>" in html

    def test_without_titles_there_is_no_head(self):
        """A table of names and values has none."""
        columns = (Column(title=""), Column(title=""))

        assert "<thead>" not in table_html(columns, [("a", "b")])
        assert table_text(columns, [("a", "b")]) == "a  b"


class TestHistory:
    def test_this_session_and_all(self, three: Shell):
        """Without --all only what this session drew is listed, the newest first."""
        own, everything = three.run("%imgmagic history").text, three.run("%imgmagic history --all").text

        assert re.findall(r"a lighthouse|a red fox|an old bear", own) == ["a lighthouse", "a red fox"]
        assert re.findall(r"a lighthouse|a red fox|an old bear", everything)[-1] == "an old bear"

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ("--search fox", ["a red fox"]),
            ("--all --tag animals", ["a red fox", "an old bear"]),
            ("--tag best", ["a red fox"]),
            ("--status completed -n 1", ["a lighthouse"]),
            ("--model gpt-image-2.5-flare", ["a lighthouse", "a red fox"]),
        ],
    )
    def test_filters(self, three: Shell, filters: str, found: list[str]):
        """Each filter leaves out what does not match."""
        text = three.run(f"%imgmagic history {filters}").text

        assert re.findall(r"a lighthouse|a red fox|an old bear", text) == found

    def test_more_than_shown(self, three: Shell):
        """The listing says that there is more and how to see it."""
        assert "There are more: add -n 2" in three.run("%imgmagic history -n 1").text
        assert "There are more" not in three.run("%imgmagic history -n 2").text

    def test_nothing_found(self, three: Shell):
        """It says where there is more."""
        answer = three.run("%imgmagic history --search elephant")

        assert "no generation of this session matches; --all looks through all 3" in answer.text
        assert answer.error is None

    def test_thumbnails(self, three: Shell):
        """Each row shows its first picture with the prompt as alternative text, and how many more there are."""
        archive = three.session.archive
        html = history_html([archive.history.get(3), archive.history.get(2)], archive)

        assert html.count('src="data:image/') == 2
        assert 'alt="a lighthouse"' in html
        assert "> +1" in html
        assert 'width="96" height="64"' in html

    def test_a_picture_that_is_gone(self, three: Shell):
        """The row stays and says so."""
        archive = three.session.archive
        record = archive.history.get(2)
        archive.images.remove(record.images[0].sha256, record.images[0].name)

        html = history_html([record], archive)

        assert "not in the image store" in html
        assert "a red fox" in html

    def test_hostile_text(self, shell: Shell):
        """Prompt, tag and note are shown as typed, and are never markup."""
        put(shell.session.archive, HOSTILE, tags=("<img src=x>",))
        shell.session.archive.history.note(1, "</td><script>")

        html = history_html([shell.session.archive.history.get(1)], shell.session.archive)

        assert "<script" not in html
        assert "<img src=x>" not in html
        assert "\x1b" not in html

    def test_pictures_only_where_html_is_seen(self, three: Shell):
        """A kernel's table has thumbnails, a terminal's has none."""
        in_kernel = Front(SimpleNamespace(kernel=object()), three.session)

        assert in_kernel.has_html
        assert not Front(three.ip, three.session).has_html
        assert "<img" not in three.run("%imgmagic history").html


class TestShow:
    def test_all_that_is_known(self, three: Shell):
        """Caption, paths, and what the record holds beside."""
        three.run("%imgmagic star 2")
        three.run("%imgmagic note 2 for the cover")

        text = three.run("%imgmagic show 2").text

        for part in ("a red fox", "205 tokens", "#2", "animals, best", "★", "for the cover", "$0.005925", "completed"):
            assert part in text
        assert "2-a-red-fox.png" in text

    def test_its_picture_and_its_options(self, three: Shell):
        """In a notebook the figure stands above the facts."""
        html = three.run("%imgmagic show 3").html

        assert html.count('src="data:image/') == 2
        assert "&quot;quality&quot;: &quot;low&quot;" in html

    def test_a_picture_that_is_gone(self, three: Shell):
        """Everything else is shown, and what is missing is said."""
        record = three.session.archive.history.get(2)
        three.session.archive.images.remove(record.images[0].sha256, record.images[0].name)

        answer = three.run("%imgmagic show 2")

        assert answer.error is None
        assert "is not in the image store" in answer.text
        assert "animals, best" in answer.text

    def test_a_picture_that_is_gone_takes_no_other_with_it(self, three: Shell):
        """The one that is left stands in the figure."""
        gone = three.session.archive.history.get(3).images[0]
        three.session.archive.images.remove(gone.sha256, gone.name)

        answer = three.run("%imgmagic show 3")

        assert answer.html.count('src="data:image/') == 1
        assert "is not in the image store" in answer.text


def totals(key: str, cost: str | None, *, origin: Origin = Origin.LIVE, unknown: int = 0) -> Totals:
    return Totals(
        key=key,
        origin=origin,
        generations=2,
        images=3,
        usage=Usage(total_tokens=1234),
        cost=None if cost is None else Decimal(cost),
        unknown_costs=unknown,
    )


class TestUsage:
    def test_bars_compare_costs(self):
        """The dearest has the longest bar; every figure stands beside it as text."""
        report = UsageReport(session=None, by="model", rows=(totals("a", "0.10"), totals("b", "0.05")))

        lines = usage_text(report).splitlines()

        assert lines[0] == "all sessions, asked of servers: 4 generations, 6 images, 2,468 tokens, $0.15"
        assert lines[2].count("█") == 2 * lines[3].count("█") == 16
        assert re.findall(r"width:(\d+)px;height", usage_html(report)) == ["160", "80"]

    def test_an_unknown_cost_is_never_nought(self):
        """Known and unknown are told apart; with no cost at all images are compared."""
        mixed = usage_text(UsageReport(session=None, by="model", rows=(totals("a", "0.10", unknown=1),)))
        none = usage_text(UsageReport(session=None, by="model", rows=(totals("a", None, unknown=2),)))

        assert "$0.10 and 1 of unknown cost" in mixed
        assert "cost unknown" in none
        assert "$0.00" not in none
        assert "compared by images" in none

    def test_simulated_runs_stand_apart(self):
        """They are named, cost nothing, and are in no sum."""
        rows = (totals("a", "0.10"), totals("a", None, origin=Origin.SIMULATED, unknown=2))

        text = usage_text(UsageReport(session="s", by="session", rows=rows))

        assert "this session, asked of servers: 2 generations" in text
        assert re.search(r"a \(simulated\).*nothing spent", text)

    def test_tags_are_not_added_up(self):
        """What has several tags would be counted several times."""
        report = UsageReport(session=None, by="tag", rows=(totals("a", "0.10"), totals("b", "0.10")))

        assert "$0.20" not in usage_text(report)
        assert "$0.20" not in repr(report)

    def test_a_hostile_key(self):
        """A tag is text, not markup."""
        html = usage_html(UsageReport(session=None, by="tag", rows=(totals(HOSTILE, "1"),)))

        assert "<script" not in html

    def test_the_command_adds_the_limits(self, three: Shell):
        """What is left is shown under the sum."""
        three.run("%imgmagic budget 2.00")

        text = three.run("%imgmagic usage").text

        assert "this session, asked of servers: 2 generations, 3 images, 410 tokens, $0.0119" in text
        assert "session budget $2.00: $0.0119 spent, $1.99 left" in text
        assert "an old bear" not in text

    @pytest.mark.parametrize(("by", "key"), [("model", "gpt-image-2.5-flare"), ("tag", "best"), ("session", "earlier")])
    def test_by_another_key(self, three: Shell, by: str, key: str):
        """Every session counts."""
        assert key in three.run(f"%imgmagic usage --by {by}").text


class TestPython:
    def test_history_and_usage_show_as_tables(self, three: Shell):
        """The values that cells return are shown like the commands' answers."""
        listed, used = three.run("import imgmagic\nimgmagic.history"), three.run("imgmagic.usage()")

        assert "3 generations" in listed.text
        assert "a lighthouse" in listed.text
        assert "this session, asked of servers" in used.text

    def test_they_have_html(self, three: Shell):
        """The formatters that loading adds give HTML with thumbnails."""
        formatter = three.ip.display_formatter.formatters["text/html"]

        assert formatter(imgmagic.history).count('src="data:image/') == 3
        assert "<table" in formatter(imgmagic.usage())


class TestExport:
    def test_one_generation_is_one(self, three: Shell, tmp_path: Path):
        """What was written is told in the singular, too."""
        answer = three.run(f"%imgmagic export {tmp_path}/one.html --search lighthouse --all")

        assert f"1 generation is in {tmp_path}/one.html" in answer.text

    def test_one_page_that_holds_everything(self, three: Shell, tmp_path: Path):
        """Pictures are in the page; nothing is loaded from anywhere."""
        answer = three.run(f"%imgmagic export {tmp_path}/page.html --all")

        page = (tmp_path / "page.html").read_text()
        assert f"3 generations are in {tmp_path}/page.html" in answer.text
        assert page.count("<article>") == 3
        assert "<p>a red fox</p>" in page
        assert page.count('src="data:image/') == 4
        assert not re.findall(r'(?:src|href)="(?!data:)', page)
        assert "default-src 'none'" in page

    def test_a_sheet_as_a_picture_and_as_paper(self, three: Shell, tmp_path: Path):
        """Any generations make a sheet with captions, under a title and a date of one's own."""
        for name in ("sheet.png", "sheet.pdf", "sheet.html"):
            answer = three.run(f"%imgmagic export {tmp_path}/{name} --all --title Foxes --date 'this autumn'")
            assert f"3 generations are in {tmp_path}/{name}" in answer.text

        with Image.open(tmp_path / "sheet.png") as sheet:
            assert sheet.width > sheet.height
            assert sheet.text["Description"].startswith("Foxes; #3 a lighthouse")
        assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
        page = (tmp_path / "sheet.html").read_text()
        assert "<h1>Foxes</h1>" in page
        assert "<p>this autumn · 3 generations</p>" in page

    def test_hostile_text_in_the_page(self, shell: Shell, tmp_path: Path):
        """A prompt never becomes markup."""
        put(shell.session.archive, HOSTILE, tags=("<script>",))

        shell.run(f"%imgmagic export {tmp_path}/page.html")

        assert "<script" not in (tmp_path / "page.html").read_text()

    def test_json_lines_with_the_pictures_beside(self, three: Shell, tmp_path: Path):
        """Each line is a generation, and names its originals by relative paths."""
        three.run(f"%imgmagic export {tmp_path}/history.jsonl")

        rows = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
        assert [row["prompt"] for row in rows] == ["a lighthouse", "a red fox"]
        assert rows[0]["cost"] == "0.005925"
        assert rows[0]["created_at"] == "2026-11-22T12:00:00+00:00"
        assert [(tmp_path / name).read_bytes() for name in rows[0]["images"]] == [png(1), png(2)]

    def test_a_folder_with_a_table(self, three: Shell, tmp_path: Path):
        """A folder that is not there is made; the table opens in a spreadsheet."""
        three.run(f"%imgmagic export {tmp_path}/out --tag best")

        with (tmp_path / "out" / "history.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["tags"] for row in rows] == ["animals, best"]
        assert (tmp_path / "out" / rows[0]["images"]).read_bytes() == png()

    def test_a_spreadsheet_runs_nothing(self, shell: Shell, tmp_path: Path):
        """A prompt that looks like a formula becomes text."""
        put(shell.session.archive, '=HYPERLINK("http://x")')

        shell.run(f"%imgmagic export {tmp_path}/t.csv")

        with (tmp_path / "t.csv").open(newline="") as file:
            assert next(csv.DictReader(file))["prompt"] == '\'=HYPERLINK("http://x")'

    def test_a_file_that_exists_is_kept(self, three: Shell, tmp_path: Path):
        """--overwrite replaces it."""
        page = tmp_path / "page.html"
        page.write_text("mine")

        refused = three.run(f"%imgmagic export {page}")
        kept = page.read_text()
        written = three.run(f"%imgmagic export {page} --overwrite")

        assert isinstance(refused.error, StoreError)
        assert f"{page} already exists; it was not overwritten. Add --overwrite." in str(refused.error)
        assert kept == "mine"
        assert written.error is None
        assert "<article>" in page.read_text()

    def test_a_picture_that_is_in_the_way(self, three: Shell, tmp_path: Path):
        """Neither it nor a table is written."""
        (tmp_path / "t-images").mkdir()
        (tmp_path / "t-images" / "3-a-lighthouse-1.png").write_bytes(b"mine")

        answer = three.run(f"%imgmagic export {tmp_path}/t.jsonl")

        assert isinstance(answer.error, StoreError)
        assert (tmp_path / "t-images" / "3-a-lighthouse-1.png").read_bytes() == b"mine"
        assert not (tmp_path / "t.jsonl").exists()

    @pytest.mark.parametrize("place", ["nowhere/page.html", "file/page.html", "nowhere/deep/folder"])
    def test_a_place_that_cannot_be_written(self, three: Shell, tmp_path: Path, place: str):
        """One message, and nothing is left there."""
        (tmp_path / "file").write_text("mine")
        before = sorted(tmp_path.rglob("*"))

        answer = three.run(f"%imgmagic export {tmp_path}/{place}")

        assert isinstance(answer.error, StoreError)
        assert "does not exist" in str(answer.error)
        assert sorted(tmp_path.rglob("*")) == before

    def test_a_folder_that_is_not_writable(self, three: Shell):
        """What the system refuses is told in one message, to every user of the machine."""
        answer = three.run("%imgmagic export /proc/page.html")

        assert isinstance(answer.error, StoreError)
        assert "/proc" in str(answer.error)

    def test_originals_that_are_gone_are_counted(self, three: Shell, tmp_path: Path):
        """The others are exported all the same."""
        record = three.session.archive.history.get(2)
        three.session.archive.images.remove(record.images[0].sha256, record.images[0].name)

        answer = three.run(f"%imgmagic export {tmp_path}/t.jsonl")

        assert "1 of them are no longer in the image store" in answer.text

    def test_nothing_to_export(self, shell: Shell, tmp_path: Path):
        """No empty page is written."""
        answer = shell.run(f"%imgmagic export {tmp_path}/page.html")

        assert isinstance(answer.error, UsageError)
        assert not (tmp_path / "page.html").exists()
