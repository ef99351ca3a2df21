"""One mail, from bytes to what it says."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from ....chassis.languages import LANGUAGES
from . import decode, tnef
from .attachments import Files
from .authentication import authenticated
from .classify import classify
from .decode_addresses import Mailbox, mailboxes
from .decode_sender import NOBODY, Sender, recipients, sender
from .decode_words import charsets, words
from .limits import CUT_NOTE, SUBJECT_LONGEST, TEXT_LONGEST, TooMuch
from .mail import QUARANTINE, Mail, Ours
from .message import Part, read, standard
from .message_headers import Headers
from .text import HTML, PLAIN, Words, collect
from .visible import visible_text

MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,500}>")
FIELDS_READ: Final = ("from", "subject", "to")


def parse(content: bytes, ours: Ours, envelope_sender: str | None = None) -> Mail:
    """What the mail says; one that breaks a bound is in quarantine, with the sentence why.

    `envelope_sender` is None where nobody knows it, as of a file, and "" for the null sender (RFC 5321, 4.5.5).
    """
    try:
        part = read(content)
    except TooMuch as bound:
        return unreadable(content, str(bound))
    hints = list(dict.fromkeys(_hints(part)))[:8]
    who = sender(part.headers, hints, envelope_sender, ours.address)
    said, kind = _words(part, hints)
    text = _cut(said.text())
    visible, judged = visible_text(text), classify(standard(part), envelope_sender, ours, text)
    return Mail(
        verdict=judged.verdict,
        reason=judged.reason,
        from_email=who.box.address,
        from_display_name=who.box.name,
        answer_to=who.answer_to,
        answer_name=who.answer_name,
        subject=decode.line(words(part.headers.raw("subject"), hints), SUBJECT_LONGEST),
        text=text,
        visible_text=visible,
        content_type=kind,
        language=_language(part.headers),
        attachments=tuple(said.files.found),
        bounce=judged.bounce,
        message_id=_message_id(part.headers),
        references=_references(part.headers),
        recipients=recipients(part.headers, hints),
        authenticated=authenticated(part.headers, ours.authserv_id, who.box.address) if who.is_author else None,
        key=_key(part.headers, content, who),
        certain=judged.certain or not visible.strip(),
    )


def unreadable(content: bytes, reason: str) -> Mail:
    """A mail for quarantine, with what its first lines say of sender and subject."""
    return Mail(
        verdict=QUARANTINE,
        reason=reason,
        from_email=(box := _glimpse_sender(content)).address,
        from_display_name=box.name,
        answer_to=None,
        answer_name=None,
        subject=decode.line(words(_glimpse(content, b"subject")), SUBJECT_LONGEST),
        text="",
        visible_text="",
        content_type=PLAIN,
        language="en",
        attachments=(),
        bounce=None,
        message_id="",
        references=(),
        recipients=(),
        authenticated=None,
        key="\n".join((box.address.lower(), "", hashlib.sha256(content).hexdigest())),
    )


def _glimpse_sender(content: bytes) -> Mailbox:
    return next(iter(mailboxes(_glimpse(content, b"from"))), NOBODY)


def _glimpse(content: bytes, name: bytes) -> bytes:
    found = re.search(rb"^" + name + rb":[ \t]*([^\r\n]{1,1000})", content[:65_536], re.I | re.M)
    return found[1] if found else b""


def _hints(part: Part) -> Iterator[str]:
    """The charsets that the mail names anywhere; what came undeclared is likely in one of them."""
    if declared := part.headers.parameters("content-type").get("charset"):
        yield declared.decode("latin-1")
    for name in FIELDS_READ:
        yield from charsets(part.headers.raw(name))
    for child in part.children:
        yield from _hints(child)


def _words(part: Part, hints: Sequence[str]) -> tuple[Words, str]:
    """The words and files, and the type of the fullest form the words came in."""
    said = Words(Files(hints), hints)
    collect(part, said)
    for long in said.cut:  # in the text is only how it begins
        said.files.add(long)
    for packed in said.files.packed:
        content = packed.content()
        text = tnef.unpack(content, said.files)
        if text is None:
            said.files.keep("winmail.dat", packed.type, content)
        elif text and not said.text().strip():
            said.pieces = [text]
    return said, HTML if said.html and said.text().strip() else PLAIN


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LONGEST else text[: TEXT_LONGEST - len(CUT_NOTE)] + CUT_NOTE


def _language(headers: Headers) -> str:
    """What the sender's mail program says it is written in, if we can answer in it."""
    said = f"{headers.text('content-language')},{headers.text('accept-language')}".lower()
    return next((tag for tag in re.findall(r"[a-z]{2}", said[:1000]) if tag in LANGUAGES), "en")


def _message_id(headers: Headers) -> str:
    text = headers.text("message-id")
    found = MESSAGE_ID.search(text)
    return found[0] if found else decode.line(text, 500)


def _references(headers: Headers) -> tuple[str, ...]:
    """The Message-IDs this one answers, newest first (RFC 5322, 3.6.4)."""
    before = MESSAGE_ID.findall(_open(headers, "in-reply-to")[:20_000])
    thread = MESSAGE_ID.findall(_open(headers, "references")[-20_000:])
    return tuple(dict.fromkeys([*before, *reversed(thread)]))[:100]


def _open(headers: Headers, name: str) -> str:
    """The field; some programs encode a long Message-ID as if it were words (RFC 2047 forbids it)."""
    text = headers.text(name)
    return words(headers.raw(name)) if "=?" in text else text


def _key(headers: Headers, content: bytes, who: Sender) -> str:
    """One mail delivered again is the same; another body below the same Message-ID is not."""
    body = content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
    # Without a Message-ID, its day and subject tell it from the same words of another day.
    named = headers.raw("message-id") or headers.raw("date") + b"\n" + headers.raw("subject")
    return "\n".join(((who.answer_to or "").lower(), hashlib.sha256(named).hexdigest(), _digest(body)))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body if body.isascii() else body.decode("latin-1").encode()).hexdigest()
