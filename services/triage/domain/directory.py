"""A unit and the rules of the registry: somebody answers for every unit, and somebody stands in for them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ...contracts.directory import UnitDefined
from .account import Account
from .parts import Staff


class RuleBroken(Exception):
    """The registry would not hold together; `field` is what to change, `sentence` says how."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A department; `addresses` are local parts of mail addresses, the promise counts working days.

    `domains` are mail domains whose people mean this unit when they name none.
    """

    id: str
    name: str
    addresses: tuple[str, ...]
    liaison: Staff
    deputies: tuple[Staff, ...]
    services: tuple[str, ...]
    time_zone: str
    first_answer_days: int
    outcome_days: int
    active: bool = True
    fallback: bool = False
    domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.active and not self.deputies:
            raise RuleBroken("deputies", f"{self.name} needs a deputy who stands in for its liaison.")
        if self.liaison.id in {deputy.id for deputy in self.deputies}:
            raise RuleBroken("deputies", f"The liaison of {self.name} cannot be their own deputy.")
        if self.fallback and not self.active:
            raise RuleBroken(
                "active", f"{self.name} takes what is addressed to nobody; choose another unit for that first."
            )

    @property
    def staff(self) -> tuple[Staff, ...]:
        """Who answers for it: the liaison, then the deputies."""
        return (self.liaison, *self.deputies)

    def owner(self, active: Collection[str]) -> Staff:
        """Who gets a new case, given the ids of active accounts; the liaison when nobody is active."""
        return next((person for person in self.staff if person.id in active), self.liaison)

    def defined(self) -> UnitDefined:
        """The event that says what the unit is now."""
        return UnitDefined(
            name=self.name,
            addresses=list(self.addresses),
            domains=list(self.domains),
            active=self.active,
            fallback=self.fallback,
            time_zone=self.time_zone,
            services=list(self.services),
            liaison=_person(self.liaison),
            deputies=[_person(deputy) for deputy in self.deputies],
            promise={"first_answer_days": self.first_answer_days, "outcome_days": self.outcome_days},
        )


Answering = Mapping[str, Collection[str]]
"""The ids of accounts that see and can move a unit's cases, by the unit's id."""


@dataclass(frozen=True, slots=True)
class First:
    """The directory a new install starts with."""

    accounts: tuple[Account, ...]
    units: tuple[Unit, ...]


def check_registry(units: Iterable[Unit]) -> None:
    """Raise RuleBroken unless exactly one unit is the fallback and no active two share a name or an address."""
    active = [unit for unit in units if unit.active]
    fallbacks = [unit.name for unit in active if unit.fallback]
    if not fallbacks:
        raise RuleBroken("fallback", "One unit must be the fallback, which takes what is addressed to nobody.")
    if len(fallbacks) > 1:
        raise RuleBroken("fallback", f"Only one unit can be the fallback, not {' and '.join(fallbacks)}.")
    _unique("addresses", "mail address", [address for unit in active for address in unit.addresses])
    _unique("domains", "mail domain", [domain for unit in active for domain in unit.domains])
    _unique("name", "name", [unit.name for unit in active])


def answering(units: Iterable[Unit], active: Collection[Account]) -> Answering:
    """Who can own a case of each unit: of the active accounts the admins, the unit's liaison and its deputies."""
    able = {account.id for account in active}
    admins = {account.id for account in active if account.role == "admin"}
    return {unit.id: admins | (able & {person.id for person in unit.staff}) for unit in units}


def _unique(field: str, word: str, values: list[str]) -> None:
    for value, count in Counter(value.casefold() for value in values).items():
        if count > 1:
            raise RuleBroken(field, f"Two units have the {word} {value}; each needs its own.")


def _person(person: Staff) -> dict[str, str]:
    return {"id": person.id, "name": person.name}
