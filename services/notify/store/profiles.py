"""The collection `profiles`: what each person wants to hear."""

from pymongo.errors import DuplicateKeyError

from ...chassis.mongo import Documents, Store
from ...contracts.envelope import Envelope
from ...contracts.feedback import ProfileSet
from ..domain import Profile


class ProfileStore:
    """One document per person who ever said so."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["profiles"]

    def find(self, person: str) -> Profile:
        """What this person wants, or the usual."""
        document = self.collection.find_one({"_id": person})
        return Profile(wants=document["wants"], way=document["way"]) if document else Profile()

    def keep(self, message: Envelope[ProfileSet]) -> None:
        """Keep it as it is now; an event older than what is kept changes nothing."""
        changes = {"wants": message.data.wants, "way": message.data.way, "seq": message.seq}
        older = {"_id": message.subject, "seq": {"$not": {"$gte": message.seq}}}
        try:
            self.collection.update_one(older, {"$set": changes}, upsert=True)
        except DuplicateKeyError:
            self.collection.update_one(older, {"$set": changes})
