"""The people who sign in, and the sign-ins that failed lately."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from ...chassis.errors import Conflict
from ...chassis.mongo import Documents, Store
from ..domain.account import Account

INDEXES = [IndexModel([("email", ASCENDING)], name="email", unique=True)]
WINDOW = timedelta(minutes=15)
ATTEMPT_INDEXES = [
    IndexModel([("key", ASCENDING), ("at", ASCENDING)], name="key"),
    IndexModel([("at", ASCENDING)], name="forget", expireAfterSeconds=int(WINDOW.total_seconds())),
]


class AccountStore:
    """The collection `accounts`."""

    def __init__(self, store: Store) -> None:
        self.documents: Documents = store["accounts"]

    def all(self) -> list[Account]:
        """Everybody, by name."""
        return [_account(row) for row in self.documents.find({}).sort("name", ASCENDING)]

    def active(self) -> dict[str, Account]:
        """The active accounts by id."""
        return {account.id: account for account in self.all() if account.active}

    def find(self, account_id: str) -> Account | None:
        """The account of this id."""
        row = self.documents.find_one({"_id": account_id})
        return _account(row) if row else None

    def find_by_email(self, email: str) -> Account | None:
        """The account of this address, however its letters are written."""
        row = self.documents.find_one({"email": email.strip().lower()})
        return _account(row) if row else None

    def add(self, account: Account) -> None:
        """Keep a new account; raises Conflict when the id or the address is taken."""
        values = asdict(account)
        try:
            self.documents.insert_one({"_id": values.pop("id"), **values})
        except DuplicateKeyError:
            raise Conflict("Somebody has this mail address or this id already.") from None

    def set_password(self, account_id: str, password_hash: str | None) -> None:
        """Give an account another password; with None nobody can sign in to it."""
        self.documents.update_one({"_id": account_id}, {"$set": {"password": password_hash}})

    def set_active(self, account_id: str, active: bool) -> None:
        """Let somebody sign in, or no longer."""
        self.documents.update_one({"_id": account_id}, {"$set": {"active": active}})


class AttemptStore:
    """The collection `attempts`: one document per sign-in that has not succeeded, forgotten after WINDOW."""

    def __init__(self, store: Store) -> None:
        self.documents: Documents = store["attempts"]

    def add(self, key: str, now: datetime) -> object:
        """Remember an attempt; what is returned takes it back."""
        return self.documents.insert_one({"key": key, "at": now}).inserted_id

    def take_back(self, attempt: object) -> None:
        """Forget one attempt, which succeeded."""
        self.documents.delete_one({"_id": attempt})

    def count(self, key: str, now: datetime) -> int:
        """How many attempts within the window."""
        return self.documents.count_documents({"key": key, "at": {"$gt": now - WINDOW}})

    def forget(self, key: str) -> None:
        """A success wipes the slate."""
        self.documents.delete_many({"key": key})


def _account(row: Mapping[str, Any]) -> Account:
    return Account(id=row["_id"], **{name: row[name] for name in ("name", "email", "role", "password", "active")})
