"""Measure an edit that starts from a large picture: the memory that its process takes at its peak."""

import base64
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from PIL import Image

from tests.support.answering import Answer, answering
from tools.bench.figure import Figure
from tools.bench.support.server import MB, Scripted, drawing, noise

ROUNDS = 3
SIZE_MB = 20


_WAYS = (
    ("noise.png", "plain", "", 3),
    ("noise.png", "mask", " with a mask", 3),
    ("noise.png", "paste", ", and pasted back outside its mask", 5),
    ("noise.png", "json", ", made smaller for a server that takes JSON", 4),
    ("photo.jpg", "mask", " and 49 megapixels with a mask", 5),  # a byte a pixel, which is 3.5 times its file
)
"""A picture, how it is edited, how that is told, and the most memory that it may take, in parts of the picture."""


def edits_figures(server: Scripted) -> list[Figure]:
    """Return by how much an edit grows a process, in parts of the picture; nothing where the system does not tell."""
    if not Path("/proc/self/clear_refs").exists():
        return []
    with tempfile.TemporaryDirectory() as name, drawing_server() as base_url:
        (Path(name) / "noise.png").write_bytes(noise(SIZE_MB * MB))
        make_photo(Path(name) / "photo.jpg")
        return [_figure(base_url, Path(name) / picture, how, said, most) for picture, how, said, most in _WAYS]


def _figure(base_url: str, picture: Path, how: str, said: str, most: float) -> Figure:
    size = picture.stat().st_size / MB
    return Figure(
        name=f"memory, an edit of a picture of {size:.0f} MB{said} / the picture",
        ours=statistics.median(peak_mb(base_url, picture, how) for _ in range(ROUNDS)),
        baseline=size,
        unit="MB",
        most=most,
    )


def make_photo(path: Path) -> None:
    """Write a JPEG of as many megapixels as are accepted, of some 14 MB."""
    Image.effect_noise((512, 512), 90).resize((7000, 7000)).convert("RGB").save(path, quality=97)


def drawing_server() -> AbstractContextManager[str]:
    """Serve one small picture as the answer to every request, and give the server's address."""
    body = json.dumps({"created": 1, "data": [{"b64_json": base64.b64encode(drawing()).decode()}]}).encode()
    return answering(lambda _, __: Answer(body=body))


def peak_mb(base_url: str, picture: Path, how: str) -> float:
    """Return by how many MB the edit grows a process of its own; how it is edited says `support.editor`."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tools.bench.support.editor", base_url, home, str(picture), how]
        return float(json.loads(subprocess.run(command, check=True, capture_output=True).stdout)) * 1024 / MB
