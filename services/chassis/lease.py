"""A lease in the database: at most one holder for a while, as an optimisation; correctness never rests on it."""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from .clock import Clock
from .mongo import Documents


class Lease:
    """The lease called `name`, for one owner."""

    def __init__(self, collection: Documents, name: str, owner: str, seconds: float, clock: Clock) -> None:
        self._collection = collection
        self._name = name
        self._owner = owner
        self._length = timedelta(seconds=seconds)
        self._clock = clock
        self._taken_at = self._renew_at = clock.now()

    def hold(self) -> bool:
        """Take it, or renew it once half of it is over; False while somebody else has it."""
        now = self._clock.now()
        if self._taken_at <= now < self._renew_at:
            return True
        held = self._take(now)
        self._taken_at, self._renew_at = now, now + self._length / 2 if held else now
        return held

    def release(self) -> None:
        """Give it back."""
        self._renew_at = self._clock.now()
        self._collection.delete_one({"_id": self._name, "owner": self._owner})

    def _take(self, now: datetime) -> bool:
        values = {"owner": self._owner, "until": now + self._length}
        renewed = self._collection.update_one({"_id": self._name, "owner": self._owner}, {"$set": values})
        if renewed.matched_count:
            return True
        # One that ends later than any could was written before a clock was set back.
        for ended in ({"$lt": now}, {"$gt": now + self._length}):
            if self._collection.update_one({"_id": self._name, "until": ended}, {"$set": values}).matched_count:
                return True
        return self._create(values)

    def _create(self, values: dict[str, object]) -> bool:
        try:
            self._collection.insert_one({"_id": self._name, **values})
        except DuplicateKeyError:
            return False
        return True
