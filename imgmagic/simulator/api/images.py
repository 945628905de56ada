"""Images: the addresses that draw or edit pictures, at once or as a stream of events.

A stream of n pictures shares one pace: each gets a part of the time, so n pictures take equally long with and without
streaming, and all events of one picture come before those of the next, because no event says which picture it belongs
to.
"""

import asyncio
import time

from PIL import Image
from tornado.iostream import StreamClosedError

from imgmagic.simulator.api import replies
from imgmagic.simulator.api.access import outer_address
from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.faults import Fault
from imgmagic.simulator.api.handlers import Handler
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError
from imgmagic.simulator.api.sources import open_sources
from imgmagic.simulator.api.uploads import read_form, read_json
from imgmagic.simulator.drawing import pictures
from imgmagic.simulator.drawing.picture import PictureRequest


class _Images(Handler):
    """What drawing and editing share; a subclass reads the request."""

    work: "asyncio.Task[None] | None" = None
    is_gone = False

    async def post(self) -> None:
        self.work = asyncio.ensure_future(self._answer())
        self.server.working.add(self.work)
        # A separate task, which can be cancelled at any point when the client hangs up or the server stops.
        try:
            await asyncio.wait([self.work])
        finally:
            self.server.working.discard(self.work)
        if not self.work.cancelled():
            self.work.result()
        elif not self.is_gone:
            self._cut()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.is_gone = True
        if self.work:
            self.work.cancel()

    async def read(self) -> Call:
        """Return the call, or raise the refusal."""
        raise NotImplementedError

    def json_object(self) -> Body:
        """Return the body, or raise the refusal of anything but a JSON object."""
        if not isinstance(self.body, dict):
            message = "We could not parse the JSON body of your request: expected a JSON object."
            raise RefusedError(Refusal(message=message))
        return self.body

    async def _answer(self) -> None:
        try:
            self.check_key()
            call = await self.read()
            self._take(call)
            await self._generate(call, self._fault(call))
        except RefusedError as error:
            self.refuse(error.refusal)
        except StreamClosedError:
            self.note("disconnected")

    def _take(self, call: Call) -> None:
        """Take the pictures from the limit: those that are asked for, or those that are shown, if they are more."""
        bucket = self.server.bucket
        if bucket is None:
            return
        refusal = bucket.take(max(call.n, len(call.sources)), call.model)
        if refusal:
            raise RefusedError(refusal)
        for name, value in bucket.headers().items():
            self.set_header(name, value)

    def _fault(self, call: Call) -> Fault:
        fault = self.server.fault(call.prompt)
        if fault.refusal and not (fault.in_stream and call.is_streamed):
            raise RefusedError(fault.refusal)
        return fault

    async def _generate(self, call: Call, fault: Fault) -> None:
        # Like a server that accepts and never answers: only the client's time-out, or stopping the server, ends it.
        if fault.is_hung:
            await asyncio.Event().wait()
        if fault.page:
            self.set_status(502)
            self.set_header("Content-Type", "text/html")
            self.finish(fault.page)
            return
        for name, value in self.server.persona.headers(call).items():
            self.set_header(name, value)
        pace_s = max(self.server.pace_s, fault.slowed_s)
        if call.is_streamed:
            await self._stream(call, fault, pace_s)
        else:
            await self._reply(call, fault, pace_s)

    async def _reply(self, call: Call, fault: Fault, pace_s: float) -> None:
        # All at once, and never sooner than the pace: a quick drawing waits for the clock.
        drawings = [self.server.draw(_draw_finished, call, picture) for picture in self.server.next_pictures(call)]
        data, _ = await asyncio.gather(asyncio.gather(*drawings), asyncio.sleep(pace_s))
        if fault.is_cut:
            self._cut()
            return
        images = [] if fault.is_empty else [self._image(call, each) for each in data]
        self.answer(replies.to_json(call, self.server.persona, images, int(time.time())))

    def _image(self, call: Call, data: bytes) -> dict[str, Json]:
        if not call.by_url:
            return {"b64_json": replies.to_base64(data)}
        path = self.server.keep_file(call.output_format, data)
        return {"url": outer_address(self.heard, self.request.protocol) + path}

    async def _stream(self, call: Call, fault: Fault, pace_s: float) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        # nginx, and jupyter-server-proxy behind it, buffer a reply until it is complete unless told otherwise.
        self.set_header("X-Accel-Buffering", "no")
        self.set_time()
        await self.flush()
        for picture in self.server.next_pictures(call):
            image = await self.server.draw(pictures.draw, picture)
            partials = min(call.partial_images, 1 if fault.is_cut else fault.fewest_partials)
            await self._send_partials(call, image, partials, pace_s / call.n)
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
            data = await self.server.draw(_draw_partial, call, image, (index, count))
            # By the clock, not with a pause each: drawing and encoding are part of the pace, and must not add to it.
            await asyncio.sleep(began + pace_s * (index + 1) / (count + 1) - time.monotonic())
            await self._send(replies.partial_event(call, data, index, int(time.time())))
        await asyncio.sleep(began + pace_s - time.monotonic())

    async def _send_completed(self, call: Call, image: Image.Image, partials: int) -> None:
        data = await self.server.draw(pictures.encode, image, call.output_format, call.compression)
        await self._send(replies.completed_event(call, self.server.persona, data, partials, int(time.time())))

    async def _send(self, event: bytes) -> None:
        self.write(event)
        await self.flush()

    def _cut(self) -> None:
        """Hang up in the middle of the reply."""
        self.note("answered")
        # Below tornado, which would otherwise end the chunked reply properly: it must look cut off.
        self.detach().close()


class Generations(_Images):
    """Pictures from words."""

    async def read(self) -> Call:
        """Return the call, or raise the refusal."""
        return self.server.persona.read(self.heard, self.json_object())


class Edits(_Images):
    """Pictures from pictures and words, in a multipart form or as JSON."""

    async def read(self) -> Call:
        """Return the call, or raise the refusal."""
        edit = self.server.persona.edit
        if edit is None:
            raise RefusedError(self.unknown_address())
        if self.is_form:
            body, uploads = read_form(self.request.body_arguments, self.files())
        else:
            body, uploads = read_json(self.json_object())
        sources = await self.server.draw(open_sources, uploads)
        return edit(body, sources, self.is_form)


def _draw_finished(call: Call, picture: PictureRequest) -> bytes:
    if call.output_format == "gif":
        frames = pictures.draw_frames(picture, call.frame_count)
        return pictures.encode_frames(frames, min(655_350, round(call.frame_duration_ms, -1)))
    if call.output_format == "svg":
        return pictures.draw_svg(picture)
    return pictures.encode(pictures.draw(picture), call.output_format, call.compression)


def _draw_partial(call: Call, image: Image.Image, place: tuple[int, int]) -> bytes:
    return pictures.encode(pictures.draw_partial(image, *place), call.output_format, call.compression)
