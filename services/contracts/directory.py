"""What `triage` says of the directory. The subject of each event is the unit's id."""

from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields, validate

from .registry import Event, event


class StaffSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)


class PromiseSchema(Schema):
    first_answer_days = fields.Integer(required=True, validate=validate.Range(min=1, max=365))
    outcome_days = fields.Integer(required=True, validate=validate.Range(min=1, max=365))


class UnitDefinedSchema(Schema):
    name = fields.String(required=True)
    addresses = fields.List(fields.String(), required=True)
    domains = fields.List(fields.String(), load_default=list)
    active = fields.Boolean(required=True)
    fallback = fields.Boolean(required=True)
    time_zone = fields.String(required=True)
    services = fields.List(fields.String(), load_default=list)
    liaison = fields.Nested(StaffSchema, required=True)
    deputies = fields.List(fields.Nested(StaffSchema), required=True)
    promise = fields.Nested(PromiseSchema, required=True)


@event("directory.unit_defined", 1, UnitDefinedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDefined(Event):
    """A unit as it is now, whole: addresses are local parts, people are {id, name}, promises are working days.

    `domains` are mail domains whose people mean this unit when they name none.
    """

    name: str
    addresses: list[str]
    active: bool
    fallback: bool
    time_zone: str
    services: list[str]
    liaison: dict[str, Any]
    deputies: list[dict[str, Any]]
    promise: dict[str, int]
    domains: list[str] = field(default_factory=list)
