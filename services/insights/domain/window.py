"""A window of whole days in one time zone, cut into points: weeks, months, quarters or years."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEK, MONTH, QUARTER, YEAR = "week", "month", "quarter", "year"
STEPS: Final = (WEEK, MONTH, QUARTER, YEAR)
MONTHS_OF: Final = {MONTH: 1, QUARTER: 3, YEAR: 12}
MOST_POINTS: Final = 26
"""As many as a chart can carry with a number under each."""
USUAL_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Window:
    """Both days belong to it; they begin and end at midnight of `zone`."""

    start: date
    end: date
    step: str
    zone: str

    @property
    def since(self) -> datetime:
        """The first moment, UTC."""
        return _midnight(self.start, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after, UTC."""
        return _midnight(self.end + timedelta(days=1), self.zone)

    def point_of(self, at: datetime) -> date:
        """The first day of the point this moment falls into."""
        return first_day(at.astimezone(ZoneInfo(self.zone)).date(), self.step)

    def points(self) -> list[date]:
        """The first day of every point, in order."""
        days = [first_day(self.start, self.step)]
        while (following := next_day(days[-1], self.step)) <= self.end:
            days.append(following)
        return days


def choose(start: date | None, end: date | None, step: str, today: date, zone: str) -> Window:
    """The window asked for; without a start the twelve months up to the end, without an end up to today.

    A step too fine for a chart becomes the finest that fits.
    """
    last = end or max(today, start or today)
    first = start or _months_before(last.replace(day=1), USUAL_MONTHS - 1)
    windows = [Window(first, last, name, zone) for name in STEPS[STEPS.index(step) :]]
    return next((window for window in windows if _count(window) <= MOST_POINTS), windows[-1])


def first_day(day: date, step: str) -> date:
    """The first day of the week (Monday), month, quarter or year of this day."""
    if step == WEEK:
        return day - timedelta(days=day.weekday())
    months = MONTHS_OF[step]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def next_day(first: date, step: str) -> date:
    """The first day of the next point."""
    return first + timedelta(days=7) if step == WEEK else _months_before(first, -MONTHS_OF[step])


def label(first: date, step: str) -> str:
    """A point as people say it, such as `Jun 2026`."""
    if step == WEEK:
        return f"the week of {first.day} {first:%b %Y}"
    if step == QUARTER:
        return f"{first.month // 3 + 1}. quarter {first.year}"
    return f"{first.year}" if step == YEAR else f"{first:%b %Y}"


def short_label(first: date, step: str) -> str:
    """The same where there is little room, such as `Jun`."""
    if step == WEEK:
        return f"{first.day} {first:%b}"
    if step == QUARTER:
        return f"Q{first.month // 3 + 1}"
    return f"{first.year}" if step == YEAR else f"{first:%b}"


def _count(window: Window) -> int:
    days = (window.end - first_day(window.start, window.step)).days
    per_point = 7 if window.step == WEEK else 30 * MONTHS_OF[window.step]
    # Listing the points of a very long window only to count them would be slow.
    return days // per_point if days > per_point * 4 * MOST_POINTS else len(window.points())


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _months_before(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
