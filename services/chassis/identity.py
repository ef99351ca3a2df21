"""Who is asking, and what they may see; decided here for every service.

Pages know staff by the signed session cookie, the API by a bearer token; neither counts for the other, so that a page
on another site can never use somebody's cookie on the API. Both are signed with SECRET_KEY and need no look-up.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import current_app, g, has_request_context, redirect, request, session
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from .errors import NotFound
from .settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

ADMIN, LIAISON = "admin", "liaison"
ROLES: Final = (ADMIN, LIAISON)
SCOPES: Final = ("cases", "notifications", "insights", "feedback")
SIGN_IN = "/sign-in"
TOKEN_SECONDS = 365 * 24 * 3600
BEARER = "bearer"
ASK_FOR_BEARER = WWWAuthenticate("bearer")


@dataclass(frozen=True, slots=True)
class Identity:
    """A member of staff; `units` are the ids of the units a liaison sees, an admin sees all; `scopes` limit a token."""

    account: str
    name: str
    role: str
    units: tuple[str, ...] = ()
    scopes: tuple[str, ...] = SCOPES

    def may_see(self, unit: str) -> bool:
        """Whether things of this unit exist for this person."""
        return self.role == ADMIN or unit in self.units

    def visible_units(self) -> tuple[str, ...] | None:
        """The units to filter by; None means all."""
        return None if self.role == ADMIN else self.units


def require_visible(identity: Identity, unit: str) -> None:
    """The object-level check; raises NotFound, the same as for what is absent."""
    if not identity.may_see(unit):
        raise NotFound


def current() -> Identity | None:
    """Who is asking, or None for the public."""
    if not has_request_context():
        return None
    if "identity" not in g:
        g.identity = _from_bearer() if request.path.startswith("/v1/") else _from_session()
    identity: Identity | None = g.identity
    return identity


def bearer() -> str | None:
    """The bearer token of this request, whatever it is good for (RFC 6750)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == BEARER else None


def sign_in(identity: Identity) -> None:
    """Begin a session of this browser; what was in the session before is dropped."""
    session.clear()
    session.permanent = True  # so that its age is checked and it ends
    session["identity"] = asdict(identity)
    g.identity = identity


def sign_out() -> None:
    """End the session of this browser."""
    session.clear()
    g.identity = None


def issue_token(secret_key: str, identity: Identity) -> str:
    """A bearer token for this identity, good for a year."""
    return str(_serializer(secret_key).dumps(asdict(identity)))


def staff_page(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | Any]]:
    """A page for staff (of these roles, if any are named): others are sent to sign in, or refused."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Any:
            identity = current()
            if identity is None:
                return redirect(f"{SIGN_IN}?{_next()}")
            if roles and identity.role not in roles:
                raise Forbidden("This page is for another role.")
            return view(*args, **kwargs)

        return guarded

    return decorate


def staff_api(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """An API operation for a bearer token with this scope; raises 401 or 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            identity = current()
            if identity is None:
                why = "Send a bearer token; `liaise token create` makes one."
                raise Unauthorized(why, www_authenticate=ASK_FOR_BEARER)
            if scope not in identity.scopes:
                raise Forbidden(f"This token lacks the scope {scope}.")
            return view(*args, **kwargs)

        return guarded

    return decorate


def signed_in() -> Identity:
    """Who is asking, where only staff can be."""
    identity = current()
    if identity is None:
        raise Unauthorized(www_authenticate=ASK_FOR_BEARER)
    return identity


def safe_next(target: str | None, default: str) -> str:
    """A path of this site to go on to; anything that could lead elsewhere becomes the default."""
    parts = urlsplit(target or "")
    if not target or parts.scheme or parts.netloc or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return default
    return target


def navigation(settings: Settings) -> list[tuple[str, str, bool]]:
    """The links of the staff's navigation as (path, word, here)."""
    identity = current()
    if identity is None:
        return []
    links = [("/triage/", "Queue"), ("/insights/", "Insights"), ("/notify/", "Messages"), ("/intake/", "Intake")]
    links += [("/triage/directory", "Directory")] if identity.role == ADMIN else []
    sees_mailbox = settings.uses_mailbox and (settings.is_trial or identity.role == ADMIN)
    links += [("/mailbox/", "Mailbox")] if sees_mailbox else []
    here = max((path for path, _ in links if request.path.startswith(path)), key=len, default="")
    return [(path, word, path == here) for path, word in links]


def _next() -> str:
    return urlencode({"next": request.full_path.rstrip("?") if request.method == "GET" else "/triage/"})


def _from_session() -> Identity | None:
    return _identity(session.get("identity"))


def _from_bearer() -> Identity | None:
    token = bearer()
    if token is None:
        return None
    try:
        return _identity(_serializer(str(current_app.secret_key)).loads(token, max_age=TOKEN_SECONDS))
    except BadSignature:
        return None


def _identity(values: dict[str, Any] | None) -> Identity | None:
    if not values:
        return None
    return Identity(**values | {"units": tuple(values["units"]), "scopes": tuple(values["scopes"])})


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="liaise-bearer")
