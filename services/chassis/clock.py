"""Time has one home: nothing else asks the system what time it is."""

import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo

END_OF_WORKING_DAY = time_of_day(17, 0)
SATURDAY = 5


class Clock(Protocol):
    """Tells the time, UTC, in whole milliseconds (what BSON keeps)."""

    def now(self) -> datetime: ...


def monotonic() -> float:
    """Seconds that never go back, for waiting and measuring."""
    return time.monotonic()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class FrozenClock:
    """A clock that moves when told."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


def working_days_after(start: datetime, days: int, time_zone: str) -> datetime:
    """The end (17:00 local, as UTC) of the n-th working day, Monday to Friday, after the day of `start`."""
    zone = ZoneInfo(time_zone)
    day = start.astimezone(zone).date()
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return datetime.combine(day, END_OF_WORKING_DAY, zone).astimezone(UTC)
