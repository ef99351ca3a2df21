"""Personal values in events: open inside a service, sealed with the person's key on the log.

A field declared `Personal` is sealed by the relay and stays sealed until the consumer that needs it calls `unseal`.
The event names its person in the field `person`.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields

ERASED = "erased"
"""What a sealed value reads as once its person's key is gone."""

Seal = Callable[[str, str], str]
"""(person, open text) -> sealed text"""

Unseal = Callable[[str], str]
"""sealed text -> open text, or ERASED"""


class Personal(fields.String):
    """A name, an address, a secret link or free text of one person."""


def personal_fields(schema: Schema) -> tuple[str, ...]:
    """The names of the schema's personal fields."""
    return tuple(name for name, field in schema.fields.items() if isinstance(field, Personal))


def seal_fields(schema: Schema, data: dict[str, Any], seal: Seal) -> dict[str, Any]:
    """A copy of event data with every personal field sealed for `data["person"]`."""
    sealed = {name: seal(data["person"], data[name]) for name in personal_fields(schema) if data.get(name) is not None}
    return data | sealed
