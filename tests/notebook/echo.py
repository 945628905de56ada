"""A server that says back what it is asked: beside a picture, in a refusal, or while it asks for patience."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from drawn import png


def _answer(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return status and body, by the model that was asked."""
    said = body["prompt"]
    if body["model"] == "refusing":
        return 400, {"error": {"message": said, "code": said, "type": said}}
    return 200, {"data": [{"b64_json": base64.b64encode(png()).decode(), "revised_prompt": said}]}


@contextmanager
def echoing() -> Iterator[str]:
    """Run the server; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, answer = _answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()
