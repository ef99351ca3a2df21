"""How much one feedback may grow: MongoDB refuses documents of 16 MiB."""

from collections.abc import Iterator
from typing import Final

from .feedback import Entry, Feedback

BYTES_MOST: Final = 4_000_000
"""UTF-8 bytes of all words together. Events that wait in the document hold them once more, sealed a third larger."""


def has_room(feedback: Feedback, *more: str | None) -> bool:
    """Whether these words still fit into the conversation."""
    return sum(_bytes(text) for text in (*_words(feedback), *more)) <= BYTES_MOST


def _words(feedback: Feedback) -> Iterator[str | None]:
    yield from (feedback.text, feedback.full_text, feedback.title)
    for entry in feedback.history:
        yield from _said(entry)
    for voice in feedback.voices:
        yield from (voice.name, voice.email)


def _said(entry: Entry) -> Iterator[str | None]:
    yield from (entry.text, entry.full_text, entry.alternative, entry.would_change)
    yield from (file.name for file in entry.files)
    yield from (file.name for file in entry.refused)


def _bytes(text: str | None) -> int:
    return len((text or "").encode(errors="surrogatepass"))
