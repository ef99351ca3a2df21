"""A mailbox at its server (RFC 9051): opening it, what lies unread in it, and what is done with a mail once taken."""

import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxFolderSelectError,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
    UnexpectedCommandStatusError,
)
from imap_tools.utils import check_command_status, encode_folder

from ...chassis.clock import monotonic
from ...chassis.imap_urls import XOAUTH2, Mailbox
from .parsing.limits import SIZE

SECONDS: Final = 30.0
"""For how long the server may think about one command."""
HEAD: Final = 1_000_000
"""Bytes that are fetched of a mail that is too large."""
LISTEN_SECONDS: Final = 9 * 60.0
"""For how long one IDLE lasts (RFC 2177: under 29 minutes; some firewalls forget a connection after 10)."""

QUOTED: Final = re.compile(rb'BODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.DOTALL | re.I)
"""A mail of one line or none, which a server may give without a literal (RFC 9051, section 4.3)."""

CANNOT: Final = (ImapToolsError, imaplib.IMAP4.error, OSError, UnicodeError)
"""How a mailbox fails."""


class OpenMailbox:
    """A mailbox, signed in to, with its folder selected."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._box = _connect(mailbox)
        try:
            _sign_in(self._box, mailbox)
            self._box.folder.set(mailbox.folder)
            self._abilities = set(str(self._ask("CAPABILITY")[0], "ascii", "replace").upper().split())
            if mailbox.done and not self._box.folder.exists(mailbox.done):
                self._box.folder.create(mailbox.done)
        except BaseException:
            self.close()
            raise

    def unread(self) -> list[str]:
        """The UIDs of what was not taken yet, the oldest first."""
        self._ask("NOOP")  # a server may search what it last showed this session
        return self._box.uids("UNSEEN UNDELETED")

    def fetch(self, uid: str) -> tuple[bytes, bool] | None:
        """The mail, and whether that is all of it: of what is too large the beginning. None when it is not given."""
        said = b" ".join(part for part in self._uid("FETCH", uid, "(RFC822.SIZE)") if isinstance(part, bytes))
        size = re.search(rb"RFC822\.SIZE (\d+)", said)
        if not size:
            return None
        whole = int(size[1]) <= SIZE
        content = _content(self._uid("FETCH", uid, "(BODY.PEEK[])" if whole else f"(BODY.PEEK[]<0.{HEAD}>)"))
        return None if content is None else (content, whole)

    def mark(self, uid: str) -> None:
        """It is taken: it counts as read from now on."""
        self._uid("STORE", uid, "+FLAGS", r"(\Seen)")

    def put_away(self, uid: str) -> None:
        """Move it to the folder for what is taken, if there is one; of nothing else anything is deleted."""
        if not self._mailbox.done:
            return
        folder = encode_folder(self._mailbox.done)
        if "MOVE" in self._abilities:
            self._uid("MOVE", uid, folder)
            return
        self._uid("COPY", uid, folder)
        self._uid("STORE", uid, "+FLAGS", r"(\Deleted)")
        if "UIDPLUS" in self._abilities:
            self._uid("EXPUNGE", uid)

    def listen(self, poll_seconds: float, stopping: Callable[[float], bool]) -> None:
        """Wait for new mail: until the server tells of some, or for the time between two looks.

        `stopping` waits for so many seconds and says whether to stop.
        """
        if "IDLE" not in self._abilities:
            stopping(poll_seconds)
            return
        until = monotonic() + LISTEN_SECONDS
        with self._box.idle as idle:
            while monotonic() < until and not stopping(0):
                before = monotonic()
                # Nothing, and at once, is how a closed connection reads: leaving IDLE will raise.
                if idle.poll(timeout=1) or monotonic() - before < 0.5:
                    return

    def close(self) -> None:
        """Sign out, if there is still somebody to tell."""
        with suppress(*CANNOT):
            self._box.logout()

    def _uid(self, *command: Any) -> list[Any]:
        result = self._box.client.uid(*command)
        check_command_status(result, UnexpectedCommandStatusError)
        return list(result[1])

    def _ask(self, command: str) -> list[Any]:
        result = getattr(self._box.client, command.lower())()
        check_command_status(result, UnexpectedCommandStatusError)
        return list(result[1])


def _content(parts: list[Any]) -> bytes | None:
    """What a FETCH gave, in either form of a string; None when it gave nothing."""
    for part in parts:
        if isinstance(part, tuple):
            return bytes(part[1])
        quoted = QUOTED.search(part or b"")
        if quoted:
            return re.sub(rb"\\(.)", rb"\1", quoted[1], flags=re.DOTALL)
    return None


def sentence(mailbox: Mailbox, error: BaseException) -> str:
    """What is wrong with a mailbox and what to do, without user, password or what the server said."""
    where = mailbox.place
    if isinstance(error, MailboxLoginError) or (mailbox.auth == XOAUTH2 and isinstance(error, imaplib.IMAP4.error)):
        what = "access token" if mailbox.auth == XOAUTH2 else "user or password in IMAP_URLS"
        return f"{where} refuses the {what}."
    if isinstance(error, MailboxFolderSelectError):
        return f"{where} has no folder of this name that can be opened; correct it in IMAP_URLS."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {where} is not to be trusted ({error.verify_message}); no mail is collected."
    if isinstance(error, FileNotFoundError | PermissionError):
        return f"the token file of {where} cannot be read; correct token_file in IMAP_URLS."
    why = getattr(error, "strerror", None) or type(error).__name__
    return f"no IMAP conversation with {where} ({why}). Check IMAP_URLS and the firewall."


def _connect(mailbox: Mailbox) -> BaseMailBox:
    if mailbox.scheme == "imap":
        return MailBoxUnencrypted(mailbox.host, mailbox.port, timeout=SECONDS)
    # Without a context of ours no certificate would be checked.
    context = ssl.create_default_context()
    if mailbox.scheme == "imap+starttls":
        return MailBoxStartTls(mailbox.host, mailbox.port, timeout=SECONDS, ssl_context=context)
    return MailBox(mailbox.host, mailbox.port, timeout=SECONDS, ssl_context=context)


def _sign_in(box: BaseMailBox, mailbox: Mailbox) -> None:
    password = mailbox.password.reveal()
    if mailbox.token_file:
        password = mailbox.token_file.read_text().strip()
    if mailbox.auth == XOAUTH2:
        box.xoauth2(mailbox.user, password, initial_folder=None)
    elif (mailbox.user + password).isascii():
        box.login(mailbox.user, password, initial_folder=None)
    else:
        box.login_utf8(mailbox.user, password, initial_folder=None)
