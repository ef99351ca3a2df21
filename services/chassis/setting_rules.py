"""What a setting may be: each rule refuses with a sentence for the operator."""

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from environs import EnvValidationError, ValidationError, validate

SECRET_LENGTH = 32
OWN_SECRET = "secret_key"  # noqa: S105 - the name of the file
ORIGIN = re.compile(r"https?://([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
"""It goes into a Content-Security-Policy, where a stray character would be a rule of its own; no wildcards."""

port = validate.Range(1, 65535)


class BadSetting(Exception):
    """A setting is missing or wrong; the message is for the operator."""


class Secret:
    """Text that never shows itself in a repr, a log line or a traceback."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(***)"

    def reveal(self) -> str:
        """The open text."""
        return self._text


def strong(text: str) -> None:
    """Refuse a key that could be guessed."""
    if text and len(text) < SECRET_LENGTH:
        raise EnvValidationError(f'"SECRET_KEY" is shorter than {SECRET_LENGTH} characters.', [])


def zone(name: str) -> None:
    """Refuse what is no time zone."""
    if name not in available_timezones():
        raise ValidationError("It must be a time zone such as Europe/Berlin.")


def scheme(*allowed: str) -> Callable[[str], None]:
    """A rule: a URL of one of these schemes, or nothing."""

    def check(url: str) -> None:
        if url and urlsplit(url).scheme not in allowed:
            raise ValidationError(f"It must start with {' or '.join(f'{name}://' for name in allowed)}.")

    return check


def url(text: str) -> str:
    """A web address without a slash at its end; raises BadSetting."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting(
            f"PUBLIC_URL is {text!r}; it must be the address people type, such as https://feedback.example."
        )
    return text.rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    """The origins of other sites (RFC 6454: scheme, host and port alone), as browsers write them; raises BadSetting."""
    named = tuple(text.replace(",", " ").lower().split())
    for one in named:
        if not ORIGIN.fullmatch(one):
            raise BadSetting(f"WIDGET_ORIGINS has {one!r}; write origins such as https://intranet.example, no paths.")
    return named


def address(text: str, setting: str) -> tuple[str, int]:
    """host:port; raises BadSetting."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadSetting(f"{setting} is {text!r}; it must be host:port, such as 127.0.0.1:2525.")
    return host, int(port)


def secret(text: str) -> Secret | None:
    """The text as a secret, None for nothing."""
    return Secret(text) if text else None


def secret_kept(data_dir: Path) -> str:
    """The secret that `own_secret` made, or "" where it never did."""
    try:
        return (data_dir / OWN_SECRET).read_text()
    except OSError:
        return ""


def own_secret(data_dir: Path) -> str:
    """A secret made once and kept in the data folder, so that a trial needs no setting."""
    path = data_dir / OWN_SECRET
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _place(path, secrets.token_urlsafe(SECRET_LENGTH))
        text = path.read_text()
    except OSError as error:
        why = f"The data folder {data_dir} cannot be written ({error.strerror}); set DATA_DIR to another."
        raise BadSetting(why) from None
    if len(text) < SECRET_LENGTH:
        raise BadSetting(f"{path} is cut short; remove it, or set SECRET_KEY to what it was.")
    return text


def _place(path: Path, text: str) -> None:
    """Write a file whole or not at all, for this user's eyes; who comes second keeps the first one's."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # mode 0600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
