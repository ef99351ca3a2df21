"""Links and QR codes that open the form filled in, and a poster to hang where something annoys people."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from ...chassis.errors import NotFound
from ...chassis.http import LANGUAGES
from ...chassis.identity import Identity, signed_in, staff_page
from ...chassis.settings import Settings
from ...contracts.feedback import KINDS
from ..domain import Unit
from ..store import UnitStore
from . import words
from .form.filling import BETWEEN

POSTERS: Final = "/intake/posters"
SENTENCE_LONGEST: Final = 120
CODES: Final = {"svg": "image/svg+xml", "png": "image/png"}
DAMAGE: Final = "q"
"""A quarter of the code may be torn or dirty; posters hang in corridors."""

QUIET_ZONE: Final = 4
DOTS: Final = {"svg": 8, "png": 16}
"""Pixels of one module: a picture that stays sharp when a printer makes a hand's width of it."""


@dataclass(frozen=True, slots=True)
class Poster:
    """Where a link leads; None for what it leaves open."""

    unit: Unit | None
    service: str | None
    kind: str | None

    @property
    def query(self) -> str:
        """What the form's address asks."""
        chosen = {"unit": self.unit.id if self.unit else None, "service": self.service, "kind": self.kind}
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def about(self) -> str:
        """The unit and its service, as the list offers them."""
        return BETWEEN.join(part for part in (self.unit.id if self.unit else "", self.service) if part)


def blueprint(units: UnitStore, settings: Settings) -> Blueprint:
    """The pages below /intake/posters."""
    pages = Blueprint("posters", __name__)

    @pages.get(POSTERS)
    @staff_page()
    def show() -> str:
        poster = _poster(units)
        visible, chosen = _visible(units, signed_in()), request.args.to_dict()
        return render_template("feedback/posters.html", units=visible, chosen=chosen, **_parts(poster, settings))

    @pages.get(f"{POSTERS}/code.<form>")
    @staff_page()
    def code(form: str) -> Response:
        if form not in CODES:
            raise NotFound
        picture, named = _picture(_link(_poster(units), settings), form), f'inline; filename="feedback.{form}"'
        return Response(picture, mimetype=CODES[form], headers={"Content-Disposition": named})

    @pages.get(f"{POSTERS}/sheet")
    @staff_page()
    def sheet() -> str:
        language = request.args.get("language", "")
        with force_locale(language if language in LANGUAGES else "en"):
            parts = _parts(_poster(units), settings)
            sentence = request.args.get("sentence", "").strip()[:SENTENCE_LONGEST] or _sentence(parts["poster"])
            return render_template("feedback/poster_sheet.html", sentence=sentence, language=language or "en", **parts)

    return pages


def _parts(poster: Poster, settings: Settings) -> dict[str, Any]:
    kinds, longest = words.kinds(), SENTENCE_LONGEST
    told = {"kinds": kinds, "longest": longest, "between": BETWEEN, "home": settings.public_url}
    return {"poster": poster, "link": _link(poster, settings), **told}


def _link(poster: Poster, settings: Settings) -> str:
    return f"{settings.public_url}/" + (f"?{poster.query}" if poster.query else "")


def _poster(units: UnitStore) -> Poster:
    """What the address asks for; what does not exist, or is not this person's, is left open."""
    about, _slash, service = request.args.get("about", "").partition(BETWEEN)
    unit = next((one for one in _visible(units, signed_in()) if one.id == about), None)
    kind = request.args.get("kind")
    return Poster(unit, service if unit and service in unit.services else None, kind if kind in KINDS else None)


def _visible(units: UnitStore, identity: Identity) -> list[Unit]:
    return [unit for unit in units.current().units if identity.may_see(unit.id)]


def _picture(link: str, form: str) -> bytes:
    picture = BytesIO()
    drawn = segno.make_qr(link, error=DAMAGE, boost_error=False)
    drawn.save(picture, kind=form, scale=DOTS[form], border=QUIET_ZONE, dark="#000", light="#fff")
    return picture.getvalue()


def _sentence(poster: Poster) -> str:
    sentences: dict[str, str] = {
        "complaint": _("What went wrong here?"),
        "idea": _("What could be better here?"),
        "need": _("What do you need for your work?"),
        "praise": _("Who did well today?"),
        "question": _("What would you like to know?"),
    }
    return sentences.get(poster.kind or "") or str(_("Tell us what is wrong, missing or good."))
