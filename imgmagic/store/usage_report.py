"""Usage reports: what generations took, and what the limits leave; values, not how they are shown."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from imgmagic.display.amounts import describe_totals, sum_totals
from imgmagic.domain.budget import USER_DAILY, Budget, Spent
from imgmagic.domain.origin import Origin
from imgmagic.domain.totals import Totals
from imgmagic.domain.wording import dollars
from imgmagic.store.archive import Archive
from imgmagic.store.history.queries import Kind


@dataclass(frozen=True, kw_only=True)
class UsageReport:
    """What generations took: of one session, or of all by one kind of key.

    Args:
        session: the session that it is about; None for all.
        by: what the rows are told apart by.
        rows: one per key and origin: live, simulated, replayed and reused generations are never added up.
    """

    session: str | None
    by: Kind
    rows: tuple[Totals, ...]

    @property
    def live(self) -> Totals:
        """Return what was asked of servers, all together: the only ones that cost money."""
        return sum_totals([row for row in self.rows if row.origin is Origin.LIVE])

    def __repr__(self) -> str:
        if self.by == "tag":  # adding up would count twice what has several tags
            return f"<imgmagic usage by tag: {len(self.rows)} rows>"
        rows = [row for row in self.rows if row.origin is not Origin.LIVE]
        others = [
            f"{origin} {describe_totals(sum_totals([row for row in rows if row.origin is origin]))}"
            for origin in dict.fromkeys(row.origin for row in rows)
        ]
        of = "this session" if self.session else "all sessions"
        return f"<imgmagic usage of {of}: {'; '.join([describe_totals(self.live), *others])}>"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit, and what is spent under it."""

    name: str
    limit: Decimal
    spent: Spent

    @property
    def left(self) -> Decimal:
        """Return what is left, 0 where the limit was passed."""
        return max(self.limit - self.spent.total, Decimal(0))

    def __str__(self) -> str:
        reserved = f", {dollars(self.spent.reserved)} reserved for running calls" if self.spent.reserved else ""
        spent = f"{dollars(self.spent.settled)} spent{reserved}"
        return f"{self.name} budget {dollars(self.limit)}: {spent}, {dollars(self.left)} left"


def report(archive: Archive, by: Kind | None = None) -> UsageReport:
    """Return what this session's generations took, or with `by` what all took by that kind of key."""
    if by is not None:
        return UsageReport(session=None, by=by, rows=archive.history.totals(by))
    own = archive.history.totals("session", key=archive.session)
    return UsageReport(session=archive.session, by="session", rows=own)


def limits(archive: Archive, budget: Budget, today: date) -> tuple[Limit, ...]:
    """Return the limits of the session and of the day that are set, with what is spent under each."""
    found = []
    if budget.session is not None:
        spent = archive.history.spent(session=archive.session)
        found.append(Limit(name="session", limit=budget.session, spent=spent))
    if budget.daily is not None:
        found.append(Limit(name="daily", limit=budget.daily, spent=archive.history.spent(day=today)))
    if budget.user_daily is not None:
        spent = archive.history.spent(day=today, user=archive.history.user or "")
        found.append(Limit(name=USER_DAILY, limit=budget.user_daily, spent=spent))
    return tuple(found)
