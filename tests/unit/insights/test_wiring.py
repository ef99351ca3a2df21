"""The consumer as production makes it, on the embedded log."""

from services.chassis import wire
from services.chassis.process import Process
from services.contracts import registry, topics
from services.insights import app as insights
from services.insights.handlers import HANDLERS
from services.insights.store import JourneyStore, UnitStore
from tests.unit.insights.histories import Story, units


def seal(person: str, text: str) -> str:
    return f"sealed for {person}"


def test_events_of_the_log_become_journeys(process: Process) -> None:
    insights.migrate(process)
    story = Story(unit="finance")
    producer = process.log.producer()
    for event in [*units(), *story.events()]:
        entry = {
            "id": event.id,
            "type": event.type,
            "version": event.version,
            "seq": event.seq,
            "time": event.time,
            "correlation": event.correlation_id,
            "causation": None,
            "data": registry.write(event.data),
        }
        producer.append([wire.to_message(event.subject, entry, seal)])
    consumer = insights.create_consumer(process, poll_seconds=0)
    while consumer.run_once():
        pass
    consumer.close()
    producer.close()
    database = process.store("insights")
    kept = database["journeys"].find_one({"_id": story.id}) or {}
    assert kept["applied"] == {"feedback": 2, "triage": 3}
    assert kept["closing_messages"]["1"]["state"] == "sent"
    assert UnitStore(database).names(None) == {"it": "IT", "finance": "Finance", "people": "People and workplace"}
    JourneyStore(database).ensure_indexes()


def test_it_hears_the_topics_of_its_handlers_and_says_nothing(process: Process) -> None:
    assert {event.TYPE.split(".")[0] for event in HANDLERS} == set(insights.HEARS)
    assert insights.create_relay(process) is None
    assert insights.NAME == topics.INSIGHTS
