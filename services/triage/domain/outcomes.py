"""How a case can end. Each ending carries its words; without them it cannot be constructed, by nobody and nowhere."""

import unicodedata
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from ...contracts.triage import DECLINED, DONE, DUPLICATE, WITHDRAWN

EXPLANATION_LENGTH: Final = 20
WHAT_WAS_DONE_LENGTH: Final = 10
"""Letters and digits."""

BLANK: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)
"""Letters, marks and signs that show nothing: Unicode's Default_Ignorable outside Cf, and the empty Braille cell."""


class WordsMissing(Exception):
    """An ending lacks its words; `field` names which, `sentence` says what to write."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for declining: a label people understand, and a sentence to start the explanation from."""

    code: str
    label: str
    draft: str


CATALOGUE: Final[dict[str, Reason]] = {
    reason.code: reason
    for reason in (
        Reason("budget", "There is no money for it", "There is no budget for this in the current year."),
        Reason("security", "It would put people or data at risk", "This would open a risk we cannot accept."),
        Reason("policy", "A rule does not allow it", "A rule that binds us does not allow this."),
        Reason("capacity", "We do not have the people for it now", "We do not have enough people to do this now."),
        Reason("exists_already", "It exists already", "What you ask for is available already."),
        Reason("no_value", "It would cost more than it brings", "This would cost more effort than it would save."),
        Reason("not_ours", "It is not ours to decide", "This is decided by somebody outside our department."),
    )
}


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; `link` leads to the result."""

    STATE: ClassVar[str] = DONE
    what_was_done: str
    link: str | None = None

    def __post_init__(self) -> None:
        if _length(self.what_was_done) < WHAT_WAS_DONE_LENGTH:
            raise WordsMissing("what_was_done", f"Say what was done, in {WHAT_WAS_DONE_LENGTH} letters or more.")


@dataclass(frozen=True, slots=True)
class Declined:
    """It will not be done, and this is why."""

    STATE: ClassVar[str] = DECLINED
    reason: str
    explanation: str
    alternative: str | None = None
    would_change: str | None = None

    def __post_init__(self) -> None:
        if self.reason not in CATALOGUE:
            raise WordsMissing("reason", "Choose the reason why this cannot be done.")
        if _length(self.explanation) < EXPLANATION_LENGTH:
            sentence = f"Explain why in your own words, in {EXPLANATION_LENGTH} letters or more."
            raise WordsMissing("explanation", sentence)
        if _bare(self.explanation) in DRAFTS:
            raise WordsMissing("explanation", "This is the draft as it stood. Say what it means for this person.")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another case, the original, carries it on."""

    STATE: ClassVar[str] = DUPLICATE
    duplicate_of: str
    duplicate_of_number: str

    def __post_init__(self) -> None:
        if not self.duplicate_of.strip() or not self.duplicate_of_number.strip():
            raise WordsMissing("of", "Say which case this one repeats.")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The submitter wants nothing more to be done; their own decision needs no words."""

    STATE: ClassVar[str] = WITHDRAWN
    why: str | None = None


Outcome = Done | Declined | Duplicate | Withdrawn
ENDINGS: Final[dict[str, type[Outcome]]] = {kind.STATE: kind for kind in (Done, Declined, Duplicate, Withdrawn)}


def words(outcome: Outcome) -> dict[str, Any]:
    """The words of an ending that its submitter has to hear, by field name."""
    return {} if isinstance(outcome, Withdrawn) else asdict(outcome)


def visible(text: str) -> str:
    """The text as the eye sees it: no control, zero-width or blank characters, single spaces."""
    return " ".join("".join(char for char in text if char.isspace() or _is_seen(char)).split())


def need(text: str, field: str, sentence: str) -> None:
    """Raise WordsMissing unless there is something to read."""
    if not visible(text):
        raise WordsMissing(field, sentence)


def or_none(text: str | None) -> str | None:
    """The text, or None when there is nothing to read."""
    return text if text and visible(text) else None


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf") and ord(char) not in BLANK


def _length(text: str) -> int:
    """How many letters and digits of any script; dots and dashes explain nothing."""
    return sum(char.isalnum() for char in visible(text))


def _bare(text: str) -> str:
    return visible(text).rstrip(".!? ").casefold()


DRAFTS: Final = frozenset(_bare(reason.draft) for reason in CATALOGUE.values())
