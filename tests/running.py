"""The product as real processes, in both shapes, for tests that reach it only through its public doors."""

import os
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Event
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiosmtpd.controller import Controller

from services import embedded
from services.chassis import ids
from services.chassis.clock import monotonic
from services.chassis.embedded_store import EmbeddedStore, free_port
from tests.deploy.test_gateway import nginx

T = TypeVar("T")
PATIENCE = 40.0
START_SECONDS = 30.0
UNITS = ("it", "finance", "people")
"""Of the example directory; on Kafka they arrive one by one."""
SECRET_KEY = "a secret for tests alone, long enough"
ROOT = Path(__file__).parents[1]
_pause = Event()


def until(look: Callable[[], T], what: str = "it", seconds: float = PATIENCE) -> T:
    """Look at another process until it shows something true; fails after `seconds`."""
    deadline = monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        _pause.wait(0.05)


@dataclass
class Answer:
    """What came back over HTTP."""

    status_code: int
    headers: dict[str, str]
    text: str

    @property
    def status(self) -> str:
        return str(self.status_code)


class OverHttp:
    """A client with cookies and one connection per request; what tests.forms.Browser drives over the network."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str, follow_redirects: bool = False, headers: dict[str, str] | None = None) -> Answer:
        """GET."""
        return self._request("GET", path, None, headers or {}, follow_redirects)

    def post(
        self, path: str, data: Any = None, follow_redirects: bool = False, headers: dict[str, str] | None = None
    ) -> Answer:
        """POST a form."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._request("POST", path, urlencode(data or {}), form | (headers or {}), follow_redirects)

    def _request(self, method: str, path: str, body: str | None, headers: dict[str, str], follow: bool) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items())
        connection.request(method, path, body, headers | ({"Cookie": cookies} if cookies else {}))
        response = connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            self._cookies.load(cookie)
        answer = Answer(response.status, dict(response.headers), response.read().decode())
        connection.close()
        if follow and answer.status_code in (301, 302, 303):
            where = re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
            return self._request("GET", where, None, {}, follow)
        return answer


class Sink:
    """A real SMTP server that keeps what it accepts; `refuse` answers one recipient otherwise."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), ready_timeout=10)

    @property
    def url(self) -> str:
        """As SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Take the recipient, or answer as told."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def to(self, address: str, words: str = "") -> list[EmailMessage]:
        """The mails to an address whose subject or text holds the words."""
        return [m for m in list(self.mails) if address in str(m["To"]) and words in f"{m['Subject']} {text_of(m)}"]

    def __enter__(self) -> "Sink":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def text_of(mail: EmailMessage) -> str:
    """The plain-text part."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def send_mail(port: int, sender: str, recipient: str, subject: str, text: str, message_id: str | None = None) -> None:
    """A person's mail, by a real SMTP conversation; raises what smtplib raises."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Message-ID"] = message_id or f"<{ids.new()}@example.com>"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
        smtp.send_message(mail)


@dataclass
class Role:
    """One process of the product; it can be killed and started again with other settings."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, **settings: str) -> None:
        """Start it; the settings are for this life alone."""
        environment = {**os.environ, **self.environment, **settings}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", *self.arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, with everything it started (gunicorn's workers)."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        self._signal(signal.SIGTERM)
        try:
            if self.process:
                self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self.process and self.alive:
            os.killpg(self.process.pid, number)
        if self.process and number == signal.SIGKILL:
            self.process.wait()


@dataclass
class Running:
    """The product while it runs: its doors, and its processes by name."""

    port: int
    mail_port: int
    environment: dict[str, str]
    roles: dict[str, Role] = field(default_factory=dict)

    def ready(self) -> bool:
        """Whether the form takes feedback, which means that the directory has arrived."""
        try:
            answer = OverHttp(self.port).get("/v1/units")
        except OSError:
            return False
        return answer.status_code == 200 and all(f'"{unit}"' in answer.text for unit in UNITS)

    def command(self, *arguments: str) -> str:
        """Run a command of the command line in this install; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout.strip()

    def stop(self) -> None:
        """End every process: the doors first."""
        for role in self.roles.values():
            if role.process and role.alive:
                os.killpg(role.process.pid, signal.SIGTERM)
        for role in self.roles.values():
            role.stop()


def settings_for(folder: Path, smtp_url: str, **more: str) -> dict[str, str]:
    """The environment of one install below `folder`."""
    port, mail_port = free_port(), free_port()
    return {
        "LIAISE_TESTING": "1",
        "SECRET_KEY": SECRET_KEY,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(folder / "var"),
        "SMTP_URL": smtp_url,
        "MAIL_LISTEN": f"127.0.0.1:{mail_port}",
        "MAIL_DOMAIN": "liaise.example",
        "MAIL_FROM": "Liaise <answers@liaise.example>",
        "TIME_ZONE": "Europe/Berlin",
        "WEB_WORKERS": "1",
        **more,
    }


@contextmanager
def in_one_process(folder: Path, smtp_url: str, **more: str) -> Iterator[Running]:
    """`liaise run`: the embedded default."""
    environment = settings_for(folder, smtp_url, **more)
    running = _running(environment)
    running.roles["run"] = Role(("run",), environment, folder / "run.log")
    try:
        running.roles["run"].start()
        until(running.ready, f"liaise run ({folder}/run.log)", START_SECONDS)
        yield running
    finally:
        running.stop()


@contextmanager
def in_production_shape(folder: Path, smtp_url: str, kafka: str) -> Iterator[Running]:
    """Every role as a process of its own, over Apache Kafka, behind one port."""
    with ExitStack() as stack:
        store = EmbeddedStore(folder / "database")
        stack.callback(store.stop)
        environment = settings_for(
            folder,
            smtp_url,
            MONGODB_URI=store.uri.reveal(),
            KAFKA_BOOTSTRAP_SERVERS=kafka,
            DATABASE_PREFIX=f"t{ids.new()[-12:]}",
        )
        running = _running(environment)
        stack.callback(running.stop)
        running.command("topics")
        running.command("migrate")
        running.roles = roles_of_production(environment, folder)
        for role in running.roles.values():
            role.start()
        webs = {name: int(running.roles[f"web {name}"].environment["PORT"]) for name in embedded.SERVICES}
        (folder / "gateway").mkdir()
        stack.enter_context(nginx(folder / "gateway", running.port, webs))
        until(running.ready, f"production shape ({folder})", START_SECONDS * 2)
        yield running


def roles_of_production(environment: dict[str, str], folder: Path) -> dict[str, Role]:
    """What docker-compose.yml runs, without containers."""
    arguments = [(kind, name) for name in embedded.SERVICES for kind in ("web", "relay", "consume")]
    arguments.remove(("relay", "insights"))
    roles = {}
    for command in [*arguments, ("deliver",), ("mail",)]:
        own = {"PORT": str(free_port())} if command[0] == "web" else {}
        name = " ".join(command)
        roles[name] = Role(command, environment | own, folder / f"{name.replace(' ', '-')}.log")
    return roles


def _running(environment: dict[str, str]) -> Running:
    mail_port = int(environment["MAIL_LISTEN"].rpartition(":")[2])
    return Running(int(environment["PORT"]), mail_port, environment)
