"""/mailbox/: what the product sent, as a mail program shows it, while no mail server is set.

For whoever tries the product on this machine, else for admins: a mail holds somebody's secret link, of any unit.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, render_template, request, send_file

from ...chassis.identity import ADMIN, staff_page
from ...chassis.mongo import Document
from ...chassis.settings import Settings
from ..store import MailboxStore

SHOWN = 50
STYLE = Path(__file__).parents[1] / "static" / "mailbox.css"
VIEWS = ("html", "text", "source")
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation allow-popups"
)
LEAVE_THE_FRAME = '<base target="_top">'


def blueprint(mailbox: MailboxStore, settings: Settings) -> Blueprint:
    """The pages over this mailbox."""
    pages = Blueprint("mailbox", __name__, template_folder="../templates")
    ask_for_admin = staff_page(ADMIN)(lambda: None)

    @pages.before_request
    def guard() -> Any:
        return None if settings.is_trial and _is_local() else ask_for_admin()

    @pages.get("/mailbox/")
    def inbox() -> str | Response:
        rows = mailbox.newest(SHOWN + 1, request.args.get("before"))
        newest = rows[0]["order"] if rows else ""
        if request.args.get("seen", None) == newest:
            return Response(status=204)  # nothing new: htmx leaves the list as it is
        older = f"/mailbox/?{urlencode({'before': rows[SHOWN - 1]['order']})}" if len(rows) > SHOWN else None
        return render_template("notify/mailbox.html", mails=rows[:SHOWN], older=older, newest=newest, key=_key)

    @pages.get("/mailbox/mailbox.css")
    def style() -> Response:
        return send_file(STYLE, max_age=300)

    @pages.get("/mailbox/<key>")
    def mail(key: str) -> str:
        view = request.args.get("view", VIEWS[0])
        if view not in VIEWS:
            abort(404)
        return render_template("notify/mail.html", mail=_find(mailbox, key), view=view, views=VIEWS, key=key)

    @pages.get("/mailbox/<key>/body")
    def body(key: str) -> Response:
        html = _find(mailbox, key)["html"].replace("<head>", f"<head>{LEAVE_THE_FRAME}", 1)
        return Response(html, headers={"Content-Security-Policy": BODY_POLICY})

    return pages


def _find(mailbox: MailboxStore, key: str) -> Document:
    found = mailbox.find(f"<{key}>")
    if found is None:
        abort(404)
    return found


def _key(mail: Document) -> str:
    """A Message-ID as it stands in a link."""
    return str(mail["_id"]).strip("<>")


def _is_local() -> bool:
    """Whether a browser on this machine asks: not through a proxy, nor by a name that was made to lead here."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip")):
        return False
    return _leads_here(request.remote_addr) and _leads_here(urlsplit(f"//{request.host}").hostname)


def _leads_here(host: str | None) -> bool:
    """Whether a host is this machine itself and can be nothing else."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
