"""Forms: what was typed, checked by a schema, and the sentences to show beside the fields."""

from typing import Any

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError

Errors = dict[str, str]


def load(schema: Schema, values: dict[str, Any] | None = None) -> tuple[dict[str, Any], Errors]:
    """The posted form as the schema reads it, and one sentence per field that cannot be taken."""
    try:
        return schema.load(values if values is not None else request.form.to_dict(), unknown=EXCLUDE), {}
    except ValidationError as error:
        return {}, {name: _first(messages) for name, messages in error.messages_dict.items()}


def field_of(pointer: str) -> str:
    """The form's field for a JSON Pointer."""
    return pointer.strip("/").split("/")[0]


def _first(messages: Any) -> str:
    while isinstance(messages, dict):
        messages = next(iter(messages.values()))
    text = str(messages[0] if isinstance(messages, list) else messages)
    return "Please fill this in." if text.startswith(("Missing data", "Between 1 and 5000", "Shorter than")) else text
