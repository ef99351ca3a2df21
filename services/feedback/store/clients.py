"""The API's clients: few, read often, so each process keeps them in memory for a moment."""

from dataclasses import asdict

from pymongo import ASCENDING, IndexModel

from ...chassis.clock import monotonic
from ...chassis.mongo import Document, Store, ensure_indexes
from ..domain.client import Client

CLIENTS_SECONDS = 2.0
"""For how long a revoked key may still be believed."""

INDEXES = [IndexModel([("key_hash", ASCENDING)], name="key_hash", unique=True)]


class ClientStore:
    """The clients collection."""

    def __init__(self, store: Store) -> None:
        self.collection = store["clients"]
        self._by_key: dict[str, Client] = {}
        self._read_at: float | None = None

    def prepare(self) -> None:
        """Create the index."""
        ensure_indexes(self.collection, INDEXES)

    def add(self, client: Client) -> None:
        """Keep a new client."""
        fields = asdict(client)
        self.collection.insert_one({"_id": fields.pop("id"), **fields})
        self._read_at = None

    def save(self, client: Client) -> None:
        """Keep what became of a client."""
        self.collection.update_one({"_id": client.id}, {"$set": {"revoked_at": client.revoked_at}})
        self._read_at = None

    def all(self) -> list[Client]:
        """Every client, the newest first."""
        clients = [_to_client(document) for document in self.collection.find({})]
        return sorted(clients, key=lambda client: client.created_at, reverse=True)

    def by_key(self, key_hash: str) -> Client | None:
        """The client whose key has this digest, unless it was revoked more than CLIENTS_SECONDS ago."""
        if self._read_at is None or monotonic() - self._read_at > CLIENTS_SECONDS:
            self._by_key, self._read_at = {}, monotonic()
        if key_hash not in self._by_key:
            document = self.collection.find_one({"key_hash": key_hash})
            if document is None or document["revoked_at"]:
                return None
            self._by_key[key_hash] = _to_client(document)
        return self._by_key[key_hash]


def _to_client(document: Document) -> Client:
    values = {name: value for name, value in document.items() if name != "_id"}
    return Client(id=document["_id"], **values | {"scopes": tuple(values["scopes"])})
