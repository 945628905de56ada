"""A server on the loopback address whose answer is a function of what it is asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def answering(
    answer: Callable[[Mapping[str, str], bytes], Answer], *, file: Callable[[str], Answer] | None = None
) -> Iterator[str]:
    """Serve on a free port what `answer` makes of headers and body, and `file` of a path; give the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._send(answer(self.headers, self.rfile.read(int(self.headers["content-length"]))))

        def do_GET(self) -> None:
            self._send(file(self.path) if file else Answer(status=404))

        def _send(self, made: Answer) -> None:
            self.send_response(made.status)
            own = {"content-type": made.content_type, "content-length": str(len(made.body))}
            for name, value in {**own, **made.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()
