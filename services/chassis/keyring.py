"""One AES-256-GCM key per person; forgetting the key erases what was sealed with it, everywhere at once (decision D6).

Sealed text: `sealed.1.<person>.<nonce><ciphertext>` in URL-safe base64. The person is authenticated with the text.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.errors import BulkWriteError, DuplicateKeyError

from ..contracts.sealed import ERASED, Seal
from .mongo import Store

PREFIX = "sealed.1"
NONCE = 12
DUPLICATE_KEY = 11000


class Keyring:
    """The shared collection of keys, with a small cache of what was written or read last."""

    def __init__(self, store: Store) -> None:
        self._keys = store["keys"]
        self._cipher = lru_cache(maxsize=4096)(AESGCM)

    def seal(self, person: str, text: str) -> str:
        """Seal a text for a person, making the person's key if it is the first."""
        return self.sealer([person])(person, text)

    def sealer(self, persons: Collection[str]) -> Seal:
        """What seals texts for these persons; their keys are looked up, or made, once and now."""
        keys = self.ensure(persons)

        def seal(person: str, text: str) -> str:
            nonce = os.urandom(NONCE)
            box = nonce + self._cipher(keys[person]).encrypt(nonce, text.encode(), person.encode())
            return f"{PREFIX}.{person}.{urlsafe_b64encode(box).decode()}"

        return seal

    def unseal(self, sealed: str) -> str:
        """The open text, or ERASED when the key is gone; raises ValueError for what `seal` did not make."""
        if not sealed.startswith(PREFIX):
            raise ValueError("not a sealed value")
        person, _, text = sealed.removeprefix(f"{PREFIX}.").rpartition(".")
        key = self._find([person]).get(person)
        if key is None:
            return ERASED
        box = urlsafe_b64decode(text)
        try:
            return self._cipher(key).decrypt(box[:NONCE], box[NONCE:], person.encode()).decode()
        except InvalidTag:  # sealed with a key that was forgotten; the person has a new one
            return ERASED

    def ensure(self, persons: Collection[str]) -> dict[str, bytes]:
        """The keys of these persons, made where missing; two makers at once agree on the first."""
        keys = self._find(persons)
        missing = [person for person in dict.fromkeys(persons) if person not in keys]
        if not missing:
            return keys
        try:
            self._keys.insert_many([{"_id": person, "key": os.urandom(32)} for person in missing], ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE_KEY for failure in error.details["writeErrors"]):
                raise
        except DuplicateKeyError:
            pass
        return keys | self._find(missing)

    def forget(self, person: str) -> None:
        """Erase a person: what was sealed for them reads as ERASED from now on."""
        self._keys.delete_one({"_id": person})

    def _find(self, persons: Collection[str]) -> dict[str, bytes]:
        return {row["_id"]: bytes(row["key"]) for row in self._keys.find({"_id": {"$in": list(persons)}})}
