"""Which of the forms that a mail has its words in says all of them."""

import re
from collections.abc import Sequence
from typing import Final

from .visible import visible_text

TIMES, MORE = 2, 10
"""HTML that has twice the words of the plain form, and ten more, says what that does not."""
SHORT: Final = 60
"""Words; a plain form that only stands in for the HTML is no longer."""
JUDGED: Final = 20_000

_PLACES: Final = re.compile(
    r"\[(?:cid|image|inline image|bild|img)\b[^\]\n]{0,300}\]|<https?:[^<>\s]{1,2000}>", re.IGNORECASE
)
_ABOUT_HTML: Final = re.compile(
    r"(?=.*\bhtml\b)(?=.*(?:view|display|show|support|program|client|format|anzeig|darstell|afficher|mostrar|is in))",
    re.IGNORECASE | re.DOTALL,
)
_WORD: Final = re.compile(r"\w+")


def fullest(forms: Sequence[tuple[str, bool]]) -> int:
    """The place of the form to read, of texts and whether each is HTML: the first plain one unless HTML says more."""
    plain = next((place for place, (_, html) in enumerate(forms) if not html), None)
    rich = next((place for place in reversed(range(len(forms))) if forms[place][1]), None)
    if plain is None or rich is None:
        return len(forms) - 1 if plain is None else plain
    return rich if _says_more(forms[rich][0], forms[plain][0]) else plain


def _says_more(rich: str, plain: str) -> bool:
    said, all_said = _count(plain), _count(rich)
    if all_said >= TIMES * said and all_said >= said + MORE:
        return True
    return said <= SHORT and all_said > 0 and _stands_in(plain) and not _has(plain, rich)


def _stands_in(plain: str) -> bool:
    """Whether nothing is left of it without places of pictures, a phone's advertising, and talk about HTML."""
    left = _PLACES.sub(" ", plain).strip()
    return not _count(left) or bool(_ABOUT_HTML.match(left)) or visible_text(f"x\n\n{left}").strip() == "x"


def _has(plain: str, rich: str) -> bool:
    """Whether the plain form has every word of the other."""
    return set(_WORD.findall(rich[:JUDGED].lower())) <= set(_WORD.findall(plain.lower()))


def _count(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))
