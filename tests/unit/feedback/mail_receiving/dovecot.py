"""A real IMAP server of this test's own: Dovecot, unprivileged, in a folder that is thrown away."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from services.chassis.embedded_store import free_port
from tests.running import until
from tests.skips import missing

PASSWORD = "the password of a mailbox"

CONFIG = """
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
imap_capability = {capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""


@dataclass
class Server:
    """Dovecot as it runs."""

    port: int
    tls_port: int
    folder: Path
    process: "subprocess.Popen[bytes]"

    def url(self, user: str = "it", more: str = "", password: str = PASSWORD) -> str:
        """The mailbox as IMAP_URLS names it."""
        return f"imap://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/INBOX?{more}"

    def box(self, user: str = "it", folder: str = "INBOX") -> MailBoxUnencrypted:
        """A mail program's view."""
        return MailBoxUnencrypted("127.0.0.1", self.port, timeout=20).login(user, PASSWORD, folder)

    def put(self, *mails: bytes, user: str = "it") -> None:
        """New mail arrives."""
        with self.box(user) as box:
            for mail in mails:
                box.append(mail)

    def unread(self, user: str = "it", folder: str = "INBOX") -> int:
        """How many mails nobody took."""
        with self.box(user, folder) as box:
            return len(box.uids("UNSEEN"))

    def all(self, user: str = "it", folder: str = "INBOX") -> int:
        """How many mails there are."""
        with self.box(user, folder) as box:
            return len(box.uids("ALL"))

    def answers(self) -> bool:
        """Whether one can sign in."""
        try:
            self.box().logout()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it, and every connection with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


@contextmanager
def dovecot(capability: str = "", port: int = 0) -> Iterator[Server]:
    """A server with the mailboxes `it`, `hr` and `people`; `capability` replaces what it says it can do."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program or not Path("/usr/lib/dovecot/imap").exists():
        missing("No IMAP server here: apt-get install dovecot-imapd.")
    folder = Path(tempfile.mkdtemp(prefix="dovecot"))
    try:
        server = _start(program, folder, capability, port)
        try:
            until(server.answers, f"dovecot ({folder}/log)", 30)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(program: str, folder: Path, capability: str, port: int) -> Server:
    root = os.getuid() == 0
    user = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.getuid())
    group = "nogroup" if root else grp.getgrgid(os.getgid()).gr_name
    (folder / "users").write_text("".join(f"{name}:{PASSWORD}\n" for name in ("it", "hr", "people")))
    _certificate(folder)
    values = {"port": port or free_port(), "tls_port": free_port(), "user": user.pw_name, "group": group}
    config = CONFIG.format(folder=folder, ssl="yes", capability=capability, **values)
    (folder / "dovecot.conf").write_text(config)
    for path in (folder, *folder.iterdir()):
        if root:
            os.chown(path, user.pw_uid, user.pw_gid)
    as_nobody = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if root else {}
    process = subprocess.Popen([program, "-F", "-c", str(folder / "dovecot.conf")], start_new_session=True, **as_nobody)  # type: ignore[call-overload]
    return Server(values["port"], values["tls_port"], folder, process)


def _certificate(folder: Path) -> None:
    """One that nobody signed."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    command += f" -keyout {folder}/key.pem -out {folder}/cert.pem"
    subprocess.run(command.split(), check=True, capture_output=True)
