"""Environments without anything of the tester's own; also for tools that run without what the tests need."""

import os
from pathlib import Path

# Nothing of the tester's own may choose a server or be spent.
FOREIGN = ("IMGMAGIC_", "OPENAI_", "AZURE_", "YANDEX_", "TFY_", "JUPYTER_", "JPY_")


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """Return an environment with folders of its own and no key but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    own = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "jupyter-config",
        "JUPYTER_DATA_DIR": home / "jupyter-data",
        "JUPYTER_RUNTIME_DIR": home / "jupyter-run",
        "IMGMAGIC_HOME": home / "imgmagic",
    }
    return {**kept, **{name: str(path) for name, path in own.items()}, **variables}
