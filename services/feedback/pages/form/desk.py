"""Where forms are handed in, whichever door they came through: the page of this site, or the widget on another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from ....chassis.clock import Clock, working_days_after
from ....chassis.errors import Conflict, Invalid, NotFound, Unavailable
from ....chassis.http import day
from ....chassis.settings import Settings
from ... import schemas
from ...domain import Directory, Unit
from ...handlers import AlreadySaid, Receipt, SubmitFeedback
from ...handlers.files import Taken, feedback_id, rules_of
from ...handlers.join import JoinFeedback, join_feedback
from ...handlers.similar import Similar, find_similar
from ...handlers.with_files import keep_draft, moved, submit_with_files
from ...store import Stores
from .. import crowding, words
from ..crowding import Limits
from ..uploads import chosen, offered, still_chosen
from .filling import BETWEEN, JOIN, Form, problems, recognised, sought_unit, submission

RETRY_SECONDS = "5"
SCOPE = "form"
"""Keys of forms are their own, whichever page shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Through which page a form comes: its template, its paths, and how it knows its own forms again.

    `issue` makes what stands in a form as form_token, `read` gives the idempotency key in it, or None.
    """

    channel: str
    template: str
    send: str
    similar: str
    join: str
    cookies: bool
    issue: Callable[[], str]
    read: Callable[[Form], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a form is shown again: wrong fields, sent before with another text, the store away, or a sentence.

    `wait` is for how many seconds, when too much came at once.
    """

    errors: Mapping[str, str] | None = None
    earlier: AlreadySaid | None = None
    away: bool = False
    sentence: str = ""
    wait: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page with the form works with."""

    door: Door
    stores: Stores
    clock: Clock
    settings: Settings
    limits: Limits

    @property
    def secret(self) -> str:
        """The key of ids and tokens."""
        return self.settings.secret_key.reveal()

    @property
    def directory(self) -> Directory:
        """The units; raises Unavailable."""
        return self.stores.units.current()

    def open(self, linked: Form) -> Response:
        """A new form, filled in as far as the link says."""
        self.stores.shared.warm()
        return self.page({**linked, "shared": "yes"}, fresh=True)

    def take(self, form: Form, key: str | None) -> Receipt | Response:
        """The receipt, or the page that says why there is none, with every word that was typed."""
        if wait := self.limits.wait():
            return self._too_much(form, wait)
        if key is None:
            return self._too_late(form)
        try:
            said = submission(form, self.door.channel, self.directory)
            command = SubmitFeedback(said=said, scope=SCOPE, key=key)
            rules = rules_of(self.settings)
            now = self.clock.now()
            return submit_with_files(command, offered(), self.stores, rules, self.secret, now, chosen())
        except ValidationError as error:
            return self.page(form, Trouble(errors=problems(error, form)), code=422)
        except AlreadySaid as earlier:
            # The button "back", another text: a new form, so that sending it again makes a second feedback.
            return self.page(form, Trouble(earlier=earlier), anew=True, code=422)
        except Invalid:
            return self.page(form, Trouble(errors=words.problems({"unit": True})), code=422)
        except Unavailable:
            return self.page(form, Trouble(away=True), code=503)

    def similar(self, form: Form) -> Response | str:
        """What others have said: for a script the part that shows it, else the whole form again."""
        if wait := self.limits.wait_to_look():
            return self._too_much(form, wait)
        found = self._similar(form)
        if "fragment" in request.form:
            return render_template("feedback/similar.html", similar=found, door=self.door, names=self._names())
        return self.page(form, similar=found, code=200)

    def join(self, form: Form, key: str | None) -> str | Response | None:
        """The token of the new voice, None when its address alone is told, or the page that says why there is none."""
        if wait := self.limits.wait_to_join():
            return self._too_much(form, wait)
        if key is None:
            return self._too_late(form)
        try:
            said = JOIN.load(form)
            command = JoinFeedback(key=key, language=str(get_locale()), **said)
            feedbacks, shared = self.stores.feedbacks, self.stores.shared
            return join_feedback(command, feedbacks, shared, self.secret, self.clock.now())
        except ValidationError as error:
            return self.page(form, Trouble(errors=problems(error, form)), similar=self._similar(form), code=422)
        except NotFound:
            gone = _("That can no longer be joined. Your words are all here: please send them, or look again.")
            return self.page(form, Trouble(sentence=gone), code=409)
        except Conflict as error:
            return self.page(form, Trouble(sentence=str(error)), code=409)
        except Unavailable:
            return self.page(form, Trouble(away=True), code=503)

    def page(
        self,
        values: Form,
        trouble: Trouble | None = None,
        *,
        similar: list[Similar] | None = None,
        anew: bool = False,
        fresh: bool = False,
        code: int = 200,
    ) -> Response:
        """The form with what was typed; `fresh` says that nothing was, so that a draft may be put back."""
        known = self.directory
        typed = {name: values.get(name, "") for name in values}
        kept = not anew and self.door.read(values) is not None
        token = values.get("form_token", "") if kept else self.door.issue()
        page = render_template(
            self.door.template,
            door=self.door,
            kinds=words.kinds(),
            options=[self._option(unit) for unit in known.units],
            names=self._names(),
            between=BETWEEN,
            unsure=schemas.UNSURE,
            values=typed | recognised(values, known),
            form_token=token,
            trouble=trouble or Trouble(),
            errors=(trouble.errors if trouble else None) or {},
            similar=similar,
            fresh=fresh,
            longest=schemas.TEXT_LONGEST,
            draft=self._draft(values, token, trouble),
        )
        response = make_response(page, code)
        if trouble and trouble.away:
            response.headers["Retry-After"] = RETRY_SECONDS
        if trouble and trouble.wait:
            response.headers["Retry-After"] = str(trouble.wait)
        return response

    def _draft(self, form: Form, token: str, trouble: Trouble | None) -> Taken:
        """The files that a form brought which is shown again; nobody should have to choose them anew.

        When too much came at once, none that is new is kept: the disk must not pay for what is refused.
        """
        before, key = self.door.read(form), self.door.read({"form_token": token})
        if request.method != "POST" or key is None:
            return Taken()
        rules, files, now = rules_of(self.settings), self.stores.files, self.clock.now()
        anonymous = form.get("anonymous") == "yes" or None  # who has not ticked it yet may still do so
        wanted, draft_id = chosen(), feedback_id(self.secret, SCOPE, key)
        new = [] if trouble and trouble.wait else offered()
        try:
            if before is not None and before != key:
                old = moved(wanted, feedback_id(self.secret, SCOPE, before), files)
                new, wanted = [*old.values(), *new], {one: wanted[one] for one in wanted if one not in old}
            return keep_draft(new, wanted, draft_id, files, rules, now, anonymous=anonymous)
        except Unavailable:
            return still_chosen()

    def _too_much(self, form: Form, wait: int) -> Response:
        """For a script that looks while somebody types, the status is enough: it shows nothing of it."""
        if "fragment" in form:
            return Response("", 429, headers={"Retry-After": str(wait)})
        again = [_("Please choose your files again.")] if offered() else []
        said = " ".join((crowding.sentence(wait), *again))
        return self.page(form, Trouble(sentence=said, wait=wait), code=429)

    def _too_late(self, form: Form) -> Response:
        return self.page(form, Trouble(sentence=_("This page was open for long. Please send it once more.")), code=422)

    def _similar(self, form: Form) -> list[Similar]:
        """Nothing when what is shared cannot be read just now: it helps, and must not stand in anybody's way."""
        try:
            unit = sought_unit(form, self.directory)
            return find_similar(form.get("text", ""), unit, self.stores.shared, self.secret, self.clock.now())
        except Unavailable:
            return []

    def _names(self) -> dict[str, str]:
        return {unit.id: unit.name for unit in self.directory.units}

    def _option(self, unit: Unit) -> dict[str, Any]:
        due = working_days_after(self.clock.now(), unit.answer_days, unit.time_zone)
        promise = _(
            "%(name)s reads it. You hear from us by %(day)s.", name=unit.liaison_name, day=day(due, unit.time_zone)
        )
        return {"id": unit.id, "name": unit.name, "services": unit.services, "promise": promise}
