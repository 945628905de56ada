"""Where the events of a run come from beside the client, and what keeps what they give."""

from collections.abc import AsyncGenerator
from datetime import datetime

from imgmagic.config.providers import SIMULATOR
from imgmagic.domain.events import CompletedImage, Event
from imgmagic.domain.generation import Generation
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.totals import Origin
from imgmagic.recordings.player import Player
from imgmagic.recordings.recorder import Recorder
from imgmagic.recordings.recording import Recording
from imgmagic.runs.job import Source
from imgmagic.runs.plan import Plan
from imgmagic.store.archive import Entry
from imgmagic.store.history.records import Record
from imgmagic.wire.client import Client


class Asked:
    """The server's own events, under one call's time-out."""

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        """Yield what the server answers."""
        return self._client.events(request, timeout_s=self._timeout_s)


class Reused:
    """The images of an earlier generation as events."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    async def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        """Yield the images that were drawn before."""
        del request
        for image in self._generation.images:
            yield CompletedImage(
                elapsed_s=0.0,
                index=image.index,
                data=image.data,
                format=image.format,
                width=image.width,
                height=image.height,
                revised_prompt=image.revised_prompt,
            )


class Played:
    """The events of one recording."""

    def __init__(self, player: Player, recording: Recording) -> None:
        self._player = player
        self._recording = recording

    def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        """Yield what was recorded, in its rhythm."""
        del request
        return self._player.play(self._recording)


class RunKeeper:
    """Keep one job's images in the archive, and make its generation at the end."""

    def __init__(self, plan: Plan, entry: Entry, source: Source, at: datetime, reused: Record | None) -> None:
        self._plan = plan
        self._entry = entry
        self._source = source
        self._at = at
        self._reused = reused

    def keep(self, event: CompletedImage) -> None:
        """Put a finished image on the disk."""
        self._entry.keep(event)

    def finish(self, progress: Progress) -> Generation:
        """Return the generation, recorded."""
        plan, recording = self._plan, self._plan.route.recording
        generation = Generation(
            request=plan.request,
            status=progress.status,
            provider=plan.provider.name,
            created_at=self._at,
            elapsed_s=progress.elapsed_s,
            alt=plan.alt,
            usage=progress.usage,
            error=progress.error,
            first_partial_s=progress.first_partial_s,
            request_id=progress.request_id,
            simulated=plan.origin is Origin.SIMULATED or (recording is not None and plan.drawn_by == SIMULATOR),
            replayed=recording.recorded_at if recording else None,
            reused=self._reused.started.at if self._reused else None,
            left_out=plan.left_out,
            notices=self._source.notices if isinstance(self._source, Recorder) else (),
        )
        return self._entry.finish(generation, progress)
