"""Signing in, and who may: the same answer and the same work for an unknown address and a wrong password."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ...chassis import ids
from ...chassis.errors import Invalid, NotFound
from ...chassis.identity import ROLES, Identity
from ..domain import Account
from ..store import AccountStore, AttemptStore, UnitStore

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id as OWASP advises for servers: 19 MiB, two rounds."""

PER_ACCOUNT: Final = 10
PER_ADDRESS: Final = 50
"""Attempts in 15 minutes; an address may be a whole building behind one gateway."""

SHORTEST_PASSWORD: Final = 10


class TooManyAttempts(Exception):
    """Sign-in is closed to this account or address for some minutes."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody at `address` (of the network) says who they are."""

    email: str
    password: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAccount:
    """A new member of staff; without a password they cannot sign in."""

    name: str
    email: str
    role: str
    password: str | None = None


def sign_in(
    command: SignIn, accounts: AccountStore, units: UnitStore, attempts: AttemptStore, now: datetime
) -> Identity | None:
    """Who it is, or None; raises TooManyAttempts. An attempt counts before it is checked: many at once gain nothing."""
    keys = {ids.digest(command.email.strip().lower()): PER_ACCOUNT, ids.digest(f"at {command.address}"): PER_ADDRESS}
    if any(attempts.count(key, now) >= most for key, most in keys.items()):
        raise TooManyAttempts
    tries = [attempts.add(key, now) for key in keys]
    account = accounts.find_by_email(command.email)
    if not _fits(account, command.password):
        return None
    assert account is not None
    attempts.forget(next(iter(keys)))
    attempts.take_back(tries[-1])
    return identity(account, units)


def identity(account: Account, units: UnitStore) -> Identity:
    """The account as every service sees it, with the units where it is liaison or deputy."""
    return Identity(account.id, account.name, account.role, units.of_staff(account.id))


def find(name: str, accounts: AccountStore, units: UnitStore) -> Identity:
    """The active account of an id or a mail address; raises NotFound."""
    account = accounts.find(name) or accounts.find_by_email(name)
    if account is None or not account.active:
        raise NotFound(f"There is no active account {name}.")
    return identity(account, units)


def add(command: AddAccount, accounts: AccountStore) -> Account:
    """A new account; raises Conflict when the address is taken, Invalid."""
    if command.role not in ROLES:
        raise Invalid(f"The role must be {' or '.join(ROLES)}.", "/role")
    account = Account(
        id=ids.random_id(),
        name=command.name,
        email=command.email.strip().lower(),
        role=command.role,
        password=hashed(command.password) if command.password is not None else None,
    )
    accounts.add(account)
    return account


def hashed(password: str) -> str:
    """The hash to keep; raises Invalid for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"A password needs {SHORTEST_PASSWORD} characters or more.", "/password")
    return HASHER.hash(password)


def _fits(account: Account | None, password: str) -> bool:
    """Whether the password is right; the work is the same for an account that does not exist."""
    known = account is not None and account.active and account.password is not None
    kept = account.password if known and account else None
    try:
        return HASHER.verify(kept or _nobody(), password) and known
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return HASHER.hash(ids.token())
