"""An anonymous submitter comes back with the code from the receipt."""

from typing import Final

from ...chassis import ids
from ..store import FeedbackStore
from .submit import code_hash

CODE_LONGEST: Final = 200
"""Characters that are looked at; a code has twenty digits, and people write them with anything between."""


def tracking_token_of(code: str, feedbacks: FeedbackStore, secret: str) -> str | None:
    """The tracking token behind a code; None for one that leads nowhere, after the same work whatever it looks like."""
    kept = feedbacks.find_coded(code_hash(secret, code[:CODE_LONGEST]))
    return ids.keyed_token(secret, "tracking", kept.feedback.id) if kept else None
