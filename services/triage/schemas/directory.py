"""What the directory's API gives, what its forms take, and the file a new install starts with."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import yaml
from marshmallow import Schema, ValidationError, fields, validate, validates

from ...chassis.fields import Address, Body, Line
from ...chassis.identity import ROLES
from ...chassis.settings import EXAMPLE_DIRECTORY, BadSetting, Settings
from ..domain import Account, First, RuleBroken, Staff, Unit, check_registry
from .cases import StaffSchema

LOCAL_PART: Final = re.compile(r"[a-z0-9][a-z0-9._+-]{0,62}")
DOMAIN: Final = re.compile(r"^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")
NAME_FOR_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
DAYS: Final = validate.Range(1, 365, error="Between 1 and 365 working days, please.")

_local_part = validate.Regexp(f"^{LOCAL_PART.pattern}$", error="Only the part before the @, in lower case, please.")
_domain = validate.Regexp(DOMAIN, error="Only a domain such as sales.example, in lower case, please.")
_id = validate.Regexp(f"^{NAME_FOR_ID.pattern}$", error="Lower-case letters, digits and hyphens, please.")


def _zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("This must be a time zone such as Europe/Berlin.")


class PersonBody(Body):
    name = Line(100, required=True)
    email = Address(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class UnitBody(Body):
    """A unit as the form sends it."""

    name = Line(80, required=True)
    addresses = fields.List(fields.String(validate=_local_part), load_default=list)
    domains = fields.List(fields.String(validate=_domain), load_default=list)
    services = fields.List(Line(80), load_default=list)
    time_zone = fields.String(required=True, validate=_zone)
    first_answer_days = fields.Integer(required=True, validate=DAYS)
    outcome_days = fields.Integer(required=True, validate=DAYS)
    liaison = fields.String(required=True)
    deputies = fields.List(fields.String(), load_default=list)
    active = fields.Boolean(load_default=False)
    fallback = fields.Boolean(load_default=False)


class NewUnitBody(UnitBody):
    id = fields.String(required=True, validate=_id)


class FilePerson(PersonBody):
    id = fields.String(required=True, validate=_id)


class FilePromise(Body):
    first_answer_days = fields.Integer(required=True, validate=DAYS)
    outcome_days = fields.Integer(required=True, validate=DAYS)


class FileUnit(Body):
    id = fields.String(required=True, validate=_id)
    name = Line(80, required=True)
    addresses = fields.List(fields.String(validate=_local_part), load_default=list)
    domains = fields.List(fields.String(validate=_domain), load_default=list)
    liaison = fields.String(required=True)
    deputies = fields.List(fields.String(), load_default=list)
    services = fields.List(Line(80), load_default=list)
    time_zone = fields.String(required=True, validate=_zone)
    promise = fields.Nested(FilePromise, required=True)
    fallback = fields.Boolean(load_default=False)
    active = fields.Boolean(load_default=True)


class DirectoryFile(Body):
    demo_password = Line(200, load_default=None)
    people = fields.List(fields.Nested(FilePerson), required=True, validate=validate.Length(min=1))
    units = fields.List(fields.Nested(FileUnit), required=True, validate=validate.Length(min=1))

    @validates("people")
    def people_differ(self, people: list[dict[str, Any]], **_: Any) -> None:
        for key in ("id", "email"):
            if len({person[key].lower() for person in people if key in person}) < len(people):
                raise ValidationError(f"Two people have the same {key}.")


class UnitSchema(Schema):
    """A unit as the API gives it."""

    id = fields.String()
    name = fields.String()
    active = fields.Boolean()
    fallback = fields.Boolean()
    addresses = fields.List(fields.String())
    domains = fields.List(fields.String())
    services = fields.List(fields.String())
    time_zone = fields.String()
    liaison = fields.Nested(StaffSchema)
    deputies = fields.List(fields.Nested(StaffSchema))
    first_answer_days = fields.Integer()
    outcome_days = fields.Integer()


class DirectorySchema(Schema):
    items = fields.List(fields.Nested(UnitSchema))


@dataclass(frozen=True, slots=True)
class Demo:
    """How to sign in while trying it on this machine: a password and two accounts."""

    password: str
    liaison: str
    admin: str


def demo(settings: Settings) -> Demo | None:
    """The demo sign-in; None unless people reach the product by a loopback address and the file has a password."""
    if not settings.is_trial:
        return None
    try:
        first, password = read_file(settings.directory_file)
    except BadSetting:
        return None
    by_role = {account.role: account.email for account in reversed(first.accounts)}
    return Demo(password, by_role.get("liaison", ""), by_role.get("admin", "")) if password else None


def demo_passwords(settings: Settings) -> set[str]:
    """What anybody can read as a password: in this install's directory file and in the example; a bad file has none."""
    found = set()
    for path in (settings.directory_file, EXAMPLE_DIRECTORY):
        try:
            found.add(read_file(path)[1])
        except BadSetting:
            continue
    return {password for password in found if password}


def read_file(path: Path) -> tuple[First, str | None]:
    """The first directory and the password for trying it; raises BadSetting with one sentence."""
    try:
        data = DirectoryFile().load(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        accounts = {person["id"]: _account(person) for person in data["people"]}
        units = tuple(_unit(unit, accounts) for unit in data["units"])
        if len({unit.id for unit in units}) < len(units):
            raise RuleBroken("id", "Two units have the same id.")
        check_registry(units)
    except OSError as error:
        raise BadSetting(f"The directory file {path} cannot be read ({error.strerror}); set DIRECTORY_FILE.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise BadSetting(f"The directory file {path} is not YAML.") from None
    except ValidationError as error:
        raise BadSetting(f"The directory file {path} is wrong at {_first(error.messages)}") from None
    except RuleBroken as error:
        raise BadSetting(f"The directory file {path} does not hold together: {error.sentence}") from None
    return First(tuple(accounts.values()), units), data["demo_password"]


def _account(person: dict[str, Any]) -> Account:
    return Account(id=person["id"], name=person["name"], email=person["email"].lower(), role=person["role"])


def _unit(unit: dict[str, Any], accounts: dict[str, Account]) -> Unit:
    promise = unit.pop("promise")
    return Unit(
        **unit
        | promise
        | {
            "liaison": _staff(unit["liaison"], accounts, f"The liaison of {unit['name']}"),
            "deputies": tuple(_staff(one, accounts, f"A deputy of {unit['name']}") for one in unit["deputies"]),
            "addresses": tuple(unit["addresses"]),
            "domains": tuple(unit["domains"]),
            "services": tuple(unit["services"]),
        },
    )


def _staff(person: str, accounts: dict[str, Account], who: str) -> Staff:
    if person not in accounts:
        raise RuleBroken("liaison", f"{who}, {person}, is not among the people.")
    return accounts[person].staff


def _first(messages: Any) -> str:
    """The first of nested messages as `units 2, name: sentence`; entries of a list count from 1."""
    path = []
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        path.append(str(key + 1) if isinstance(key, int) else str(key))
    text = messages[0] if isinstance(messages, list) else messages
    return f"{', '.join(path) if path != ['_schema'] else 'the top'}: {text}"
