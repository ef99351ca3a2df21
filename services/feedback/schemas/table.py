"""Feedback from before, as a table: one row each, the columns by name in any order."""

import csv
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from io import StringIO
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate, validates

from ...chassis import ids
from ...chassis.fields import Address, Line, Text
from ...contracts.feedback import IMPORT, KINDS, SCORE
from ..domain import DEFAULT_KIND, Directory, Submission, UnknownService
from . import ID_LONGEST, NAME_LONGEST, TEXT_LONGEST, nearest_language

LARGEST: Final = 5_000_000
"""Bytes of a table; a document of the database holds 16 MB."""

MOST_ROWS: Final = 5_000
SURPLUS: Final = "This line has more cells than there are columns. Put quotes around text that has a separator in it."
DATES: Final = ("%d.%m.%Y", "%d.%m.%Y %H:%M")
"""Beside ISO 8601; 1/2/2025 is two different days and is refused."""

DAY_ALONE: Final = len("2025-03-31")

SENTENCES: Final = {
    "unit": "No unit has this id or name.",
    "service": "The unit does not offer this service.",
    "date": "Write the day it was said like 2025-03-31; it cannot lie in the future.",
    "kind": f"Write one of {', '.join(KINDS)}, or leave it empty.",
    "text": "Every row needs what was said, at most 20,000 characters.",
    "name": "A name is one line of at most 100 characters.",
    "email": "This is not a mail address.",
    "rating": "A rating is a number from 1 to 5.",
    "language": "A language is a code such as en or de.",
    "reference": "A reference is one line of at most 100 characters.",
}


class Unreadable(Exception):
    """The file is no such table; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, by its line in the table (the header is line 1); `said` is None when `problems` says why, by column.

    `key` is its reference, else a digest of what it says: saved again by another program it is still the same row.
    """

    line: int
    key: str = ""
    said: Submission | None = None
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was read, and the columns nobody knows here."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]

    @property
    def good(self) -> int:
        """How many rows can be imported."""
        return sum(row.said is not None for row in self.rows)


class RowSchema(Schema):
    """The columns; an empty cell counts as absent."""

    text = Text(TEXT_LONGEST, required=True)
    unit = Line(ID_LONGEST, load_default=None)
    service = Line(ID_LONGEST, load_default=None)
    kind = fields.String(load_default=DEFAULT_KIND, validate=validate.OneOf(KINDS))
    date = fields.String(load_default=None)
    name = Line(NAME_LONGEST, load_default=None)
    email = Address(load_default=None)
    rating = fields.Integer(load_default=None, validate=SCORE)
    language = fields.String(load_default="en", validate=validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z"))
    reference = Line(ID_LONGEST, load_default=None)

    def __init__(self, directory: Directory, zone: str, now: datetime) -> None:
        super().__init__()
        self._units = {name.lower(): unit.id for unit in directory.units for name in (unit.id, unit.name)}
        self._zone, self._now = ZoneInfo(zone), now

    @pre_load
    def tidy(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
        tidied = {name: value.strip() for name, value in data.items() if value.strip() and name in self.fields}
        return {**tidied, "kind": tidied["kind"].lower()} if "kind" in tidied else tidied

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Submission:
        data.pop("reference")
        date, unit = data.pop("date"), data.pop("unit")
        return Submission(
            channel=IMPORT,
            unit=self._units[unit.lower()] if unit else None,
            said_at=self._moment(date) if date else None,
            language=nearest_language(data.pop("language")),
            **data,
        )

    @validates("unit")
    def known_unit(self, unit: str | None, **_: Any) -> None:
        if unit is not None and unit.lower() not in self._units:
            raise ValidationError(SENTENCES["unit"])

    @validates("date")
    def past_date(self, date: str | None, **_: Any) -> None:
        if date is not None and self._moment(date) > self._now:
            raise ValidationError(SENTENCES["date"])

    def _moment(self, text: str) -> datetime:
        """When that was; of a day alone its noon, which is the same day nearly everywhere."""
        at = _date(text)
        at = at.replace(hour=12) if len(text) <= DAY_ALONE else at
        try:
            return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:  # the first or the last day there is, in another zone
            raise ValidationError(SENTENCES["date"]) from None


def read_table(
    content: bytes, directory: Directory, zone: str, now: datetime, lines: Collection[int] | None = None
) -> Table:
    """The rows of a CSV file (RFC 4180; comma, semicolon or tab; UTF-8 or Windows-1252); raises Unreadable.

    A row without a `reference` is known by its contents: the same row again is the same feedback. With `lines` only
    the rows on these are read, which is what costs time.
    """
    reader = _reader(content)
    header = [name.strip().lower() for name in _first_line(reader)]
    if "text" not in header:
        raise Unreadable("The first line must name the columns, and one of them must be `text`.")
    if twice := [name for name, count in Counter(header).items() if name and count > 1]:
        raise Unreadable(f"Two columns are named {twice[0]}; each needs a name of its own.")
    reader.fieldnames = header
    schema = RowSchema(directory, zone, now)
    rows = tuple(_row(line, cells, schema, directory) for line, cells in _rows(reader) if not lines or line in lines)
    if not rows:
        raise Unreadable("The table has a first line and nothing below it.")
    return Table(rows=rows, ignored=tuple(name for name in header if name and name not in schema.fields))


def _first_line(reader: "csv.DictReader[str]") -> Sequence[str]:
    try:
        return reader.fieldnames or ()
    except csv.Error:
        raise Unreadable("The first line is not as a table has it; save the sheet as CSV again.") from None


def _rows(reader: "csv.DictReader[str]") -> Iterator[tuple[int, Mapping[Any, Any]]]:
    try:
        for count, cells in enumerate(reader):
            if count == MOST_ROWS:
                raise Unreadable(f"The table has more than {MOST_ROWS} rows. Split it; the parts may overlap.")
            yield count + 2, cells
    except csv.Error:
        raise Unreadable(f"Line {reader.line_num} is not as a table has it; save the sheet as CSV again.") from None


def _row(line: int, cells: Mapping[Any, Any], schema: RowSchema, directory: Directory) -> Row:
    if None in cells:  # the csv module's word for what is beyond the last column
        return Row(line=line, problems={"text": SURPLUS})
    try:
        said = schema.load({name: value or "" for name, value in cells.items()})
        if said.service:
            directory.find(said.unit, said.service)
    except ValidationError as error:
        names = sorted(str(name) for name in error.messages_dict)
        return Row(line=line, problems={name: SENTENCES.get(name, "This cannot be taken.") for name in names})
    except UnknownService:
        return Row(line=line, problems={"service": SENTENCES["service"]})
    reference = (cells.get("reference") or "").strip()
    return Row(line=line, key=f"reference {reference}" if reference else _digest(said), said=said)


def _digest(said: Submission) -> str:
    values = {name: value for name, value in asdict(said).items() if value}
    return f"row {ids.digest(json.dumps(values, default=str, sort_keys=True))}"


def _reader(content: bytes) -> "csv.DictReader[str]":
    if len(content) > LARGEST:
        raise Unreadable(f"The file has more than {LARGEST // 1_000_000} MB. Split it; the parts may overlap.")
    if b"\0" in content:
        raise Unreadable("This is no CSV file; a sheet can be saved as one.")
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in DATES:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's to add
        except ValueError:
            continue
    raise ValidationError(SENTENCES["date"])
