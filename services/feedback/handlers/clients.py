"""Keys for programs: made once, shown once, revoked for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...chassis import ids
from ...chassis.errors import Invalid, NotFound
from ..domain import client as domain
from ..domain.client import CLIENT_SCOPES, Client
from ..store import ClientStore

KEY_PREFIX: Final = "lk_"
"""So that a key is recognised wherever it turns up, by people and by scanners for leaked secrets."""

PER_MINUTE: Final = 600
MOST_PER_MINUTE: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AddClient:
    """A new client with these scopes; `per_minute` requests, 0 without a limit."""

    name: str
    scopes: Sequence[str] = CLIENT_SCOPES
    per_minute: int = PER_MINUTE


def add_client(command: AddClient, clients: ClientStore, now: datetime) -> tuple[Client, str]:
    """The client and its key, which nobody can be shown again; raises Invalid."""
    if not command.name.strip():
        raise Invalid("Give the client a name that says what it is.", "/name")
    if not command.scopes or not set(command.scopes) <= set(CLIENT_SCOPES):
        raise Invalid(f"Choose what the key may do, one or more of: {', '.join(CLIENT_SCOPES)}.", "/scopes")
    if not 0 <= command.per_minute <= MOST_PER_MINUTE:
        raise Invalid(f"The limit is from 0, for none, to {MOST_PER_MINUTE} requests a minute.", "/per_minute")
    key = KEY_PREFIX + ids.token()
    client = Client(
        id=ids.random_id(),
        name=command.name.strip()[:100],
        key_hash=ids.digest(key),
        scopes=tuple(dict.fromkeys(command.scopes)),
        per_minute=command.per_minute,
        created_at=now,
    )
    clients.add(client)
    return client, key


def revoke_client(client_id: str, clients: ClientStore, now: datetime) -> Client:
    """End a key; raises NotFound. What was sent with it stays."""
    known = next((client for client in clients.all() if client.id == client_id), None)
    if known is None:
        raise NotFound(f"There is no client {client_id}.")
    revoked = domain.revoke(known, now)
    clients.save(revoked)
    return revoked


def client_of(key: str, clients: ClientStore) -> Client | None:
    """Whose key this is, or None."""
    return clients.by_key(ids.digest(key)) if key.startswith(KEY_PREFIX) else None
