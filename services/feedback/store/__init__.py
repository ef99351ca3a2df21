"""The collections of this service; the only room here that speaks MongoDB."""

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo.collection import Collection

from ...chassis.mongo import Document, Store
from .clients import ClientStore
from .feedbacks import FeedbackStore, Kept
from .files import FileStore
from .imports import ImportStore
from .mails import QuarantineStore, ReportStore
from .profiles import ProfileStore
from .similar import SharedStore
from .units import UnitStore

__all__ = [
    "ClientStore",
    "FeedbackStore",
    "FileStore",
    "Kept",
    "ProfileStore",
    "SharedStore",
    "Stores",
    "UnitStore",
    "open_stores",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything this service keeps."""

    feedbacks: FeedbackStore
    units: UnitStore
    files: FileStore
    profiles: ProfileStore
    clients: ClientStore
    imports: ImportStore
    shared: SharedStore
    reports: ReportStore
    quarantine: QuarantineStore

    def prepare(self) -> None:
        """Create the indexes; safe to repeat."""
        self.feedbacks.prepare()
        self.files.prepare()
        self.profiles.prepare()
        self.clients.prepare()
        self.imports.prepare()
        self.reports.prepare()
        self.quarantine.prepare()

    def outboxes(self) -> Sequence[Collection[Document]]:
        """The collections whose documents hold pending events."""
        return [self.feedbacks.collection, self.profiles.collection, self.reports.collection]


def open_stores(store: Store) -> Stores:
    """The stores over one database."""
    return Stores(
        feedbacks=FeedbackStore(store),
        units=UnitStore(store),
        files=FileStore(store),
        profiles=ProfileStore(store),
        clients=ClientStore(store),
        imports=ImportStore(store),
        shared=SharedStore(store),
        reports=ReportStore(store),
        quarantine=QuarantineStore(store),
    )
