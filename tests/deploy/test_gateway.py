"""The gateway's configuration, run by a real nginx before four stand-in services that answer with their name."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.skips import missing

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "gateway" / "nginx.conf"
SERVICES = ("feedback", "triage", "notify", "insights")
NO_HEADERS: dict[str, str] = {}
SECRET = "kX9-secret-tracking-token"
PATHS = {
    "feedback": "/ /t/abc /v1/feedback /v1/units /docs /v1/openapi.json /assets/liaise.css /health/ready /anything",
    "triage": "/triage/ /triage/cases/1 /triage /sign-in /sign-out /v1/cases /v1/cases/1/done /v1/directory",
    "notify": "/notify/ /mailbox/ /v1/notifications /v1/notifications?feedback=1",
    "insights": "/insights/ /v1/insights/summary",
}
LOOKALIKES = ["/triagex", "/v1/casesx", "/sign-in-now", "/x/triage/", "/v1/insightsx"]


class Gateway:
    def __init__(self, port: int) -> None:
        self._port = port

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", headers: dict[str, str] = NO_HEADERS
    ) -> tuple[int, bytes]:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=10)) as connection:
            connection.request(method, path, body, {"Host": "feedback.example:8443", **headers})
            response = connection.getresponse()
            return response.status, response.read()


def echo(name: str) -> type[BaseHTTPRequestHandler]:
    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            taken = len(self.rfile.read(length))
            answer = {"service": name, "taken": taken, "path": self.path, "headers": dict(self.headers)}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    return Echo


@contextmanager
def serving(name: str) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), echo(name))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def adapted(folder: Path, port: int, upstreams: dict[str, int]) -> str:
    """The shipped file with this machine's addresses and folders in place of the container's."""
    text = CONFIGURATION.read_text()
    for name, upstream in upstreams.items():
        text = text.replace(f"server web-{name}:8000;", f"server 127.0.0.1:{upstream};")
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace("/tmp/", f"{folder}/")
    text = text.replace("/dev/stdout", f"{folder}/access.log").replace("/dev/stderr", f"{folder}/error.log")
    assert not re.search(r"web-\w+:|listen 8080", text)
    return f"user root;\n{text}" if os.geteuid() == 0 else text


@contextmanager
def nginx(folder: Path, port: int, upstreams: dict[str, int]) -> Iterator[Gateway]:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing("nginx is not installed, so the gateway's configuration was not run.")
    configuration = folder / "nginx.conf"
    configuration.write_text(adapted(folder, port, upstreams))
    command = [program, "-e", str(folder / "error.log"), "-c", str(configuration), "-g", "daemon off;"]
    checked = subprocess.run([*command[:-2], "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command)
    try:
        gateway = Gateway(port)
        wait_until_alive(gateway, process)
        yield gateway
    finally:
        process.send_signal(signal.SIGQUIT)  # answers, and writes its log lines, before it ends
        process.wait(10)


def wait_until_alive(gateway: Gateway, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            assert gateway.ask("/health/live") == (200, b"alive\n")
            return
        except ConnectionRefusedError:
            assert process.poll() is None, "nginx ended"
            assert time.monotonic() < until, "nginx did not answer"


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, int]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(serving(name)) for name in SERVICES}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, upstreams: dict[str, int]) -> Iterator[Gateway]:
    with nginx(tmp_path_factory.mktemp("gateway"), free_port(), upstreams) as running:
        yield running


def logs(folder: Path) -> str:
    return "".join((folder / name).read_text() for name in ("access.log", "error.log"))


@pytest.mark.parametrize(("path", "service"), [(path, name) for name, paths in PATHS.items() for path in paths.split()])
def test_every_public_path_reaches_its_service(gateway: Gateway, path: str, service: str) -> None:
    status, body = gateway.ask(path)
    answer = json.loads(body)
    assert (status, answer["service"], answer["path"]) == (200, service, path)


@pytest.mark.parametrize("path", LOOKALIKES)
def test_a_path_that_only_looks_alike_is_left_to_feedback(gateway: Gateway, path: str) -> None:
    assert json.loads(gateway.ask(path)[1])["service"] == "feedback"


def test_services_learn_the_public_address_and_a_client_cannot_claim_another_origin(gateway: Gateway) -> None:
    claimed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    _, body = gateway.ask("/", headers=claimed)
    headers = json.loads(body)["headers"]
    assert headers["Host"] == headers["X-Forwarded-Host"] == "feedback.example:8443"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "https"


def test_figures_are_not_shown_to_the_public(gateway: Gateway) -> None:
    assert gateway.ask("/metrics")[0] == 404


def test_a_body_of_20_mib_passes_and_one_of_26_is_refused(gateway: Gateway) -> None:
    status, body = gateway.ask("/v1/feedback", "POST", b"x" * (20 << 20))
    assert (status, json.loads(body)["taken"]) == (200, 20 << 20)
    huge = {"Content-Length": str(26 << 20)}
    status, body = gateway.ask("/v1/feedback", "POST", headers=huge)
    assert (status, json.loads(body)["status"]) == (413, 413)
    status, body = gateway.ask("/", "POST", headers=huge)
    assert status == 413
    assert b"Go back and send less" in body


def test_logs_say_where_a_request_went_and_never_what_it_asked_for(tmp_path: Path, upstreams: dict[str, int]) -> None:
    with nginx(tmp_path, free_port(), upstreams) as watched:
        assert watched.ask(f"/t/{SECRET}?q={SECRET}", headers={"Referer": f"https://x/{SECRET}"})[0] == 200
        assert watched.ask(f"/triage/?q={SECRET}")[0] == 200
    assert " GET feedback 200 " in logs(tmp_path)
    assert " GET triage 200 " in logs(tmp_path)
    assert SECRET not in logs(tmp_path)


def test_a_service_that_is_away_is_a_502_and_its_log_line_tells_no_secret(tmp_path: Path) -> None:
    with nginx(tmp_path, free_port(), {name: free_port() for name in SERVICES}) as lonely:
        assert lonely.ask(f"/t/{SECRET}")[0] == 502
    assert " GET feedback 502 " in logs(tmp_path)
    assert SECRET not in logs(tmp_path)
