"""Handlers: what all answers of the simulator share, and the addresses that draw no pictures."""

import asyncio
import json
import time
import uuid
from dataclasses import replace
from typing import Final

from tornado.web import RequestHandler

from imgmagic.simulator.api import access
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError
from imgmagic.simulator.api.state import SeenFile, SeenRequest, ServerState, shorten
from imgmagic.simulator.api.uploads import Upload

_TYPES: Final = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}


class Handler(RequestHandler):
    """What every answer has: ids, times, the server's form of errors, and an entry in the log."""

    def initialize(self, state: ServerState) -> None:
        """Take what the handlers share, and read the request."""
        self.server = state
        self.started_at = time.monotonic()
        self.heard = {name.lower(): value for name, value in self.request.headers.get_all()}
        self.is_form = self.heard.get("content-type", "").lower().startswith("multipart/form-data")

    def set_default_headers(self) -> None:
        """Set the headers of every answer."""
        # Tornado clears the headers before it writes its own error, and then calls this again: so the request's id,
        # made the first time, is on every answer.
        if not hasattr(self, "id"):
            self.id = f"req_{uuid.uuid4().hex}"
        self.set_header("x-request-id", self.id)

    def prepare(self) -> None:
        """Log the request, and refuse pages that are not allowed."""
        # Not earlier: tornado parses forms just before it calls this.
        self.body = self._fields() if self.is_form else _parse(self.request.body)
        seen = SeenRequest(
            path=self.request.path,
            headers=self.heard,
            body=shorten(self.body, len(self.request.body)),
            files=tuple(SeenFile.of(name, each) for name, files in self.files().items() for each in files),
            started_at=self.started_at,
        )
        self.server.see(self.id, seen)
        refusal = access.fault_of(self.heard, self.server.allowed_hosts)
        if refusal:
            self.refuse(refusal)
            return
        for name, value in access.cors_headers(self.heard).items():
            self.set_header(name, value)

    def options(self, *_: str) -> None:
        """Answer a browser's preflight request."""
        self.set_header("Allow", "GET, POST, OPTIONS")
        self.set_status(204)
        self.finish()

    def _fields(self) -> dict[str, Json]:
        fields = self.request.body_arguments.items()
        return {name: values[0].decode(errors="replace") for name, values in fields if values}

    def files(self) -> dict[str, list[Upload]]:
        """Return the files of a multipart form under their field names."""
        return {
            name: [
                Upload(name=name, content_type=part.content_type.lower(), data=part.body, filename=part.filename)
                for part in parts
            ]
            for name, parts in self.request.files.items()
        }

    def finish(self, chunk: str | bytes | dict[str, object] | None = None) -> "asyncio.Future[None]":
        """Log the answer, and send it."""
        # Before the last bytes leave: a client that has them may read the log at once.
        self.note("answered")
        return super().finish(chunk)

    def on_finish(self) -> None:
        """Drop the body: handlers and their tasks refer to each other, and Python frees such cycles late."""
        self.body, self.request.body, self.request.files = None, b"", {}

    def on_connection_close(self) -> None:
        """Log that the client hung up."""
        self.note("disconnected")

    def note(self, state: str) -> None:
        """Write the end of this request into the log, once."""
        seen = self.server.seen.get(self.id)
        if seen and seen.state == "open":
            self.server.seen[self.id] = replace(seen, state=state, closed_at=time.monotonic())

    def refuse(self, refusal: Refusal) -> None:
        """Answer a refusal in the persona's form."""
        self.set_status(refusal.status)
        for name, value in refusal.headers.items():
            self.set_header(name, value)
        self.answer(dict(self.server.persona.body_of(refusal)))

    def unknown_address(self) -> Refusal:
        """Return the refusal for an address that this server does not have."""
        return Refusal(status=404, message=f"Invalid URL ({self.request.method} {self.request.path})")

    def write_error(self, status_code: int, **_: object) -> None:
        """Answer what tornado itself refuses, such as a wrong method."""
        self.refuse(Refusal(status=status_code, message=f"{self._reason} ({self.request.method})."))

    def answer(self, body: dict[str, Json]) -> None:
        """Answer JSON."""
        self.set_header("Content-Type", "application/json")
        self.set_time()
        self.finish(json.dumps(body))

    def set_time(self) -> None:
        """Set the header that says how long it has taken so far."""
        self.set_header("openai-processing-ms", str(round(1000 * (time.monotonic() - self.started_at))))

    def check_key(self) -> None:
        """Refuse a wrong scheme, and a wrong key if one is required."""
        header = self.request.headers.get("Authorization", "")
        scheme, _, key = header.partition(" ")
        if self.server.require_key is not None and key != self.server.require_key:
            message = "Incorrect API key provided." if header else "You didn't provide an API key."
            raise RefusedError(Refusal(status=401, message=message, code="invalid_api_key"))
        if header and scheme not in self.server.persona.schemes:
            message = f"The Authorization scheme must be {' or '.join(self.server.persona.schemes)}."
            raise RefusedError(Refusal(status=401, message=message, code="invalid_api_key"))


def _parse(body: bytes) -> Json:
    try:
        parsed: Json = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    return parsed


class Unknown(Handler):
    """Any address that the server does not know."""

    def prepare(self) -> None:
        """Refuse the address."""
        super().prepare()
        if not self._finished:
            self.refuse(self.unknown_address())


class Models(Handler):
    """The list of models, and one of them."""

    def get(self, name: str | None = None) -> None:
        """Answer with all models, or the named one."""
        try:
            self.check_key()
            self.answer(self._list_models() if name is None else self._model(name))
        except RefusedError as error:
            self.refuse(error.refusal)

    def _list_models(self) -> dict[str, Json]:
        return {"object": "list", "data": [_describe(model) for model in self.server.persona.known_models]}

    def _model(self, name: str) -> dict[str, Json]:
        if name not in self.server.persona.known_models:
            message = f"The model '{name[:200]}' does not exist"
            raise RefusedError(Refusal(status=404, message=message, code="model_not_found", param="model"))
        return _describe(name)


def _describe(model: str) -> dict[str, Json]:
    return {"id": model, "object": "model", "created": 1_764_547_200, "owned_by": "simulator"}


class Files(Handler):
    """A picture that was returned as an address."""

    def get(self, expires_at: str, name: str) -> None:
        """Answer with the bytes until they expire."""
        kept = self.server.files.get(name)
        if kept is None or int(expires_at[:15]) < time.time():
            self.refuse(Refusal(status=404, message="The file does not exist or has expired."))
            return
        self.set_header("Content-Type", _TYPES[kept[0]])
        self.finish(kept[1])
