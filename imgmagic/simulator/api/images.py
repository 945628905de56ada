"""Handlers: what each address of the simulator answers; the reading and drawing is done elsewhere."""

import asyncio
import json
import time
import uuid
from dataclasses import replace
from typing import Any, Final

from PIL import Image
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from imgmagic.simulator.api import replies
from imgmagic.simulator.api.calls import Call, Picture
from imgmagic.simulator.api.faults import Fault
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError
from imgmagic.simulator.api.state import Desk, SeenRequest
from imgmagic.simulator.drawing import pictures

_TYPES: Final = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}


class _Handler(RequestHandler):
    """What every answer has: ids, times, the server's form of errors, and a place in the log."""

    def initialize(self, desk: Desk) -> None:
        self.desk = desk
        self.id = f"req_{uuid.uuid4().hex}"
        self.started_at = time.monotonic()

    def prepare(self) -> None:
        headers = {name.lower(): value for name, value in self.request.headers.get_all()}
        seen = SeenRequest(
            path=self.request.path, headers=headers, body=_parsed(self.request.body), started_at=self.started_at
        )
        self.desk.see(self.id, seen)
        self.set_header("x-request-id", self.id)

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> "asyncio.Future[None]":
        # Before the last bytes leave: a client that has them may look into the log at once.
        self.note("answered")
        return super().finish(chunk)

    def on_connection_close(self) -> None:
        self.note("disconnected")

    def note(self, state: str) -> None:
        """Write the end of this request into the log, once."""
        seen = self.desk.seen.get(self.id)
        if seen and seen.state == "open":
            self.desk.seen[self.id] = replace(seen, state=state, closed_at=time.monotonic())

    def refuse(self, refusal: Refusal) -> None:
        """Answer a refusal in the persona's form."""
        self.set_status(refusal.status)
        for name, value in refusal.headers.items():
            self.set_header(name, value)
        self.answer(dict(self.desk.persona.body_of(refusal)))

    def write_error(self, status_code: int, **_: object) -> None:
        """Answer what tornado itself refuses, such as a wrong method."""
        self.refuse(Refusal(status=status_code, message=f"{self._reason} ({self.request.method})."))

    def answer(self, body: dict[str, Json]) -> None:
        """Answer JSON."""
        self.set_header("Content-Type", "application/json")
        self.set_time()
        self.finish(json.dumps(body))

    def set_time(self) -> None:
        """Set the header that says how long it took until now."""
        self.set_header("openai-processing-ms", str(round(1000 * (time.monotonic() - self.started_at))))

    def check_key(self) -> None:
        """Refuse a wrong scheme, and a wrong key where one is required."""
        header = self.request.headers.get("Authorization", "")
        scheme, _, key = header.partition(" ")
        if self.desk.require_key is not None and key != self.desk.require_key:
            message = "Incorrect API key provided." if header else "You didn't provide an API key."
            raise RefusedError(Refusal(status=401, message=message, code="invalid_api_key"))
        if header and scheme not in self.desk.persona.schemes:
            message = f"The Authorization scheme must be {' or '.join(self.desk.persona.schemes)}."
            raise RefusedError(Refusal(status=401, message=message, code="invalid_api_key"))


def _parsed(body: bytes) -> Json:
    try:
        parsed: Json = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    return parsed


class _Unknown(_Handler):
    def prepare(self) -> None:
        super().prepare()
        message = f"Invalid URL ({self.request.method} {self.request.path})"
        self.refuse(Refusal(status=404, message=message))


class _Models(_Handler):
    def get(self) -> None:
        try:
            self.check_key()
        except RefusedError as error:
            self.refuse(error.refusal)
            return
        models: list[Json] = [
            {"id": model, "object": "model", "created": 1_764_547_200, "owned_by": "simulator"}
            for model in self.desk.persona.known_models
        ]
        self.answer({"object": "list", "data": models})


class _Files(_Handler):
    def get(self, expires_at: str, name: str) -> None:
        kept = self.desk.files.get(name)
        if kept is None or int(expires_at) < time.time():
            self.refuse(Refusal(status=404, message="The file does not exist or has expired."))
            return
        self.set_header("Content-Type", _TYPES[kept[0]])
        self.finish(kept[1])


class _Generations(_Handler):
    work: "asyncio.Task[None] | None" = None
    is_gone = False

    async def post(self) -> None:
        self.work = asyncio.ensure_future(self._answer())
        self.desk.working.add(self.work)
        try:
            await asyncio.wait([self.work])
        finally:
            self.desk.working.discard(self.work)
        if not self.work.cancelled():
            self.work.result()
        elif not self.is_gone:
            self._cut()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.is_gone = True
        if self.work:
            self.work.cancel()

    async def _answer(self) -> None:
        try:
            self.check_key()
            await self._generate(*self._read())
        except RefusedError as error:
            self.refuse(error.refusal)
        except StreamClosedError:
            self.note("disconnected")

    def _read(self) -> tuple[Call, Fault]:
        seen = self.desk.seen[self.id]
        if not isinstance(seen.body, dict):
            message = "We could not parse the JSON body of your request: expected a JSON object."
            raise RefusedError(Refusal(message=message))
        call = self.desk.persona.read(seen.headers, seen.body)
        fault = self.desk.fault(call.prompt)
        if fault.refusal and not (fault.in_stream and call.is_streamed):
            raise RefusedError(fault.refusal)
        return call, fault

    async def _generate(self, call: Call, fault: Fault) -> None:
        if fault.is_hung:
            await asyncio.Event().wait()
        if fault.page:
            self.set_status(502)
            self.set_header("Content-Type", "text/html")
            self.finish(fault.page)
            return
        for name, value in self.desk.persona.headers(call).items():
            self.set_header(name, value)
        pace_s = max(self.desk.pace_s, fault.slowed_s)
        if call.is_streamed:
            await self._stream(call, fault, pace_s)
        else:
            await self._reply(call, fault, pace_s)

    async def _reply(self, call: Call, fault: Fault, pace_s: float) -> None:
        drawings = [self.desk.draw(_finished, call, picture) for picture in self.desk.next_pictures(call)]
        data, _ = await asyncio.gather(asyncio.gather(*drawings), asyncio.sleep(pace_s))
        if fault.is_cut:
            self._cut()
            return
        images = [] if fault.is_empty else [self._image(call, each) for each in data]
        self.answer(replies.to_json(call, self.desk.persona, images, int(time.time())))

    def _image(self, call: Call, data: bytes) -> dict[str, Json]:
        if not call.by_url:
            return {"b64_json": replies.to_base64(data)}
        path = self.desk.keep_file(call.output_format, data)
        return {"url": f"{self.request.protocol}://{self.request.host}{path}"}

    async def _stream(self, call: Call, fault: Fault, pace_s: float) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.set_time()
        await self.flush()
        for picture in self.desk.next_pictures(call):
            image = await self.desk.draw(pictures.draw, picture)
            partials = min(call.partial_images, 1 if fault.is_cut else fault.fewest_partials)
            await self._send_partials(call, image, partials, pace_s)
            if fault.refusal:
                await self._send(replies.error_event(fault.refusal, is_flat=fault.is_flat))
                break
            if fault.is_cut:
                self._cut()
                return
            if not fault.is_empty:
                await self._send_completed(call, image, partials)
        self.finish()

    async def _send_partials(self, call: Call, image: Image.Image, count: int, pace_s: float) -> None:
        began = time.monotonic()
        for index in range(count):
            data = await self.desk.draw(_partial, call, image, (index, count))
            await asyncio.sleep(began + pace_s * (index + 1) / (count + 1) - time.monotonic())
            await self._send(replies.partial_event(call, data, index, int(time.time())))
        await asyncio.sleep(began + pace_s - time.monotonic())

    async def _send_completed(self, call: Call, image: Image.Image, partials: int) -> None:
        data = await self.desk.draw(pictures.encode, image, call.output_format, call.compression)
        await self._send(replies.completed_event(call, self.desk.persona, data, partials, int(time.time())))

    async def _send(self, event: bytes) -> None:
        self.write(event)
        await self.flush()

    def _cut(self) -> None:
        """Hang up in the middle of the reply."""
        self.note("answered")
        self.detach().close()


def _finished(call: Call, picture: Picture) -> bytes:
    if call.output_format == "gif":
        frames = pictures.draw_frames(picture, call.frame_count)
        return pictures.encode_frames(frames, min(655_350, round(call.frame_duration_ms, -1)))
    if call.output_format == "svg":
        return pictures.draw_svg(picture)
    return pictures.encode(pictures.draw(picture), call.output_format, call.compression)


def _partial(call: Call, image: Image.Image, place: tuple[int, int]) -> bytes:
    return pictures.encode(pictures.draw_partial(image, *place), call.output_format, call.compression)


def routes(desk: Desk) -> list[tuple[Any, ...]]:
    """Return what the server answers at each address."""
    prefix, arguments = desk.persona.prefix, {"desk": desk}
    return [
        (prefix + "/images/generations", _Generations, arguments),
        (prefix + "/models", _Models, arguments),
        (r"/files/(\d+)/(\w+)\.\w+", _Files, arguments),
        (r".*", _Unknown, arguments),
    ]
