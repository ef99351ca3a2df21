"""What a liaison writes down for somebody."""

from typing import Any

from marshmallow import Schema, fields, pre_load, validate

from ...chassis.fields import Address, Line, Text
from ...chassis.http import LANGUAGES
from ...contracts.feedback import KINDS
from . import ID_LONGEST, NAME_LONGEST, TEXT_LONGEST


class RecordFormSchema(Schema):
    """The form; an empty field counts as absent."""

    unit = Line(ID_LONGEST, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = Text(TEXT_LONGEST, required=True)
    name = Line(NAME_LONGEST, load_default=None)
    email = Address(load_default=None)
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))

    @pre_load
    def drop_empty(self, data: dict[str, str], **_: Any) -> dict[str, str]:
        return {name: data[name] for name in self.fields if data.get(name, "").strip()}
