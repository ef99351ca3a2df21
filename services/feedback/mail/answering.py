"""Which conversations a mail belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..domain import Feedback
from ..store import Stores
from . import placing
from .parsing import Mail
from .saying import is_submitter


@dataclass(frozen=True, slots=True)
class Answering:
    """Finds what is answered; `domain` is where our own addresses are."""

    stores: Stores
    secret: str
    domain: str

    def answered(self, mail: Mail, envelope: Sequence[str]) -> list[tuple[Mail, Feedback]]:
        """What it answers: by signatures of ours, or by a number that its submitter seems to have written.

        Anybody can write a number and a From: what rests on them alone counts as unconfirmed, and acts on nothing.
        """
        proven = self.proven(mail, envelope)
        if proven:
            return proven
        for number in placing.numbers(mail.subject):
            kept = self.stores.feedbacks.find_numbered(number)
            if kept and is_submitter(mail, kept.feedback) and mail.authenticated is not False:
                return [(replace(mail, authenticated=mail.authenticated is True), kept.feedback)]
        return []

    def proven(self, mail: Mail, envelope: Sequence[str]) -> list[tuple[Mail, Feedback]]:
        """What it answers by signatures of ours: all that it is addressed to, else the newest that it refers to."""
        addressed, referred = placing.conversations(
            self.secret, envelope, mail.recipients, mail.references, self.unit_at, self.domain
        )
        found = self._kept(addressed) or self._kept(referred)[:1]
        return [(mail, feedback) for feedback in found]

    def unit_at(self, local_part: str) -> str | None:
        """The unit that has this address."""
        unit = self.stores.units.current().by_address(local_part)
        return unit.id if unit else None

    def _kept(self, feedback_ids: Iterable[str]) -> list[Feedback]:
        found = [self.stores.feedbacks.find(feedback_id) for feedback_id in feedback_ids]
        return [kept.feedback for kept in found if kept]
