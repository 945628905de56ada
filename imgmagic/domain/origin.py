"""Origin: where the images of a generation come from."""

from enum import StrEnum


class Origin(StrEnum):
    """Where the images of a generation come from."""

    LIVE = "live"
    SIMULATED = "simulated"
    REPLAYED = "replayed"
    REUSED = "reused"


SIMULATOR = "simulator"
