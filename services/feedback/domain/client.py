"""A program that uses the API by a key of its own."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

SUBMIT, FOLLOW = "submit", "follow"
CLIENT_SCOPES: Final = (SUBMIT, FOLLOW)
"""What a key may do: send feedback; read, words included, what it sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An API client; `key_hash` is the digest of its key, `per_minute` its limit of requests, 0 for none."""

    id: str
    name: str
    key_hash: str
    scopes: tuple[str, ...]
    per_minute: int
    created_at: datetime
    revoked_at: datetime | None = None


def revoke(client: Client, now: datetime) -> Client:
    """Its key opens nothing from now on; once revoked stays revoked."""
    return client if client.revoked_at else replace(client, revoked_at=now)
