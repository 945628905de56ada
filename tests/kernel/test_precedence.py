"""Where a default comes from: a flag, %config, the profile's ipython_config.py, the environment, pyproject.toml."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import clean_environment
from tests.support.kernels import Kernel, running_kernel

SETTINGS = """
c.InteractiveShellApp.extensions = ["imgmagic"]
c.ImagineMagics.size = "1536x1024"
c.ImagineMagics.preview = "tiny"
"""


def asked_size(kernel: Kernel, flag: str = "") -> str:
    """Return the size that would leave."""
    shown = kernel.run(f"%imagine --dry-run {flag} a fox").of("display_data")[0]["content"]["data"]["text/plain"]
    return next(size for size in ("2048x2048", "1024x1536", "1536x1024", "1024x640", "640x1024") if size in shown)


@pytest.fixture(scope="module")
def profiled(home: Path) -> Iterator[Kernel]:
    """Run a kernel whose profile, environment and pyproject.toml each name a size; the profile loads the extension."""
    profile = home / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_config.py").write_text(SETTINGS)
    (home / "pyproject.toml").write_text('[tool.imgmagic]\nsize = "640x1024"\n')
    environment = clean_environment(home, IMGMAGIC_PROVIDER="quick", IMGMAGIC_SIZE="1024x640")
    with running_kernel(environment, home) as running:
        yield running


def test_each_place_wins_over_the_next(profiled: Kernel) -> None:
    """The profile over the environment over pyproject.toml; %config over the profile; a flag over all."""
    profile = asked_size(profiled)
    profiled.run("%config ImagineMagics.size = '1024x1536'")
    config, flag = asked_size(profiled), asked_size(profiled, "--size 2048x2048")
    profiled.run("%config ImagineMagics.size = None")
    environment = asked_size(profiled)
    profiled.run("import os; del os.environ['IMGMAGIC_SIZE']")
    project = asked_size(profiled)

    assert (flag, config, profile) == ("2048x2048", "1024x1536", "1536x1024")
    assert (environment, project) == ("1024x640", "640x1024")


def test_a_bad_value_of_the_profile_fails_the_cell_that_needs_it(profiled: Kernel) -> None:
    """It says what is allowed; cells that do not need it go on."""
    refused = profiled.run("%%imagine -o fox\na red fox")

    assert refused.status == "error"
    assert "preview is set to 'tiny'" in refused.traceback
    assert "small" in refused.traceback
