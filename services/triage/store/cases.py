"""Cases, each with its pending events in one document.

Two sort keys hold a moment and the id in one text, so that every list is one range of one index and a cursor is the key
of the last row. An ended case has no due day; it sorts behind all others.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from ...chassis import outbox
from ...chassis.mongo import Document, Documents, Store
from ...contracts.envelope import Envelope
from ...contracts.registry import Event
from ..domain import DUE, NEWEST, Case, Entry, Mail, Page, Query, Rating, Staff
from ..domain.outcomes import ENDINGS

INDEXES = [
    outbox.PENDING_INDEX,
    IndexModel([("number", ASCENDING)], name="number", unique=True),
    IndexModel([("open", ASCENDING), ("by_due", ASCENDING)], name="due"),
    IndexModel([("unit", ASCENDING), ("open", ASCENDING), ("by_due", ASCENDING)], name="unit_due"),
    IndexModel([("owner.id", ASCENDING), ("open", ASCENDING), ("by_due", ASCENDING)], name="owner_due"),
    IndexModel([("state", ASCENDING), ("by_due", ASCENDING)], name="state_due"),
    IndexModel([("by_due", ASCENDING)], name="all_due"),
    IndexModel([("by_age", ASCENDING)], name="all_age"),
    IndexModel([("open", ASCENDING), ("by_age", ASCENDING)], name="age"),
    IndexModel([("words", ASCENDING)], name="words"),
]
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
MOST_WORDS: Final = 300
COUNT_LIMIT: Final = 1000
WORD = re.compile(r"\w[\w-]*", re.UNICODE)
OWN_FIELDS: Final = ("version", "seq", "applied", "outbox", "pending_since", "open", "by_due", "by_age", "words")


@dataclass(frozen=True, slots=True)
class Found:
    """A case and the document it was read from."""

    case: Case
    document: Document


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
        """The cases of a query in its order, one page of them."""
        key, direction = ("by_due", ASCENDING) if query.sort == DUE else ("by_age", ASCENDING)
        direction = DESCENDING if query.sort == NEWEST else direction
        filters = _filters(query)
        if query.after:
            filters[key] = {"$lt" if direction == DESCENDING else "$gt": query.after}
        rows = list(self.documents.find(filters).sort(key, direction).limit(query.limit + 1))
        more = len(rows) > query.limit
        shown = rows[: query.limit]
        return Page([_case(row) for row in shown], shown[-1][key] if more else None)

    def count(self, query: Query) -> int:
        """How many cases a query has, up to COUNT_LIMIT."""
        return self.documents.count_documents(_filters(query), limit=COUNT_LIMIT)

    def ownerless(self, active: Collection[str]) -> list[str]:
        """The ids of open cases whose owner is none of these active accounts; there should be none."""
        rows = self.documents.find({"open": True, "owner.id": {"$nin": list(active)}}, {"_id": 1}).limit(COUNT_LIMIT)
        return [row["_id"] for row in rows]


def _filters(query: Query) -> Document:
    filters: Document = {}
    if query.units is not None:
        filters["unit"] = {"$in": list(query.units)}
    if query.unit is not None:
        filters["unit"] = query.unit if query.units is None or query.unit in query.units else {"$in": []}
    if query.states:
        filters["state"] = {"$in": list(query.states)}
    if query.is_open is not None:
        filters["open"] = query.is_open
    if query.owner is not None:
        filters["owner.id"] = query.owner
    if query.kind is not None:
        filters["kind"] = query.kind
    searched = _words(query.q or "")
    if searched:
        # Anchored and without flags, so that the index on `words` serves the first of them.
        filters["words"] = {"$all": [re.compile(f"^{re.escape(word)}") for word in searched[:8]]}
    return filters


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.casefold()[:60] for word in WORD.findall(text)))[:MOST_WORDS]


def _fields(case: Case) -> Document:
    fields = asdict(case)
    del fields["id"]
    fields |= {"timeline": list(fields["timeline"]), "mails": list(fields["mails"]), "ratings": list(fields["ratings"])}
    searched = (case.number, case.title or "", case.submitter_name or "", case.text)
    return fields | {
        "open": case.is_open,
        "by_due": _key(case.due or NEVER, case.id),
        "by_age": _key(case.received_at, case.id),
        "words": _words(" ".join(searched)),
    }


def _key(at: datetime, case_id: str) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}~{case_id}"


def _found(document: Document | None) -> Found | None:
    return Found(_case(document), document) if document else None


def _case(document: Mapping[str, Any]) -> Case:
    values = {name: value for name, value in document.items() if name not in OWN_FIELDS and name != "_id"}
    ending = ENDINGS.get(values["state"])
    return Case(
        id=document["_id"],
        **values
        | {
            "owner": Staff(**values["owner"]),
            "outcome": ending(**values["outcome"]) if ending else None,
            "timeline": tuple(Entry(**entry) for entry in values["timeline"]),
            "mails": tuple(Mail(**mail) for mail in values["mails"]),
            "ratings": tuple(Rating(**rating) for rating in values["ratings"]),
        },
    )
