"""Writes the words of a message in the recipient's language; needs no request, so that any process can do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.support import Translations
from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..chassis.http import DAY_FORMATS, LANGUAGES
from ..contracts.notify import OUTCOME, RECEIPT
from .domain import Notification, greeted

HERE = Path(__file__).parent
SCORES: Final = (1, 2, 3, 4, 5)
DATE_FORMATS: Final = {"en": "d MMMM y"}
LATER: Final = {"said_at": None, "about": None}
"""What a message made by an earlier version does not say."""


@dataclass(frozen=True, slots=True)
class Written:
    """The words of one message."""

    subject: str
    text: str
    html: str


class Renderer:
    """Templates with their translations, made once per process.

    `prove` makes of a feedback's id what only a mail to its submitter tells: without it nobody changes their wishes.
    """

    def __init__(self, public_url: str, time_zone: str, prove: Callable[[str], str]) -> None:
        self._public_url = public_url
        self._time_zone = time_zone
        self._prove = prove
        self._environments = {language: _environment(language) for language in LANGUAGES}
        self._inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def write(self, notification: Notification) -> Written:
        """The message in the recipient's language, or in English."""
        language = notification.language.split("-")[0]
        environment = self._environments.get(language, self._environments["en"])
        name, words = template(notification), self._words(notification)
        subject, _, text = environment.get_template(f"{name}.txt").render(words).partition("\n")
        html = environment.get_template(f"{name}.html").render({**words, "subject": subject})
        return Written(subject, text.strip() + "\n", self._inliner.inline(html))

    def _words(self, notification: Notification) -> Mapping[str, Any]:
        door = "v" if notification.voice else "t"
        page = f"{self._public_url}/{door}/{notification.words['tracking_token']}"
        return {
            **LATER,
            **notification.words,
            "answerable": notification.reply_to is not None,
            "joined": notification.voice is not None,
            "name": greeted(notification),
            "number": notification.number,
            "page": page,
            "choose": None if notification.voice else f"{page}/profile?proof={self._prove(notification.feedback)}",
            "site": self._public_url,
            "rate": {score: f"{page}/rate?score={score}&closure={notification.closure}" for score in SCORES},
            "time_zone": notification.words.get("time_zone") or self._time_zone,
        }


def template(notification: Notification) -> str:
    """The name of the templates of a message: the outcome for a closing message, the kind for the others.

    Who joined, and whose words a liaison wrote down, are told in words of their own.
    """
    if notification.kind == OUTCOME:
        return "together" if notification.voice else str(notification.words["outcome"])
    recorded = notification.kind == RECEIPT and notification.words.get("recorded_by")
    return "recorded" if recorded else notification.kind


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates" / "messages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # code and templates change together, with a restart
    )
    translations = Translations.load(HERE / "translations", [language])
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language

    def day(at: datetime, time_zone: str) -> str:
        return format_date(at.astimezone(ZoneInfo(time_zone)), DAY_FORMATS[language], locale=language)

    def date(at: datetime, time_zone: str) -> str:
        return format_date(at.astimezone(ZoneInfo(time_zone)), DATE_FORMATS.get(language, "long"), locale=language)

    environment.filters["day"] = day
    environment.filters["date"] = date
    return environment
