"""The receipt, and the page that shows where a feedback is and when its submitter hears."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from babel.dates import get_timezone_name
from flask import Blueprint, Response, make_response, render_template
from flask_babel import get_locale

from ....chassis import ids
from ....chassis.clock import Clock
from ... import handlers
from ...domain import Feedback
from .. import words
from .link import Link

LOW: Final = 2
"""A score up to this asks what should have been different."""

CODE_SHOWN: Final = timedelta(minutes=15)
"""For how long the receipt shows the code of an anonymous submitter, whatever happens to the browser meanwhile.

No cookie and no state are needed for it: whoever opens the receipt in this time has the secret link, which is worth as
much; afterwards a link that is found somewhere tells no code.
"""


def reading(pages: Blueprint, link: Link) -> None:
    """Where is it, and when do I hear?"""

    @pages.get("/<token>")
    def track(token: str) -> Response:
        return show(link, link.find(token), token)

    @pages.get("/<token>/received")
    def received(token: str) -> str:
        feedback = link.find(token)
        return render_template(
            "feedback/received.html",
            feedback=feedback,
            token=token,
            tracking_url=link.url(token),
            code=handlers.code(link.secret, feedback.id) if fresh(feedback, link.clock) else None,
            code_minutes=CODE_SHOWN // timedelta(minutes=1),
        )


def show(
    link: Link,
    feedback: Feedback,
    token: str,
    code: int = 200,
    *,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    refused: bool = False,
) -> Response:
    """The tracking page; with what is wrong in its forms, or the word that the state has changed."""
    page = render_template(
        "feedback/tracking.html",
        feedback=feedback,
        token=token,
        tracking_url=link.url(token),
        reasons=words.reasons(),
        kinds={kind: word for kind, word, _sentence in words.kinds()},
        errors=errors or {},
        values=values or {},
        refused=refused,
        form_token=ids.token(),
        disappointed=_disappointed(feedback),
        zone_name=_zone_name(feedback, link),
    )
    return make_response(page, code)


def fresh(feedback: Feedback, clock: Clock) -> bool:
    """Whether the submitter is reading this receipt for the first time, as far as that can be told."""
    return feedback.code_hash is not None and clock.now() - feedback.received_at < CODE_SHOWN


def _disappointed(feedback: Feedback) -> bool:
    """Whether the last word was a low score without a reason."""
    last = feedback.history[-1]
    return last.kind == "rated" and (last.score or 0) <= LOW and not last.text


def _zone_name(feedback: Feedback, link: Link) -> str:
    """The zone of the times on the page, in the reader's words: Central European Time."""
    zone = feedback.time_zone or link.settings.time_zone
    return get_timezone_name(zone, width="long", locale=get_locale())
