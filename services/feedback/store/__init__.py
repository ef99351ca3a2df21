"""The collections of this service; the only room here that speaks MongoDB."""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo.collection import Collection

from ...chassis.mongo import Document, Store
from .feedbacks import FeedbackStore, Kept
from .units import UnitStore

__all__ = ["FeedbackStore", "Kept", "Stores", "UnitStore", "open_stores"]


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything this service keeps."""

    feedbacks: FeedbackStore
    units: UnitStore

    def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        self.feedbacks.prepare()

    def outboxes(self) -> Sequence[Collection[Document]]:
        """The collections whose documents hold pending events."""
        return [self.feedbacks.collection]


def open_stores(store: Store) -> Stores:
    """The stores over one database."""
    return Stores(feedbacks=FeedbackStore(store), units=UnitStore(store))
