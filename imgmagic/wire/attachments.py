"""Attachments: the pictures of an edit as the parts sent to a server, its mask in that server's polarity."""

import asyncio

from imgmagic.domain.json_types import JsonObject
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import RequestInvalid
from imgmagic.wire.dialects.edits import BodyFormat, Edits, MaskField
from imgmagic.wire.mask_png import render_mask
from imgmagic.wire.payload import Part, Payload, json_payload, json_with_pictures, multipart_payload


class Attachments:
    """The parts of one request, read once, on a worker thread, for all the bodies that carry them."""

    def __init__(self, edits: Edits | None, request: ImageRequest) -> None:
        self._edits = edits
        self._request = request
        self._reading = asyncio.Lock()
        self._parts: tuple[Part, ...] | None = None

    async def payload(self, body: JsonObject) -> Payload:
        """Return `body` with the pictures that go with it.

        Raises:
            StoreError, RequestInvalid: as `read_parts`.
        """
        if not self._request.inputs:
            return json_payload(body)
        async with self._reading:
            if self._parts is None:
                self._parts = await asyncio.to_thread(read_parts, self._edits, self._request)
        return payload_of(self._edits, body, self._parts)


def read_parts(edits: Edits | None, request: ImageRequest) -> tuple[Part, ...]:
    """Return the parts of the pictures of `request`, in the order in which they are sent; reads the disk.

    Raises:
        StoreError: the bytes of a picture are gone.
        RequestInvalid: the server takes no pictures, or the mask does not fit into a part.
    """
    if not request.inputs:
        return ()
    if edits is None:
        raise RequestInvalid("nothing was sent. This server does not accept pictures.", remedy="Ask another server.")
    names = edits.field_names(len(request.sources))
    pictures = [
        _part(source, field, f"image-{number}")
        for number, (field, source) in enumerate(zip(names, request.sources, strict=True), 1)
    ]
    mask = [_mask_part(request.mask, edits.mask)] if request.mask and edits.mask else []
    markup = [_part(request.markup, "markup", "markup")] if request.markup and edits.markup else []
    return (*pictures, *mask, *markup)


def describe_parts(edits: Edits | None, request: ImageRequest) -> tuple[str, ...]:
    """Describe what is sent besides the fields of a request: each picture with its field, type and size."""
    if edits is None or not request.sources:
        return ()
    names = edits.field_names(len(request.sources)) if edits.form is BodyFormat.MULTIPART else ("data: address",)
    told = [
        f"{names[number % len(names)]}: {source.name or 'a picture'}, {source.format} {source.pixels}, "
        f"{source.size_bytes:,} bytes"
        for number, source in enumerate(request.sources)
    ]
    if request.mask is not None and edits.mask is not None:
        told.append(f"{edits.mask.name}: {request.mask.name}, png {request.mask.pixels}, {edits.mask.polarity}")
    if request.markup is not None:
        told.append(f"markup: {request.markup.name}, png {request.markup.pixels}")
    return tuple(told)


def payload_of(edits: Edits | None, body: JsonObject, parts: tuple[Part, ...]) -> Payload:
    """Return the request body: plain JSON if there are no pictures, else in the form that the server takes."""
    if edits is None or not parts:
        return json_payload(body)
    if edits.form is BodyFormat.MULTIPART:
        return multipart_payload(body, parts)
    return json_with_pictures(body, parts, edits.place)


def _part(picture: SourcePicture, field: str, stem: str) -> Part:
    ending = {"jpeg": "jpg"}.get(picture.format, picture.format)
    return Part(name=field, file_name=f"{stem}.{ending}", content_type=f"image/{picture.format}", data=picture.data)


def _mask_part(mask: SourcePicture, field: MaskField) -> Part:
    data = render_mask(mask.data, field.polarity)
    if len(data) > field.most_bytes:
        raise RequestInvalid(
            f"nothing was sent. The mask has {len(data):,} bytes; at most {field.most_bytes:,} are allowed.",
            remedy="Draw a simpler mask, or give a smaller picture.",
        )
    return Part(name=field.name, file_name="mask.png", content_type="image/png", data=data)
