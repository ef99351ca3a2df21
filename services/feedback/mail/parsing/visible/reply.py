"""From all of a mail to the writer's own words, in steps; each takes lines and gives fewer.

The idea, letters for lines and patterns over letters, is that of Discourse's email_reply_trimmer (MIT).
"""

import re
from collections.abc import Callable
from typing import Final

from .lines import ATTRIBUTION, DIVIDER, EMPTY, ORIGINAL, PHONE, QUOTE, TEXT, Line, kinds, shown, unpadded, without
from .reading import read
from .signatures import without_phones, without_signature

UNQUOTED: Final = re.compile(r"t[ed]*b")
PASSES: Final = 3


def visible_text(text: str) -> str:
    """What this writer wrote now; with answers between quotes, the quotes they answer too, all marked with ">".

    A mail without own words (a bare quote, a forward) is shown with what it carries, so words never become "".
    """
    mail = unpadded(text.replace("\r\n", "\n").replace("\r", "\n"))
    for _ in range(PASSES):
        shorter = _trimmed(mail)
        if shorter == mail:
            break
        mail = shorter
    return mail


def _trimmed(mail: str) -> str:
    lines = read(mail)
    for step in STEPS:
        lines = step(lines)
    return shown(lines) if TEXT in kinds(lines) else mail


def without_leading_quote(lines: list[Line]) -> list[Line]:
    """An answer below the one quote it begins with stands alone; a quote nobody is named for is kept."""
    letters = kinds(lines)
    answer = letters.find(TEXT)
    above, below = letters[: max(answer, 0)], letters[answer:]
    named = above.lstrip(EMPTY + DIVIDER + ORIGINAL).startswith(ATTRIBUTION) and QUOTE in above
    return lines[answer:] if named and set(below) <= {TEXT, EMPTY, DIVIDER} else lines


def without_original(lines: list[Line]) -> list[Line]:
    """Text, then another mail without quote marks: cut at the line that announces it."""
    letters = kinds(lines)
    own = letters.find(TEXT)
    announced = letters.find(ORIGINAL, own + 1)
    if own >= 0 and announced >= 0:
        lines, letters = lines[:announced], letters[:announced]
    unquoted = UNQUOTED.search(letters, letters.rfind(QUOTE) + 1)
    return lines[: unquoted.start() + 1] if unquoted else lines


def without_trailing_quote(lines: list[Line]) -> list[Line]:
    letters = kinds(lines)
    if TEXT not in letters:
        return lines
    return lines[: len(letters.rstrip(EMPTY + QUOTE + ATTRIBUTION + ORIGINAL + DIVIDER))]


def without_announcements(lines: list[Line]) -> list[Line]:
    return without(lines, ATTRIBUTION + ORIGINAL + PHONE)


STEPS: Final[tuple[Callable[[list[Line]], list[Line]], ...]] = (
    without_signature,
    without_phones,
    without_leading_quote,
    without_original,
    without_trailing_quote,
    without_announcements,
    without_trailing_quote,
)
