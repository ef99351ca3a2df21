"""Mails that could not be read, or may be a machine's: why, the bytes, another try, taking them, and the way out."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ...chassis.clock import Clock
from ...chassis.errors import NotFound, Unavailable
from ...chassis.identity import ADMIN, staff_page
from ...chassis.settings import Settings
from ..domain.quarantine import Quarantined
from ..mail.parsing.mail import QUARANTINE
from ..mail.receiving import taking_once
from ..mail.taking import Delivery, Taken, Taker
from ..store import Stores

PATH: Final = "/intake/quarantine"
SHOWN: Final = 200


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """The pages at /intake/quarantine."""
    pages = Blueprint("quarantine", __name__)
    _reading(pages, stores)
    _deciding(pages, stores, clock, settings)
    return pages


def _reading(pages: Blueprint, stores: Stores) -> None:
    @pages.get(PATH)
    @staff_page(ADMIN)
    def show() -> str:
        rows = stores.quarantine.newest(SHOWN)
        kept = stores.feedbacks.find(request.args.get("taken", ""))
        return render_template(
            "feedback/quarantine.html",
            rows=rows,
            count=max(stores.quarantine.count(), len(rows)),
            taken=kept.feedback if kept else None,
        )

    @pages.get(f"{PATH}/<mail_id>.eml")
    @staff_page(ADMIN)
    def raw(mail_id: str) -> Response:
        """The bytes, for a mail program: never shown, whatever they are."""
        _, content = _found(stores, mail_id)
        response = Response(content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{mail_id}.eml"'
        return response


def _deciding(pages: Blueprint, stores: Stores, clock: Clock, settings: Settings) -> None:
    @pages.post(f"{PATH}/<mail_id>/again")
    @staff_page(ADMIN)
    def again(mail_id: str) -> BaseResponse:
        return decided(mail_id, Taker.retry)

    @pages.post(f"{PATH}/<mail_id>/take")
    @staff_page(ADMIN)
    def take(mail_id: str) -> BaseResponse:
        """Somebody looked, and says that a person wrote it."""
        return decided(mail_id, Taker.take_as_said)

    def decided(mail_id: str, way: Callable[[Taker, Delivery], Taken]) -> BaseResponse:
        mail, content = _found(stores, mail_id)
        try:
            with taking_once(settings, clock, stores) as taker:
                taken = way(taker, _delivery(mail, content))
        except Unavailable:
            raise
        except Exception as error:  # what a defect of ours keeps out stays where it is, and says so
            flash(f"It was read, but could not be taken ({type(error).__name__}). It stays here.", "error")
            return redirect(url_for(".show"), 303)
        return _after(taken, stores, mail_id)

    @pages.post(f"{PATH}/<mail_id>/discard")
    @staff_page(ADMIN)
    def discard(mail_id: str) -> BaseResponse:
        if stores.quarantine.find(mail_id) is None:
            raise NotFound
        stores.quarantine.remove(mail_id)
        flash("The mail is gone for good.", "success")
        return redirect(url_for(".show"), 303)


def _found(stores: Stores, mail_id: str) -> tuple[Quarantined, bytes]:
    mail, content = stores.quarantine.find(mail_id), stores.quarantine.content(mail_id)
    if mail is None or content is None:
        raise NotFound
    return mail, content


def _delivery(mail: Quarantined, content: bytes) -> Delivery:
    return Delivery(content=content, sender=mail.envelope_sender, recipients=mail.recipients, unit=mail.unit)


def _after(taken: Taken, stores: Stores, mail_id: str) -> BaseResponse:
    if taken.outcome == QUARANTINE:
        flash("It still cannot be read, or not be told from automatic mail, and stays here.", "error")
        return redirect(url_for(".show"), 303)
    stores.quarantine.remove(mail_id)
    if taken.feedback:
        return redirect(url_for(".show", taken=taken.feedback.id), 303)
    flash("It is automatic mail, and made no feedback.", "success")
    return redirect(url_for(".show"), 303)
