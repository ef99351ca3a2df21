"""A real gunicorn with the shipped configuration, serving a small application that fails on demand."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"
GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
SECRET = "kX9-secret-tracking-token"
APPLICATION = """
import os

def wsgi(environ, start_response):
    if environ["PATH_INFO"].startswith("/t/"):
        raise RuntimeError("it broke")
    start_response("200 OK", [("Content-Type", "text/plain")])
    seen = [os.getpid(), os.environ["PROMETHEUS_MULTIPROC_DIR"], environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]]
    return [" ".join(map(str, seen)).encode()]
"""


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self._port = port
        self._log = log

    def ask(self, path: str, **headers: str) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=5)) as connection:
            connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def say(self, line: str) -> bytes:
        """Send one request line as it is; returns what came back."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
            connection.sendall(f"{line}\r\n\r\n".encode())
            return connection.recv(200)

    def said(self) -> str:
        return self._log.read_text()


@contextmanager
def gunicorn(folder: Path) -> Iterator[Server]:
    (folder / "small.py").write_text(APPLICATION)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "HOME": str(folder), "TMPDIR": str(folder), "WEB_WORKERS": "2"}
    environment.pop("XDG_RUNTIME_DIR", None)
    log = folder / "log"
    command = [GUNICORN, "-c", str(CONFIGURATION), "--chdir", str(folder), "small:wsgi"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        server = Server(process, port, log)
        wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(15)


def wait_until_it_answers(server: Server) -> None:
    until = time.monotonic() + 15
    while True:
        try:
            server.ask("/")
            return
        except (ConnectionRefusedError, ConnectionResetError):
            assert server.process.poll() is None, server.said()
            assert time.monotonic() < until, server.said()


def test_an_address_with_a_secret_never_reaches_the_log(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        assert server.ask(f"/t/{SECRET}?token={SECRET}")[0] == 500
        assert server.ask(f"/?q={SECRET}")[0] == 200
        assert b" 400 " in server.say(f"GET /t/{SECRET} and words HTTP/1.1")
    assert "RuntimeError: it broke" in server.said()
    assert "Invalid request from ip=..." in server.said()
    assert SECRET not in server.said()


def test_the_gateway_is_believed_about_who_asks(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        seen = server.ask("/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")[1].split()
    assert seen[2:] == ["203.0.113.9", "https"]


def test_it_opens_no_control_socket_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with gunicorn(tmp_path) as server:
        worker, metrics, *_ = server.ask("/")[1].split()
        assert Path(metrics).is_dir()
        assert int(worker) != server.process.pid
        assert not list(tmp_path.rglob("*.ctl"))
    assert server.process.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"small.py", "log"}


def test_the_application_is_built_after_the_fork(tmp_path: Path) -> None:
    command = [GUNICORN, "-c", str(CONFIGURATION), "--print-config", "missing:wsgi"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    config = dict(line.split("=", 1) for line in done.stdout.replace(" ", "").splitlines() if "=" in line)
    assert (config["preload_app"], config["reuse_port"], config["control_socket_disable"]) == ("False", "True", "True")
    assert (config["accesslog"], config["bind"]) == ("None", "['127.0.0.1:8000']")
