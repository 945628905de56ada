"""An editor: a process that edits a small picture, then a large one, and says what the large one took.

Arguments: the address of a server, a folder, the picture's path, and how: `plain`, with a `mask`, with a mask and a
`paste` of what is outside it, or for a server that takes pictures in `json`, which must be smaller.
"""

import gc
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.domain.mask import mask_box
from imgmagic.session import Session

_MASK = {"mask": mask_box(0, 0, 64, 64), "model": "gpt-image-2"}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "plain": {"model": "gpt-image-2"},
    "mask": _MASK,
    "paste": {**_MASK, "paste_back": True},
    "json": {"provider": "xai", "model": "grok-imagine-image"},
}


def edit(base_url: str, home: Path, picture: Path, how: str) -> None:
    """Edit twice, and print by how many kB the second took more at its peak than the process had before."""
    small = home / f"small{picture.suffix}"
    Image.effect_noise((128, 128), 64).save(small)
    environ = {f"{name}_API_KEY": "sk-of-no-use" for name in ("OPENAI", "XAI")}
    environ |= {f"{name}_BASE_URL": base_url for name in ("OPENAI", "XAI")}
    session = Session(Settings(environ=environ, home=home, folder=home))
    draw(session, small, how)  # which loads what an edit needs
    gc.collect()
    idle = kilobytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
    draw(session, picture, how)
    print(json.dumps(kilobytes("VmHWM") - idle))
    session.close()


def draw(session: Session, picture: Path, how: str) -> None:
    """Edit a picture."""
    session.imagine("in winter", images=picture, stream=False, **_OPTIONS[how])


def kilobytes(name: str) -> int:
    """Return what the system says of this process's memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    edit(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
