"""What the doors acknowledged, line by line, and whether every service has exactly that."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pymongo import MongoClient

from services.chassis.mongo import Document


def digest(text: str) -> str:
    """The SHA-256 of what was said; every text of a run is its own."""
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """Appends one line per acknowledged submission, before the next request of the same client."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a", buffering=1)

    def acknowledged(self, door: str, text: str, name: str = "") -> None:
        """Note it; `name` is the id or the number the door gave, and empty where it gives none (SMTP)."""
        self._file.write(json.dumps({"door": door, "name": name, "sha256": digest(text)}) + "\n")


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger beside the stores."""

    acknowledged: list[dict[str, str]]
    feedbacks: list[Document]
    cases: list[str]
    journeys: list[str]
    told: list[str]
    """The recipients of the mails that were sent; every submitter of a run has an address of their own."""

    def misses(self) -> list[str]:
        """Everything that is lost, doubled or out of nowhere, in sentences; empty when all agree."""
        stored = Counter(digest(row["text"]) for row in self.feedbacks)
        names = {digest(row["text"]): (row["_id"], row["number"], "") for row in self.feedbacks}
        said = Counter(line["sha256"] for line in self.acknowledged)
        ids = sorted(row["_id"] for row in self.feedbacks)
        found = {
            "acknowledged and not stored": sum(1 for key in said if key not in stored),
            "stored and never acknowledged": sum(1 for key in stored if key not in said),
            "stored more than once": sum(1 for count in stored.values() if count > 1),
            "acknowledged more than once": sum(1 for count in said.values() if count > 1),
            "stored under another name than the door gave": sum(
                1 for line in self.acknowledged if line["name"] not in names.get(line["sha256"], (line["name"],))
            ),
            "without exactly one case": len(set(ids) ^ set(self.cases)) + len(self.cases) - len(set(self.cases)),
            "without exactly one journey": len(set(ids) ^ set(self.journeys)),
            "submitters without exactly one receipt": len(ids) - sum(n == 1 for n in Counter(self.told).values()),
        }
        return [f"{count} {what}" for what, count in found.items() if count]


def books(path: Path, uri: str, prefix: str, told: list[str]) -> Books:
    """Read the ledger and the three stores, beside the mails that were sent."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    with MongoClient[Document](uri) as client:
        return Books(
            acknowledged=lines,
            feedbacks=list(client[f"{prefix}_feedback"]["feedback"].find({}, {"number": 1, "text": 1})),
            cases=[row["_id"] for row in client[f"{prefix}_triage"]["cases"].find({}, {"_id": 1})],
            journeys=[row["_id"] for row in client[f"{prefix}_insights"]["journeys"].find({}, {"_id": 1})],
            told=told,
        )
