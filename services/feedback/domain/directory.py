"""The units as far as intake needs them."""

from dataclasses import dataclass


class UnknownUnit(Exception):
    """No active unit has this id."""


class UnknownService(Exception):
    """The unit lists its services and this is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as far as intake needs it; `answer_days` and `outcome_days` are working days."""

    id: str
    name: str
    addresses: tuple[str, ...]
    domains: tuple[str, ...] = ()
    services: tuple[str, ...]
    active: bool
    fallback: bool
    time_zone: str
    liaison: str
    liaison_name: str
    answer_days: int
    outcome_days: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The active units, by name."""

    units: tuple[Unit, ...]

    def find(self, unit_id: str | None, service: str | None = None, email: str | None = None) -> Unit:
        """The unit of this id, else of the sender's domain, else the fallback; raises UnknownUnit, UnknownService."""
        unit = next((unit for unit in self.units if unit.id == unit_id), None) if unit_id else self.of_sender(email)
        if unit is None:
            raise UnknownUnit
        if service and unit.services and service not in unit.services:
            raise UnknownService
        return unit

    def of_sender(self, email: str | None) -> Unit:
        """Whose mail domain this address has, else the fallback; a domain's subdomains are its own."""
        domain = (email or "").rpartition("@")[2].lower()
        parents = [domain, *(domain[at + 1 :] for at, letter in enumerate(domain) if letter == ".")]
        known = {name: unit for unit in self.units for name in unit.domains}
        return next((known[parent] for parent in parents if parent in known), self.fallback())

    def fallback(self) -> Unit:
        """The unit that takes what nobody else does."""
        return next((unit for unit in self.units if unit.fallback), self.units[0])

    def by_address(self, local_part: str) -> Unit | None:
        """The unit with this mail address."""
        return next((unit for unit in self.units if local_part.lower() in unit.addresses), None)
