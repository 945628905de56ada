import time
from datetime import UTC, datetime, timedelta

import pytest

from imgmagic.domain.local_time import local_time


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system reads TZ only once")
@pytest.mark.parametrize(
    ("zone", "at", "offset_h"),
    [
        ("XXX+8", datetime(2026, 1, 1, tzinfo=UTC), -8),
        ("XXX+99", datetime(2026, 1, 1, tzinfo=UTC), 0),  # no zone is four days away
        ("XXX+8", datetime(1, 1, 1, tzinfo=UTC), 0),  # there is no year before it
    ],
)
def test_a_zone_that_cannot_be_is_utc(monkeypatch: pytest.MonkeyPatch, zone: str, at: datetime, offset_h: int) -> None:
    """A time is shown all the same, and a run goes on."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()

    shown = local_time(at)

    assert shown == at
    assert shown.utcoffset() == timedelta(hours=offset_h)
    monkeypatch.undo()
    time.tzset()
