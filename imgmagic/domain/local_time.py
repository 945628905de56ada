"""Local time: what the clock on the wall shows, where the system knows its zone."""

from datetime import UTC, datetime


def local_time(at: datetime) -> datetime:
    """Return a moment in this machine's zone; in UTC where `TZ` names one that cannot be, or that cannot hold it.

    >>> local_time(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
    True
    """
    try:
        return at.astimezone()
    except (OSError, OverflowError, ValueError):
        return at.astimezone(UTC)
