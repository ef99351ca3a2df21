"""The header fields of a mail as plain texts, whatever a machine wrote into them."""

import re
from collections.abc import Iterable
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from itertools import islice
from typing import Final

VALUE_LONGEST: Final = 2_000
"""Characters of one field that are read: nothing that counts here stands later, and hostile fields are a megabyte."""

FIELDS_MOST: Final = 2_000
Fields = dict[str, list[str]]
_FOLDS: Final = re.compile(r"[\r\n\t ]+")


def fields_of(message: Message) -> Fields:
    """All fields by their names in lower case; raw, since parsing of fields may raise on what machines write."""
    fields: Fields = {}
    for name, value in islice(message.raw_items(), FIELDS_MOST):
        fields.setdefault(str(name).lower(), []).append(_FOLDS.sub(" ", _as_text(str(value)[:VALUE_LONGEST])).strip())
    return fields


def first(fields: Fields, name: str) -> str:
    """The first field of this name, or ""."""
    return fields.get(name, [""])[0]


def lowered(fields: Fields, name: str) -> str:
    """The first field of this name decoded (RFC 2047) and in lower case."""
    return decoded(first(fields, name)).lower()


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    try:
        return "".join(_words(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def present(fields: Fields, names: Iterable[str]) -> str:
    """The first of these names that the mail has with a value that is not "no", or ""."""
    return next((name for name in names if first(fields, name).lower() not in ("", "no", "none", "false")), "")


def token(fields: Fields, name: str) -> str:
    """What a field says before its parameters and remarks."""
    return re.split(r"[;,( ]", first(fields, name).lower(), maxsplit=1)[0]


def _as_text(value: str) -> str:
    """Raw bytes, which the parser keeps as surrogates, as the UTF-8 that they are today (RFC 6532)."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _words(words: Iterable[tuple[bytes | str, str | None]]) -> Iterable[str]:
    for word, charset in words:
        yield word if isinstance(word, str) else word.decode(charset or "latin-1", "replace")
