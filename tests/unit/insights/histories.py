"""Histories of feedback: the events of whole journeys, in the order in which their services say them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.chassis import ids
from services.contracts.envelope import Envelope
from services.contracts.triage import CaseClosed
from services.insights.handlers import HANDLERS
from services.insights.store import JourneyStore, UnitStore
from tests import builders

UNITS = {"it": "IT", "finance": "Finance", "people": "People and workplace"}


def withdrawn(**changes: Any) -> CaseClosed:
    """The submitter took it back."""
    return builders.done(**{"outcome": "withdrawn", "by_name": "", "what_was_done": None, **changes})


CLOSE = {
    "done": builders.done,
    "declined": builders.declined,
    "duplicate": builders.duplicate,
    "withdrawn": withdrawn,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens to one feedback; hours count from its arrival, None is never."""

    unit: str = "it"
    at: datetime = builders.MONDAY
    answered: float | None = 5.0
    ended: float | None = 30.0
    outcome: str = "done"
    told: str | None = "email"
    score: int | None = 4
    reopened: bool = False
    number: str | None = None
    imported: bool = False
    voices: int = 1

    def events(self) -> list[Envelope[Any]]:
        """Its events by topic: feedback, triage, notify; in order within each."""
        return [*self._feedback(), *self._triage(), *self._notify()]

    @property
    def id(self) -> str:
        """The same story has the same id."""
        return ids.keyed("story", repr(self))

    def _feedback(self) -> list[Envelope[Any]]:
        due = self.at + timedelta(days=2)
        changes = {"channel": "import", "said_at": self.at} if self.imported else {}
        said = builders.submitted(unit=self.unit, answer_due=due, number=self.number or self.id[:9].upper(), **changes)
        arrived = self.at + timedelta(days=400 if self.imported else 0)
        events = [builders.envelope(said, self.id, 1, arrived)]
        for voices in range(2, self.voices + 1):
            events.append(builders.envelope(builders.joined(voices=voices), self.id, voices, arrived))
        if self.score is not None and self.ended is not None:
            at = self._after(self.ended + 24)
            events.append(builders.envelope(builders.rated(score=self.score), self.id, self.voices + 1, at))
        return events

    def _triage(self) -> list[Envelope[Any]]:
        steps: list[tuple[Any, float]] = [(builders.opened(outcome_due=self.at + timedelta(days=14)), 0.1)]
        if self.answered is not None:
            steps.append((builders.acknowledged(), self.answered))
        if self.ended is not None:
            close = CLOSE[self.outcome]
            steps.append((close(unit=self.unit), self.ended))
            if self.reopened:
                steps += [(builders.reopened(), self.ended + 30), (close(unit=self.unit, closure=2), self.ended + 60)]
        return [
            builders.envelope(event, self.id, seq, self._after(hours)) for seq, (event, hours) in enumerate(steps, 1)
        ]

    def _notify(self) -> list[Envelope[Any]]:
        if self.ended is None or self.told is None:
            return []
        words = {"feedback": self.id, "channel": self.told}
        event = builders.failed(**words | {"channel": "email"}) if self.told == "failed" else builders.sent(**words)
        return [builders.envelope(event, ids.keyed("note", self.id), 1, self._after(self.ended + 0.1))]

    def _after(self, hours: float) -> datetime:
        return self.at + timedelta(hours=hours)


def tell(events: Sequence[Envelope[Any]], journeys: JourneyStore, units: UnitStore) -> None:
    """Hand events to their handlers, as the consumer does."""
    parts: dict[str, Any] = {"journeys": journeys, "units": units}
    for event in events:
        handler = HANDLERS[type(event.data)]
        handler(event, *(parts[name] for name in list(handler.__annotations__)[1:] if name in parts))


def units() -> list[Envelope[Any]]:
    """The directory's units."""
    return [builders.envelope(builders.unit(name=name), key) for key, name in UNITS.items()]


def year(seed: int, count: int, until: datetime = builders.MONDAY) -> list[Story]:
    """Random stories of the year before `until`."""
    random = Random(seed)
    return [_random(random, until) for _ in range(count)]


def _random(random: Random, until: datetime) -> Story:
    at = until - timedelta(minutes=random.randrange(5, 365 * 24 * 60))
    age = (until - at) / timedelta(hours=1)
    unit = random.choices(list(UNITS), (6, 3, 1))[0]
    answered = random.expovariate(1 / 25)
    ended = answered + random.expovariate(1 / 120)
    mood = {"it": 3.0 + 1.2 * (1 - age / 8760), "finance": 3.9 - 1.1 * (1 - age / 8760), "people": 4.0}[unit]
    outcome = random.choices(("done", "declined", "duplicate", "withdrawn"), (7, 2, 1, 1))[0]
    score = max(1, min(5, round(random.gauss(mood, 0.9)))) if random.random() < 0.45 else None
    return Story(
        unit=unit,
        at=at,
        answered=answered if answered < age else None,
        ended=ended if ended < age and random.random() < 0.95 else None,
        outcome=outcome,
        told=random.choices(("email", "page", "failed", None), (16, 3, 1, 1))[0],
        score=score if outcome != "withdrawn" else None,
        reopened=random.random() < 0.05,
        imported=random.random() < 0.08,
        voices=random.choice((1, 1, 1, 2, 5)),
    )
