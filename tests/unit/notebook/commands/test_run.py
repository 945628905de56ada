"""What %imgmagic answers: each command, and each thing that can be typed wrong."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError
from PIL import Image

from imgmagic.errors import BudgetExceeded, RecordingDamaged, RecordingMiss, StoreError
from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.line import parser_of
from imgmagic.notebook.commands.manual import IMGMAGIC_MANUAL
from imgmagic.notebook.commands.run import HOMES
from imgmagic.notebook.completion.matcher import Candidates
from imgmagic.session import default_session
from imgmagic.simulator import Simulator
from tests.support.drawn import png, put
from tests.support.sessions import QUICKLY_DRAWN
from tests.support.shell import Shell, loaded_shell

KEY = "sk-test-0123456789abcdefgh"


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(pace_s=0) as running:
        yield running


@pytest.fixture
def shell(server: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Run a shell whose provider is openai, played by the simulator."""
    for name, value in {**QUICKLY_DRAWN, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}.items():
        monkeypatch.setenv(name, value)
    with loaded_shell() as running:
        yield running


@pytest.fixture
def fox(shell: Shell) -> Shell:
    """Return the shell with one generation in its history."""
    put(shell.session.archive, "a red fox", tags=("animals",))
    return shell


class TestTable:
    @pytest.mark.parametrize("word", COMMANDS)
    def test_every_command_can_run_and_has_a_page(self, word: str):
        """Each row names a module whose table holds the command, and every argument has a help."""
        assert word in HOMES[COMMANDS[word].home]()
        assert all(each.settings.get("help") for each in COMMANDS[word].arguments)
        assert COMMANDS[word].help in " ".join(parser_of(word).format_help().split())

    def test_the_word_alone_prints_ten_lines(self, shell: Shell):
        """What most people need fits on a small page; the manual is one word away."""
        said = shell.run("%imgmagic").text.strip()

        assert len(said.splitlines()) == 10
        assert "%imgmagic help" in said

    def test_the_manual_lists_every_command(self):
        """What `%imgmagic?` shows is made of the table."""
        assert all(f"%imgmagic {word}" in IMGMAGIC_MANUAL for word in COMMANDS)

    def test_the_table_loads_nothing_that_a_command_needs(self):
        """Loading the extension stays quick: neither the database nor Pillow comes with the table."""
        code = (
            "import sys, imgmagic.notebook.completion.matcher, imgmagic.notebook.commands.manual; "
            "print([name for name in ('sqlalchemy', 'PIL', 'httpx', 'keyring') if name in sys.modules])"
        )

        printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

        assert printed == "[]\n"


class TestBadInput:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("histry", "no command 'histry'. Did you mean history?"),
            ("show", "it needs ID"),
            ("show abc", "'abc' is not a number of the history"),
            ("show 1 2", "unexpected argument '2'"),
            ("tag 1", "it needs TEXT"),
            ("history --tga x", "there is no option --tga. Did you mean --tag?"),
            ("history -n 0", "'0' is not a number of 1 or more"),
            ("history -n", "expected one argument"),
            ("history --status done", "invalid choice: 'done'"),
            ("usage --by month", "invalid choice: 'month'"),
            ("budget -1", "a budget of -1 is not an amount. Give US dollars"),
            ("budget abc", "a budget of 'abc' is not an amount. Give US dollars"),
            ("budget nan", "a budget of NaN is not an amount"),
            ("export", "it needs PATH"),
            ("export page.gif", "PATH must end in .html, .png, .pdf, .csv or .jsonl"),
            ("recordings lst", "no action 'lst'. Did you mean list?"),
            ("record", "no recordings folder is in use"),
            ("key", "it needs PROVIDER"),
            ("help shwo", "no topic 'shwo'. Did you mean show?"),
        ],
    )
    def test_one_clear_usage_error(self, shell: Shell, line: str, message: str):
        """A mistake is named in one message, with what is allowed."""
        answer = shell.run(f"%imgmagic {line}")

        assert isinstance(answer.error, UsageError)
        assert message in str(answer.error)

    @pytest.mark.parametrize("number", ["99999", "0", "1000000000000000000000000"])
    @pytest.mark.parametrize("command", ["show", "again", "forget", "star"])
    def test_a_generation_that_is_not_there(self, shell: Shell, command: str, number: str):
        """The message says so and where they are listed."""
        answer = shell.run(f"%imgmagic {command} {number}")

        assert isinstance(answer.error, StoreError)
        assert str(answer.error) == f"there is no generation {number}. %imgmagic history --all lists them."

    def test_a_bad_budget_changes_nothing(self, shell: Shell):
        """The limit that was set stays."""
        shell.run("%imgmagic budget 1.50")

        shell.run("%imgmagic budget -1")
        shell.run("%imgmagic budget abc")

        assert shell.session.limit == Decimal("1.50")

    def test_a_price_table_that_is_no_json(self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """The picture comes, and its caption says what is wrong with which file."""
        table = tmp_path / "prices.json"
        table.write_text("{not json")
        monkeypatch.setenv("IMGMAGIC_PRICE_TABLE", str(table))

        answer = shell.run("%imagine a fox")

        assert answer.error is None
        assert f"the price table {table} is not JSON" in answer.text

    def test_a_price_table_with_negative_prices(self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """A price below 0 is refused by its name, and the shipped prices are used."""
        table = tmp_path / "prices.json"
        table.write_text('{"my-model": {"output_cost_per_image": -0.04}}')
        monkeypatch.setenv("IMGMAGIC_PRICE_TABLE", str(table))

        answer = shell.run("%imagine a fox")

        assert answer.error is None
        assert "my-model" in answer.text
        assert "The prices that come with imgmagic were used" in answer.text

    def test_a_history_that_cannot_be_reached(self, shell: Shell, monkeypatch: pytest.MonkeyPatch):
        """The command says so; pictures are still drawn and shown, and say that they are not recorded."""
        monkeypatch.setenv("IMGMAGIC_HISTORY_URL", "postgresql://nobody@127.0.0.1:9/history")

        listed, drawn = shell.run("%imgmagic history"), shell.run("%imagine a red fox")

        assert isinstance(listed.error, StoreError)
        assert "the history cannot be opened: the server cannot be reached" in str(listed.error)
        assert drawn.error is None
        assert "the server cannot be reached" in drawn.text
        assert '"a red fox"' in drawn.text


class TestMarks:
    def test_tag_star_and_note_are_kept(self, fox: Shell):
        """Each command answers with what holds now."""
        assert fox.run('%imgmagic tag 1 "for the cover" animals').text.strip() == "#1 is tagged animals, for the cover"
        assert fox.run("%imgmagic star 1").text.strip() == "#1 has a star"
        assert fox.run("%imgmagic note 1 it's the best one").text.strip() == "#1: it's the best one"

        record = fox.session.archive.history.get(1)

        assert (record.started.tags, record.star, record.note) == (
            ("animals", "for the cover"),
            True,
            "it's the best one",
        )

    def test_star_and_note_come_off(self, fox: Shell):
        """`--off` takes the star, a note without words takes the note."""
        fox.run("%imgmagic star 1")
        fox.run("%imgmagic note 1 nice")

        fox.run("%imgmagic star 1 --off")
        fox.run("%imgmagic note 1")

        record = fox.session.archive.history.get(1)
        assert (record.star, record.note) == (False, "")


class TestForget:
    def test_without_yes_nothing_is_removed(self, fox: Shell):
        """It says what would go and how to do it."""
        answer = fox.run("%imgmagic forget 1")

        assert "Nothing is removed yet; type %imgmagic forget 1 --yes" in answer.text
        assert fox.session.archive.history.get(1) is not None

    def test_with_yes_record_and_originals_go(self, fox: Shell):
        """The file is gone from the disk, and what it cost is still counted."""
        path = fox.session.archive.images.path(fox.session.archive.history.get(1).images[0].name)
        assert path.is_file()

        answer = fox.run("%imgmagic forget 1 --yes")

        assert '#1 "a red fox" is removed, with 1 picture.' in answer.text
        assert not list(path.parents[3].rglob("*.png"))
        assert fox.session.archive.history.get(1) is None
        assert fox.session.archive.history.spent(session=fox.session.name).total > 0

    def test_an_original_that_another_has_stays(self, shell: Shell):
        """Two generations share a picture: forgetting one leaves it to the other."""
        put(shell.session.archive, pictures=[png(1), png(2)])
        put(shell.session.archive, pictures=[png(1)])

        answer = shell.run("%imgmagic forget 1 --yes")

        assert "with 1 picture; 1 picture stayed, as others have them" in answer.text
        assert shell.session.archive.history.get(2).images
        assert shell.session.archive.images.holds(shell.session.archive.history.get(2).images[0].sha256)


class TestAgain:
    def test_it_asks_for_the_same_with_changes(self, fox: Shell, server: Simulator, monkeypatch: pytest.MonkeyPatch):
        """The server receives the recorded options, but for those that were typed, whatever has been set since."""
        for name, value in {"MODEL": "gpt-image-2", "N": "3", "BACKGROUND": "opaque", "PARTIAL_IMAGES": "1"}.items():
            monkeypatch.setenv(f"IMGMAGIC_{name}", value)

        answer = fox.run("%imgmagic again 1 -q medium")

        assert answer.error is None
        assert server.requests[-1].body == {
            "model": "gpt-image-2.5-flare",
            "prompt": "a red fox",
            "quality": "medium",
            "size": "1024x1024",
            "stream": True,
            "partial_images": 2,
        }
        assert fox.session.archive.history.get(2).started.request.prompt == "a red fox"

    def test_settings_say_how_it_streams_where_that_is_changed(
        self, fox: Shell, server: Simulator, monkeypatch: pytest.MonkeyPatch
    ):
        """What was recorded of it no longer fits."""
        monkeypatch.setenv("IMGMAGIC_PARTIAL_IMAGES", "1")
        monkeypatch.setenv("IMGMAGIC_BACKGROUND", "opaque")

        fox.run("%imgmagic again 1 --stream")

        assert server.requests[-1].body["partial_images"] == 1
        assert "background" not in server.requests[-1].body

    def test_words_are_another_prompt(self, fox: Shell, server: Simulator):
        """Options stay, the prompt changes; {{ }} is filled from the notebook."""
        fox.ip.user_ns["animal"] = "whale"

        fox.run("%imgmagic again 1 a blue {{ animal }}")

        assert server.requests[-1].body["prompt"] == "a blue whale"
        assert server.requests[-1].body["quality"] == "low"

    def test_braces_of_a_recorded_prompt_are_text(self, shell: Shell, server: Simulator):
        """What was expanded once is not expanded again."""
        shell.ip.user_ns["text"] = "{{ nothing }}"
        shell.run("%%imagine -q low -s 1024x1024\nthe words {{ text }}")

        answer = shell.run("%imgmagic again 1")

        assert answer.error is None
        assert server.requests[-1].body["prompt"] == "the words {{ nothing }}"

    def test_without_streaming(self, fox: Shell, server: Simulator):
        """Partial images that were asked for with the stream go with it."""
        answer = fox.run("%imgmagic again 1 --no-stream")

        assert answer.error is None
        assert not {"stream", "partial_images"} & set(server.requests[-1].body)

    def test_a_picture_of_the_simulator_is_drawn_by_a_real_server(self, shell: Shell, server: Simulator):
        """With another provider the recorded model and way of streaming are not carried over."""
        put(shell.session.archive, "a practice fox", provider="simulator", dialect="simulator")
        before = len(server.requests)

        answer = shell.run("%imgmagic again 1 -p openai")

        assert answer.error is None
        assert [each.body["prompt"] for each in server.requests[before:]] == ["a practice fox"]

    def test_a_bad_option_is_named(self, fox: Shell):
        """The line after the number is checked like that of %%imagine."""
        answer = fox.run("%imgmagic again 1 --qualty high")

        assert isinstance(answer.error, UsageError)
        assert "Did you mean --quality?" in str(answer.error)

    def test_its_picture_is_bound_and_saved(self, fox: Shell, tmp_path: Path):
        """-o and --save do what they do in a cell."""
        fox.run(f"%imgmagic again 1 -o better --save {tmp_path}/better.png")

        assert fox.ip.user_ns["better"].id == 2
        assert (tmp_path / "better.png").read_bytes() == fox.ip.user_ns["better"].image.data


class TestBudget:
    def test_it_is_shown_set_and_lifted(self, fox: Shell):
        """What is spent and left is told each time."""
        assert fox.run("%imgmagic budget").text.strip() == "session budget: no limit"
        spent = fox.session.archive.history.spent(session=fox.session.name).total

        answer = fox.run("%imgmagic budget 2.00").text

        assert "session budget $2.00:" in answer
        assert f"{2 - spent:.2f} left" in answer
        assert fox.run("%imgmagic budget off").text.strip() == "session budget: no limit"
        assert fox.session.limit is None

    def test_a_cell_that_does_not_fit_is_refused(self, fox: Shell, server: Simulator):
        """The server hears nothing, and the message says what is left."""
        fox.run("%imgmagic budget 0.02")
        before = len(server.requests)

        answer = fox.run("%imagine -q high -s 1024x1024 too dear")

        assert isinstance(answer.error, BudgetExceeded)
        assert "of the session budget of $0.02 is left" in str(answer.error)
        assert len(server.requests) == before

    def test_the_daily_limit_is_shown(self, fox: Shell, monkeypatch: pytest.MonkeyPatch):
        """A limit of the settings stands beside that of the session."""
        monkeypatch.setenv("IMGMAGIC_DAILY_BUDGET", "5")

        assert "daily budget $5.00:" in fox.run("%imgmagic budget").text


class TestDryRun:
    def test_it_shows_the_estimate_and_what_is_left(self, shell: Shell, server: Simulator):
        """Nothing is sent."""
        shell.run("%imgmagic budget 2")
        before = len(server.requests)

        text = shell.run("%imagine --dry-run -q high -s 1024x1024 a fox").text

        assert "estimate: about $0.0" in text
        assert "session budget $2.00: $0.00 spent, $2.00 left" in text
        assert len(server.requests) == before

    def test_a_price_that_nobody_knows(self, shell: Shell):
        """An unknown cost is told as unknown, never as 0."""
        text = shell.run("%imagine --dry-run --no-check -m my-own-model a fox").text

        assert "estimate: cost unknown" in text

    def test_the_simulator_costs_nothing(self, shell: Shell):
        """A simulated picture is told as such."""
        assert "estimate: nothing, the picture is simulated" in shell.run("%imagine -p simulator --dry-run a fox").text


class TestRecordings:
    def test_record_then_replay_without_asking(self, shell: Shell, server: Simulator, tmp_path: Path):
        """What was recorded is played, and the server hears nothing more."""
        folder = tmp_path / "lesson.imgmagic"
        recorded = shell.run(f"%imgmagic record {folder}")
        shell.run("%imagine -q low -s 1024x1024 a recorded fox")
        replaying = shell.run(f"%imgmagic replay {folder}")
        before = len(server.requests)

        shown = shell.run("%imagine -q low -s 1024x1024 a recorded fox")

        assert f"recording into {folder}" in recorded.text
        assert "1 runs" in replaying.text
        assert "replayed, recorded on" in shown.text
        assert len(server.requests) == before
        assert isinstance(shell.run("%imagine another fox").error, RecordingMiss)
        assert "nothing is recorded" in shell.run("%imgmagic live").text
        assert shell.run("%imagine -q low -s 1024x1024 another fox").error is None

    def test_the_folder_is_looked_after(self, shell: Shell, tmp_path: Path):
        """Without a path the folder in use is meant."""
        folder = tmp_path / "lesson.imgmagic"
        shell.run(f"%imgmagic record {folder}")
        shell.run("%imagine -q low -s 1024x1024 a recorded fox")

        assert "all is well" in shell.run("%imgmagic recordings verify").text
        assert "a recorded fox" in shell.run("%imgmagic recordings list").text
        assert "nothing is unused" in shell.run("%imgmagic recordings trim").text
        assert "1 runs" in shell.run(f"%imgmagic recordings size {folder}").text
        assert f"mode record, recordings in {folder}" in shell.run("%imgmagic recordings").text

    def test_a_record_cell_without_a_key_replays(self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """A student runs all of a lesson in which the teacher left it: nothing changes, each cell shows its picture."""
        cells = (f"%imgmagic record {tmp_path / 'lesson.imgmagic'}", "%imagine -q low -s 1024x1024 a recorded fox")
        for cell in cells:
            shell.run(cell)
        before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file() and "lesson" in str(each)}
        monkeypatch.delenv("OPENAI_API_KEY")
        shell.run("%imgmagic live")

        told, shown = (shell.run(cell) for cell in cells)

        assert "is replayed and nothing is recorded" in told.text
        assert shown.error is None
        assert "replayed" in shown.text
        assert all(each.read_bytes() == data for each, data in before.items())
        assert "not recorded" in str(shell.run("%imagine -q low -s 1024x1024 an unrecorded fox").error)

    def test_a_folder_that_is_not_sound_fails_the_cell(self, shell: Shell, tmp_path: Path):
        """A course's Run All stops where a recording is damaged."""
        (tmp_path / "recordings.jsonl").write_text("{not json\n")

        answer = shell.run(f"%imgmagic recordings verify {tmp_path}")

        assert isinstance(answer.error, RecordingDamaged)
        assert "line 1 of recordings.jsonl is damaged" in str(answer.error)

    def test_a_folder_without_recordings_is_not_replayed(self, shell: Shell, tmp_path: Path):
        """The mode stays as it was."""
        answer = shell.run(f"%imgmagic replay {tmp_path}")

        assert isinstance(answer.error, StoreError)
        assert "holds no recordings" in str(answer.error)
        assert "mode live" in shell.run("%imgmagic recordings").text


class TestServers:
    def test_providers_say_where_the_key_is_and_never_which(self, shell: Shell):
        """The variable is named, the key is not."""
        text = shell.run("%imgmagic providers").text

        lines = text.strip().splitlines()
        assert lines[1].startswith("openai")
        assert "the next cell asks it" in lines[1]
        assert "OPENAI_BASE_URL" in lines[1]
        assert lines[1].endswith("found in OPENAI_API_KEY")
        assert KEY not in text

    def test_providers_that_can_be_asked_come_first(self, shell: Shell):
        """A server on this machine that needs no key is ready; one without a key says which variable it wants."""
        lines = shell.run("%imgmagic providers").text.splitlines()
        [local] = [line for line in lines if line.startswith("localai")]
        [azure] = [line for line in lines if line.startswith("azure")]

        assert "not tried" in local
        assert local.endswith("not needed")
        assert azure.endswith("not found (AZURE_OPENAI_API_KEY)")
        assert lines.index(local) < lines.index(azure)

    def test_trust_allows_what_the_folder_asks_for(self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """The cell says what would happen and stops; after the word it asks the server; the word can be taken back."""
        monkeypatch.chdir(tmp_path)
        url = shell.session.settings.environ["OPENAI_BASE_URL"]
        (tmp_path / "pyproject.toml").write_text(
            f'[tool.imgmagic.providers.lab]\ndialect = "openai"\nbase_url = "{url}"\nkey_env = "OPENAI_API_KEY"\n'
        )
        cell = "%imagine -p lab -s 1024x1024 -q low a fox"

        refused, listed = shell.run(cell), shell.run("%imgmagic providers").text
        allowed, drawn = shell.run("%imgmagic trust").text, shell.run(cell)
        shell.run("%imgmagic trust --off")

        assert "would send the key in OPENAI_API_KEY to 127.0.0.1" in str(refused.error)
        assert "needs %imgmagic trust" in next(line for line in listed.splitlines() if line.startswith("lab"))
        assert "- providers.lab: send the key in OPENAI_API_KEY to 127.0.0.1" in allowed
        assert drawn.error is None
        assert "%imgmagic trust" in str(shell.run(cell).error)

    def test_trust_says_that_a_file_of_another_user_is_not_read(
        self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """In a folder that a teacher shares its settings do nothing until the user names it."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "pyproject.toml").write_text("[tool.imgmagic]\nsize = '1024x1024'\n")
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

        assert f"name {tmp_path} in IMGMAGIC_TRUST" in shell.run("%imgmagic trust").text

    def test_what_a_folder_asks_for_is_a_line_each(self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """A name cannot write lines of its own into the list."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "pyproject.toml").write_text(
            '[tool.imgmagic.providers."a\\n- nothing to see"]\nbase_url = "https://images.example"\n'
        )

        lines = shell.run("%imgmagic trust").text.splitlines()

        assert [line for line in lines if line.startswith("-")] == [
            "- providers.a - nothing to see: send your prompts to images.example"
        ]

    def test_trust_of_a_folder_that_asks_for_nothing(
        self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """It says so, and writes nothing down."""
        monkeypatch.chdir(tmp_path)

        assert "ask for nothing" in shell.run("%imgmagic trust").text
        assert not (shell.session.settings.home / "trusted.json").exists()

    def test_models_of_the_provider_in_use(self, shell: Shell):
        """Without a name it is the one that the next cell asks."""
        assert "gpt-image-1-mini" in shell.run("%imgmagic models").text.splitlines()

    def test_a_key_is_kept_in_this_kernel(self, shell: Shell, monkeypatch: pytest.MonkeyPatch):
        """It is used by the next cell and shown by none."""
        monkeypatch.setattr("getpass.getpass", lambda _: "sk-typed-0123456789")

        shell.run("%imgmagic key openai")

        assert shell.session.providers.configured("openai").key.reveal() == "sk-typed-0123456789"
        assert "found in this session" in shell.run("%imgmagic providers").text

    def test_nothing_typed_changes_nothing(self, shell: Shell, monkeypatch: pytest.MonkeyPatch):
        """An empty line is no key."""
        monkeypatch.setattr("getpass.getpass", lambda _: "  ")

        answer = shell.run("%imgmagic key openai")

        assert isinstance(answer.error, UsageError)
        assert shell.session.providers.configured("openai").key.reveal() == KEY


class TestHelp:
    def test_a_topic_is_one_page(self, shell: Shell):
        """`help show`, `help %show` and `show --help` print the same."""
        pages = {shell.run(f"%imgmagic {line}").text for line in ("help show", "help %show", "show --help")}

        assert len(pages) == 1
        assert "%imgmagic show ID" in pages.pop()

    @pytest.mark.parametrize("topic", ["quality", "--quality", "-q", "q"])
    def test_an_option_is_found_however_it_is_spelt(self, shell: Shell, topic: str):
        """With its hyphens or without, by its name or its letter."""
        assert shell.run(f"%imgmagic help {topic}").text.startswith("-q, --quality ")

    @pytest.mark.parametrize(("topic", "meant"), [("--qualty", "quality"), ("histry", "history")])
    def test_a_topic_that_is_none_names_the_closest(self, shell: Shell, topic: str, meant: str):
        """Of the commands and the options."""
        answer = shell.run(f"%imgmagic help {topic}")

        assert isinstance(answer.error, UsageError)
        assert f"Did you mean {meant}?" in str(answer.error)

    def test_again_points_to_the_options_of_a_cell(self, shell: Shell):
        """Its options are those of %%imagine."""
        assert "[options of %%imagine]" in shell.run("%imgmagic again --help").text


class TestCompletion:
    @pytest.mark.parametrize(
        ("said", "offered"),
        [
            ("", list(COMMANDS)),
            ("hi", ["history"]),
            ("history --st", ["--star", "--status"]),
            ("history --status c", ["completed", "cancelled"]),
            ("usage --by ", ["model", "day", "provider", "tag", "session", "sweep"]),
            ("budget o", ["off"]),
            ("key open", ["openai", "openrouter"]),
            ("help sh", ["show", "show sweep"]),
            ("help --qual", ["--quality"]),
            ("recordings v", ["verify"]),
            ("again 1 --qual", ["--quality"]),
            ("again 1 -q hi", ["high"]),
            ("nonsense ", []),
        ],
    )
    def test_what_may_come_next(self, said: str, offered: list[str]):
        """Commands, then their words, flags and the values of flags."""
        assert Candidates(default_session).of_command(said) == offered

    @pytest.mark.parametrize("command", ["show", "again", "forget", "tag"])
    def test_numbers_of_the_history(self, fox: Shell, command: str):
        """The newest first."""
        put(fox.session.archive, "a second one")

        assert Candidates(default_session).of_command(f"{command} ")[:2] == ["2", "1"]

    def test_a_history_that_cannot_be_read_offers_nothing(self, shell: Shell, monkeypatch: pytest.MonkeyPatch):
        """Completion never fails."""
        monkeypatch.setenv("IMGMAGIC_HISTORY_URL", "mysql://nowhere/history")

        assert Candidates(default_session).of_command("show ") == []

    def test_in_a_shell(self, fox: Shell):
        """IPython's completer offers it on any line of a cell, with and without the percent sign."""
        for cell in ("%imgmagic usage --by mo", "x = 1\n%imgmagic usage --by mo", "imgmagic usage --by mo"):
            with provisionalcompleter():
                found = [each.text for each in fox.ip.Completer.completions(cell, len(cell))]

            assert found == ["model"]


def test_a_terminal_is_told_that_it_shows_no_panel(shell: Shell) -> None:
    """It is refused once, instead of a placeholder that comes again after every cell."""
    refused, after = shell.run("%imgmagic panel"), shell.run("1 + 1")

    assert isinstance(refused.error, UsageError)
    assert "open a notebook" in str(refused.error)
    assert "panel" not in after.text


class TestSweeps:
    def test_sweeps_are_listed_shown_and_gone_on_with(self, shell: Shell) -> None:
        """A sweep has its row, its grid and its further values; what is drawn is not drawn again; no change is lost."""
        shell.run("%%imagine --vary style=oil,ink -s 1024x640 -f jpeg -o grid\na {{ style }} fox")

        assert "style: oil, ink" in shell.run("%imgmagic sweeps").text
        assert shell.run("%imgmagic show sweep 1").html.count("<th scope") == 3
        again = shell.run("%imgmagic again sweep 1 --vary style=oil,ink,chalk").text
        assert "2 of 3 cells were drawn before" in again
        assert "a chalk fox" in shell.run("%imgmagic history --sweep 2").text
        assert shell.run("%imgmagic again sweep 1 --vary size=1024x640,640x1024").error is None
        refused = str(shell.run("%imgmagic again sweep 3 --size 1024x1024").error)
        assert "size is an axis of this sweep. Change its values with --vary size=..." in refused

    def test_a_sweep_is_exported_as_its_labelled_grid(self, shell: Shell, tmp_path: Path) -> None:
        """Each kind of sheet has the grid, the title and the date; a filter makes it a sheet of what it leaves."""
        shell.run("%%imagine --vary style=oil,ink -s 1024x640 -f jpeg --quiet\na {{ style }} fox")
        for name in ("grid.html", "grid.htm", "grid.png", "grid.pdf"):
            told = shell.run(f"%imgmagic export --sweep 1 --title Foxes --date 'this autumn' {tmp_path}/{name}")
            assert f"wrote {tmp_path}/{name}" in told.text
        shell.run(f"%imgmagic export --sweep 1 --search ink {tmp_path}/ink.html")

        page = (tmp_path / "grid.html").read_text(encoding="utf-8")
        assert "<h1>Foxes</h1>" in page
        assert "this autumn · 2 pictures in 2 cells" in page
        assert [label in page for label in ('<th scope="col">oil</th>', '<th scope="col">ink</th>')] == [True, True]
        with Image.open(tmp_path / "grid.png") as sheet:
            assert sheet.text["Description"] == "Foxes; a {{ style }} fox (style: oil, ink)"
        assert "Foxes".encode("utf-16-be") in (tmp_path / "grid.pdf").read_bytes()
        assert (tmp_path / "ink.html").read_text(encoding="utf-8").count("<article>") == 1

    def test_a_sweep_that_is_not_there_is_told(self, shell: Shell) -> None:
        """A number is needed, and must be that of a sweep."""
        assert "it needs ID. Type %imgmagic show sweep --help." in str(shell.run("%imgmagic show sweep").error)
        for line in ("show sweep 9", "again sweep 9", "history --sweep 9", "export --sweep 9 page.html"):
            told = str(shell.run(f"%imgmagic {line}").error)
            assert told == "there is no sweep 9. %imgmagic sweeps lists them."
        assert "'x' is not a number of the history" in str(shell.run("%imgmagic show sweep x").error)
        assert "no sweep yet" in shell.run("%imgmagic sweeps").text

    @pytest.mark.parametrize("flag", ["--zip", "--retry"])
    def test_what_only_a_sweep_knows_needs_one(self, shell: Shell, flag: str) -> None:
        """Nothing is drawn that was not meant."""
        refused = shell.run(f"%%imagine {flag}\na fox").error

        assert f"{flag} belongs to a sweep. Say what to vary: --vary NAME=VALUES." in str(refused)
        assert shell.session.archive.history.count() == 0

    def test_one_value_is_drawn_as_any_cell(self, shell: Shell) -> None:
        """Also of a name in the prompt that an option has, too: the prompt's wins, and the server gets no option."""
        answer = shell.run("%%imagine --vary style=ink -s 1024x640 -f jpeg -o fox\na {{ style }} fox")

        assert answer.error is None
        assert shell.ip.user_ns["fox"].prompt == "a ink fox"
        assert "style" not in shell.ip.user_ns["fox"].request.options
