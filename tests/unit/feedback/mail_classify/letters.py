"""Mails as they come, and what the service makes of them."""

from email import message_from_bytes, policy
from textwrap import dedent

from services.feedback.mail.parsing.classify import classify
from services.feedback.mail.parsing.mail import Bounce, Ours

OURS = Ours(address="answers@liaise.example")


def read(source: str | bytes, *, envelope: str | None = None) -> tuple[str, str, Bounce | None]:
    """Verdict, reason and bounce of a mail as it stands."""
    content = source if isinstance(source, bytes) else dedent(source).lstrip().encode()
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body(("plain",))
    return classify(message, envelope, OURS, part.get_content() if part else "")[:3]


def certain(source: str | bytes, *, envelope: str | None = None) -> bool:
    """Whether the verdict rests on more than words and names."""
    content = source if isinstance(source, bytes) else dedent(source).lstrip().encode()
    return classify(message_from_bytes(content, policy=policy.default), envelope, OURS, "").certain


def verdict(source: str | bytes, *, envelope: str | None = None) -> str:
    """The verdict alone."""
    return read(source, envelope=envelope)[0]


def bounce(source: str | bytes, *, envelope: str | None = None) -> Bounce:
    """What a bounce says; a mail that is none fails the test."""
    said, reason, found = read(source, envelope=envelope)
    assert said == "bounce", reason
    assert found is not None
    return found


def letter(headers: str, text: str) -> bytes:
    """A plain mail to us."""
    return f"To: answers@liaise.example\n{dedent(headers).strip()}\n\n{dedent(text).strip()}\n".encode()


def report(action: str, status: str, diagnosis: str, returned_id: str = "<receipt-7@liaise.example>") -> bytes:
    """A delivery report (RFC 3464) about a mail to ada@uni.example."""
    return dedent(
        f"""\
        From: MAILER-DAEMON@mx.example (Mail Delivery System)
        To: answers@liaise.example
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        This is the mail system at host mx.example.

        <ada@uni.example>: {diagnosis}
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example

        Final-Recipient: rfc822; ada@uni.example
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {diagnosis}

        --b
        Content-Type: message/rfc822

        From: answers@liaise.example
        To: ada@uni.example
        Message-ID: {returned_id}
        Subject: We got your feedback

        Thank you.
        --b--
        """
    ).encode()
