"""Configuration has one home: the environment is read here and nowhere else.

A bad setting raises BadSetting with one plain sentence that says which and what to do.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from environs import Env, EnvError, EnvValidationError, ValidationError, validate

from . import failpoints

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = ("localhost", LOOPBACK, "::1")
SECRET_LENGTH = 32
MAX_BODY = 1_000_000
"""Bytes of a request; attachments come through a door of their own."""
EXAMPLE_DIRECTORY = Path(__file__).parents[2] / "deploy" / "directory.example.yaml"

_port = validate.Range(1, 65535)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting; each stands in deploy/env.example with its default and unit."""

    host: str
    port: int
    public_url: str
    secret_key: Secret
    mongodb_uri: Secret | None
    database_prefix: str
    kafka_bootstrap_servers: str | None
    kafka_replication: int
    smtp_url: Secret | None
    mail_from: str
    mail_domain: str
    mail_host: str
    mail_port: int
    delivery_lease_seconds: int
    data_dir: Path
    directory_file: Path
    ops_port: int
    time_zone: str
    log_level: str
    testing: bool

    @property
    def uses_mailbox(self) -> bool:
        """Whether mail goes to the local mailbox page, for want of an SMTP server."""
        return self.smtp_url is None

    @property
    def is_trial(self) -> bool:
        """Whether people reach the product by an address of this machine alone."""
        return urlsplit(self.public_url).hostname in LOOPBACK_NAMES

    @property
    def secure(self) -> bool:
        """Whether people reach the product over https."""
        return self.public_url.startswith("https:")


def load() -> Settings:
    """The settings of this process, from its environment; raises BadSetting."""
    try:
        return _read(Env())
    except EnvValidationError as error:
        raise BadSetting(f"{str(error).replace('Environment variable ', '')} See deploy/env.example.") from None
    except EnvError as error:
        raise BadSetting(f"{error} See deploy/env.example.") from None


def _read(env: Env) -> Settings:
    testing = env.bool("LIAISE_TESTING", False)
    _arm(env.str("FAILPOINTS", ""), testing)
    port = env.int("PORT", 8000, validate=_port)
    data_dir = env.path("DATA_DIR", Path("var"))
    mail_host, mail_port = _address(env.str("MAIL_LISTEN", f"{LOOPBACK}:2525"))
    return Settings(
        host=env.str("HOST", LOOPBACK),
        port=port,
        public_url=_url(env.str("PUBLIC_URL", "") or f"http://{LOOPBACK}:{port}"),
        secret_key=_secret_key(env, data_dir),
        mongodb_uri=_secret(env.str("MONGODB_URI", "", validate=_scheme("mongodb", "mongodb+srv"))),
        database_prefix=env.str("DATABASE_PREFIX", "liaise"),
        kafka_bootstrap_servers=env.str("KAFKA_BOOTSTRAP_SERVERS", "") or None,
        kafka_replication=env.int("KAFKA_REPLICATION", 1, validate=validate.Range(1, 9)),
        smtp_url=_secret(env.str("SMTP_URL", "", validate=_scheme("smtp", "smtps", "smtp+starttls"))),
        mail_from=env.str("MAIL_FROM", "Liaise <liaise@localhost>"),
        mail_domain=env.str("MAIL_DOMAIN", "localhost"),
        mail_host=mail_host,
        mail_port=mail_port,
        delivery_lease_seconds=env.int("DELIVERY_LEASE_SECONDS", 180, validate=validate.Range(1, 3600)),
        data_dir=data_dir,
        directory_file=env.path("DIRECTORY_FILE", EXAMPLE_DIRECTORY),
        ops_port=env.int("OPS_PORT", 0, validate=validate.Range(0, 65535)),
        time_zone=env.str("TIME_ZONE", "UTC", validate=_zone),
        log_level=env.str("LOG_LEVEL", "info", validate=validate.OneOf(["debug", "info", "warning", "error"])),
        testing=testing,
    )


def _secret_key(env: Env, data_dir: Path) -> Secret:
    """The one given; a trial on the embedded database makes its own, several processes could not agree on one."""
    given = env.str("SECRET_KEY", "", validate=_strong)
    if not given and env.str("MONGODB_URI", ""):
        raise BadSetting("SECRET_KEY is not set; all processes of an install need the same. See deploy/env.example.")
    return Secret(given or _own_secret(data_dir))


def _strong(text: str) -> None:
    if text and len(text) < SECRET_LENGTH:
        raise EnvValidationError(f'"SECRET_KEY" is shorter than {SECRET_LENGTH} characters.', [])


def _zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("It must be a time zone such as Europe/Berlin.")


def _scheme(*allowed: str) -> Callable[[str], None]:
    def check(url: str) -> None:
        if url and urlsplit(url).scheme not in allowed:
            raise ValidationError(f"It must start with {' or '.join(f'{name}://' for name in allowed)}.")

    return check


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting(
            f"PUBLIC_URL is {text!r}; it must be the address people type, such as https://feedback.example."
        )
    return text.rstrip("/")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadSetting(f"MAIL_LISTEN is {text!r}; it must be host:port, such as 127.0.0.1:2525.")
    return host, int(port)


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None


def _arm(points: str, testing: bool) -> None:
    if not points:
        return
    if not testing:
        raise BadSetting("FAILPOINTS kills processes on purpose; it is refused unless LIAISE_TESTING=1.")
    try:
        failpoints.arm(points)
    except ValueError as error:
        raise BadSetting(f"FAILPOINTS: {error}.") from None


def _own_secret(data_dir: Path) -> str:
    """A secret made once and kept in the data folder, so that a trial needs no setting."""
    path = data_dir / "secret_key"
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
