"""What people want to hear, and how; the collection's `_id` is the person."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from ...chassis.errors import Conflict
from ...chassis.mongo import Document, Store, away_is_unavailable, ensure_indexes
from ...chassis.outbox import PENDING_INDEX, new_document, save
from ..domain import Profile


@dataclass(frozen=True, slots=True)
class KeptProfile:
    """A profile as it was read, with the document it came in."""

    profile: Profile
    document: Document


class ProfileStore:
    """The profiles."""

    def __init__(self, store: Store) -> None:
        self.collection = store["profiles"]

    def prepare(self) -> None:
        """Create the indexes."""
        ensure_indexes(self.collection, [PENDING_INDEX])

    def find(self, person: str) -> KeptProfile | None:
        """The profile of this person."""
        document = self.collection.find_one({"_id": person}, {"outbox": 0})
        if document is None:
            return None
        return KeptProfile(Profile(person=person, wants=document["wants"], way=document["way"]), document)

    def save(self, kept: KeptProfile | None, profile: Profile, now: datetime) -> None:
        """Write it with its event if nobody wrote since `kept` was read; raises Conflict, Unavailable."""
        answers = {"wants": profile.wants, "way": profile.way}
        with away_is_unavailable():
            if kept:
                save(self.collection, kept.document, answers, [profile.said()], now)
                return
            try:
                self.collection.insert_one(new_document(profile.person, answers, [profile.said()], now))
            except DuplicateKeyError:
                raise Conflict("Somebody else changed this a moment ago.") from None
