"""Journeys end the same however the events come: in any order between topics, any number of times, side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import DuplicateKeyError

from services.chassis.mongo import Document, Store
from services.chassis.process import Process
from services.contracts.envelope import Envelope
from services.insights.domain.window import Window
from services.insights.store import JourneyStore, UnitStore, queries
from tests import builders
from tests.unit.insights.histories import Story, tell

STORIES = [
    Story(unit="it", reopened=True, score=2),
    Story(unit="finance", outcome="declined", told="failed"),
    Story(unit="people", answered=None, told="page", score=None),
    Story(unit="it", answered=None, outcome="withdrawn", score=None, voices=3, number="WITHDRAWN"),
]
DAY = timedelta(days=1)
ALL_TIME = Window(builders.MONDAY.date() - timedelta(days=9), builders.MONDAY.date(), "month", "UTC")


def said() -> list[Envelope[Any]]:
    """Everything the stories say, and a message that failed before it was sent."""
    told = STORIES[0]
    late = builders.envelope(builders.failed(feedback=told.id), "other-note", 1, told.at + timedelta(hours=29))
    asked = builders.envelope(builders.asked(), STORIES[2].id, 3, STORIES[2].at + timedelta(hours=40))
    return [event for story in STORIES for event in story.events()] + [late, asked]


def facts(process: Process) -> list[dict[str, Any]]:
    return list(process.store("insights")["journeys"].find(sort=[("_id", 1)]))


@st.composite
def deliveries(draw: st.DrawFn) -> list[Envelope[Any]]:
    """An order that a log may bring: in order per topic and key, with stretches of it read again at any time."""
    keys: dict[tuple[str, str], list[Envelope[Any]]] = {}
    for event in said():
        keys.setdefault((event.topic, event.subject), []).append(event)
    lanes = [draw(_with_repeats(lane)) for lane in keys.values()]
    turns = draw(st.permutations([index for index, lane in enumerate(lanes) for _ in lane]))
    left = [iter(lane) for lane in lanes]
    return [next(left[turn]) for turn in turns]


@st.composite
def _with_repeats(draw: st.DrawFn, lane: Sequence[Envelope[Any]]) -> list[Envelope[Any]]:
    read: list[Envelope[Any]] = []
    for index, event in enumerate(lane):
        read.append(event)
        first = draw(st.integers(0, index))
        read += lane[first : draw(st.integers(first, index)) + 1] if draw(st.booleans()) else []
    return read


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=deliveries())
def test_any_order_between_topics_and_any_repetition_ends_the_same(
    process: Process, journeys: JourneyStore, units: UnitStore, order: list[Envelope[Any]]
) -> None:
    collection = process.store("insights")["journeys"]
    collection.delete_many({})
    tell(said(), journeys, units)
    once = facts(process)
    collection.delete_many({})
    tell(order, journeys, units)
    assert facts(process) == once


def test_the_facts_are_those_that_were_said(journeys: JourneyStore, units: UnitStore) -> None:
    tell(said(), journeys, units)
    rows = {row.unit: row for row in journeys.received(ALL_TIME, None)}
    it, finance, people = rows["it"], rows["finance"], rows["people"]
    assert it.first_answer_at == it.received_at + timedelta(hours=5)
    assert [closure.number for closure in it.closures] == [1, 2]
    assert (it.reopened, it.ended, it.score, it.told) == (1, True, 2, (1,))
    assert not it.loop_closed, "the second ending was told to nobody"
    assert (finance.closures[0].reason, finance.told, finance.loop_closed) == ("budget", (), False)
    assert (people.loop_closed, people.score) == (True, None)
    assert people.first_answer_at == people.closures[0].at, "an outcome is a first answer when none came before"


def test_a_withdrawal_is_an_ending_and_no_answer(journeys: JourneyStore, units: UnitStore) -> None:
    tell(STORIES[3].events(), journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert (row.state, row.voices, row.first_answer_at, row.loop_closed) == ("withdrawn", 3, None, True)


def test_something_imported_counts_when_it_was_said(journeys: JourneyStore, units: UnitStore) -> None:
    story = Story(imported=True)
    tell(story.events(), journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert (row.received_at, row.imported, row.time_to_outcome) == (story.at, True, None)


def test_what_those_who_joined_were_told_says_nothing_of_the_submitter(
    journeys: JourneyStore, units: UnitStore
) -> None:
    story = Story(told="failed")
    other = builders.envelope(builders.sent(feedback=story.id, voice="kim"), "note-of-kim", 1, story.at + 9 * DAY)
    tell([*story.events(), other], journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert not row.loop_closed


def test_a_closing_message_that_came_back_told_nobody(journeys: JourneyStore, units: UnitStore) -> None:
    story = Story()
    events = story.events()
    back = builders.failed(feedback=story.id, reason="bounced-5.1.1")
    tell([*events, builders.envelope(back, events[-1].subject, 2, events[-1].time + DAY)], journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert not row.loop_closed


def test_every_reopening_is_kept(journeys: JourneyStore, units: UnitStore) -> None:
    story = Story(reopened=True)
    again = builders.envelope(builders.reopened(), story.id, 6, story.at + timedelta(hours=99))
    tell([*story.events(), again, again], journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert (row.reopened, row.ended, row.state) == (2, False, "reopened")


def test_a_reopened_case_is_overdue_by_the_days_promised_then(journeys: JourneyStore, units: UnitStore) -> None:
    story = Story(answered=1, ended=30)
    at = story.at + timedelta(days=20)  # long past the first two promises
    due, later = at + timedelta(days=2), at + timedelta(days=9)
    said = builders.reopened(answer_due=due, outcome_due=later)
    tell([*story.events(), builders.envelope(said, story.id, 4, at)], journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert not row.overdue(due)
    assert row.overdue(due + timedelta(hours=1))
    assert row.outcome_kept(later), "the first promise was kept and stays so"
    tell([builders.envelope(builders.acknowledged(), story.id, 5, at)], journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert not row.overdue(later)
    assert row.overdue(later + timedelta(hours=1))
    tell([builders.envelope(builders.done(closure=2), story.id, 6, at)], journeys, units)
    (row,) = journeys.received(ALL_TIME, None)
    assert not row.overdue(later + timedelta(hours=1))


class Overtaken:
    """A database on which the consumer of another topic makes the document between our look and our insert.

    A server answers such an upsert with a duplicate key; here it happens every time, there once in a while.
    """

    def __init__(self, database: Store, overtake: Callable[[], None]) -> None:
        self._documents = database["journeys"]
        self._overtake = overtake

    def __getitem__(self, name: str) -> "Overtaken":
        return self

    def update_one(self, query: Document, update: Document, upsert: bool = False) -> None:
        if upsert:
            self._overtake()
            raise DuplicateKeyError("overtaken")
        self._documents.update_one(query, update)


def test_who_is_overtaken_by_another_topic_still_applies(process: Process, journeys: JourneyStore) -> None:
    story = Story(ended=None)
    submitted, *rest = story.events()
    database: Any = Overtaken(process.store("insights"), lambda: tell(rest, journeys, UnitStore(database)))
    tell([submitted], JourneyStore(database), UnitStore(database))
    (row,) = journeys.received(ALL_TIME, None)
    assert (row.number, row.outcome_due is not None) == (submitted.data.number, True)


def test_topics_heard_side_by_side_lose_nothing(process: Process, journeys: JourneyStore, units: UnitStore) -> None:
    stories = [Story(number=f"N{index}", reopened=index % 2 == 0) for index in range(20)]
    lanes: dict[str, list[Envelope[Any]]] = {}
    for story in stories:
        for event in story.events():
            lanes.setdefault(event.topic, []).append(event)
    with ThreadPoolExecutor(len(lanes)) as threads:
        list(threads.map(lambda lane: tell(lane, journeys, units), lanes.values()))
    together = facts(process)
    process.store("insights")["journeys"].delete_many({})
    for story in stories:
        tell(story.events(), journeys, units)
    assert together == facts(process)


def test_nothing_personal_is_kept(process: Process, journeys: JourneyStore, units: UnitStore) -> None:
    tell(said(), journeys, units)
    kept = repr(facts(process))
    for personal in ("Sam Field", "sam@example.com", builders.PERSON, "printer", "lease", "Ines", "tracking"):
        assert personal not in kept


def test_a_journey_counts_when_its_feedback_is_known(journeys: JourneyStore, units: UnitStore) -> None:
    story = Story()
    events = story.events()
    tell([event for event in events if event.topic != "feedback"], journeys, units)
    assert journeys.received(ALL_TIME, None) == []
    tell([event for event in events if event.topic == "feedback"], journeys, units)
    assert [row.loop_closed for row in journeys.received(ALL_TIME, None)] == [True]


def test_a_unit_is_as_last_defined(journeys: JourneyStore, units: UnitStore) -> None:
    newer = builders.envelope(builders.unit(name="Digital"), "it", 3)
    older = builders.envelope(builders.unit(name="Computing"), "it", 2)
    tell([newer, older, newer], journeys, units)
    assert units.names(("it",)) == {"it": "Digital"}


def test_every_query_of_the_page_uses_an_index(journeys: JourneyStore, units: UnitStore) -> None:
    tell([event for index in range(30) for event in Story(number=str(index)).events()[:1]], journeys, units)
    for asked in (None, ("it",), ("it", "finance")):
        for query in queries(ALL_TIME, asked):
            plan = journeys.explain(query)["queryPlanner"]["winningPlan"]
            assert plan["inputStage"]["stage"] == "IXSCAN", query
