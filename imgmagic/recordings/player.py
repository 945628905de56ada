"""The player: a source of events that plays recordings in their rhythm; it opens no socket and needs no key."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from imgmagic.domain.events import Event
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import RecordingDamaged, RecordingMiss, SettingsError
from imgmagic.recordings.event_format import from_form
from imgmagic.recordings.folder import DamagedLine, RecordedLine, Recordings
from imgmagic.recordings.miss import recording_miss
from imgmagic.recordings.recording import RecordedRequest, Recording

LONGEST_S = 3.0  # of a run, when nobody chose a speed
_RESTORE = "Restore the line from version control, or delete it and record the request again."


def check_speed(speed: float) -> float:
    """Return `speed` if it is one: 1 as recorded, 2 twice as fast, 0 at once."""
    if math.isfinite(speed) and speed >= 0:
        return speed
    raise SettingsError(
        f"the replay speed {speed} is not a number of 0 or more.", remedy="Use 1 for as recorded, 0 for at once."
    )


def pace(recording: Recording, speed: float | None) -> float:
    """Return the factor for the recorded times; without a speed no run takes longer than 3 seconds."""
    if speed is None:
        return min(1.0, LONGEST_S / recording.elapsed_s) if recording.elapsed_s else 1.0
    return 1 / speed if speed else 0.0


class Player:
    """Play what is recorded: to a request that is repeated take 1, take 2, ..., and then the last take again."""

    def __init__(
        self,
        recordings: Recordings,
        *,
        speed: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._recordings = recordings
        self._speed = None if speed is None else check_speed(speed)
        self._clock = clock
        self._sleep = sleep
        self._played: dict[str, int] = {}

    def find(self, request: ImageRequest) -> Recording | None:
        """Return the recording that the next run of `request` plays, or None when there is none.

        Raises:
            RecordingDamaged: the line that holds it, or may hold it, is damaged.
        """
        return self._next(RecordedRequest.of(request))

    def claim(self, request: ImageRequest) -> Recording:
        """Return the recording to play now, and go on to the next take.

        Raises:
            RecordingDamaged: the line that holds it, or may hold it, is damaged.
            RecordingMiss: nothing is recorded for `request`.
        """
        asked = RecordedRequest.of(request)
        recording = self._next(asked)
        if recording is None:
            raise recording_miss(self._recordings, asked)
        self._played[recording.key] = self._played.get(recording.key, 0) + 1
        return recording

    def miss(self, request: ImageRequest) -> RecordingMiss:
        """Return the error for a request that is not recorded."""
        return recording_miss(self._recordings, RecordedRequest.of(request))

    async def play(self, recording: Recording) -> AsyncGenerator[Event, None]:
        """Yield the events of `recording`, each when its time has come; they carry the times of the recorded run."""
        factor = pace(recording, self._speed)
        started = self._clock()
        pictures = await asyncio.to_thread(self._pictures, recording)
        for form in recording.events:
            # From the start, not from the event before: small delays do not add up.
            pause = started + form.elapsed_s * factor - self._clock()
            if pause > 0:
                await self._sleep(pause)
            yield from_form(form, pictures)

    def _next(self, asked: RecordedRequest) -> Recording | None:
        takes = self._recordings.takes(asked.key)
        if not takes:
            self._check_lost(asked.key)
            return None
        # A notebook that runs the same cell more often than its teacher did sees the last take again, not an error.
        line = takes[min(self._played.get(asked.key, 0), len(takes) - 1)]
        if isinstance(line, RecordedLine):
            return line.recording
        raise _damage_error(line)

    def _check_lost(self, key: str) -> None:
        """Refuse to call a request unrecorded while a line may hold it that nobody can read."""
        lost = next((line for line in self._recordings.damaged if not line.keys or key in line.keys), None)
        if lost is not None:
            raise _damage_error(lost)

    def _pictures(self, recording: Recording) -> dict[str, bytes]:
        return {name: self._recordings.blobs.read(name) for name in dict.fromkeys(recording.blobs)}


def _damage_error(line: DamagedLine) -> RecordingDamaged:
    return RecordingDamaged(f"{line}.", remedy=_RESTORE)
