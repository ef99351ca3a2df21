"""What a person wants to hear, and how."""

from dataclasses import dataclass

from ...contracts.feedback import BY_EMAIL, EVERYTHING, ProfileSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The two answers, one of WISHES and one of WAYS; who never answered hears every step by e-mail."""

    person: str
    wants: str = EVERYTHING
    way: str = BY_EMAIL

    def said(self) -> ProfileSet:
        """What the other services hear of it."""
        return ProfileSet(person=self.person, wants=self.wants, way=self.way)
