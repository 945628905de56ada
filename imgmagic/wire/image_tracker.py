"""The image tracker: which images of one reply are open, done, or lost, according to its messages."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace

from imgmagic.domain.events import (
    AddressReceived,
    CompletedImage,
    Event,
    ImageFailed,
    Notice,
    PartialImage,
    UsageReported,
)
from imgmagic.domain.image_header import MAX_PIXELS, recognise, sniff
from imgmagic.domain.picture import Picture
from imgmagic.domain.provider import Provider
from imgmagic.domain.usage import Usage
from imgmagic.errors import DownloadFailed, ImgmagicError, ProtocolError
from imgmagic.redaction import redact
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.download import Downloads
from imgmagic.wire.empty_reply import empty_reply_error
from imgmagic.wire.error_report import ErrorReport, read_error
from imgmagic.wire.key_guard import holds_secret, seal
from imgmagic.wire.message import Meaning, Message
from imgmagic.wire.picture_notes import holds_key, without_key
from imgmagic.wire.server_errors import ErrorReply, api_error, with_bill

_ADDRESS_WAITS_S = (1.0, 2.0, 4.0)  # before a picture's address is asked again
_LONGEST_PROMPT = 32_000  # characters of a revised prompt
MOST_IMAGES = 100  # of one reply; more than that cannot be the answer to any request


class ImageTracker:
    """Follow the images of one body through its reply.

    Args:
        indexes: the images that the reply should bring.
        beyond: gives an index to each additional image.
        provider, dialect: the server that errors are about.
        elapsed_s: seconds since the run began.
        downloads: fetches the pictures that come as addresses.
    """

    def __init__(
        self,
        indexes: Sequence[int],
        beyond: Iterator[int],
        *,
        provider: Provider,
        dialect: Dialect,
        elapsed_s: Callable[[], float],
        downloads: Downloads,
    ) -> None:
        self.first = indexes[0]
        self.asked = len(indexes)
        self.elapsed_s = elapsed_s
        self.is_over = False
        self.request_id: str | None = None  # known once the reply's headers are
        self._indexes = list(indexes)
        self._open = list(indexes)
        self._beyond = beyond
        self._fetched_from: dict[int, str] = {}  # the addresses of pictures being fetched
        self._provider = provider
        self._dialect = dialect
        self._downloads = downloads
        self._most = max(MOST_IMAGES, self.asked)
        self._taken = 0
        self._partials = 0
        self._skipped = 0
        self._may_go_on = False  # a series, whose next image takes as long as the first
        self.has_usage = False
        self._cost_reported = False

    @property
    def _secrets(self) -> tuple[str, ...]:
        return self._provider.secrets()

    @property
    def has_all(self) -> bool:
        """Return whether all images have come and no more are announced; a server may still send its usage."""
        return not self._open and not self._may_go_on

    async def handle(self, message: Message) -> AsyncIterator[Event]:
        """Yield the events that `message` makes.

        Raises:
            ImgmagicError: the request failed as a whole.
        """
        if message.meaning is Meaning.COMPLETED:
            async for event in self._handle_completed(message):
                yield event
        else:
            for event in self._handle_at_once(message):
                yield event

    def _handle_at_once(self, message: Message) -> Iterator[Event]:
        if message.meaning is Meaning.PARTIAL:
            yield from self._handle_partial(message)
        elif message.meaning is Meaning.ADDRESSED:
            named = message.index
            if named is not None and named < len(self._indexes):
                yield from self._announce(message, self._indexes[named])
        elif message.meaning is Meaning.FAILED:
            self._may_go_on = message.may_go_on
            yield self._fail(self._slot(message.index), self._error(message))
        elif message.meaning is Meaning.ERROR:
            raise self._error(message)
        elif message.meaning is Meaning.DONE:
            self.is_over = True
        else:
            self._skipped += 1

    def finish(self, cost_usd: str | None) -> Iterator[Event]:
        """Yield the failures that only show at the end of a reply."""
        if cost_usd is not None and not self._cost_reported:
            yield UsageReported(elapsed_s=self.elapsed_s(), index=self.first, usage=Usage(), cost_usd=cost_usd)
        yield from self.fail_open(self._missing())

    def fail_open(self, error: ImgmagicError) -> Iterator[Event]:
        """Yield a failure, for the reason `error`, of each image that is still open."""
        for index in tuple(self._open):
            address = self._fetched_from.get(index)
            # It was drawn, but not fetched in time: it can be fetched later.
            late = address and DownloadFailed(error.message, remedy=error.remedy, address=address, may_pass=True)
            yield self._fail(index, late or error)

    def _handle_partial(self, message: Message) -> Iterator[Event]:
        pixels = sniff(message.image) if message.image else None
        if message.image is None or pixels is None or pixels.count > MAX_PIXELS:  # which nobody could show
            self._skipped += 1
            return
        self._partials += 1
        yield PartialImage(
            elapsed_s=self.elapsed_s(),
            index=self._slot(message.index),
            number=message.number,
            data=without_key(message.image, self._secrets),
            format=pixels.format,
        )

    async def _handle_completed(self, message: Message) -> AsyncIterator[Event]:
        self._may_go_on = message.may_go_on
        if message.image or message.url:
            for event in self._announce(message, self._slot(message.index)):
                yield event
            async for event in self._image(message):
                yield event
            self._taken += 1
            self.is_over = self._taken >= self._most
        if message.usage is not None or message.cost_usd is not None:
            self.has_usage = True
            self._cost_reported |= message.cost_usd is not None
            usage = message.usage or Usage()
            yield UsageReported(elapsed_s=self.elapsed_s(), index=self.first, usage=usage, cost_usd=message.cost_usd)

    async def _image(self, message: Message) -> AsyncIterator[Event]:
        index = self._slot(message.index)
        data = message.image
        for wait_s in (*_ADDRESS_WAITS_S, None):
            try:
                event = self._picture(message, index, data or await self._downloads.fetch(message.url or ""))
            except DownloadFailed as error:
                if wait_s is None or not error.may_pass:
                    yield self._fail(index, error)
                    return
                yield self._notice(index, f"{error.message} Trying again.")
                await self._downloads.sleep(wait_s)
            except ImgmagicError as error:
                yield self._fail(index, error)
                return
            else:
                if holds_key(event.data, self._secrets):
                    event = replace(event, picture=replace(event.picture, data=without_key(event.data, self._secrets)))
                    yield self._notice(
                        index,
                        "The picture's metadata contained the key; it was overwritten before the picture was saved.",
                    )
                if message.remark:
                    yield self._notice(index, message.remark)
                yield event
                return

    def _announce(self, message: Message, index: int) -> Iterator[Event]:
        """Yield where an open image is, unless that is known: after a stop it can then be fetched later."""
        url = message.url
        is_elsewhere = not message.image and url is not None and url[:5].lower() != "data:"
        if url is None or not is_elsewhere or index not in self._open or index in self._fetched_from:
            return
        self._fetched_from[index] = url
        if not holds_secret(url, self._provider):
            yield AddressReceived(elapsed_s=self.elapsed_s(), index=index, address=url)

    def _notice(self, index: int, text: str) -> Notice:
        return Notice(elapsed_s=self.elapsed_s(), index=index, text=redact(text, *self._secrets))

    def _picture(self, message: Message, index: int, data: bytes) -> CompletedImage:
        pixels = recognise(data)
        if pixels is None:
            said = "the server sent an unrecognized image format."
            raise ProtocolError(said, remedy="Try another {output_format}.")
        self._open.remove(index)
        prompt = message.revised_prompt  # the server's words, which may repeat the key
        picture = Picture(
            data=data,
            format=pixels.format,
            width=pixels.width,
            height=pixels.height,
            revised_prompt=prompt and redact(prompt[:_LONGEST_PROMPT], *self._secrets),
        )
        return CompletedImage(elapsed_s=self.elapsed_s(), index=index, picture=picture)

    def _fail(self, index: int, error: ImgmagicError) -> ImageFailed:
        error.request_id = error.request_id or self.request_id
        self._open.remove(index)
        return ImageFailed(elapsed_s=self.elapsed_s(), index=index, error=seal(with_bill(error), self._provider))

    def _slot(self, named: int | None) -> int:
        """Return the image that a message is about: the one that it names, else the first that is open."""
        # Servers that number their images count from 0 within one reply; others repeat a number or leave it out. A
        # wrong number must not cost a picture, so an impossible one is read as the next.
        if named is not None and named < len(self._indexes) and self._indexes[named] in self._open:
            return self._indexes[named]
        if not self._open:
            # More than was asked for: it is paid for, so it is kept under an index that no other reply uses.
            self._open.append(next(self._beyond))
        return self._open[0]

    def _error(self, message: Message) -> ImgmagicError:
        report = read_error(message.error)
        if report == ErrorReport():  # nothing mentions a failure or moderation
            return empty_reply_error(message.error)
        return api_error(report, ErrorReply(), self._provider, self._dialect)

    def _missing(self) -> ProtocolError:
        if self._partials:
            seen = "one partial image" if self._partials == 1 else f"{self._partials} partial images"
            said = f"the stream was cut off after {seen}; the final image did not arrive."
        elif len(self._open) < len(self._indexes):
            said = f"the server sent {len(self._indexes) - len(self._open)} of {len(self._indexes)} images."
        else:
            said = f"the reply was cut off: it ended without an image ({self._skipped} unknown events)."
        return ProtocolError(said, remedy="What was drawn may have been billed; run it again.")
