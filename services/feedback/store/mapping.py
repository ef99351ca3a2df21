"""A feedback as a document, and back."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from ...chassis.mongo import Document
from ...contracts.files import File
from ..domain import Entry, Feedback, Voice
from ..domain.files import Refused

FIELDS = tuple(field.name for field in fields(Feedback) if field.name != "id")
ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
LATER = ("full_text", "files", "refused", "verified", "recorded_by", "said_at", "voices", "code_hash", "client")
"""Written only where there is something to say: most feedback has none of it, and the hot path pays for each field."""


def to_fields(feedback: Feedback) -> Document:
    """The document's fields, without its id."""
    document = {name: value for name in FIELDS if (value := getattr(feedback, name)) or name not in LATER}
    document["ratings"] = {str(closure): score for closure, score in feedback.ratings.items()}
    document["history"] = [_plain(entry) for entry in feedback.history]
    for name in ("files", "refused", "voices"):
        if name in document:
            document[name] = [asdict(one) for one in document[name]]
    if feedback.verified is False:
        document["verified"] = False
    return document


def to_feedback(document: Mapping[str, Any]) -> Feedback:
    """The feedback in a document; what an older version wrote lacks the fields that came later: those have defaults."""
    values = {name: document[name] for name in FIELDS if name in document}
    values["ratings"] = {int(closure): score for closure, score in document["ratings"].items()}
    values["history"] = tuple(_entry(entry) for entry in document["history"])
    values["files"], values["refused"] = _files(document), _refused(document)
    values["voices"] = tuple(Voice(**voice) for voice in document.get("voices", ()))
    return Feedback(id=document["_id"], **values)


def _plain(entry: Entry) -> Document:
    plain = {name: value for name in ENTRY_FIELDS if (value := getattr(entry, name)) not in (None, False, ())}
    for name in ("files", "refused"):
        if name in plain:
            plain[name] = [asdict(one) for one in plain[name]]
    if entry.verified is False:
        plain["verified"] = False
    return plain


def _entry(plain: Mapping[str, Any]) -> Entry:
    return Entry(**{**plain, "files": _files(plain), "refused": _refused(plain)})


def _files(document: Mapping[str, Any]) -> tuple[File, ...]:
    return tuple(File(**file) for file in document.get("files", ()))


def _refused(document: Mapping[str, Any]) -> tuple[Refused, ...]:
    return tuple(Refused(**one) for one in document.get("refused", ()))
