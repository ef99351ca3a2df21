"""Configuration has one home: the environment is read here and nowhere else.

A bad setting raises BadSetting with one plain sentence that says which and what to do.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError, EnvValidationError, validate

from . import failpoints
from . import setting_rules as rules
from .imap_urls import Mailbox, mailboxes
from .setting_rules import BadSetting, Secret

__all__ = ["LOOPBACK", "MAX_BODY", "BadSetting", "Secret", "Settings", "load"]

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = ("localhost", LOOPBACK, "::1")
MEGABYTE = 1_000_000
MAX_BODY = MEGABYTE
"""Bytes of a request; attachments come through a door of their own."""
EXAMPLE_DIRECTORY = Path(__file__).parents[2] / "deploy" / "directory.example.yaml"


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
    mail_authserv_id: str
    lmtp_listen: tuple[str, int] | None
    mailboxes: tuple[Mailbox, ...]
    imap_poll_seconds: int
    delivery_lease_seconds: int
    receipts_per_day: int
    data_dir: Path
    directory_file: Path
    ops_port: int
    time_zone: str
    log_level: str
    attachments_at_once: int
    attachment_megabytes: int
    attachments_megabytes: int
    public_per_minute: int
    widget_origins: tuple[str, ...]
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
    def max_upload(self) -> int:
        """Bytes of a request that may bring files: all of them, and the words beside them."""
        return self.attachments_megabytes * MEGABYTE + MAX_BODY

    @property
    def secure(self) -> bool:
        """Whether people reach the product over https."""
        return self.public_url.startswith("https:")


def load(*, stores: bool = True) -> Settings:
    """The settings of this process, from its environment; raises BadSetting.

    What stores nothing needs no secret, and makes no data folder to keep one in.
    """
    try:
        return _read(Env(), stores)
    except EnvValidationError as error:
        raise BadSetting(f"{str(error).replace('Environment variable ', '')} See deploy/env.example.") from None
    except EnvError as error:
        raise BadSetting(f"{error} See deploy/env.example.") from None


def _read(env: Env, stores: bool) -> Settings:
    testing = env.bool("LIAISE_TESTING", False)
    _arm(env.str("FAILPOINTS", ""), testing)
    port = env.int("PORT", 8000, validate=rules.port)
    data_dir = env.path("DATA_DIR", Path("var"))
    mail_host, mail_port = rules.address(env.str("MAIL_LISTEN", f"{LOOPBACK}:2525"), "MAIL_LISTEN")
    lmtp = env.str("LMTP_LISTEN", "")
    return Settings(
        host=env.str("HOST", LOOPBACK),
        port=port,
        public_url=rules.url(env.str("PUBLIC_URL", "") or f"http://{LOOPBACK}:{port}"),
        secret_key=_secret_key(env, data_dir) if stores else Secret(_known_secret(env, data_dir)),
        mongodb_uri=rules.secret(env.str("MONGODB_URI", "", validate=rules.scheme("mongodb", "mongodb+srv"))),
        database_prefix=env.str("DATABASE_PREFIX", "liaise"),
        kafka_bootstrap_servers=env.str("KAFKA_BOOTSTRAP_SERVERS", "") or None,
        kafka_replication=env.int("KAFKA_REPLICATION", 1, validate=validate.Range(1, 9)),
        smtp_url=rules.secret(env.str("SMTP_URL", "", validate=rules.scheme("smtp", "smtps", "smtp+starttls"))),
        mail_from=env.str("MAIL_FROM", "Liaise <liaise@localhost>"),
        mail_domain=env.str("MAIL_DOMAIN", "localhost"),
        mail_host=mail_host,
        mail_port=mail_port,
        mail_authserv_id=env.str("MAIL_AUTHSERV_ID", ""),
        lmtp_listen=rules.address(lmtp, "LMTP_LISTEN") if lmtp else None,
        mailboxes=mailboxes(env.str("IMAP_URLS", "")),
        imap_poll_seconds=env.int("IMAP_POLL_SECONDS", 60, validate=validate.Range(1, 1500)),
        delivery_lease_seconds=env.int("DELIVERY_LEASE_SECONDS", 180, validate=validate.Range(1, 3600)),
        receipts_per_day=env.int("RECEIPTS_PER_DAY", 10, validate=validate.Range(0, 10_000)),
        data_dir=data_dir,
        directory_file=env.path("DIRECTORY_FILE", EXAMPLE_DIRECTORY),
        ops_port=env.int("OPS_PORT", 0, validate=validate.Range(0, 65535)),
        time_zone=env.str("TIME_ZONE", "UTC", validate=rules.zone),
        log_level=env.str("LOG_LEVEL", "info", validate=validate.OneOf(["debug", "info", "warning", "error"])),
        attachments_at_once=env.int("ATTACHMENTS_AT_ONCE", 10, validate=validate.Range(0, 100)),
        attachment_megabytes=env.int("ATTACHMENT_MEGABYTES", 10, validate=validate.Range(1, 100)),
        attachments_megabytes=env.int("ATTACHMENTS_MEGABYTES", 25, validate=validate.Range(1, 1000)),
        public_per_minute=env.int("PUBLIC_PER_MINUTE", 600, validate=validate.Range(0, 60_000)),
        widget_origins=rules.origins(env.str("WIDGET_ORIGINS", "")),
        testing=testing,
    )


def _secret_key(env: Env, data_dir: Path) -> Secret:
    """The one given; a trial on the embedded database makes its own, several processes could not agree on one."""
    given = env.str("SECRET_KEY", "", validate=rules.strong)
    if not given and env.str("MONGODB_URI", ""):
        raise BadSetting("SECRET_KEY is not set; all processes of an install need the same. See deploy/env.example.")
    return Secret(given or rules.own_secret(data_dir))


def _known_secret(env: Env, data_dir: Path) -> str:
    """The one there is, for a process that must not make one; "" where nobody has any."""
    return env.str("SECRET_KEY", "") or rules.secret_kept(data_dir)


def _arm(points: str, testing: bool) -> None:
    if not points:
        return
    if not testing:
        raise BadSetting("FAILPOINTS kills processes on purpose; it is refused unless LIAISE_TESTING=1.")
    try:
        failpoints.arm(points)
    except ValueError as error:
        raise BadSetting(f"FAILPOINTS: {error}.") from None
