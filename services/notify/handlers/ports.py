"""The collections, as the handlers use them."""

from datetime import datetime
from typing import Any, Protocol, TypeVar

from ...contracts.envelope import Envelope
from ...contracts.feedback import ProfileSet
from ...contracts.registry import Event
from ..domain import Conversation, Notification, Profile

T_co = TypeVar("T_co", covariant=True)


class Read(Protocol[T_co]):
    """Something as it was read."""

    @property
    def value(self) -> T_co: ...

    def has_applied(self, cause: Envelope[Any]) -> bool: ...


class Conversations(Protocol):
    """The conversations, as these handlers use them."""

    def find(self, feedback: str) -> Read[Conversation] | None: ...

    def add_once(self, conversation: Conversation, cause: Envelope[Any], now: datetime) -> None: ...

    def save(self, read: Any, conversation: Conversation, cause: Envelope[Any], now: datetime) -> None: ...


class Notifications(Protocol):
    """The notifications, as these handlers use them."""

    def add_once(
        self, notification: Notification, events: list[Event], cause: Envelope[Any], now: datetime
    ) -> None: ...

    def closings(self, feedback: str, closure: int) -> list[Any]: ...

    def find_sent(self, message_id: str) -> Read[Notification] | None: ...

    def mailed_receipts(self, person: str, since: datetime, most: int) -> int: ...

    def save(self, read: Any, notification: Notification, events: list[Event], now: datetime) -> object: ...


class Profiles(Protocol):
    """The profiles, as these handlers use them."""

    def find(self, person: str) -> Profile: ...

    def keep(self, message: Envelope[ProfileSet]) -> None: ...
