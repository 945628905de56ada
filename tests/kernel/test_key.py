"""The key of an account: it leaves in one header of one request, and is found nowhere else, whatever goes wrong."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from imgmagic.simulator import Simulator
from imgmagic.simulator.api.faults import FAULTS
from tests.support.answering import Answer, answering
from tests.support.environment import clean_environment
from tests.support.kernels import Kernel, pushed_picture, running_kernel

PUBLIC = """
import copy, imgmagic, logging, pickle, traceback
session = imgmagic.default_session()
plan = session.plan("a red fox")
job = session.start(plan)
generation = job.result()
try:
    imgmagic.imagine("[simulate: 401] a red fox")
except imgmagic.ImgmagicError as caught:
    error = caught
provider = session.providers.configured("openai")
things = [session, session.settings, session.providers, provider, provider.key, plan, plan.request, plan.dialect, job,
          plan.bodies, job.progress, generation, generation.image, generation.usage, error, vars(error), imgmagic]
for thing in things:
    print(repr(thing), str(thing), f"{thing}")
print(vars(plan), vars(provider))
print(*traceback.TracebackException.from_exception(error, capture_locals=True).format())
try:
    pickle.dumps(provider)
except TypeError as refused:
    print(refused)
"""


@dataclass
class Echo:
    """A server that answers every request with an error that says back all it was told, as some gateways do."""

    status: int = 401
    content_type: str = "application/json"
    seen: list[str] = field(default_factory=list)

    def answer(self, headers: Mapping[str, str], _: bytes) -> Answer:
        told = str(headers)
        self.seen.append(told)
        said = {"error": {"message": f"Incorrect API key provided: {told}", "code": told, "type": told}}
        page = f"<html><title>{told}</title>{told}</html>"
        return Answer(
            status=self.status,
            content_type=self.content_type,
            headers={"x-request-id": headers["authorization"]},
            body=(json.dumps(said) if self.content_type == "application/json" else page).encode(),
        )


@contextmanager
def doomed() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run a slow simulator in a process of its own, that can be killed."""
    command = [sys.executable, "-m", "imgmagic.simulator", "--pace", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[3], process
        finally:
            process.kill()


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A kernel whose environment holds a marked key, and where it may write."""

    kernel: Kernel
    key: str
    home: Path
    server: Simulator

    def check(self) -> None:
        """Fail if the mark stands in anything that the kernel said, or in any file."""
        marks = (self.key[:14], self.key[-14:])  # also what masks the middle of a key gives too much away
        said = [json.dumps(message, default=str) for message in self.kernel.said]
        assert said
        assert not [text[:2000] for text in said if any(mark in text for mark in marks)]
        assert not [path for path in self.home.rglob("*") if any(mark.encode() in content(path) for mark in marks)]


def content(path: Path) -> bytes:
    """Return what a file holds; nothing for what is none, or is gone by now, as a database's journal may be."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    """Run a kernel with a marked key, every log switched on, and tracebacks as wordy as they come."""
    home, key = tmp_path_factory.mktemp("marked"), f"canary.{secrets.token_hex(16)}"
    (home / "imgmagic").mkdir()
    with Simulator(pace_s=0.3, require_key=key) as server:
        environment = clean_environment(home, OPENAI_API_KEY=key, OPENAI_BASE_URL=server.base_url)
        with running_kernel(environment, home) as kernel:
            kernel.run("import logging; logging.basicConfig(level=logging.DEBUG)")
            kernel.run("%xmode Verbose")
            assert kernel.run("%load_ext imgmagic").status == "ok"
            yield Marked(kernel=kernel, key=key, home=home, server=server)


def add_provider(marked: Marked, name: str, base_url: str) -> None:
    with (marked.home / "imgmagic" / "config.toml").open("a") as file:
        file.write(f'[providers.{name}]\ndialect = "openai"\nkey_env = "OPENAI_API_KEY"\nbase_url = "{base_url}"\n')


def test_key_stays_hidden_in_success(marked: Marked) -> None:
    """A run, a dry run, the providers, the settings and a recording are free of the key, which the server received."""
    ran = marked.kernel.run("%%imagine -o fox\na red fox")
    received = marked.server.requests[-1].headers["authorization"]
    rest = [
        marked.kernel.run(cell)
        for cell in (
            "%%imagine --dry-run\na red fox",
            "%imgmagic providers",
            "%config ImagineMagics",
            "%imgmagic record lesson",
            "%%imagine --fresh\na recorded fox",
            "%imgmagic live",
            "%imgmagic history",
            "fox",
        )
    ]

    assert ran.status == "ok"
    assert received == f"Bearer {marked.key}"
    assert [each.traceback for each in rest] == [""] * len(rest)
    marked.check()


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("slow", "hang")])
def test_key_stays_hidden_in_each_failure(marked: Marked, fault: str) -> None:
    """Whatever the server answers, neither the message nor the wordy traceback holds the key."""
    marked.kernel.run(f"%%imagine --timeout 20\na red fox [simulate: {fault}]")
    marked.kernel.run("%tb")

    assert marked.server.requests
    marked.check()


@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_key_stays_hidden_when_a_server_says_it_back(marked: Marked, status: int, content_type: str) -> None:
    """An error page that repeats the request's headers is cut to what may be shown."""
    echo = Echo(status=status, content_type=content_type)
    with answering(echo.answer) as base_url:
        name = f"echo{status}{content_type[-4:]}"
        add_provider(marked, name, base_url)
        outcome = marked.kernel.run(f"%%imagine -p {name}\na red fox")
        marked.kernel.run("%tb")

    assert marked.key in echo.seen[0]
    assert outcome.status == "error"
    marked.check()


def test_key_stays_hidden_when_runs_break(marked: Marked) -> None:
    """An interrupt, a server that dies in the middle of a stream, and one that is gone leave no key anywhere."""
    sent = marked.kernel.start("%%imagine\na slow fox [simulate: slow]")
    marked.kernel.wait(sent, lambda message: "waiting" in str(message["content"]))
    marked.kernel.interrupt()
    interrupted = marked.kernel.finish(sent)
    with doomed() as (base_url, process):
        add_provider(marked, "doomed", base_url)
        sent = marked.kernel.start("%%imagine -p doomed\na red fox")
        marked.kernel.wait(sent, pushed_picture)
        process.kill()
        died = marked.kernel.finish(sent)
        gone = marked.kernel.run("%%imagine -p doomed --timeout 5\na red fox")

    assert (interrupted.status, interrupted.traceback) == ("error", "")
    assert died.traceback.startswith("ProtocolError: the reply from 127.0.0.1 was cut off")
    assert gone.traceback.startswith("HostUnreachable: ")
    marked.check()


def test_a_key_that_was_typed_is_used_and_hidden(tmp_path: Path) -> None:
    """The kernel asks as for a password; the server receives the key in the next request; nothing else holds it."""
    key = f"typed.{secrets.token_hex(16)}"
    with Simulator(pace_s=0, require_key=key) as server:
        environment = clean_environment(tmp_path, OPENAI_BASE_URL=server.base_url)
        with running_kernel(environment, tmp_path) as kernel:
            kernel.run("%load_ext imgmagic")
            before = kernel.run("%%imagine -p openai\na red fox")
            unasked = kernel.run("%imgmagic key openai", allow_stdin=False)
            asked = kernel.type_into("%imgmagic key openai", key)
            after = kernel.run("%%imagine -p openai\na red fox")
            listed = kernel.run("%imgmagic providers")
            marked = Marked(kernel=kernel, key=key, home=tmp_path, server=server)
            [question] = [each["content"] for each in kernel.said if each["msg_type"] == "input_request"]

    assert "%imgmagic key openai" in before.traceback
    assert "set OPENAI_API_KEY instead" in unasked.traceback
    assert (asked.traceback, after.traceback) == ("", "")
    assert question["password"] is True
    assert [each.headers["authorization"] for each in server.requests] == [f"Bearer {key}"]
    assert "found in this session" in str(listed.of("display_data"))
    marked.check()


def test_key_stays_hidden_in_public_objects(marked: Marked) -> None:
    """No repr, str, format, attribute, pickle or traceback with local variables of a public object shows the key."""
    outcome = marked.kernel.run(PUBLIC)

    assert outcome.traceback == ""
    assert "Secret(...)" in outcome.stdout
    marked.check()
