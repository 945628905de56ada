import asyncio
import io
import threading

import pytest
from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.domain.generation import Status
from imgmagic.errors import ImgmagicError, RequestInvalid, SettingsError
from imgmagic.session import Session
from imgmagic.simulator import Simulator

KEY = "sk-marked-0123456789abcdef"


@pytest.fixture(scope="module")
def server():
    """Run a server that draws at once and takes only our key."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


@pytest.fixture
def environ(server, tmp_path):
    """Return an environment with OpenAI's key, pointed at the server."""
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}


@pytest.fixture
def session(environ, tmp_path):
    """Return a session that leaves no thread behind."""
    session = Session(Settings(environ=environ, folder=tmp_path))
    yield session
    session.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("imgmagic-io")]


@pytest.fixture
def nothing_sent(server):
    """Fail the test when the server was asked."""
    before = len(server.requests)
    yield
    assert len(server.requests) == before


def picture():
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "png")
    return file.getvalue()


@pytest.mark.parametrize(
    ("prompt", "options", "says"),
    [
        ("", {}, "prompt: it is empty"),
        (" \n\t", {}, "prompt: it is empty"),
        ("", {"check": False}, "prompt: it is empty"),
        ("  ", {"check": False, "stream": False}, "prompt: it is empty"),
        ("a" * 32_001, {}, "32,001 characters are too many; 32,000 are allowed"),
        (None, {}, "prompt must be a string, not NoneType"),
        (picture(), {}, "prompt cannot be sent"),
        ("a \ud800 fox", {}, "prompt is text that cannot be encoded"),
        ("a \ud800 fox", {"check": False}, "prompt is text that cannot be encoded"),
        ("a fox", {"quality": "hgih"}, "Did you mean high?"),
        ("a fox", {"background": "transparant"}, "Did you mean transparent?"),
        ("a fox", {"n": 0}, "n: 0 is out of range; 1 to 10"),
        ("a fox", {"n": "3"}, "n: '3' is not a whole number"),
        ("a fox", {"n": True}, "n: True is not a whole number"),
        ("a fox", {"n": 11, "check": False}, "n: 11 is out of range; 1 to 10 streams"),
        ("a fox", {"n": 0, "check": False}, "n: 0 is out of range; 1 to 10 streams"),
        ("a fox", {"n": 50, "model": "a-model-of-tomorrow"}, "n: 50 is out of range; 1 to 10 streams"),
        ("a fox", {"size": "big"}, "'big' is not a size"),
        ("a fox", {"size": "0x0"}, "size"),
        ("a fox", {"sise": "1024x1024"}, "no option 'sise'. Did you mean size?"),
        ("a fox", {"params": {"prompt": "a dog"}}, "prompt does not belong in params"),
        ("a fox", {"params": {"model": "gpt-image-2"}}, "Use model"),
        ("a fox", {"n": 2, "params": {"n": 3}}, "Use n"),
        ("a fox", {"params": {"x": float("nan")}}, "x cannot be sent"),
        ("a fox", {"params": {"x": picture()}}, "x cannot be sent"),
        ("a fox", {"user": "\udfff"}, "user is text that cannot be encoded"),
        ("a fox", {"timeout": 0}, "timeout: 0 is not a number of seconds above 0"),
        ("a fox", {"timeout": float("nan")}, "timeout"),
        ("a fox", {"timeout": "2m"}, "timeout: '2m' is not a number of seconds above 0"),
        ("a fox", {"timeout": True}, "timeout: True is not a number of seconds above 0"),
        ("a fox", {"stream": "yes"}, "stream: 'yes' is neither True nor False"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_sent(session, nothing_sent, prompt, options, says):
    """One RequestInvalid that says what is wrong; the image and history folders stay empty."""
    with pytest.raises(RequestInvalid) as raised:
        session.imagine(prompt, **options)

    assert "nothing was sent" in str(raised.value)
    assert says in str(raised.value)
    assert session.jobs == ()


def test_all_faults_come_in_one_message(session, nothing_sent):
    """Each with its parameter; how to send it anyway, once."""
    with pytest.raises(RequestInvalid) as raised:
        session.plan("", n=11, partial_images=4, size="big", quality="hgih", background="transparent", style="vivid")

    said = str(raised.value)
    assert all(flag in said for flag in ("prompt:", "n:", "partial_images:", "size:", "quality:", "style:"))
    assert said.count("check=False") == 1


@pytest.mark.parametrize(
    ("provider", "variable"),
    [("yandex", "YANDEX_API_KEY"), ("truefoundry", "TFY_API_KEY"), ("azure", "AZURE_OPENAI_API_KEY")],
)
def test_no_key_for_a_named_provider(session, nothing_sent, provider, variable):
    """It says which variable to set; it never falls back to the simulator."""
    with pytest.raises(SettingsError, match=f"(?i)set {variable}") as raised:
        session.imagine("a fox", provider=provider, model="gpt-image-2")

    assert KEY not in str(raised.value)


@pytest.mark.parametrize("url", ["api.openai.com/v1", "127.0.0.1:1/v1", "http://[::1"])
def test_an_address_without_scheme(session, environ, nothing_sent, url):
    """The variable that holds it is named."""
    environ["OPENAI_BASE_URL"] = url

    with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
        session.imagine("a fox")


def test_a_provider_that_does_not_exist(session, nothing_sent):
    """The closest name comes first."""
    with pytest.raises(SettingsError, match="Did you mean openai"):
        session.imagine("a fox", provider="opnai")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"n": 3, "partial_images": 0},
        {"stream": False, "n": 2},
        {"quality": "low", "size": "1536x1024", "output_format": "webp", "output_compression": 30, "user": "é"},
        {"params": {"safety_identifier": "x", "metadata_of_mine": {"a": [1, None, "ü"]}}, "check": False},
        {"n": 11, "stream": False, "check": False, "style": "vivid"},
    ],
)
def test_what_a_dry_run_shows_is_what_leaves(session, server, options):
    """The planned bodies and address, to the key, are what the server received."""
    plan = session.plan('a fox, "1\u00d72" \u001b[31m </pre>\n\nand {x}', **options)
    before = len(server.requests)

    session.start(plan).generation()

    asked = server.requests[before:]
    assert [each.body for each in asked] == [dict(body) for body in plan.bodies]
    assert {plan.url} == {server.base_url.removesuffix("/v1") + each.path for each in asked}


def test_unchecked_goes_as_typed(session, server):
    """What the server is known to refuse leaves as it is, and its answer is the error."""
    with pytest.raises(ImgmagicError, match=r"style|quality"):
        session.imagine("a fox", check=False, style="vivid", quality="extreme", stream=False)

    assert server.requests[-1].body["style"] == "vivid"
    assert server.requests[-1].body["quality"] == "extreme"


def test_a_default_that_the_server_does_not_take_is_left_out(session, environ, server):
    """And named in the generation."""
    environ["IMGMAGIC_STYLE"] = "vivid"

    generation = session.imagine("a fox")

    assert generation.left_out == ("style",)
    assert "style" not in server.requests[-1].body


@pytest.mark.parametrize(
    ("config", "environ_size", "typed", "expected"),
    [
        ("1024x1536", "1024x1024", "1536x1024", "1536x1024"),
        ("1024x1536", "1024x1024", None, "1024x1536"),
        (None, "1024x1024", None, "1024x1024"),
    ],
)
def test_a_typed_option_wins_over_every_setting(session, environ, config, environ_size, typed, expected):
    """Flag, then %config, then the environment."""
    environ["IMGMAGIC_SIZE"] = environ_size
    session.settings.chosen = {"size": config}

    plan = session.plan("a fox", size=typed)

    assert plan.bodies[0]["size"] == expected


def test_headers_come_from_the_account_table(tmp_path):
    """TrueFoundry's metadata is written as a table and leaves as JSON."""
    (tmp_path / "config.toml").write_text(
        '[providers.tfy]\ndialect = "truefoundry"\nbase_url = "http://127.0.0.1:1"\nkey_env = "TFY"\n'
        'model = "a/b"\n[providers.tfy.account.metadata]\nteam = "art"\ncost_centre = 7\n'
    )
    session = Session(Settings(environ={"TFY": KEY}, folder=tmp_path, home=tmp_path))

    plan = session.plan("a fox", provider="tfy")

    assert plan.dialect.request_headers(plan.provider)["x-tfy-metadata"] == '{"team": "art", "cost_centre": 7}'


def test_a_session_is_shared_by_threads(session, server):
    """Many at once: every run ends well, in one history; each has a number of its own."""
    found, started = [], threading.Barrier(8)

    def draw(number):
        started.wait(10)
        found.append(session.imagine(f"fox {number}", size="1024x1024", partial_images=0, fresh=True))

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [generation.status for generation in found] == [Status.COMPLETED] * 8
    assert len({generation.id for generation in found}) == 8
    assert not any(generation.notices for generation in found)


def test_threads_share_one_simulator(tmp_path, monkeypatch):
    """And the line that pictures are simulated comes once."""
    monkeypatch.setenv("IMGMAGIC_SIMULATOR_PACE", "0")
    session = Session(Settings(environ={}, folder=tmp_path, home=tmp_path))
    found, started, before = [], threading.Barrier(4), _simulators()

    def draw():
        started.wait(10)
        found.append(session.imagine("a fox", stream=False))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    running = _simulators() - before
    session.close()

    assert len(running) == 1
    assert _simulators() == before
    assert sum("Simulated picture" in notice for generation in found for notice in generation.notices) == 1
    assert all(generation.simulated and generation.cost is None for generation in found)


def _simulators():
    return {thread for thread in threading.enumerate() if thread.name == "imgmagic-simulator"}


def test_a_run_lives_through_a_changed_provider(environ, tmp_path):
    """A run on its way keeps its connection when a later cell uses another key for the same provider."""
    with Simulator(pace_s=0.4) as slow:
        environ["OPENAI_BASE_URL"] = slow.base_url
        session = Session(Settings(environ=environ, folder=tmp_path))
        first = session.start(session.plan("a fox"))
        next(first.events())
        environ["OPENAI_API_KEY"] = "another-0123456789"
        second = session.start(session.plan("a dog"))

        statuses = [first.result(20).status, second.result(20).status]
        session.close()

    assert statuses == [Status.COMPLETED, Status.COMPLETED]


def test_closing_stops_what_runs_and_the_session_works_again(environ, tmp_path):
    """The run ends as cancelled; the next one starts anew."""
    with Simulator(pace_s=30) as slow:
        session = Session(Settings(environ={**environ, "OPENAI_BASE_URL": slow.base_url}, folder=tmp_path))
        job = session.start(session.plan("a fox"))
        session.close()
        status = job.generation(10).status
    session.settings.environ["OPENAI_BASE_URL"] = environ["OPENAI_BASE_URL"]
    again = session.imagine("a fox", stream=False)
    session.close()

    assert status is Status.CANCELLED
    assert again.status is Status.COMPLETED


@pytest.mark.anyio
async def test_inside_a_running_loop(session, anyio_backend):
    """Several side by side, and the loop goes on."""
    found = await asyncio.gather(*(session.imagine_async(f"fox {n}", stream=False) for n in range(3)))

    assert [generation.status for generation in found] == [Status.COMPLETED] * 3


def test_the_key_is_in_no_repr(session):
    """Of the session, its parts, a plan, and a generation."""
    plan = session.plan("a fox", stream=False)
    generation = session.start(plan).result()

    shown = [repr(each) for each in (session, session.providers, plan, plan.provider, generation, session.settings)]
    assert not any(KEY in text for text in shown)


def test_only_what_was_typed_here_is_a_template_again(session):
    """A recorded template is text, unless this session expanded the very same."""
    request = session.plan("a red fox", template="a {{ colour }} fox").request
    before = session.typed_template(request)

    session.expand("a {{ colour }} fox", {"colour": "red"})

    assert (before, session.typed_template(request)) == ("a red fox", "a {{ colour }} fox")


def test_text_that_was_sent_as_typed_is_sent_so_again(session):
    """What `imagine` sent with its braces is no template when it is used again."""
    request = session.plan("{{ get_ipython().system('id') }}").request

    assert session.expand(session.typed_template(request), {}) == request.prompt


@pytest.mark.parametrize(("variable", "value"), [("SIZE", "12x12"), ("QUALITY", "hihg"), ("OUTPUT_FORMAT", "bmp")])
def test_a_default_that_no_server_knows_is_refused(session, environ, nothing_sent, variable, value):
    """It names its place; what is typed for the call takes its place, and unchecked it is the user's affair."""
    environ[f"IMGMAGIC_{variable}"] = value

    with pytest.raises(SettingsError, match=rf"is set to '{value}' in the environment, which no known server takes"):
        session.plan("a fox")

    session.plan("a fox", size="1024x1024", quality="low", output_format="png")
    session.plan("a fox", check=False)


def test_options_are_read_as_people_paste_them(session):
    """In the body stands what the server spells."""
    plan = session.plan("a fox", size="1024 × 1024", quality="HIGH", output_format="JPG", model="gpt‑image‑2")

    body = plan.bodies[0]
    assert (body["size"], body["quality"], body["output_format"], body["model"]) == (
        "1024x1024", "high", "jpeg", "gpt-image-2",
    )  # fmt: skip
