"""What somebody wants to say may have been said: show it by references that give nothing else away."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...chassis import ids
from ...chassis.errors import NotFound
from ..domain.voices import Shared
from ..store import SharedStore

SHORTEST: Final = 12
"""Characters before anything is looked for."""

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Similar:
    """Something similar that others may join; `reference` is good for that alone.

    It is not the feedback's id, nor can that be got out of it: the id opens the API's view of its state.
    """

    shared: Shared
    reference: str


def find_similar(text: str, unit: str | None, shared: SharedStore, secret: str, now: datetime) -> list[Similar]:
    """At most MOST, the nearest first; of every unit for None. Raises Unavailable."""
    said = text.strip()
    if len(said) < SHORTEST:
        return []
    return [Similar(one, reference(secret, one.id)) for one in shared.near(said, unit, now, MOST)]


def reference(secret: str, feedback_id: str) -> str:
    """The reference by which a page names a feedback that is not its reader's."""
    return ids.keyed_token(secret, "join", feedback_id)


def read_reference(text: str, shared: SharedStore, secret: str) -> str:
    """The id of the shared feedback that was shown by this reference; raises NotFound, Unavailable."""
    for one in shared.current():
        if hmac.compare_digest(reference(secret, one).encode(), text.encode()):
            return one
    raise NotFound
