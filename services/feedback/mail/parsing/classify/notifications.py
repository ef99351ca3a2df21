"""What a mail service tells of a bounce as JSON in a mail, told again as a report of RFC 3464."""

import json
from collections.abc import Iterator
from typing import Any, Final

NESTED_MOST: Final = 2
"""A notification service wraps the notification of the mail service as a text."""


def report_of(notice: str) -> str:
    """The fields of a delivery report, or "" where the text is no such notification."""
    return "\n".join(_fields(_body(notice)))


def _body(text: str) -> dict[str, Any]:
    body: Any = text
    for _ in range(NESTED_MOST):
        try:
            body, _end = json.JSONDecoder(strict=False).raw_decode(str(body).lstrip())
        except (ValueError, RecursionError):
            return {}
        if not isinstance(body, dict):
            return {}
        if "Message" not in body:
            return body
        body = body["Message"]
    return {}


def _fields(body: dict[str, Any]) -> Iterator[str]:
    bounce = _part(body, "bounce")
    recipients = bounce.get("bouncedRecipients")
    for recipient in recipients if isinstance(recipients, list) else []:
        if isinstance(recipient, dict):
            yield f"Final-Recipient: rfc822; {recipient.get('emailAddress', '')}"
            yield f"Action: {recipient.get('action', 'failed')}"
            yield f"Status: {recipient.get('status', '')}"
            yield f"Diagnostic-Code: {recipient.get('diagnosticCode', '')}\n"
    if bounce:
        yield f"Message-ID: {_part(_part(body, 'mail'), 'commonHeaders').get('messageId', '')}"


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}
