"""Fields of HTTP bodies and forms that more than one service takes."""

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import Schema, ValidationError, fields, validate

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LINE_BREAK = re.compile(r"[\r\n\u2028\u2029]")


class Body(Schema):
    """The base of every body this API reads: unknown fields are refused, so that a typo is not lost in silence."""


class Text(fields.String):
    """Trimmed text of 1 to `longest` characters, without control characters; line ends become LF."""

    def __init__(self, longest: int, **options: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=longest, error=_length(longest)), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options) or ""
        if CONTROL.search(text) or (not text.isprintable() and _unpaired(text)):
            raise ValidationError("Control characters cannot be taken.")
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class Line(Text):
    """One line of text; what ends up in a mail header must not hold a line break."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if LINE_BREAK.search(text):
            raise ValidationError("This must be one line.")
        return text


class Address(Line):
    """A mail address by its form (RFC 5321, RFC 6531); no look-up is made."""

    def __init__(self, **options: Any) -> None:
        super().__init__(254, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return validate_email(text, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            raise ValidationError("This is not a mail address.") from None


def _unpaired(text: str) -> bool:
    """Whether a lone surrogate is in the text, which no store can keep as UTF-8."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def _length(longest: int) -> str:
    return f"Between 1 and {longest} characters, please."
