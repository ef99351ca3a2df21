"""What every web process has: security headers, CSRF on forms, problem details, languages, health and metrics."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Flask, Request, Response, current_app, g, jsonify, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel, format_date, format_datetime, get_locale, refresh
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import UnsupportedMediaType

from . import bodies, ids, metrics, problems, ui
from .clock import Clock
from .identity import current, navigation
from .languages import LANGUAGES as LANGUAGES
from .mongo import Document
from .problems import ProblemApi
from .settings import MAX_BODY, Settings

logger = structlog.get_logger()

DAY_FORMATS = {"en": "EEEE d MMMM", "de": "EEEE, d. MMMM", "es": "EEEE d 'de' MMMM"}
"""A day as people say it, Thursday 26 November, in each of the languages."""

TRANSLATIONS = Path(__file__).parent / "ui" / "translations"
LANGUAGE_COOKIE = "liaise_language"
A_YEAR = timedelta(days=365)
SESSION_LIFETIME = timedelta(hours=12)
"""A working day; what an account may see is read anew at each sign-in."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""On every response, unless a view says otherwise."""

Checks = Mapping[str, Callable[[], object]]
"""What has to work for this process to be ready; a check raises when it does not."""


class Application(Flask):
    """Flask, told that no view here is a coroutine; else it asks at each of a dozen calls per request."""

    def log_exception(self, exc_info: Any) -> None:
        """Log a failed request by its rule and its id; the path itself may be a secret link."""
        known = {"rule": str(request.url_rule), "method": request.method, "request_id": g.get("request_id")}
        logger.error("request failed", exc_info=exc_info, **known)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


class PageSessions(SecureCookieSessionInterface):
    """Sessions of pages; below /v1 no cookie is read or set."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of this request; None, which Flask turns into one that refuses writes, for the API's."""
        return None if problems.wants_problem() else super().open_session(app, request)


def create_flask(import_name: str, settings: Settings, clock: Clock, checks: Checks) -> Flask:
    """A Flask app with everything that is the same in every service."""
    app = Application(import_name, static_folder=None)
    app.session_interface = PageSessions()
    app.config.update(
        SECRET_KEY=settings.secret_key.reveal(),
        SESSION_COOKIE_NAME="liaise_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        MAX_CONTENT_LENGTH=MAX_BODY,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        COOKIELESS=set(),
        WTF_CSRF_SSL_STRICT=False,  # it asks for the Referer that our own Referrer-Policy forbids; the token decides
        TESTING_PAGES=settings.testing,
        BABEL_DEFAULT_TIMEZONE=settings.time_zone,
        BABEL_TRANSLATION_DIRECTORIES=f"translations;{TRANSLATIONS}",
    )
    Babel(app, locale_selector=_language)
    bodies.limit(app, settings)
    _protect_forms(app)
    _add_to_templates(app, settings, clock)
    problems.register(app)
    app.register_blueprint(ui.blueprint)
    app.register_blueprint(_operations(checks))
    app.before_request(_prepare)
    app.after_request(_finish)
    return app


def make_api(app: Flask, title: str) -> ProblemApi:
    """The app's API with its OpenAPI 3.1 document."""
    app.config.update(API_TITLE=title, API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api = ProblemApi(app)
    api.spec.components.security_scheme("staffToken", problems.STAFF_TOKEN)
    return api


def operations_app(checks: Checks) -> Flask:
    """Health and metrics alone, for a process without pages."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(_operations(checks))
    return app


def _operations(checks: Checks) -> Blueprint:
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/health/live")
    def live() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/health/ready")
    def ready() -> tuple[Response, int]:
        failing = _failing(checks)
        return jsonify(status="failing" if failing else "ok", failing=failing), 503 if failing else 200

    @blueprint.get("/metrics")
    def exposition() -> Response:
        return Response(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return blueprint


def _failing(checks: Checks) -> dict[str, str]:
    failing = {}
    for name, check in checks.items():
        try:
            check()
        except Exception as error:  # whatever it is, this process is not ready
            failing[name] = type(error).__name__
    return failing


def _protect_forms(app: Flask) -> None:
    csrf = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        # Where no cookie counts there is nothing to forge.
        if not _cookieless():
            csrf.protect()


def _cookieless() -> bool:
    """Below /v1 (see identity.current), and in blueprints named in COOKIELESS, no cookie is read and none is set."""
    return problems.wants_problem() or request.blueprint in current_app.config["COOKIELESS"]


def _prepare() -> None:
    g.request_id = ids.new()
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if has_body and problems.wants_problem() and not request.is_json and not bodies.may_bring_files():
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")


def _finish(response: Response) -> Response:
    said = {name.lower() for name, _ in response.headers}
    own = {name: value for name, value in SECURITY_HEADERS.items() if name.lower() not in said}
    response.headers.extend(own | {"X-Request-Id": g.get("request_id", "")})
    if not _cookieless() and request.args.get("lang") in LANGUAGES:
        _remember_language(response, request.args["lang"])
    return response


def _remember_language(response: Response, language: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)


def prefer(language: str) -> None:
    """Speak this language in the rest of this request, unless the reader has chosen another."""
    g.preferred_language = language
    refresh()


def _language() -> str:
    for wish in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE), g.get("preferred_language")):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _add_to_templates(app: Flask, settings: Settings, clock: Clock) -> None:
    @app.context_processor
    def context() -> Document:
        return {
            "identity": current(),
            "nav": navigation(settings),
            "lang": str(get_locale()),
            "languages": LANGUAGES,
            "now": clock.now(),
        }

    app.add_template_filter(day, "day")
    app.add_template_filter(hour, "hour")
    app.add_template_filter(lambda at: format_datetime(at, "d MMM y, HH:mm"), "moment")


def day(at: datetime, zone: str | None = None) -> str:
    """A day in the reader's language, as it is in the zone (an IANA name), or else in TIME_ZONE."""
    local = at.astimezone(ZoneInfo(zone)) if zone else at
    return str(format_date(local, DAY_FORMATS[str(get_locale())], rebase=not zone))


def hour(at: datetime, zone: str) -> str:
    """The time of day in a zone (an IANA name)."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
