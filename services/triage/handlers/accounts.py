"""Signing in, and who may: the same answer and the same work for an unknown address and a wrong password."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from ipaddress import ip_address, ip_network
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

PER_PAIR: Final = 10
PER_ADDRESS: Final = 50
PER_ACCOUNT: Final = 100
"""Attempts in 15 minutes: for an account from one address of the network, which may be a whole building behind one
gateway; from there for all accounts; and for an account from anywhere, so loose that no stranger alone closes it."""

SHORTEST_PASSWORD: Final = 10


class TooManyAttempts(Exception):
    """Sign-in is closed to this account or address for some minutes."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody at `address` (of the network) says who they are."""

    email: str
    password: str
    address: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The account wants another password and knows the present one."""

    account: str
    old: str
    new: str


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
    """Who it is, or None; raises TooManyAttempts."""
    email, network = command.email.strip().lower(), _network(command.address)
    pair = ids.digest(f"{email} at {network}")
    limits = {pair: PER_PAIR, ids.digest(f"at {network}"): PER_ADDRESS, ids.digest(email): PER_ACCOUNT}
    tries = _count(limits, attempts, now)
    account = accounts.find_by_email(email)
    if not _fits(account, command.password):
        return None
    assert account is not None
    attempts.forget(pair)
    for attempt in tries:
        attempts.take_back(attempt)
    return identity(account, units)


def change_password(command: ChangePassword, accounts: AccountStore, attempts: AttemptStore, now: datetime) -> None:
    """Give somebody the password they choose; raises Invalid, TooManyAttempts."""
    key = ids.digest(f"password of {command.account}")
    _count({key: PER_PAIR}, attempts, now)
    account = accounts.find(command.account)
    if account is None or not _fits(account, command.old):
        raise Invalid("This is not your present password.", "/old")
    kept = hashed(command.new, "/new")
    attempts.forget(key)
    accounts.set_password(account.id, kept)


def clear_passwords(known: Collection[str], accounts: AccountStore) -> int:
    """Take the password from every account whose password is one that everybody knows; how many they were."""
    exposed = [one for one in accounts.all() if any(one.password and _verifies(one.password, it) for it in known)]
    for account in exposed:
        accounts.set_password(account.id, None)
    return len(exposed)


def present(known: Identity, accounts: AccountStore, units: UnitStore) -> Identity | None:
    """Who that is by the registry as it is now; None when the account is inactive or gone. A token keeps its scopes."""
    account = accounts.find(known.account)
    if account is None or not account.active:
        return None
    return replace(identity(account, units), scopes=known.scopes)


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
    """A new account, or the first password of one that has none; raises Conflict when the address is taken, Invalid."""
    if command.role not in ROLES:
        raise Invalid(f"The role must be {' or '.join(ROLES)}.", "/role")
    waiting = accounts.find_by_email(command.email)
    if waiting and waiting.password is None and waiting.role == command.role and command.password is not None:
        accounts.set_password(waiting.id, hashed(command.password))
        return waiting
    account = Account(
        id=ids.random_id(),
        name=command.name,
        email=command.email.strip().lower(),
        role=command.role,
        password=hashed(command.password) if command.password is not None else None,
    )
    accounts.add(account)
    return account


def hashed(password: str, pointer: str = "/password") -> str:
    """The hash to keep; raises Invalid for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"A password needs {SHORTEST_PASSWORD} characters or more.", pointer)
    return HASHER.hash(password)


def _fits(account: Account | None, password: str) -> bool:
    """Whether the password is right; the work is the same for an account that does not exist."""
    known = account is not None and account.active and account.password is not None
    kept = account.password if known and account else None
    return _verifies(kept or _nobody(), password) and known


def _verifies(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _count(limits: Mapping[str, int], attempts: AttemptStore, now: datetime) -> list[object]:
    """Count an attempt, then look how many there are: of many at once no more are checked than the limit allows.

    What is refused does not count: it tells nothing, and going on would keep others out. Raises TooManyAttempts.
    """
    tries: list[object] = []
    for key, most in limits.items():
        tries.append(attempts.add(key, now))
        if attempts.count(key, now) > most:
            for attempt in tries:
                attempts.take_back(attempt)
            raise TooManyAttempts
    return tries


def _network(address: str) -> str:
    """The address, or of one of version 6 the network: whoever has one has 2^64."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return address if known.version == 4 else str(ip_network((known, 64), strict=False))


@cache
def _nobody() -> str:
    return HASHER.hash(ids.token())
