"""What somebody filled in, as a command; and what to say where it cannot be taken."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flask_babel import get_locale
from marshmallow import ValidationError

from ....chassis import ids
from ....contracts.feedback import KINDS
from ... import schemas
from ...domain import Directory, Submission
from ...schemas.form import FormSchema, JoinSchema
from .. import words

Form = Mapping[str, str]

FORM_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22,100}\Z")
LINKED: Final = ("unit", "service", "kind")
"""What a link may choose; words it may not bring, or somebody could put them into another's mouth."""

FIELD_ORDER: Final = ("kind", "unit", "text", "name", "email", "rating")
"""As on the page, so that the summary of errors reads from top to bottom."""

BETWEEN: Final = "/"
"""Stands in one value of the list of departments between a unit's id and one of its services."""

FORM: Final = FormSchema()
JOIN: Final = JoinSchema()


def new_token() -> str:
    """The idempotency key of a form that is shown now."""
    return ids.token()


def form_token(form: Form) -> str | None:
    """The form's own idempotency key, made when it was shown; None for what cannot be one."""
    token = form.get("form_token", "")
    return token if FORM_TOKEN.match(token) else None


def submission(form: Form, channel: str, directory: Directory) -> Submission:
    """What the form says; raises ValidationError."""
    fields = FORM.load(form)
    unit, service = chosen(fields.pop("unit"), fields.pop("service"), directory)
    return Submission(channel=channel, language=str(get_locale()), unit=unit, service=service, **fields)


def chosen(unit: str, service: str | None, directory: Directory) -> tuple[str | None, str | None]:
    """The unit and its service; who names a service alone has named the unit as well, if only one offers it."""
    known = {one.id for one in directory.units}
    if unit not in known and BETWEEN in unit:
        unit, service = unit.split(BETWEEN, 1)
    if unit != schemas.UNSURE:
        return unit, service or None
    offering = [one.id for one in directory.units if service in one.services]
    return (offering[0], service) if len(offering) == 1 else (None, None)


def recognised(form: Form, directory: Directory) -> dict[str, Any]:
    """The choices of a form or a link that exist, as the page offers them; others are not shown as chosen."""
    unit, service = chosen(form.get("unit") or schemas.UNSURE, form.get("service") or None, directory)
    if unit is None and form.get("unit") != schemas.UNSURE:
        return {"unit": None, "kind": _kind(form)}
    found = next((one for one in directory.units if one.id == unit), None)
    option = f"{unit}{BETWEEN}{service}" if found and service in found.services else unit
    return {"unit": option if found else schemas.UNSURE if unit is None else None, "kind": _kind(form)}


def sought_unit(form: Form, directory: Directory) -> str | None:
    """The unit in which to look for something similar; None for all, also when none is chosen yet."""
    unit, _service = chosen(form.get("unit") or schemas.UNSURE, form.get("service") or None, directory)
    return unit if unit in {one.id for one in directory.units} else None


def problems(error: ValidationError, form: Form) -> dict[str, str]:
    """What to do about each field."""
    wrong = [name for name in FIELD_ORDER if name in error.messages_dict]
    return words.problems({name: bool(form.get(name, "").strip()) for name in wrong})


def _kind(form: Form) -> str | None:
    kind = form.get("kind")
    return kind if kind in KINDS else None
