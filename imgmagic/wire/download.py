"""Downloads: the image behind a URL of a reply, fetched without our key and from nowhere but public places."""

from imgmagic.errors import ProtocolError
from imgmagic.wire.encoding import from_data_uri


async def download(url: str, *, base_url: str) -> bytes:
    """Return the image at `url`; `data:` URIs only, so far."""
    del base_url
    data = from_data_uri(url) if url[:5].lower() == "data:" else None
    if data is None:
        message = "the server sent an address instead of the picture."
        raise ProtocolError(message, remedy="Use --response-format b64_json.")
    return data
