"""Events as the log carries them: CloudEvents 1.0 in binary mode, attributes in headers, JSON data in the value."""

from typing import Any

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent

from ..contracts import registry
from ..contracts.envelope import Envelope
from ..contracts.registry import InvalidEvent
from ..contracts.sealed import Seal, seal_fields
from .eventlog import Message, Record
from .mongo import Document

SOURCE = "/liaise/"


def to_message(subject: str, entry: Document, seal: Seal) -> Message:
    """An outbox entry as a message, its personal fields sealed."""
    topic = registry.registered(entry["type"]).topic
    attributes = {
        "id": entry["id"],
        "type": entry["type"],
        "source": SOURCE + topic,
        "subject": subject,
        "time": entry["time"],
        "datacontenttype": "application/json",
        "dataversion": str(entry["version"]),
        "sequence": str(entry["seq"]),
        "correlationid": entry["correlation"],
        **({"causationid": entry["causation"]} if entry["causation"] else {}),
    }
    data = seal_fields(registry.registered(entry["type"]).schema, entry["data"], seal)
    message = to_binary_event(CloudEvent(attributes, data))
    return Message(topic, subject, message.value, tuple(message.headers.items()))


def to_envelope(record: Record) -> Envelope[Any]:
    """A record as an envelope with its event; raises UnknownEvent, InvalidEvent."""
    try:
        event = from_binary_event(KafkaMessage(dict(record.headers), None, record.value))
        type_, version = event.get_type(), int(event.get_extension("dataversion"))
        subject, time, data = event.get_subject(), event.get_time(), event.get_data()
        seq = int(event.get_extension("sequence"))
    except (CloudEventValidationError, ValueError, TypeError, KeyError) as error:
        raise InvalidEvent(f"not a CloudEvent of this log ({type(error).__name__})") from None
    if not isinstance(data, dict) or subject is None or time is None:
        raise InvalidEvent("not a CloudEvent of this log (no subject, no time or no JSON object)")
    return Envelope(
        id=event.get_id(),
        type=type_,
        version=version,
        subject=subject,
        seq=seq,
        time=time,
        correlation_id=event.get_extension("correlationid") or subject,
        causation_id=event.get_extension("causationid"),
        data=registry.read(type_, version, data),
    )
