"""What CONTRIBUTING.md says of the layers is what import-linter holds."""

import re
import tomllib

from tests.support import ROOT


def test_the_list_of_layers_is_the_contract() -> None:
    """The same layers, in the same order, those beside each other on one line."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(each["layers"] for each in contracts if each["name"] == "Imports point down only")
    listing = re.search(r"## Layers.*?```\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)

    assert listing is not None
    assert [re.split(r"  +", line)[0] for line in listing[1].splitlines()] == layers
