"""Every event type ever published: how it is written, read, and brought up to date.

Readers are tolerant (an unknown field is ignored, an old version is upcast), writers are strict (an unknown or
invalid field raises). An unknown type, or a version newer than this code, raises UnknownEvent: a dead letter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError


class UnknownEvent(Exception):
    """No reader for this type or version is registered."""


class InvalidEvent(Exception):
    """The data does not fit the schema of its type; the message names fields, never values."""


class Event:
    """Marks a dataclass registered with `event`, which sets both class variables."""

    __slots__ = ()
    TYPE: ClassVar[str]
    VERSION: ClassVar[int]


@dataclass(frozen=True, slots=True)
class Registered:
    """One event type as the registry holds it."""

    name: str
    version: int
    topic: str
    event: Callable[..., Event]
    schema: Schema


EVENTS: dict[str, Registered] = {}
UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}

C = TypeVar("C", bound=type[Event])


def event(event_type: str, version: int, schema: type[Schema]) -> Callable[[C], C]:
    """Register a dataclass as the current version of an event type."""

    def register(cls: C) -> C:
        cls.TYPE, cls.VERSION = event_type, version
        EVENTS[event_type] = Registered(event_type, version, event_type.split(".")[0], cls, schema())
        return cls

    return register


def upcaster(
    event_type: str, from_version: int
) -> Callable[[Callable[[dict[str, Any]], dict[str, Any]]], Callable[[dict[str, Any]], dict[str, Any]]]:
    """Register the step that turns data of `from_version` into data of the next version."""

    def register(step: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        UPCASTERS[event_type, from_version] = step
        return step

    return register


def registered(event_type: str) -> Registered:
    """The registry's entry for a type; raises UnknownEvent."""
    try:
        return EVENTS[event_type]
    except KeyError:
        raise UnknownEvent(f"unknown event type {event_type!r}") from None


def write(event: Event) -> dict[str, Any]:
    """Event -> JSON-ready data of the current version; raises InvalidEvent."""
    entry = registered(event.TYPE)
    data: dict[str, Any] = entry.schema.dump(event)
    errors = entry.schema.validate(data)
    if errors:
        raise InvalidEvent(f"{event.TYPE}: {', '.join(sorted(map(str, errors)))}")
    return data


def read(event_type: str, version: int, data: dict[str, Any]) -> Any:
    """Data of any published version -> event of the current one; raises UnknownEvent, InvalidEvent."""
    entry = registered(event_type)
    if version > entry.version:
        raise UnknownEvent(f"{event_type} version {version} is newer than {entry.version}")
    for step in range(version, entry.version):
        data = UPCASTERS[event_type, step](data)
    try:
        return entry.event(**entry.schema.load(data, unknown=EXCLUDE))
    except ValidationError as error:
        raise InvalidEvent(f"{event_type}: {', '.join(sorted(error.messages_dict))}") from None
