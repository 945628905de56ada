"""Measure an edit that starts from a large picture: the memory that its process takes at its peak."""

import base64
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from tests.support.answering import Answer, answering
from tools.bench.figure import Figure
from tools.bench.support.server import MB, Scripted, drawing, noise

ROUNDS = 3
SIZE_MB = 20


def edits_figures(server: Scripted) -> list[Figure]:
    """Return by how much an edit grows a process, in parts of the picture; nothing where the system does not tell."""
    if not Path("/proc/self/clear_refs").exists():
        return []
    with tempfile.TemporaryDirectory() as name, drawing_server() as base_url:
        picture = Path(name) / "large.png"
        picture.write_bytes(noise(SIZE_MB * MB))
        size = picture.stat().st_size / MB
        return [
            Figure(
                name=f"memory, an edit of a picture of {size:.0f} MB{said} / the picture",
                ours=statistics.median(peak_mb(base_url, picture, masked) for _ in range(ROUNDS)),
                baseline=size,
                unit="MB",
                most=3,
            )
            for masked, said in (("", ""), ("mask", " with a mask"))
        ]


def drawing_server() -> AbstractContextManager[str]:
    """Serve one small picture as the answer to every request, and give the server's address."""
    body = json.dumps({"created": 1, "data": [{"b64_json": base64.b64encode(drawing()).decode()}]}).encode()
    return answering(lambda _, __: Answer(body=body))


def peak_mb(base_url: str, picture: Path, masked: str) -> float:
    """Return by how many MB the edit grows a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tools.bench.support.editor", base_url, home, str(picture), masked]
        return float(json.loads(subprocess.run(command, check=True, capture_output=True).stdout)) * 1024 / MB
