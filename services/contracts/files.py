"""Files that came with a feedback, as they are named in events; their bytes stay with `feedback`."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from .sealed import ERASED


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A stored file; `size` in bytes, `sha256` in hex."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str


def dump(files: Iterable[File]) -> str | None:
    """Files -> the text that an event's personal field `files` holds; None for none."""
    rows = [asdict(file) for file in files]
    return json.dumps(rows) if rows else None


def load(text: str | None) -> tuple[File, ...]:
    """The text of such a field, unsealed -> files; none when it is absent or erased."""
    if text is None or text == ERASED:
        return ()
    return tuple(File(**row) for row in json.loads(text))
