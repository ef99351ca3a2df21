"""/mailbox/: what the product sent, as a mail program shows it, while no mail server is set.

For people at this machine and for staff; a mail holds a secret link.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file

from ...chassis.identity import SIGN_IN, current
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
    names = {"localhost", urlsplit(settings.public_url).hostname or ""}

    @pages.before_request
    def only_here() -> Any:
        if current() is None and not _is_local(names):
            return redirect(f"{SIGN_IN}?{urlencode({'next': request.path})}")
        return None

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


def _is_local(names: set[str]) -> bool:
    """Whether a browser on this machine asks: not through a proxy, nor by a name that was made to lead here."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip")):
        return False
    host = urlsplit(f"//{request.host}").hostname or ""
    return _is_loopback(request.remote_addr or "") and (host in names or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
