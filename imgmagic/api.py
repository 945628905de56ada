"""The Python API: the functions of the default session, for notebooks, scripts and running event loops."""

import functools
import threading
from typing import Unpack

from imgmagic.display.line_view import LineView
from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.runs.job import Cancelled, Interrupts, Job, succeeded
from imgmagic.runs.job_list import RunningJobs, follow
from imgmagic.session import Session
from imgmagic.store.history.history import Kind
from imgmagic.store.history_view import HistoryView
from imgmagic.store.usage_report import UsageReport, report

_MAKING = threading.Lock()  # two threads that ask first would each get a session of their own


def default_session() -> Session:
    """Return the session that the magics and these functions share; made at the first use."""
    with _MAKING:
        return shared_session()


@functools.cache
def shared_session() -> Session:
    """Make the default session; for `default_session` alone."""
    return Session()


def imagine(prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
    """Generate images for `prompt` and wait for them; in a terminal one line tells how far it is, and where they are.

    Args:
        prompt: what to draw; at most 32,000 characters.
        **options: provider, model, n, size, quality, output_format, output_compression, background, moderation, style,
            response_format, user, partial_images, stream, as the flags of `%%imagine`; params (a mapping of any other
            body keys); timeout in seconds; check=False sends even what the server is known to refuse.

    Raises:
        RequestInvalid: the request has faults; nothing was sent.
        SettingsError: no key, base URL or such; nothing was sent.
        ApiError, ConnectionFailed, ResponseTimeout, ProtocolError, DownloadFailed: no image came.
        Cancelled: an interrupt stopped it (a KeyboardInterrupt).
    """
    session = default_session()
    line = LineView()
    with Interrupts() as interrupts:
        job = interrupts.watch(session.start(session.plan(prompt, **options)))
        follow(job, lambda: line)
    if interrupts.seen:
        raise Cancelled
    generation = succeeded(job.generation())
    for image in generation.images:
        line.say(f"imagine: {generation.elapsed_s:.1f} s, {image.location or 'not saved'}")
    return generation


async def imagine_async(prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
    """Generate images for `prompt` inside a running event loop; cancelling the task closes the connection.

    Takes and raises what `imagine` does.
    """
    return await default_session().imagine_async(prompt, **options)


def start(prompt: str, **options: Unpack[ImagineOptions]) -> Job:
    """Start a generation in the background and return its job: `.events()`, `.cancel()`, `.result()`.

    Takes what `imagine` does, and raises RequestInvalid and SettingsError at once.
    """
    session = default_session()
    return session.start(session.plan(prompt, **options))


def usage(by: Kind | None = None) -> UsageReport:
    """Return what this session's generations took; with `by` what all sessions took, a row a key.

    Args:
        by: "model", "day", "provider", "tag" or "session".

    Raises:
        StoreError: the history cannot be read.
    """
    return report(default_session().archive, by)


history = HistoryView(lambda: default_session().archive)
"""Every recorded generation, newest first."""


jobs = RunningJobs(lambda: default_session().jobs)
"""The jobs of this session: those that run, and the newest."""
