"""A picture as heavy as a photograph, and a server that answers with it."""

import base64
import io
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image, ImageDraw


def grainy_picture() -> bytes:
    """Return a PNG of 1024x1024 that is as heavy as a photograph: many edges under a fine grain."""
    chance = random.Random(500)
    picture = Image.new("RGB", (1024, 1024))
    pen = ImageDraw.Draw(picture)
    for _ in range(500):
        x, y, size = chance.randrange(1024), chance.randrange(1024), chance.randrange(4, 60)
        pen.ellipse((x, y, x + size, y + size), fill=tuple(chance.randrange(256) for _ in range(3)))
    grain = Image.merge("RGB", [Image.effect_noise(picture.size, 24) for _ in range(3)])
    file = io.BytesIO()
    Image.blend(picture, grain, 0.12).save(file, "PNG")
    return file.getvalue()


@contextmanager
def serving(picture: bytes) -> Iterator[str]:
    """Answer every request with one picture, in JSON."""
    body = json.dumps({"created": 1, "data": [{"b64_json": base64.b64encode(picture).decode()}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
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
