"""Somebody who signs in."""

from dataclasses import dataclass, field

from .parts import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member of staff; `email` in lower case, `password` is a hash and None until one is set."""

    id: str
    name: str
    email: str
    role: str
    password: str | None = field(default=None, repr=False)
    active: bool = True

    @property
    def staff(self) -> Staff:
        """How cases and units remember this person."""
        return Staff(self.id, self.name)
