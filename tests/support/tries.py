"""How much a test tries that looks for what nobody thought of."""

import os


def tries(few: int, *, explore: int) -> int:
    """Return `few`, which every run has time for, or with HYPOTHESIS_PROFILE=explore as many as are worth a wait."""
    return explore if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else few
