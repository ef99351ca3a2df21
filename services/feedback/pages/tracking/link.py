"""What all pages behind a secret link have in common: who may open them, in which language, and their forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, abort, flash, g, redirect, request, url_for
from marshmallow import Schema, ValidationError

from ....chassis import ids
from ....chassis.clock import Clock
from ....chassis.errors import NotFound
from ....chassis.http import prefer
from ....chassis.settings import Settings
from ...domain import Feedback
from ...handlers.join import find_joined
from ...store import FeedbackStore, Stores
from ...throttle import Throttle
from .. import crowding, words
from ..crowding import Limits
from ..guessing import one_more_guess

TOKEN_LENGTH: Final = 64
WRONG_EACH_MINUTE: Final = 60
WRONG_IN_ALL: Final = 3000
"""Links that lead nowhere, a minute: from one network, and from everywhere."""


@dataclass(frozen=True, slots=True)
class Link:
    """What every page below /t/ works with."""

    stores: Stores
    clock: Clock
    settings: Settings
    throttle: Throttle
    limits: Limits

    @property
    def feedbacks(self) -> FeedbackStore:
        """Where the feedback is kept."""
        return self.stores.feedbacks

    @property
    def secret(self) -> str:
        """The key of ids and tokens."""
        return self.settings.secret_key.reveal()

    def url(self, token: str) -> str:
        """The secret link itself."""
        return f"{self.settings.public_url}/t/{token}"

    def find(self, token: str) -> Feedback:
        """The feedback behind this link, in whose language the page then speaks; raises NotFound, TooManyRequests."""
        kept = self.feedbacks.find_tracked(ids.digest(token)) if len(token) == TOKEN_LENGTH else None
        if kept is None and find_joined(token, self.feedbacks):
            abort(redirect(url_for("voices.follow", token=token), 303))  # mails to all have the same kind of link
        if kept is None:
            one_more_guess(self.throttle, WRONG_EACH_MINUTE, WRONG_IN_ALL)
            raise NotFound
        prefer(kept.feedback.language)
        return kept.feedback

    def crowded(self) -> bool:
        """Whether this form was one too many just now: its page, shown again with what was typed, says so."""
        if wait := self.limits.wait():
            flash(crowding.sentence(wait), "warning")
            g.crowded = wait
        return "crowded" in g


def refused(response: Response) -> Response:
    """The answer to a form; to one that was one too many, a refusal that says when to come again."""
    if wait := g.get("crowded"):
        response.status_code = 429
        response.headers["Retry-After"] = str(wait)
    return response


def load(schema: Schema, form: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a form, where an empty one counts as absent; raises ValidationError."""
    loaded: dict[str, Any] = schema.load({name: form[name] for name in schema.fields if form.get(name, "").strip()})
    return loaded


def key() -> str | None:
    """The form's own idempotency key, made when it was shown."""
    return request.form.get("form_token") or None


def problems(error: ValidationError) -> dict[str, str]:
    """What to do about each field."""
    return words.problems({str(name): bool(request.form.get(str(name), "").strip()) for name in error.messages_dict})
