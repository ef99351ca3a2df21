"""What others may read, kept in memory: to find something similar costs a request no query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from pymongo import DESCENDING, IndexModel

from ...chassis.clock import monotonic
from ...chassis.mongo import Document, Store, away_is_unavailable
from ..domain.voices import Shared, ended_at, shown
from .similar_words import READ

if TYPE_CHECKING:
    from .similar_ranking import Ranking

REFRESH_SECONDS: Final = 10.0
"""For how long a process may answer from what it read last."""

SHARED_MOST: Final = 2_000
"""The newest so many are looked through."""

SHARED_INDEX = IndexModel(
    [("received_at", DESCENDING)], name="shared_received_at", partialFilterExpression={"shared": True}
)
FACTS: Final = dict.fromkeys(("unit", "kind", "status", "history.kind", "history.at", "voices.id", "version"), 1)
WORDS: Final = dict.fromkeys(("title", "text", "version"), 1)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    shared: Mapping[str, Shared]
    words: Mapping[str, "_Words"]
    read_at: float


@dataclass(frozen=True, slots=True)
class _Words:
    """The beginning of a text, as of one version: long texts are read once, and not kept whole."""

    version: int
    title: str | None
    text: str


class SharedStore:
    """The shared feedback of this database, newest first; one thread reads it anew while others use what was read."""

    def __init__(self, store: Store) -> None:
        self.collection = store["feedback"]
        self._snapshot: _Snapshot | None = None
        self._ranking: Ranking | None = None
        self._learnt_from: Mapping[str, Shared] | None = None
        self._warmed = False
        self._reading, self._learning = Lock(), Lock()

    def current(self) -> Mapping[str, Shared]:
        """What is shared, by id, at most REFRESH_SECONDS old; raises Unavailable."""
        known = self._snapshot
        if known and (monotonic() - known.read_at <= REFRESH_SECONDS or not self._reading.acquire(blocking=False)):
            return known.shared
        if known is None:
            self._reading.acquire()
        try:
            self._snapshot = self._read(known.words if known else {})
        finally:
            self._reading.release()
        return self._snapshot.shared

    def near(self, text: str, unit: str | None, now: datetime, most: int) -> list[Shared]:
        """What says something similar, the nearest first, of one unit or of all; raises Unavailable."""
        shared = self.current()
        ids = self._learnt(shared).near(text)
        found = [shared[one] for one in ids if one in shared and unit in (None, shared[one].unit)]
        return [one for one in found if shown(True, one.kind, one.status, one.ended_at, now)][:most]

    def warm(self) -> None:
        """Import what ranks in a thread of its own, so that the first who types does not wait a second for it."""
        if not self._warmed:
            self._warmed = True
            Thread(target=_import_ranking, name="similar", daemon=True).start()

    def _learnt(self, shared: Mapping[str, Shared]) -> "Ranking":
        from .similar_ranking import Ranking

        with self._learning:
            if self._ranking is None or self._learnt_from is not shared:
                texts = {one.id: f"{one.title or ''} {one.text}"[:READ] for one in shared.values()}
                if self._ranking is None or self._ranking.texts != texts:
                    self._ranking = Ranking(texts, self._ranking)
                self._learnt_from = shared
            return self._ranking

    def _read(self, known: Mapping[str, _Words]) -> _Snapshot:
        with away_is_unavailable():
            newest = self.collection.find({"shared": True}, FACTS).sort("received_at", DESCENDING)
            found = {one["_id"]: one for one in newest.limit(SHARED_MOST).hint("shared_received_at")}
            words = {one: known[one] for one in found if one in known and known[one].version == found[one]["version"]}
            words |= self._read_words([one for one in found if one not in words])
        shared = {one: _shared(found[one], words[one]) for one in found if one in words}
        return _Snapshot(shared, words, monotonic())

    def _read_words(self, new: list[str]) -> dict[str, _Words]:
        read = self.collection.find({"_id": {"$in": new}}, WORDS) if new else ()
        return {one["_id"]: _Words(one["version"], one.get("title"), one["text"][:READ]) for one in read}


def _shared(document: Document, words: _Words) -> Shared:
    facts: dict[str, Any] = {name: document.get(name) for name in ("unit", "kind", "status")}
    since = ended_at(document["status"], [(entry["kind"], entry["at"]) for entry in document["history"]])
    return Shared(
        id=document["_id"],
        title=words.title,
        text=words.text,
        ended_at=since,
        voices=1 + len(document.get("voices", ())),
        **facts,
    )


def _import_ranking() -> None:
    from . import similar_ranking  # noqa: F401
