"""The shapes of the public form, from this site's page or from the widget; an empty field counts as absent."""

from typing import Any

from marshmallow import Schema, fields, post_load, pre_load, validate

from ...chassis.fields import Address, Line, Text
from ...contracts.feedback import KINDS, SCORE
from . import ID_LONGEST, NAME_LONGEST, TEXT_LONGEST

TICKED = "yes"
BOXES = ("anonymous", "shared")


class PersonSchema(Schema):
    """Who fills it in; who ticks `anonymous` has given no name and no address, whatever stands in those fields."""

    anonymous = fields.Boolean(load_default=False, truthy={TICKED})
    name = Line(NAME_LONGEST, load_default=None)
    email = Address(load_default=None)

    @pre_load
    def drop_empty(self, data: dict[str, str], **_: Any) -> dict[str, str]:
        filled = {name: data[name] for name in self.fields if data.get(name, "").strip()}
        unticked = [name for name in BOXES if filled.get(name) != TICKED]
        unsaid = [] if "anonymous" in unticked else ["name", "email"]
        return {name: value for name, value in filled.items() if name not in (*unticked, *unsaid)}


class FormSchema(PersonSchema):
    """A new feedback; `unit` may hold one of its services as well."""

    unit = Line(2 * ID_LONGEST, required=True)
    service = Line(ID_LONGEST, load_default=None)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = Text(TEXT_LONGEST, required=True)
    rating = fields.Integer(load_default=None, validate=SCORE)
    shared = fields.Boolean(load_default=False, truthy={TICKED})


class JoinSchema(PersonSchema):
    """ "Me too" on what was shown by `reference`."""

    reference = fields.String(load_default="")

    @post_load
    def forget(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data.pop("anonymous")
        return data
