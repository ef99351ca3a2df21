"""What pages know of files: the rules, the words for what was not kept, and the door of the unit's staff."""

from typing import Any

from flask import Blueprint, Response

from ...chassis.errors import NotFound
from ...chassis.identity import require_visible, signed_in, staff_page
from ...chassis.settings import Settings
from ..downloads import serve
from ..handlers.files import rules_of
from ..store import Stores
from .uploads import reasons


def blueprint(stores: Stores, settings: Settings) -> Blueprint:
    """The door of staff; the others are behind the secret link and below /v1."""
    pages = Blueprint("files", __name__)
    rules = rules_of(settings)

    @pages.app_context_processor
    def words() -> dict[str, Any]:
        return {"file_rules": rules, "refusals": lambda: reasons(rules)}

    @pages.get("/intake/files/<feedback_id>/<file_id>")
    @staff_page()
    def download(feedback_id: str, file_id: str) -> Response:
        kept = stores.feedbacks.find(feedback_id)
        if kept is None:
            raise NotFound
        require_visible(signed_in(), kept.feedback.unit)
        return serve(kept.feedback, file_id, stores.files)

    return pages
