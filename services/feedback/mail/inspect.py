"""What intake would make of mails in files: one line of JSON each, nothing stored, no database asked."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import yaml

from ...chassis.settings import Settings
from . import placing
from .parsing import Mail, Ours, Parser, unreadable
from .parsing.limits import SIZE
from .parsing.mail import FEEDBACK, REPLY


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a mail would go: its verdict, the unit it is for, and what it answers, where that is known."""

    verdict: str
    unit: str | None
    thread: str | None


Place = Callable[[Mail], Placed]


def inspect(paths: Iterable[Path], settings: Settings) -> Iterator[str]:
    """A line for each file, in the order given, a folder's by name."""
    ours = Ours(address=parseaddr(settings.mail_from)[1], authserv_id=settings.mail_authserv_id)
    with closing(Parser(ours, children=1)) as parser:
        place = by_directory(settings.directory_file, settings.mail_domain, settings.secret_key.reveal())
        for path in _files(paths):
            yield json.dumps(_line(path, _read(path, parser), place), ensure_ascii=False)


def by_directory(path: Path, domain: str, secret: str) -> Place:
    """Places a mail by the units of a directory file, and by the references of ours in it, which prove what it answers.

    What only a database knows it cannot say: which feedback a number in a subject is of, and whether the sender's.
    """
    units = _units(path)

    def place(mail: Mail) -> Placed:
        unit, _kind = placing.addressed((), mail.recipients, None, units.get, domain)
        may_answer = mail.verdict == FEEDBACK and secret
        if not may_answer:
            return Placed(mail.verdict, unit, None)
        to, about = placing.conversations(secret, (), mail.recipients, mail.references, units.get, domain)
        proofs = to or about
        return Placed(REPLY if proofs else mail.verdict, unit, proofs[0] if proofs else None)

    return place


def _units(path: Path) -> dict[str, str]:
    """The units' ids by the local parts of their addresses; none where the file says nothing."""
    try:
        said = yaml.safe_load(path.read_text())
        return {str(address).lower(): unit["id"] for unit in said["units"] for address in unit.get("addresses", ())}
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        return {}


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if not one.is_dir())
        else:
            yield path


def _read(path: Path, parser: Parser) -> Mail:
    try:
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            return unreadable(b"", "This is not a file.")
        with path.open("rb") as file:
            content = file.read(SIZE + 1)
    except (OSError, ValueError) as error:
        return unreadable(b"", f"The file cannot be read ({getattr(error, 'strerror', None) or 'bad name'}).")
    return parser.read(content)


def _line(path: Path, mail: Mail, place: Place) -> dict[str, Any]:
    placed = place(mail)
    return {
        "file": os.fsencode(path).decode("utf-8", "replace"),
        "verdict": placed.verdict,
        "reason": mail.reason,
        "from_email": mail.from_email,
        "from_display_name": mail.from_display_name,
        "subject": mail.subject,
        "text": mail.text,
        "visible_text": mail.visible_text,
        "content_type": mail.content_type,
        "attachments": [_attachment(one.filename, one.content_type, one.content) for one in mail.attachments],
        "bounce": _bounce(mail),
        "unit": placed.unit,
        "thread": placed.thread,
    }


def _attachment(filename: str, content_type: str, content: bytes) -> dict[str, Any]:
    return {
        "filename": filename,
        "content_type": content_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _bounce(mail: Mail) -> dict[str, Any] | None:
    if mail.bounce is None:
        return None
    return {name: value for name, value in asdict(mail.bounce).items() if name in ("status", "recipients", "permanent")}
