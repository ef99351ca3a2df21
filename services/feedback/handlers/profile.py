"""What a person wants to hear, and how."""

from dataclasses import dataclass
from datetime import datetime

from ...chassis.errors import Conflict, Unavailable
from ..domain import Profile
from ..store import ProfileStore
from .speak_again import WRITE_TRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProfile:
    """The two answers of a person, one of WISHES and one of WAYS."""

    person: str
    wants: str
    way: str


def profile_of(person: str, profiles: ProfileStore) -> Profile:
    """The answers of this person, or those of who never answered."""
    kept = profiles.find(person)
    return kept.profile if kept else Profile(person=person)


def set_profile(command: SetProfile, profiles: ProfileStore, now: datetime) -> Profile:
    """Keep the answers and say them on; the same ones again change nothing. Raises Unavailable."""
    wished = Profile(person=command.person, wants=command.wants, way=command.way)
    for _ in range(WRITE_TRIES):
        kept = profiles.find(command.person)
        if (kept.profile if kept else Profile(person=command.person)) == wished:
            return wished
        try:
            profiles.save(kept, wished, now)
            return wished
        except Conflict:
            continue
    raise Unavailable("Too many people change this at once. Please try again.")
