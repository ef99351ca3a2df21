"""HTML as plain text."""

import html
import re
from contextlib import suppress
from typing import Final

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

from . import decode
from .limits import HTML
from .text_quotes import marked, quoted

SILENT: Final = re.compile(
    r"<(style|script|title|template|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
DATA: Final = re.compile(r"""data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s%]+""")
DECLARATION: Final = re.compile(r"<\?xml[^<>]*>|<!DOCTYPE[^<>]*>", re.I)
TAG: Final = re.compile(r"<[^<>]*>")
BREAK: Final = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]*>", re.I)
MANY_TAGS: Final = 40_000

CONFIG: Final = ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)


def as_text(markup: str) -> tuple[str, bool]:
    """What a reader of the HTML sees, without pictures, and whether that is only its beginning; never fails."""
    bare = DECLARATION.sub("", DATA.sub("", SILENT.sub("", markup)))
    if len(bare) <= HTML:
        return _read(marked(bare)), False
    beginning = bare[:HTML]
    whole_tags = beginning.rfind("<") if beginning.rfind("<") > beginning.rfind(">") else HTML
    return _read(marked(beginning[:whole_tags])), True


def _read(shown: str) -> str:
    if not shown.strip():
        return ""
    text = rough = _roughly(shown)
    if shown.count("<") < MANY_TAGS:
        with suppress(ValueError, RecursionError, LookupError, TypeError, AttributeError, AssertionError):
            text = get_text(shown, CONFIG)
    if 2 * len("".join(text.split())) < len("".join(rough.split())):  # libxml2 drops what is nested too deep
        text = rough
    return re.sub(r"\n{4,}", "\n\n\n", quoted(decode.clean(text).replace("\xa0", " "))).strip("\n")


def _roughly(markup: str) -> str:
    """Without tags; for what no parser can read in time."""
    return html.unescape(TAG.sub("", BREAK.sub("\n", re.sub(r"\s+", " ", markup))))
