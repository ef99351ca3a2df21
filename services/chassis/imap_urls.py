"""IMAP_URLS: the mailboxes that mail is collected from, each `imaps://user:password@host/FOLDER?unit=it&done=Processed`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from .setting_rules import BadSetting, Secret

PORTS: Final = {"imaps": 993, "imap+starttls": 143, "imap": 143}
LOGIN, XOAUTH2 = "login", "xoauth2"
KNOWN: Final = {"unit", "done", "auth", "token_file"}
FORM: Final = "imaps://user:password@host/INBOX?unit=it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox; `unit` takes what it holds, `done` is where a mail goes once it is taken, None leaves it in place.

    With `token_file` the password is an access token for XOAUTH2, which something else renews in that file.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: Secret
    folder: str = "INBOX"
    unit: str | None = None
    done: str | None = None
    auth: str = LOGIN
    token_file: Path | None = None

    @property
    def place(self) -> str:
        """Which mailbox it is, in words that hold no secret and no address."""
        return f"{self.host}:{self.port}/{self.folder}"


def mailboxes(text: str) -> tuple[Mailbox, ...]:
    """The mailboxes of the setting, with commas between; raises BadSetting, which never quotes what may be secret."""
    urls = [url.strip() for url in text.split(",") if url.strip()]
    return tuple(_mailbox(url, f"The URL number {place} in IMAP_URLS") for place, url in enumerate(urls, 1))


def _mailbox(url: str, which: str) -> Mailbox:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSetting(f"{which} cannot be read; its form is {FORM}.") from None
    if parts.scheme not in PORTS:
        raise BadSetting(f"{which} must start with imaps://, imap+starttls:// or imap://.")
    said = _said(parts, which)
    token_file = Path(said["token_file"]) if "token_file" in said else None
    if not parts.hostname or not parts.username or not (parts.password or token_file):
        raise BadSetting(
            f"{which} lacks a host, a user or a password; its form is {FORM}. Write @ : / , in them as %40."
        )
    return Mailbox(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username),
        password=Secret(unquote(parts.password or "")),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        unit=said.get("unit"),
        done=said.get("done"),
        auth=said.get("auth", XOAUTH2 if token_file else LOGIN),
        token_file=token_file,
    )


def _said(parts: SplitResult, which: str) -> dict[str, str]:
    said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := sorted(set(said) - KNOWN):
        raise BadSetting(f"{which} says {unknown[0]}=, which means nothing; it takes {', '.join(sorted(KNOWN))}.")
    if said.get("auth", LOGIN) not in (LOGIN, XOAUTH2):
        raise BadSetting(f"{which} must say auth={LOGIN} or auth={XOAUTH2}.")
    return said
