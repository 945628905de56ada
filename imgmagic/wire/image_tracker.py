"""Drawings: what one reply's messages make of its share of the images; which are open, done, or lost."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from imgmagic.domain.events import CompletedImage, Event, ImageFailed, PartialImage, UsageReported
from imgmagic.domain.image_header import MAX_PIXELS, Pixels, sniff
from imgmagic.domain.provider import Provider
from imgmagic.domain.usage import Usage
from imgmagic.errors import ImgmagicError, ProtocolError
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.download import download
from imgmagic.wire.error_report import Answer, api_error, said_in
from imgmagic.wire.messages import Meaning, Message


class Drawing:
    """Follow the images of one body through its reply.

    Args:
        indexes: the images that the reply shall bring.
        beyond: gives an index to each image more than those.
        provider, dialect: whom an error is about.
        elapsed_s: seconds since the run began.
    """

    def __init__(
        self,
        indexes: Sequence[int],
        beyond: Iterator[int],
        *,
        provider: Provider,
        dialect: Dialect,
        elapsed_s: Callable[[], float],
    ) -> None:
        self.first = indexes[0]
        self.elapsed_s = elapsed_s
        self.over = False
        self.request_id: str | None = None  # known when the reply's headers are
        self._indexes = list(indexes)
        self._open = list(indexes)
        self._beyond = beyond
        self._provider = provider
        self._dialect = dialect
        self._partials = 0
        self._skipped = 0
        self._cost_reported = False

    async def take(self, message: Message) -> AsyncIterator[Event]:
        """Yield the events that `message` makes.

        Raises:
            ImgmagicError: the request failed as a whole.
        """
        if message.meaning is Meaning.PARTIAL:
            for event in self._partial(message):
                yield event
        elif message.meaning is Meaning.COMPLETED:
            async for event in self._completed(message):
                yield event
        elif message.meaning is Meaning.FAILED:
            yield self._failed(self._slot(message.index), self._error(message))
        elif message.meaning is Meaning.ERROR:
            raise self._error(message)
        elif message.meaning is Meaning.DONE:
            self.over = True
        else:
            self._skipped += 1

    def end(self, cost_usd: str | None) -> Iterator[Event]:
        """Yield what is to be said at the end of a reply that was read to its end."""
        if cost_usd is not None and not self._cost_reported:
            yield UsageReported(elapsed_s=self.elapsed_s(), index=self.first, usage=Usage(), cost_usd=cost_usd)
        yield from self.failures(self._missing() if self._open else None)

    def failures(self, error: ImgmagicError | None) -> Iterator[Event]:
        """Yield a failure for each image that is still open."""
        while error is not None and self._open:
            yield self._failed(self._open[0], error)

    def _partial(self, message: Message) -> Iterator[Event]:
        pixels = _pixels(message.image) if message.image else None
        if message.image is None or pixels is None:
            self._skipped += 1
            return
        self._partials += 1
        yield PartialImage(
            elapsed_s=self.elapsed_s(),
            index=self._slot(message.index),
            number=message.number,
            data=message.image,
            format=pixels.format,
        )

    async def _completed(self, message: Message) -> AsyncIterator[Event]:
        if message.image or message.url:
            index = self._slot(message.index)
            try:
                event: Event = self._picture(message, index, await self._bytes(message))
            except ImgmagicError as error:
                event = self._failed(index, error)
            yield event
        if message.usage is not None or message.cost_usd is not None:
            self._cost_reported |= message.cost_usd is not None
            usage = message.usage or Usage()
            yield UsageReported(elapsed_s=self.elapsed_s(), index=self.first, usage=usage, cost_usd=message.cost_usd)

    async def _bytes(self, message: Message) -> bytes:
        if message.image:
            return message.image
        return await download(message.url or "", base_url=self._provider.base_url)

    def _picture(self, message: Message, index: int, data: bytes) -> CompletedImage:
        pixels = _pixels(data)
        if pixels is None:
            said = "the server sent something as the picture that is no known image format."
            raise ProtocolError(said, remedy="Try another --output-format.")
        self._open.remove(index)
        return CompletedImage(
            elapsed_s=self.elapsed_s(),
            index=index,
            data=data,
            format=pixels.format,
            width=pixels.width,
            height=pixels.height,
            revised_prompt=message.revised_prompt,
        )

    def _failed(self, index: int, error: ImgmagicError) -> ImageFailed:
        error.request_id = error.request_id or self.request_id
        self._open.remove(index)
        return ImageFailed(elapsed_s=self.elapsed_s(), index=index, error=error)

    def _slot(self, named: int | None) -> int:
        """Return the image that a message is about: the one that it names, else the first that is open."""
        if named is not None and named < len(self._indexes) and self._indexes[named] in self._open:
            return self._indexes[named]
        if not self._open:
            self._open.append(next(self._beyond))
        return self._open[0]

    def _error(self, message: Message) -> ImgmagicError:
        return api_error(said_in(message.error), Answer(), self._provider, self._dialect)

    def _missing(self) -> ProtocolError:
        if self._partials:
            seen = "one partial image" if self._partials == 1 else f"{self._partials} partial images"
            said = f"the stream was cut off after {seen}; the final image did not come."
        elif len(self._open) < len(self._indexes):
            said = f"the server sent {len(self._indexes) - len(self._open)} of {len(self._indexes)} images."
        else:
            said = f"the reply was cut off: it ended without an image ({self._skipped} unknown events)."
        return ProtocolError(said, remedy="What was drawn may have been billed; run it again.")


def _pixels(data: bytes) -> Pixels | None:
    pixels = sniff(data)
    if pixels is not None and pixels.count > MAX_PIXELS:
        said = f"the picture has {pixels.count:,} pixels; at most {MAX_PIXELS:,} are accepted."
        raise ProtocolError(said, remedy="Ask for a smaller --size.")
    return pixels
