"""The panel in this process: what its page is told, and what leaves for the server."""

import ast
import base64
import gc
import itertools
import json
import re
import threading
import tracemalloc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.display.amounts import describe_cost, describe_totals
from imgmagic.domain.mask import mask_box
from imgmagic.notebook.panel.compare import rows
from imgmagic.notebook.panel.gallery import MOST_THUMBS
from imgmagic.notebook.panel.panel import OpenPanels, Panel
from imgmagic.notebook.panel.runs import AT_ONCE, KEPT, Run
from imgmagic.runs.inputs.masks import from_grey_png, to_grey_png
from imgmagic.session import Session
from imgmagic.simulator import Simulator
from imgmagic.store.history_view import HistoryView
from imgmagic.store.images.previews import Preview
from imgmagic.store.usage_report import report
from tests.support.answering import Answer, answering
from tests.support.drawn import png, put
from tests.support.kept_surface import KeptSurface
from tests.support.kernels import Kernel
from tests.support.until import until

SMALL = {"size": "1024x640", "output_format": "jpeg", "stream": "off"}  # what the simulator draws soonest
SECRET = "sk-of-a-test-0123456789abcdef"


class SpokenPanel(Panel):
    """A panel whose messages to the page are kept."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        kept = KeptSurface()
        self.said = kept.said
        super().__init__(*arguments, surface=kept, **options)

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [content for content, _ in list(self.said) if content["kind"] == kind]

    def ask(self, kind: str, **content: Any) -> None:
        self.answer({"kind": kind, **content})
        self.settle()

    def generate(self, **fields: Any) -> int:
        """Generate a small picture, wait for the end, and return the generation's number."""
        self.ask("generate", fields={**fields, "values": {**SMALL, **fields.get("values", {})}})
        run = self.of("run")[-1]["run"]
        return int(until(lambda: self.ended(run))["id"])

    def ended(self, run: int) -> Mapping[str, Any] | None:
        cards = [each for each in self.of("run") if each["run"] == run]
        return cards[-1] if cards and cards[-1]["state"] not in ("waiting", "running") else None


@pytest.fixture
def settings(tmp_path: Path, quick: Simulator, slow: Simulator) -> Settings:
    servers = {"quick": ("simulator", quick), "slow": ("simulator", slow), "paid": ("openai", quick)}
    (tmp_path / "config.toml").write_text(
        "".join(
            f'[providers.{name}]\ndialect = "{dialect}"\nbase_url = "{server.base_url}"\nkey_env = "PAID_KEY"\n'
            for name, (dialect, server) in servers.items()
        )
    )
    environ = {"IMGMAGIC_PROVIDER": "quick", "PAID_KEY": "sk-of-no-use"}
    return Settings(environ=environ, home=tmp_path, folder=tmp_path)


@pytest.fixture
def session(settings: Settings) -> Iterator[Session]:
    opened = Session(settings)
    yield opened
    opened.close()


@pytest.fixture
def panels() -> OpenPanels:
    return OpenPanels()


@pytest.fixture
def panel(session: Session, panels: OpenPanels) -> Iterator[SpokenPanel]:
    opened = SpokenPanel(session, {"animal": "fox"}, panels=panels)
    yield opened
    opened.close()


def test_a_page_that_opens_is_told_everything(panel: SpokenPanel) -> None:
    """Fields, form, totals and what is new."""
    panel.ask("hello")

    kinds = {content["kind"] for content, _ in panel.said}
    assert {"fill", "form", "totals", "news"} <= kinds
    assert {"name": "quick", "ready": True} in panel.of("fill")[0]["providers"]
    assert {"name": "openai", "ready": False} in panel.of("fill")[0]["providers"]


def test_faults_stand_at_their_controls_before_anything_is_sent(panel: SpokenPanel, quick: Simulator) -> None:
    """Two bad values are two faults at two controls, and the server hears nothing."""
    before = len(quick.requests)
    fields = {"prompt": "a fox", "values": {"n": "11", "size": "17x17"}}

    panel.ask("check", fields=fields)
    panel.ask("generate", fields=fields)

    assert {name for name, _ in panel.of("form")[-1]["faults"]} == {"n", "size"}
    assert {name for name, _ in panel.of("refused")[-1]["faults"]} == {"n", "size"}
    assert len(quick.requests) == before


def test_a_remedy_names_controls_and_not_flags(panel: SpokenPanel) -> None:
    """The form has no flags."""
    panel.ask("check", fields={"prompt": "a", "values": {"background": "transparent", "output_format": "jpeg"}})

    said = [text for _, text in panel.of("form")[-1]["faults"]]
    assert said
    assert not [text for text in said if "--" in text]


def test_an_empty_prompt_is_no_fault_until_generate(panel: SpokenPanel) -> None:
    """Nobody is scolded for a form that has just opened."""
    panel.ask("check", fields={})
    panel.ask("generate", fields={})

    assert panel.of("form")[-1]["faults"] == []
    assert panel.of("refused")[-1]["faults"] == [["prompt", "Write what to draw."]]


def test_generate_sends_what_the_form_holds(panel: SpokenPanel, quick: Simulator) -> None:
    """The server receives the prompt, expanded, and the options; the history keeps the tags."""
    number = panel.generate(prompt="a {{ animal }}", values={"size": "1024x1024", "quality": "low"}, tags="one, two")

    body = quick.requests[-1].body
    assert body["prompt"] == "a fox"
    assert (body["size"], body["quality"]) == ("1024x1024", "low")
    panel.ask("open", id=number)
    assert panel.of("record")[-1]["details"]["tags"] == ["one", "two"]


def test_partial_images_reach_the_page_as_bytes_and_never_the_widgets_state(panel: SpokenPanel) -> None:
    """Two partial images and the finished one go by message; the synced state stays small and without pictures."""
    panel.generate(prompt="a lighthouse", values={"stream": "on"})

    tiles = [buffers for content, buffers in panel.said if content["kind"] == "tile"]
    assert len(tiles) >= 3
    assert all(len(buffers) == 1 and len(buffers[0]) > 100 for buffers in tiles)
    assert set(panel.surface.get_state()) >= {"_esm", "place"}
    assert not [name for name, value in panel.surface.get_state().items() if isinstance(value, bytes)]


def test_generate_never_waits(panel: SpokenPanel) -> None:
    """Two runs on a slow server are on their way at once, and none has ended when the answer to its request has."""
    for number, prompt in enumerate(("a fox", "a hen"), 1):
        panel.answer({"kind": "generate", "fields": {"prompt": prompt, "provider": "slow"}})
        assert panel.ended(number) is None

    until(lambda: {c["run"] for c in panel.of("run") if c["state"] == "running"} == {1, 2})


def test_one_of_two_runs_is_stopped_and_the_other_finishes(panel: SpokenPanel) -> None:
    """Stop belongs to its run."""
    for prompt in ("a fox", "a hen"):
        panel.answer({"kind": "generate", "fields": {"prompt": prompt, "provider": "slow"}})
    until(lambda: [c for c in panel.of("run") if c["run"] == 1 and c["state"] == "running"])

    panel.answer({"kind": "stop", "run": 1})

    ended = until(lambda: panel.ended(1))
    assert (ended["state"], ended["line"]) == ("cancelled", "cancelled; nothing was finished")
    assert until(lambda: panel.ended(2))["state"] == "completed"


def test_more_runs_than_go_at_once_wait_and_all_end(panel: SpokenPanel) -> None:
    """Nothing that was asked for is lost."""
    for number in range(6):
        panel.answer({"kind": "generate", "fields": {"prompt": f"a fox {number}", "values": SMALL}})

    states = [until(lambda each=each: panel.ended(each))["state"] for each in range(1, 7)]
    assert states == ["completed"] * 6


def test_a_page_that_opens_shows_the_runs_as_they_were_added(panel: SpokenPanel) -> None:
    """One that ended before an older one is no older for it."""
    for provider in ("slow", "quick"):
        panel.answer({"kind": "generate", "fields": {"prompt": "a fox", "provider": provider, "values": SMALL}})
    for run in (2, 1):
        until(lambda each=run: panel.ended(each))
    panel.said.clear()

    panel.ask("hello")

    assert [card["run"] for card in panel.of("run")] == [1, 2]


def test_a_run_that_fails_says_why_and_the_panel_lives_on(panel: SpokenPanel) -> None:
    """A server's refusal is that run's own; the next one works."""
    panel.ask("generate", fields={"prompt": "a fox [simulate: moderation]"})
    failed = until(lambda: panel.ended(panel.of("run")[-1]["run"]))

    assert failed["state"] == "failed"
    assert failed["line"]
    assert panel.generate(prompt="a fox")


def test_an_unreadable_message_is_said_and_quotes_nothing(panel: SpokenPanel) -> None:
    """Whatever a page sends, the panel answers and shows no key."""
    panel.ask("key", provider="openai", key=[SECRET])
    panel.ask("nothing like it")

    assert len(panel.of("said")) == 2
    assert SECRET not in json.dumps(panel.of("said"))


def test_a_provider_without_a_key_offers_to_set_one(panel: SpokenPanel, session: Session) -> None:
    """The key is kept for the session, the fault goes, and no message and no state holds the key."""
    fields = {"prompt": "a fox", "provider": "openai"}
    panel.ask("check", fields=fields)
    wanted = panel.of("form")[-1]

    panel.ask("key", provider="openai", key=SECRET)

    assert wanted["key_wanted"]
    assert [name for name, _ in wanted["faults"]] == ["provider"]
    assert not panel.of("form")[-1]["key_wanted"]
    assert panel.of("form")[-1]["faults"] == []
    key = session.providers.configured("openai").key
    assert key is not None
    assert key.reveal() == SECRET
    assert SECRET not in json.dumps([*map(dict, (c for c, _ in panel.said)), panel.surface.get_state()], default=str)


def test_the_price_and_what_is_left_are_live(panel: SpokenPanel, session: Session) -> None:
    """A live call shows its estimate; over the budget it is refused at once."""
    session.providers.keep_key("openai", SECRET)
    fields = {"prompt": "a fox", "provider": "openai", "values": {"quality": "high", "size": "1024x1024"}}
    session.limit = session.budget("0.01").per_call

    panel.ask("check", fields=fields)

    form = panel.of("form")[-1]
    assert form["price"].startswith("about $")
    assert form["left"] == "$0.01 left of the session budget of $0.01"
    assert [name for name, _ in form["faults"]] == ["budget"]


def test_a_used_up_budget_refuses_an_unknown_price_in_the_form_too(panel: SpokenPanel, session: Session) -> None:
    """Unknown prices are allowed, and nothing is left: the form says so before Generate does."""
    session.settings.chosen = {"allow_unknown_cost": True}
    session.limit = Decimal(0)
    fields = {"prompt": "a fox", "provider": "paid", "model": "a-model-without-a-price"}

    panel.ask("check", fields=fields)

    assert [name for name, _ in panel.of("form")[-1]["faults"]] == ["budget"]


def test_the_history_comes_in_pages_newest_first(panel: SpokenPanel) -> None:
    """The second page goes on where the first one ended."""
    made = [panel.generate(prompt=f"a fox {number}") for number in range(3)]

    panel.ask("page", number=1, search={})
    panel.ask("page", number=1, search={}, before=made[1])

    assert [each["id"] for each in panel.of("page")[0]["records"]] == made[::-1]
    assert [each["id"] for each in panel.of("page")[1]["records"]] == made[:1]


def test_the_history_is_searched_and_filtered(panel: SpokenPanel) -> None:
    """By text, tag and star."""
    fox = panel.generate(prompt="a fox", tags="animals")
    panel.generate(prompt="a lighthouse")
    panel.ask("star", id=fox, picture=1, on=True)

    for search in ({"text": "fox"}, {"tag": "animals"}, {"star": True}):
        panel.ask("page", number=1, search=search)
        assert [each["id"] for each in panel.of("page")[-1]["records"]] == [fox]


def test_thumbnails_are_small_and_come_one_by_one(panel: SpokenPanel) -> None:
    """A picture of a few kilobytes for each one asked for; what is not there has none."""
    number = panel.generate(prompt="a fox")

    panel.ask("thumbs", pictures=[[number, 1], [number, 7], [999, 1]])

    thumbs = [buffers[0] for content, buffers in panel.said if content["kind"] == "thumb"]
    assert len(thumbs) == 1
    assert len(thumbs[0]) < 20_000


def test_a_records_settings_fill_the_form(panel: SpokenPanel) -> None:
    """The template, not what it became; the model, the provider and the options."""
    number = panel.generate(prompt="a {{ animal }}", values={"quality": "low"})

    panel.ask("use", id=number)

    fields = panel.of("fill")[-1]["fields"]
    assert fields["prompt"] == "a {{ animal }}"
    assert fields["values"]["quality"] == "low"
    assert fields["provider"] == "quick"


@pytest.mark.parametrize("template", [None, "{{ ran.append(1) }}"])
def test_a_prompt_of_the_history_is_never_run(session: Session, quick: Simulator, template: str | None) -> None:
    """Neither what was sent as typed, nor what a record calls its template; it leaves as it left before."""
    ran: list[int] = []
    panel = SpokenPanel(session, {"ran": ran})
    prompt = "{{ ran.append(1) }} a fox"
    made = session.start(session.plan(prompt, template=template, size="1024x1024")).result()

    panel.ask("use", id=made.id)
    panel.generate(prompt=panel.of("fill")[-1]["fields"]["prompt"])
    panel.ask("code", id=made.id)
    panel.close()

    assert ran == []
    assert quick.requests[-1].body["prompt"] == prompt
    assert session.expand(panel.of("code")[-1]["cell"].partition("\n")[2], {"ran": ran}) == prompt
    assert ran == []


def test_again_asks_the_server_again(panel: SpokenPanel, session: Session, quick: Simulator) -> None:
    """The same body leaves a second time, whatever has been set since."""
    number = panel.generate(prompt="a {{ animal }} at dusk", values={"quality": "low"})
    first = quick.requests[-1].body
    session.settings.chosen = {"background": "opaque"}

    panel.ask("again", id=number)
    until(lambda: panel.ended(2))

    assert quick.requests[-1].body == first
    assert len([each for each in quick.requests if each.body == first]) == 2


def test_tags_and_notes_are_kept_and_every_panel_hears_of_it(
    panel: SpokenPanel, session: Session, panels: OpenPanels
) -> None:
    """Two panels share the history."""
    other = SpokenPanel(session, {}, panels=panels)
    number = panel.generate(prompt="a fox", tags="old")

    panel.ask("tags", id=number, text="new, newer")
    panel.ask("note", id=number, picture=1, text="too red")

    assert other.of("changed")[-1]["details"]["tags"] == ["new", "newer"]
    assert other.of("changed")[-1]["details"]["entry"]["pictures"][0]["note"] == "too red"
    other.close()


def test_a_new_tag_is_in_the_filter_at_once(panel: SpokenPanel) -> None:
    """Whoever has just tagged a picture looks for the tag next."""
    record = panel.generate(prompt="a fox")

    panel.ask("tags", id=record, text="favourites")

    until(lambda: panel.of("news")[-1]["tags"] == ["favourites"])


def test_a_forgotten_record_is_gone_with_its_pictures(panel: SpokenPanel, session: Session) -> None:
    """The original leaves the disk."""
    number = panel.generate(prompt="a fox")
    record = session.archive.history.get(number)
    assert record is not None

    panel.ask("forget", id=number)

    assert panel.of("forgotten")[-1]["id"] == number
    assert session.archive.history.get(number) is None
    assert not session.archive.images.holds(record.images[0].sha256)


def test_a_forgotten_record_leaves_no_name_of_a_picture_that_another_record_has(
    panel: SpokenPanel, session: Session
) -> None:
    """The original stays for the other record; the forgotten one's own dated file goes."""
    history = HistoryView(lambda: session.archive)
    forgotten, kept = (put(session.archive, "a fox", pictures=[png(1)]) for _ in range(2))
    names = [history[number].image.path for number in (forgotten, kept)]

    panel.ask("forget", id=forgotten)

    assert [path.exists() for path in names] == [False, True]
    assert history[kept].image.data == png(1)


def test_what_is_forgotten_leaves_the_other_runs_their_pictures(panel: SpokenPanel, session: Session) -> None:
    """Its own run goes off the panel; one that was forgotten from a cell is passed over."""
    here, elsewhere, kept = (panel.generate(prompt=f"a fox {number}") for number in range(3))
    panel.ask("forget", id=here)
    session.archive.history.forget(elsewhere)
    panel.said.clear()

    panel.ask("hello")

    assert [each["id"] for each in panel.of("run")] == [elsewhere, kept]
    assert [each["run"] for each in panel.of("tile")] == [3]
    assert panel.of("said") == []


def test_totals_by_model_are_of_this_session_and_of_today(panel: SpokenPanel) -> None:
    """Simulated pictures are counted, and kept apart."""
    panel.generate(prompt="a fox", values={"n": "2"})

    totals = until(lambda: panel.of("totals"))[-1]
    (model,) = totals["models"]
    assert totals["session"] == totals["today"]
    assert re.fullmatch(r"simulated 1 generation, 2 images, [\d,]+ tokens, nothing spent", totals["session"])
    assert (model["model"], model["today"][0]) == ("gpt-image-2.5-flare (simulated)", "2")


def test_totals_are_those_of_usage_and_stay_when_records_are_forgotten(panel: SpokenPanel, session: Session) -> None:
    """What was asked of a server is told as `%imgmagic usage` tells it; money spent is spent."""
    number = panel.generate(prompt="a fox", provider="paid")
    panel.generate(prompt="a fox")
    before = report(session.archive)

    panel.ask("forget", id=number)

    totals = panel.of("totals")[-1]
    assert report(session.archive).live.cost == before.live.cost != 0
    assert totals["session"].startswith(f"{describe_totals(before.live)}; simulated 1 generation, ")
    assert [row["model"] for row in totals["models"]] == ["gpt-image-2.5-flare (simulated)", "gpt-image-2.5-flare"]
    assert [row["session"][2] for row in totals["models"]] == ["nothing spent", describe_cost(before.live)]


def test_the_summary_is_plain_and_says_what_was_made(session: Session) -> None:
    """No script; the last pictures, and the sums, marked as no mathematics though they hold dollars."""
    summaries: list[str] = []
    panel = SpokenPanel(session, {}, summarize=lambda _, html: summaries.append(html))

    panel.generate(prompt='a "fox" <script>alert(1)</script>')
    panel.close()

    assert "<img alt=" in summaries[-1]
    assert "this session: simulated 1 generation, 1 image" in summaries[-1]
    assert "<script" not in summaries[-1]
    assert "mathjax_ignore" in summaries[-1]


def test_the_last_summary_counts_what_closing_stopped(session: Session) -> None:
    """A panel that is closed in mid-run says of the run that it was made, with what had come."""
    summaries: list[str] = []
    panel = SpokenPanel(session, {}, summarize=lambda _, html: summaries.append(html))
    panel.answer({"kind": "generate", "fields": {"prompt": "a fox", "provider": "slow"}})
    until(lambda: panel.of("tile"))  # a partial image

    panel.close()

    assert "this session: simulated 1 generation" in summaries[-1]


def test_a_comparison_shows_what_differs(panel: SpokenPanel, session: Session) -> None:
    """Parameters, time and cost, each with a mark where the records differ."""
    ids = [panel.generate(prompt="a fox", values={"quality": quality}) for quality in ("low", "high")]

    panel.ask("compare", pictures=[[number, 1] for number in ids])

    content, pictures = next(each for each in panel.said if each[0]["kind"] == "comparison")
    table = {row["name"]: row for row in content["rows"]}
    assert table["quality"]["values"] == ["low", "high"]
    assert table["quality"]["differs"]
    assert not table["model"]["differs"]
    assert len(pictures) == 2
    assert rows([record for each in ids if (record := session.archive.history.get(each))])


def test_the_form_and_a_record_are_shown_as_code(panel: SpokenPanel) -> None:
    """Both ways to the same cell."""
    fields = {"prompt": "a fox", "provider": "quick", "values": {"quality": "low"}}
    number = panel.generate(**fields)

    panel.ask("code", fields=fields)
    panel.ask("code", id=number)

    of_form, of_record = (each["cell"] for each in panel.of("code"))
    assert of_form == "%%imagine --provider quick --quality low\na fox"
    assert "--quality low" in of_record


def test_hostile_text_is_sent_as_text(panel: SpokenPanel) -> None:
    """Escape sequences go; markup stays what it is, for the page to show as text."""
    panel.ask("check", fields={"prompt": "a", "provider": "\x1b[31m<b>nobody</b>"})

    assert "<b>" in json.dumps(panel.of("refused")[-1])


def runs_in_memory() -> set[Run]:
    return {each for each in gc.get_objects() if isinstance(each, Run)}


@pytest.mark.slow
def test_many_generations_leave_nothing_behind(panel: SpokenPanel) -> None:
    """Runs that ended are few and hold no picture, no thread came for them, and memory is as it was."""
    held: list[int] = []
    followers: list[set[threading.Thread]] = []
    runs_before, threads_before = runs_in_memory(), set(threading.enumerate())  # other tests' panels may be among them
    tracemalloc.start()
    for _ in range(3):
        for number in range(4):
            panel.generate(prompt=f"a fox {number}")
            panel.said.clear()
        until(lambda: panel.is_idle)
        panel.settle()  # a preview that is being made holds a whole picture
        gc.collect()
        started = set(threading.enumerate()) - threads_before
        followers.append({each for each in started if each.name == "imgmagic-panel-run"})
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert followers[0] == followers[1] == followers[2]
    assert len(followers[0]) <= AT_ONCE
    runs = runs_in_memory() - runs_before
    assert len(runs) <= KEPT
    assert all(run.job is None and not run.shown for run in runs)
    grown = min(after - before for before, after in itertools.pairwise(held))  # a cache of the painter fills up once
    assert grown < 200_000  # four pictures are three times as much


def test_a_picture_that_cannot_be_shown_stops_no_run(tmp_path: Path) -> None:
    """The run ends as done, its other picture is shown, and the record opens."""
    pictures = [{"b64_json": base64.b64encode(data).decode()} for data in (b"\x01\x02" * 50, png())]
    with answering(lambda *_: Answer(body=json.dumps({"data": pictures}).encode())) as base_url:
        environ = {"IMGMAGIC_BASE_URL": base_url, "IMGMAGIC_API_KEY": SECRET, "IMGMAGIC_PROVIDER": "compatible"}
        session = Session(Settings(environ=environ, home=tmp_path, folder=tmp_path))
        panel = SpokenPanel(session, {}, panels=OpenPanels())
        panel.ask("generate", fields={"prompt": "a fox", "values": {"model": "m", "n": "2", "stream": "off"}})
        ended = until(lambda: panel.ended(panel.of("run")[-1]["run"]))

        assert (ended["state"], ended["problem"]) == ("completed", None)
        assert {tile["index"] for tile in panel.of("tile")} == {1}
        panel.ask("open", id=ended["id"])
        assert panel.of("record")[-1]["details"]["sizes"] == ["unknown format", "48×32 png"]
        panel.close()
        session.close()


def test_the_kernel_keeps_no_thumbnails(panel: SpokenPanel, session: Session) -> None:
    """However many are asked for, each is made, sent and let go; one message gets at most as many as a page keeps."""
    history = session.archive.history
    first = history.get(panel.generate(prompt="a fox"))
    assert first is not None
    ids = [history.begin(first.started) for _ in range(MOST_THUMBS + 10)]
    for number in ids:
        history.settle(replace(session.archive.generation(first), id=number), first.images)

    panel.ask("thumbs", pictures=[[number, 1] for number in ids])

    assert len(panel.of("thumb")) == MOST_THUMBS
    panel.said.clear()
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Preview)]


def test_a_panel_in_a_kernel_shows_no_widget_and_leaves_no_more_models(kernel: Kernel) -> None:
    """One model a panel with its layout, however much is generated; what is displayed is plain HTML."""
    opened = kernel.run("%imgmagic panel")
    before = kernel.value(MODELS)
    kernel.run(GENERATE)

    shown = [each["content"]["data"] for each in opened.of("display_data")]
    assert [set(data) for data in shown] == [{"text/html", "text/plain"}] * 2
    assert kernel.value(MODELS) == before
    assert kernel.value("[card for card in cards]") == ["completed"] * 3


def test_a_cell_that_runs_again_shows_its_panels_again(kernel: Kernel) -> None:
    """What is filled in stays, and there is no second model; panels of another cell are other ones."""
    kernel.run("%reload_ext imgmagic")
    run_in_cell(kernel, "one", TWO_PANELS)
    kernel.run(FILL)
    before = kernel.value(MODELS)

    run_in_cell(kernel, "one", TWO_PANELS)

    assert kernel.value(MODELS) == before
    assert kernel.value(PROMPTS) == ["first", "second"]
    run_in_cell(kernel, "two", "imgmagic.panel()")
    assert kernel.value(PROMPTS) == ["first", "second", ""]


def run_in_cell(kernel: Kernel, cell: str, code: str) -> None:
    """Run code as front ends do, which name the cell."""
    session = kernel.client.session
    message = session.msg("execute_request", {"code": code, "silent": False}, metadata={"cellId": cell})
    kernel.client.shell_channel.send(message)
    assert kernel.finish(message["header"]["msg_id"]).status == "ok"


TWO_PANELS = "import imgmagic\nimgmagic.panel()\nimgmagic.panel()"
FILL = """
from imgmagic.notebook.panel.registry import PANELS
for panel, text in zip(PANELS, ("first", "second")):
    panel.answer({"kind": "check", "fields": {"prompt": text}})
"""
PROMPTS = "[panel._form.fields.prompt for panel in PANELS]"
MODELS = "len(get_ipython().kernel.comm_manager.comms)"
GENERATE = f"""
from imgmagic.notebook.panel.registry import PANELS
opened, = PANELS
for number in range(3):
    opened.answer({{"kind": "generate", "fields": {{"prompt": f"a fox {{number}}", "values": {SMALL!r}}}}})
import time
while not opened.is_idle:
    time.sleep(0.02)
cards = [run.state for run in opened._runs.show_all()]
"""


def test_a_picture_is_edited_from_the_panel(panel: SpokenPanel, session: Session) -> None:
    """Edit fills in where to start from; what is generated began there, and can be used and repeated as it was."""
    fox = panel.generate(prompt="a red fox")

    panel.ask("edit", id=fox, picture=1)
    filled = panel.of("fill")[-1]["fields"]
    assert (filled["images"], filled["mask"]) == (f"#{fox}", "")
    winter = panel.generate(**{**filled, "prompt": "in winter"})
    began = session.archive.find(winter).sources
    panel.ask("use", id=winter)
    used = panel.of("fill")[-1]["fields"]
    panel.ask("again", id=winter)

    assert [str(source.origin) for source in began] == [f"#{fox}"]
    assert used["images"] == f"#{fox}"
    run = panel.of("run")[-1]["run"]
    again = int(until(lambda: panel.ended(run))["id"])
    assert session.archive.find(again).sources == began
    panel.ask("open", id=winter, picture=1)
    assert panel.of("record")[-1]["details"]["began_from"] == [fox]
    panel.ask("open", id=fox, picture=1)
    assert panel.of("record")[-1]["details"]["began"] == [winter, again]


def test_a_picture_shows_the_whole_line_it_came_from(panel: SpokenPanel, session: Session) -> None:
    """Oldest first, the forgotten one in its place; where it was drawn from words alone there is none."""
    fox = panel.generate(prompt="a red fox")
    winter = panel.generate(prompt="in winter", images=f"#{fox}")
    night = panel.generate(prompt="at night", images=f"#{winter}, #{fox}")

    def line_of(number: int) -> list[tuple[int, bool]]:
        panel.ask("open", id=number, picture=1)
        return [(each["id"], each["forgotten"]) for each in panel.of("record")[-1]["details"]["line"]]

    assert line_of(fox) == []
    assert line_of(night) == [(fox, False), (winter, False)]
    assert panel.of("record")[-1]["details"]["began_from"] == [winter, fox]
    panel.ask("forget", id=fox)
    assert line_of(night) == [(fox, True), (winter, False)]


def test_an_edit_with_a_mask_is_used_and_repeated_whole(panel: SpokenPanel, session: Session) -> None:
    """A mask has no number in the history: the panel keeps it under a name of its own."""
    fox = panel.generate(prompt="a red fox")
    edit = session.imagine(
        "in winter", images=[fox], mask=mask_box(0, 0, 1024, 200), size="1024x640", output_format="jpeg", stream=False
    )

    panel.ask("use", id=edit.id)
    fields = panel.of("fill")[-1]["fields"]
    made = panel.generate(**fields)

    assert fields["mask"] == f"@mask_2_of_{edit.id}"
    assert session.archive.find(made).request.mask == edit.request.mask


def test_a_markup_is_given_used_and_repeated_whole(panel: SpokenPanel, session: Session, tmp_path: Path) -> None:
    """The form takes it as it takes a mask; no edit loses it on the way back to the form, or into code."""
    fox = panel.generate(prompt="a red fox")
    arrows, arrow = tmp_path / "arrows.png", Image.new("RGBA", (1024, 640))
    arrow.paste("red", (0, 0, 50, 50))
    arrow.save(arrows)
    first = panel.generate(prompt="larger", images=f"#{fox}", markup=str(arrows))

    panel.ask("use", id=first)
    fields = panel.of("fill")[-1]["fields"]
    again = panel.generate(**fields)
    panel.ask("code", id=first)

    edits = [session.archive.find(each).request for each in (first, again)]
    assert edits[0].markup is not None
    assert edits[0].markup.data == arrows.read_bytes()
    assert edits[1].markup == edits[0].markup
    assert fields["markup"] == f"@markup_2_of_{first}"
    assert f"--markup {edits[0].markup.name}" in panel.of("code")[-1]["cell"]


def test_what_is_painted_over_a_picture_is_its_mask(panel: SpokenPanel, session: Session) -> None:
    """The page gets the picture; what it paints is the mask, also after a reload, and what is of no use is not kept."""
    fox = panel.generate(prompt="a red fox")
    panel.ask("edit", id=fox, picture=1)
    opened, layers = painting(panel)
    assert layers == (session.archive.find(fox).image.data, b"")
    mask = mask_box(0, 0, 512, 320).fit(opened["width"], opened["height"])
    png_of_mask = to_grey_png(mask, (mask.width, mask.height))

    panel.answer({"kind": "painted", "picture": opened["picture"]}, [memoryview(png_of_mask)])
    panel.answer({"kind": "painted", "picture": opened["picture"]}, [b"not a picture"])
    panel.answer({"kind": "painted", "picture": "#999"}, [to_grey_png(mask, (4, 4))])
    fields = {**panel.of("fill")[-1]["fields"], "prompt": "in winter", "mask": opened["mask"], "paste_back": True}
    winter = session.archive.find(panel.generate(**fields))

    assert winter.request.mask is not None
    assert from_grey_png(winter.request.mask.data) == mask
    assert len(winter.derived) == 1
    panel.ask("hello")
    assert painting(panel)[1] == (layers[0], png_of_mask)


def test_code_has_what_was_painted_as_a_variable(panel: SpokenPanel) -> None:
    """The cell that does the same finds the mask under the name that it has in the form."""
    fox = panel.generate(prompt="a red fox")
    panel.ask("edit", id=fox, picture=1)
    opened, _ = painting(panel)

    panel.ask("code", fields={**panel.of("fill")[-1]["fields"], "mask": opened["mask"], "paste_back": True})

    assert f"--image #{fox} --mask @mask_of_{fox} --paste-back" in panel.of("code")[-1]["cell"]
    assert panel._form._notebook[f"mask_of_{fox}"].picture.name == f"#{fox}"


def painting(panel: SpokenPanel) -> tuple[Mapping[str, Any], tuple[bytes, ...]]:
    """Return the painting that the page heard of last, and its layers."""
    message, buffers = next(each for each in reversed(panel.said) if each[0]["kind"] == "painting")
    return message, tuple(buffers)


def test_a_picture_that_is_nothing_is_told_at_its_control(panel: SpokenPanel) -> None:
    """Nothing is sent."""
    panel.ask("check", fields={"prompt": "a fox", "images": "#999, nothing.png"})

    (place, text), *_ = panel.of("form")[-1]["faults"]
    assert place == "images"
    assert "there is no generation 999" in text


VARY = "style=oil,ink\nsize=1024x640,640x1024"


def test_a_form_that_varies_something_is_a_sweep(panel: SpokenPanel, quick: Simulator) -> None:
    """Count and price follow while one types, Generate draws each cell once, and its records take the run's place."""
    fields = {"prompt": "a {{ style }} {{ animal }}", "vary": VARY, "values": {"output_format": "jpeg"}}
    before = len(quick.requests)

    panel.ask("check", fields=fields, number=1)
    assert panel.of("form")[-1]["pictures"] == 4
    assert panel.of("form")[-1]["price"] == "4 pictures in 4 requests, nothing to pay"
    assert len(quick.requests) == before

    panel.ask("generate", fields=fields)
    run = panel.of("run")[-1]["run"]
    card = until(lambda: panel.ended(run))

    assert card["state"] == "completed"
    assert len(card["tiles"]) == 4
    assert card["tiles"][0].startswith("style oil, size 1024x640")
    assert (
        sorted(request.body["prompt"] for request in quick.requests[before:]) == ["a ink fox"] * 2 + ["a oil fox"] * 2
    )
    assert {content["index"] for content in panel.of("tile") if content["run"] == run} == {0, 1, 2, 3}

    panel.ask("grid", sweep=card["sweep"])
    grid = until(lambda: panel.of("grid"))[-1]
    assert grid["title"] == f"Sweep {card['sweep']}"
    assert grid["html"].count("<th scope") == 4
    assert grid["html"].count("<img ") == 4


@pytest.mark.parametrize(
    ("fields", "pictures", "cell"),
    [
        (
            {"prompt": "a {{ style }} fox", "varied": [("style", ["oil, thick", "ink"]), ("quality", ["low", "high"])]},
            4,
            '%%imagine --vary style="oil, thick",ink --vary quality=low,high\na {{ style }} fox',
        ),
        (
            {"prompt": "", "varied": [("prompt", ["a fox, red", "a {{ animal }}"])]},
            2,
            '%%imagine --vary prompt="a fox, red","a {{ animal }}"\n',
        ),
        (
            {"prompt": "a fox", "varied": [("n", ["1", "2"]), ("stream", ["on", "off"]), ("size", ["1024x1024"])]},
            6,
            "%%imagine --size 1024x1024 --vary n=1,2 --vary stream=on,off\na fox",
        ),
        (
            {"prompt": "a {{ style }} fox", "varied": [("style", ["1..3", 'say "hi"'])]},
            2,
            '%%imagine --vary style=["1..3", "say \\"hi\\""]\na {{ style }} fox',
        ),
        (
            {"prompt": "a fox", "varied": [("provider", ["simulator", "quick"])], "vary": "size=1024x1024,1024x640"},
            4,
            "%%imagine --vary provider=simulator,quick --vary size=1024x1024,1024x640\na fox",
        ),
        ({"prompt": "a fox", "varied": [("quality", ["low"])]}, 1, "%%imagine --quality low\na fox"),
    ],
)
def test_any_control_holds_several_values(panel: SpokenPanel, fields: dict[str, Any], pictures: int, cell: str) -> None:
    """Each is an axis in the order in which it was chosen; the count follows, and the code asks for the same."""
    panel.ask("check", fields=fields, number=1)
    assert panel.of("form")[-1]["faults"] == []
    assert panel.of("form")[-1]["pictures"] == pictures

    panel.ask("code", fields=fields)
    assert panel.of("code")[-1]["cell"] == cell
    ast.parse(panel.of("code")[-1]["call"])


@pytest.mark.parametrize(
    ("varied", "place", "says"),
    [
        ([("n", ["1", "many"])], "n", "'many' is not a whole number"),
        ([("size", ["12x12", "1024x1024"])], "size", "In 1 of 2 cells"),
        ([("size", ["12x12", "1024x1024"]), ("n", ["1", "2"])], "sweep", "In 2 of 4 cells"),
        ([("images", ["#99", "#98"])], "images", "There is no generation 99"),
    ],
)
def test_a_fault_of_one_of_several_values_is_told(
    panel: SpokenPanel, varied: list[tuple[str, list[str]]], place: str, says: str
) -> None:
    """At its control where only one is varied, else for the whole; nothing can be sent."""
    panel.ask("generate", fields={"prompt": "a fox", "varied": varied})

    (fault,) = panel.of("refused")[-1]["faults"]
    assert fault[0] == place
    assert says in fault[1]


def test_what_cannot_be_varied_is_a_fault_at_its_control(panel: SpokenPanel, quick: Simulator) -> None:
    """An axis that the prompt does not use is told at the field, and nothing is sent."""
    before = len(quick.requests)
    panel.ask("generate", fields={"prompt": "a fox", "vary": "stile=oil,ink"})

    assert [name for name, _ in panel.of("refused")[-1]["faults"]] == ["vary"]
    assert "there is no 'stile' to vary" in panel.of("refused")[-1]["faults"][0][1]
    assert len(quick.requests) == before
