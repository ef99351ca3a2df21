"""The files that came with feedback, in GridFS: their bytes in chunks, and what is known of each in one document.

The document is written first, so that whatever a crash leaves behind can be found and swept away.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from gridfs import GridFSBucket, NoFile
from pymongo import ASCENDING, IndexModel

from ...chassis import ids
from ...chassis.mongo import Document, Store, away_is_unavailable, ensure_indexes
from ...contracts.files import File

CHUNK: Final = 255 * 1024
CHUNKS_AT_ONCE: Final = 8
"""How many chunks go in one write, and so how much of a file is in memory: 2 MB."""
UNNAMED_LIFE: Final = timedelta(hours=24)
"""For how long a file may lie here that no feedback names; longer than any request lasts."""

FILE_INDEXES = [
    IndexModel([("metadata.feedback", ASCENDING)], name="feedback"),
    IndexModel([("metadata.sweep_at", ASCENDING)], name="sweep_at", sparse=True),
]
CHUNK_INDEXES = [IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], name="files_id_1_n_1", unique=True)]


class TooLarge(Exception):
    """There are more bytes than may be kept; nothing of them is."""


class FileStore:
    """Files by id. A file belongs to the feedback that will name it, and is swept away when none has after a day."""

    def __init__(self, store: Store) -> None:
        self._bucket = GridFSBucket(store, "files", chunk_size_bytes=CHUNK)
        self._documents = store["files.files"]
        self._chunks = store["files.chunks"]

    def prepare(self) -> None:
        """Create the indexes."""
        ensure_indexes(self._documents, FILE_INDEXES)
        ensure_indexes(self._chunks, CHUNK_INDEXES)

    def keep(
        self, blocks: Iterable[bytes], name: str, content_type: str, feedback_id: str, now: datetime, longest: int
    ) -> File:
        """Write a file while it arrives, at most `longest` bytes; raises TooLarge, Unavailable.

        `feedback_id` is of the feedback that will name it, which need not exist yet.
        """
        file_id = ids.random_id()
        metadata = {"feedback": feedback_id, "content_type": content_type, "sweep_at": now + UNNAMED_LIFE}
        known = {"filename": name, "length": 0, "chunkSize": CHUNK, "uploadDate": now, "metadata": metadata}
        try:
            with away_is_unavailable():
                self._documents.insert_one({"_id": file_id, **known})
                size, digest = self._write(file_id, blocks, longest)
                self._documents.update_one({"_id": file_id}, {"$set": {"length": size, "metadata.sha256": digest}})
        except TooLarge:
            self.forget([file_id])
            raise
        return File(id=file_id, name=name, content_type=content_type, size=size, sha256=digest)

    def open(self, file_id: str) -> Iterator[bytes] | None:
        """The bytes of a file, a chunk at a time; None when it is not here. Raises Unavailable."""
        with away_is_unavailable():
            try:
                found = self._bucket.open_download_stream(file_id)
            except NoFile:
                return None
        return iter(found.readchunk, b"")

    def forget(self, file_ids: Sequence[str]) -> None:
        """Erase files; what is not here is gone already. Raises Unavailable."""
        with away_is_unavailable():
            for file_id in file_ids:
                self._chunks.delete_many({"files_id": file_id})
                self._documents.delete_one({"_id": file_id})

    def of_feedback(self, feedback_id: str) -> list[str]:
        """The ids of every file that came for this feedback, named by it or not."""
        return [found["_id"] for found in self._documents.find({"metadata.feedback": feedback_id}, {"_id": 1})]

    def waiting(self, feedback_id: str) -> list[File]:
        """The whole files that came for this feedback, named by it or not. Raises Unavailable."""
        with away_is_unavailable():
            found = list(self._documents.find({"metadata.feedback": feedback_id}))
        return [_to_file(document) for document in found if "sha256" in document["metadata"]]

    def unsettled(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Files to look after now, as (id, id of the feedback that should name it)."""
        found = self._documents.find({"metadata.sweep_at": {"$lt": now}}, {"metadata.feedback": 1}).limit(limit)
        return [(document["_id"], document["metadata"]["feedback"]) for document in found]

    def settle(self, file_id: str) -> None:
        """Its feedback names it: it stays, and need not be looked after again."""
        self._documents.update_one({"_id": file_id}, {"$unset": {"metadata.sweep_at": ""}})

    def _write(self, file_id: str, blocks: Iterable[bytes], longest: int) -> tuple[int, str]:
        size, digest, pending = 0, sha256(), list[Document]()
        for n, chunk in enumerate(_chunks(blocks)):
            size += len(chunk)
            if size > longest:
                raise TooLarge
            digest.update(chunk)
            pending.append({"files_id": file_id, "n": n, "data": chunk})
            if len(pending) == CHUNKS_AT_ONCE:
                self._chunks.insert_many(pending)
                pending = []
        if pending:
            self._chunks.insert_many(pending)
        return size, digest.hexdigest()


def _to_file(document: Document) -> File:
    known = document["metadata"]
    return File(
        id=document["_id"],
        name=document["filename"],
        content_type=known["content_type"],
        size=document["length"],
        sha256=known["sha256"],
    )


def _chunks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of CHUNK; the last may be shorter."""
    waiting = bytearray()
    for block in blocks:
        waiting += block
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
    if waiting:
        yield bytes(waiting)
