"""Whether a machine's mail is known by what machines set, or by words and names that people have too."""

from typing import Final

from .anatomy import REPORT_TYPES, Anatomy
from .automatic import AUTOMATIC_FIELDS, AUTOMATIC_PRECEDENCES, PEOPLES
from .bounces import is_daemon, is_null, notification_type
from .heads import Fields, present, token
from .lists import BULK_FIELDS
from .markers import FAILURE_FIELDS

REPORTS: Final = frozenset((*REPORT_TYPES, "message/disposition-notification", "message/feedback-report"))
MARKS: Final = (*FAILURE_FIELDS, *AUTOMATIC_FIELDS, "x-apple-unsubscribe")
PRECEDENCES: Final = (*AUTOMATIC_PRECEDENCES, "bulk", "junk")


def is_marked(anatomy: Anatomy, envelope_sender: str | None) -> bool:
    """Whether anything shows the machine that no mail program of a person sets."""
    fields = anatomy.fields
    return bool(
        anatomy.report_type
        or anatomy.types & REPORTS
        or present(fields, MARKS)
        or token(fields, "auto-submitted") not in PEOPLES
        or {token(fields, "precedence"), token(fields, "preference")}.intersection(PRECEDENCES)
        or is_null(fields, envelope_sender)
        or is_daemon(fields)
        or notification_type(anatomy)
        or _is_bulk(fields)
    )


def _is_bulk(fields: Fields) -> bool:
    return bool(present(fields, ("list-unsubscribe",)) and present(fields, BULK_FIELDS))
