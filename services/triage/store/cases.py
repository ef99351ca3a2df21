"""Cases, each with its pending events in one document.

Four sort keys hold a moment and the id in one text, so that every list is one range of one index and a cursor is
the key of the last row. The index is named in each query, as not every store finds the right one by itself. An ended
case has no due day; it sorts behind all others.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.cursor import Cursor
from pymongo.errors import DuplicateKeyError

from ...chassis import outbox
from ...chassis.mongo import Document, Documents, Store
from ...contracts.envelope import Envelope
from ...contracts.files import File
from ...contracts.registry import Event
from ..domain import DUE, NEWEST, Answering, Case, Entry, Mail, Page, Query, Rating, Staff
from ..domain.outcomes import ENDINGS

BY_DUE, BY_AGE, BY_REPLY, BY_UNTOLD, WORDS = "by_due", "by_age", "by_reply", "by_untold", "words"
INDEXES = [
    outbox.PENDING_INDEX,
    IndexModel([("number", ASCENDING)], name="number", unique=True),
    IndexModel([(BY_DUE, ASCENDING)], name=BY_DUE),
    IndexModel([(BY_AGE, ASCENDING)], name=BY_AGE),
    IndexModel([(BY_REPLY, ASCENDING)], name=BY_REPLY),
    IndexModel([(BY_UNTOLD, ASCENDING)], name=BY_UNTOLD),
    IndexModel([(WORDS, ASCENDING)], name=WORDS),
]
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
ENDED: Final = "9999"
"""Where the sort keys of ended cases begin."""
MOST_WORDS: Final = 300
MOST_SEARCHED: Final = 8
WORD = re.compile(r"\w[\w-]*", re.UNICODE)
MOST_COUNTED: Final = 1000
OWN_FIELDS: Final = ("version", "seq", "applied", "outbox", "pending_since", "open")
KEYS: Final = (BY_DUE, BY_AGE, BY_REPLY, BY_UNTOLD, WORDS)
ROW: Final = {"timeline": 0, "mails": 0, "ratings": 0, "full_text": 0, "files": 0, WORDS: 0, "outbox": 0}
"""What no list shows, and what grows."""


@dataclass(frozen=True, slots=True)
class Found:
    """A case and the document it was read from."""

    case: Case
    document: Document


Tally = Counter[tuple[str, str, str]]
"""How many by (state, owner's id, unit's id)."""


class CaseStore:
    """The collection `cases`."""

    def __init__(self, store: Store) -> None:
        self.documents: Documents = store["cases"]

    def add_once(self, change: tuple[Case, Sequence[Event]], now: datetime, cause: Envelope[Any]) -> None:
        """Keep a new case; one that is there already stays as it is."""
        case, events = change
        try:
            self.documents.insert_one(outbox.new_document(case.id, _fields(case), events, now, cause))
        except DuplicateKeyError:
            if self.documents.find_one({"_id": case.id}, {"_id": 1}) is None:
                raise

    def find(self, case_id: str) -> Found | None:
        """The case of this id."""
        return _found(self.documents.find_one({"_id": case_id}))

    def find_numbered(self, number: str) -> Found | None:
        """The case of this number, as people say it."""
        return _found(self.documents.find_one({"number": number.strip().upper()}))

    def save(
        self,
        found: Found,
        change: tuple[Case, Sequence[Event]],
        now: datetime,
        cause: Envelope[Any] | None = None,
    ) -> Case:
        """Keep what became of a case, with its events; raises Conflict when somebody was quicker."""
        case, events = change
        outbox.save(self.documents, found.document, _fields(case), events, now, cause)
        return case

    def page(self, query: Query) -> Page:
        """The cases of a query in its order, one page of them; each without its history. A search needs a word."""
        if (query.q or "").strip() and not _words(query.q or ""):
            return Page([], None)
        rows = list(self.rows(query))
        shown = rows[: query.limit]
        return Page([_case(row) for row in shown], shown[-1][_order(query)[0]] if len(rows) > query.limit else None)

    def rows(self, query: Query) -> Cursor[Document]:
        """The documents of a query in its order, one more than its limit."""
        key, direction = _order(query)
        cursor = self.documents.find(_filters(query), ROW).sort(key, direction).limit(query.limit + 1)
        return cursor.hint(WORDS if _words(query.q or "") else key)

    def tally(self, units: Collection[str] | None) -> Tally:
        """How many open cases there are by state and owner, in these units or in all."""
        query = Query(units=None if units is None else tuple(units), is_open=True)
        cursor = self.documents.find(_filters(query), {"_id": 0, "state": 1, "owner.id": 1, "unit": 1}).hint(BY_DUE)
        return Counter((row["state"], row["owner"]["id"], row["unit"]) for row in cursor)

    def count(self, query: Query) -> int:
        """How many cases a query finds; beyond MOST_COUNTED it is not counted on."""
        cursor = self.documents.find(_filters(query), {"_id": 1}).hint(_order(query)[0]).limit(MOST_COUNTED)
        return sum(1 for _ in cursor)

    def ownerless(self, answering: Answering) -> list[str]:
        """The ids of open cases whose owner could not open them; there should be none."""
        cursor = self.documents.find(_filters(Query(is_open=True)), {"owner.id": 1, "unit": 1}).hint(BY_DUE)
        return [row["_id"] for row in cursor if row["owner"]["id"] not in answering.get(row["unit"], ())]


def _order(query: Query) -> tuple[str, int]:
    if query.unread:
        return BY_REPLY, ASCENDING
    if query.untold_before:
        return BY_UNTOLD, ASCENDING
    return BY_DUE if query.sort == DUE else BY_AGE, DESCENDING if query.sort == NEWEST else ASCENDING


def _filters(query: Query) -> Document:
    """What a query asks for. Open cases are one range of `by_due`, so that what has ended costs their lists nothing."""
    filters: Document = {}
    if query.units is not None:
        filters["unit"] = {"$in": list(query.units)}
    if query.unit is not None:
        filters["unit"] = query.unit if query.units is None or query.unit in query.units else {"$in": []}
    if query.states:
        filters["state"] = {"$in": list(query.states)}
    if query.is_open is not None:
        filters[BY_DUE] = {"$lt": ENDED} if query.is_open else {"$gte": ENDED}
    if query.unread:
        filters[BY_REPLY] = {"$gt": ""}
    if query.untold_before:
        filters[BY_UNTOLD] = {"$gt": "", "$lt": _moment(query.untold_before)}
    if query.after:
        key, direction = _order(query)
        filters[key] = {**filters.get(key, {}), "$lt" if direction == DESCENDING else "$gt": query.after}
    filters |= {"owner.id": query.owner} if query.owner is not None else {}
    filters |= {"kind": query.kind} if query.kind is not None else {}
    searched = _words(query.q or "")[:MOST_SEARCHED]
    return filters | ({WORDS: {"$all": [_beginning(word) for word in searched]}} if searched else {})


def _beginning(word: str) -> Document:
    # A range and no pattern: every store serves it from the index alike.
    return {"$elemMatch": {"$gte": word, "$lt": f"{word}\U0010ffff"}}


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.casefold()[:60] for word in WORD.findall(text)))[:MOST_WORDS]


def _fields(case: Case) -> Document:
    fields = asdict(case)
    del fields["id"]
    fields |= {name: list(fields[name]) for name in ("timeline", "mails", "ratings", "files")}
    searched = (case.number, case.title or "", case.submitter_name or "", case.text)
    return fields | {
        "open": case.is_open,
        BY_DUE: _key(case.due or NEVER, case.id),
        BY_AGE: _key(case.received_at, case.id),
        BY_REPLY: _key(case.unread_since, case.id) if case.unread_since else None,
        BY_UNTOLD: _key(case.untold_since, case.id) if case.untold_since else None,
        WORDS: _words(" ".join(searched)),
    }


def _key(at: datetime, case_id: str) -> str:
    return f"{_moment(at)}~{case_id}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


def _found(document: Document | None) -> Found | None:
    return Found(_case(document), document) if document else None


def _case(document: Mapping[str, Any]) -> Case:
    values = {name: value for name, value in document.items() if name not in (*OWN_FIELDS, *KEYS, "_id")}
    ending = ENDINGS.get(values["state"])
    return Case(
        id=document["_id"],
        **values
        | {
            "owner": Staff(**values["owner"]),
            "outcome": ending(**values["outcome"]) if ending else None,
            "timeline": tuple(_entry(entry) for entry in values.get("timeline", ())),
            "mails": tuple(Mail(**mail) for mail in values.get("mails", ())),
            "ratings": tuple(Rating(**rating) for rating in values.get("ratings", ())),
            "files": _files(values),
        },
    )


def _entry(values: Mapping[str, Any]) -> Entry:
    return Entry(**{**values, "files": _files(values)})


def _files(values: Mapping[str, Any]) -> tuple[File, ...]:
    return tuple(File(**file) for file in values.get("files", ()))
