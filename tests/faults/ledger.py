"""What was acknowledged, written down by the other side: one line per fact, on disk before the next thing happens."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from services.chassis import ids


@dataclass(frozen=True, slots=True)
class Said:
    """A submission that was acknowledged; `id` and `number` as far as its door tells them."""

    door: str
    digest: str
    address: str | None
    id: str | None = None
    number: str | None = None


@dataclass
class Facts:
    """The ledger read back: submissions, outcomes by feedback id, digests of replies and scores by feedback id."""

    said: list[Said] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)


class Ledger:
    """A file that is only appended to; every line is forced to the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def said(self, door: str, text: str, address: str | None, **known: str) -> None:
        """A submission was acknowledged."""
        self._write("said", door=door, digest=ids.digest(text), address=address, **known)

    def ended(self, feedback: str, outcome: str) -> None:
        """A decision was acknowledged."""
        self._write("ended", feedback=feedback, outcome=outcome)

    def replied(self, feedback: str, text: str) -> None:
        """A reply was acknowledged."""
        self._write("replied", feedback=feedback, digest=ids.digest(text))

    def rated(self, feedback: str, score: int) -> None:
        """A rating was acknowledged."""
        self._write("rated", feedback=feedback, score=score)

    def read(self) -> Facts:
        """Everything that was acknowledged."""
        facts = Facts()
        for line in self._path.read_text().splitlines():
            _add(facts, json.loads(line))
        return facts

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, what: str, **fact: Any) -> None:
        line = json.dumps({"what": what, **fact}) + "\n"
        with self._lock:
            os.write(self._file, line.encode())
            os.fsync(self._file)


def _add(facts: Facts, fact: Mapping[str, Any]) -> None:
    match fact:
        case {"what": "said", **rest}:
            facts.said.append(Said(**rest))
        case {"what": "ended", "feedback": feedback, "outcome": outcome}:
            facts.ended[feedback] = outcome
        case {"what": "replied", "feedback": feedback, "digest": digest}:
            facts.replies.setdefault(feedback, []).append(digest)
        case {"what": "rated", "feedback": feedback, "score": score}:
            facts.scores[feedback] = score
