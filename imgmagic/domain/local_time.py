"""Local time: the time of the machine's zone, where the system knows it."""

from datetime import UTC, datetime


def local_time(at: datetime) -> datetime:
    """Return a moment in this machine's zone; in UTC if `TZ` is invalid or its zone cannot represent the moment.

    >>> local_time(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
    True
    """
    try:
        return at.astimezone()
    except (OSError, OverflowError, ValueError):
        return at.astimezone(UTC)
