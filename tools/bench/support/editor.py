"""An editor: a process that edits a small picture, then a large one, and says what the large one took.

Arguments: the address of a server, a folder, the picture's path, and `mask` where a mask is painted over it.
"""

import gc
import json
import sys
from pathlib import Path

from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.domain.mask import MaskBoxes, mask_box
from imgmagic.session import Session


def edit(base_url: str, home: Path, picture: Path, masked: str) -> None:
    """Edit twice, and print by how many kB the second took more at its peak than the process had before."""
    small, mask = home / "small.png", mask_box(0, 0, 64, 64) if masked else None
    Image.effect_noise((128, 128), 64).save(small)
    environ = {"OPENAI_API_KEY": "sk-of-no-use", "OPENAI_BASE_URL": base_url}
    session = Session(Settings(environ=environ, home=home, folder=home))
    draw(session, small, mask)  # which loads what an edit needs
    gc.collect()
    idle = kilobytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
    draw(session, picture, mask)
    print(json.dumps(kilobytes("VmHWM") - idle))
    session.close()


def draw(session: Session, picture: Path, mask: MaskBoxes | None) -> None:
    """Edit a picture."""
    session.imagine("in winter", images=picture, mask=mask, model="gpt-image-2", stream=False)


def kilobytes(name: str) -> int:
    """Return what the system says of this process's memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    edit(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
