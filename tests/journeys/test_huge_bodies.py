"""Bodies far larger than anything is taken: refused while they arrive, in words, without filling the memory."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from services.chassis.embedded_store import EmbeddedStore
from tests.running import OverHttp, Role, Running, in_one_process, settings_for, until

STREAM = 320_000_000
"""Bytes sent without saying how many will come."""
GIGABYTE = 1_000_000_000
GROWTH = 64_000_000
BLOCK = b"x" * 250_000
FORM = "multipart/form-data; boundary=b"
START = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
DOORS = [
    ("/", FORM, START, "text/html"),
    ("/", "application/x-www-form-urlencoded", b"text=", "text/html"),
    ("/t/nobody/rate", FORM, START, "text/html"),
    ("/v1/feedback", "application/json", b'{"text": "', "application/problem+json"),
]
"""Paths that anybody may send to; their content type, how the body begins, and the type of the answer."""

SENTENCES = ("Go back and send less", "Send less.", "exceeds the capacity limit")

Shape = Callable[[Path], AbstractContextManager[Running]]


@contextmanager
def one_process(folder: Path) -> Iterator[Running]:
    """`liaise run`: waitress."""
    with in_one_process(folder, "") as running:
        yield running


@contextmanager
def behind_gunicorn(folder: Path) -> Iterator[Running]:
    """`liaise web feedback`, without a gateway in front that would refuse first."""
    store = EmbeddedStore(folder / "database")
    environment = settings_for(folder, "", MONGODB_URI=store.uri.reveal())
    running = Running(int(environment["PORT"]), 0, environment)
    running.roles["web"] = Role(("web", "feedback"), environment, folder / "web.log")
    try:
        running.command("migrate")
        running.roles["web"].start()
        until(lambda: answers(running.port), "the web role")
        yield running
    finally:
        running.stop()
        store.stop()


def answers(port: int) -> bool:
    """Whether it serves."""
    try:
        return OverHttp(port).get("/health/live").status_code == 200
    except OSError:
        return False


def memory(running: Running) -> int:
    """Bytes of memory that the web processes hold, the database aside."""
    total = 0
    for role in running.roles.values():
        assert role.process
        for pid in [role.process.pid, *children(role.process.pid)]:
            status = Path(f"/proc/{pid}/status").read_text()
            if "secantus" not in status:
                total += 1024 * int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
    return total


def children(pid: int) -> list[int]:
    """The processes it started."""
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def send(running: Running, path: str, headers: str, blocks: Iterator[bytes]) -> tuple[str, int, int]:
    """The answer, how many bytes were sent before it came, and by how much the memory grew at most meanwhile."""
    before, most, sent = memory(running), 0, 0
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        try:
            for count, block in enumerate(blocks):
                connection.sendall(block)
                sent += len(block)
                if count % 20 == 0:
                    most = max(most, memory(running))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        return received(connection), sent, max(most, memory(running)) - before


def received(connection: socket.socket) -> str:
    """All that came back."""
    answer = b""
    try:
        while more := connection.recv(65536):
            answer += more
    except ConnectionResetError:
        pass
    return answer.decode()


def chunked(start: bytes, length: int) -> Iterator[bytes]:
    """A body in chunks (RFC 9112), which never says how long it is."""
    yield b"%x\r\n%s\r\n" % (len(start), start)
    for _ in range(length // len(BLOCK)):
        yield b"%x\r\n%s\r\n" % (len(BLOCK), BLOCK)


@pytest.mark.parametrize("shape", [one_process, behind_gunicorn])
def test_a_huge_body_is_refused_in_words_and_never_held(
    tmp_path: Path, shape: Callable[[Path], Iterator[Running]]
) -> None:
    with shape(tmp_path) as running:  # type: ignore[attr-defined]
        for path, content_type, start, answered in DOORS:
            for headers, blocks in (
                ("Transfer-Encoding: chunked\r\n", chunked(start, STREAM)),
                (f"Content-Length: {GIGABYTE}\r\n", iter([start])),
            ):
                answer, sent, grown = send(running, path, f"Content-Type: {content_type}\r\n{headers}", blocks)
                what = (path, content_type, headers, sent, grown, answer[:300])
                assert answer.startswith("HTTP/1.1 413"), what
                assert f"Content-Type: {answered}" in answer, what
                assert any(sentence in answer for sentence in SENTENCES), what
                assert grown < GROWTH, what
        assert answers(running.port)


def test_files_as_large_as_may_be_pass_through_a_small_memory(tmp_path: Path) -> None:
    with one_process(tmp_path) as running:
        said = {"Content-Type": "application/json"}
        receipt = OverHttp(running.port)._request("POST", "/v1/feedback", '{"text": "It is broken."}', said, False)
        answer = json.loads(receipt.text)
        owner = f"Authorization: Bearer {answer['tracking_url'].rpartition('/')[2]}\r\n"
        body = b"".join(START.replace(b"a.bin", b"%d.bin" % n) + BLOCK * 32 + b"\r\n" for n in range(3)) + b"--b--\r\n"
        headers = f"{owner}Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        parts = (body[start : start + len(BLOCK)] for start in range(0, len(body), len(BLOCK)))
        text, _, grown = send(running, f"/v1/feedback/{answer['id']}/files", headers, parts)
        assert text.startswith("HTTP/1.1 201"), text
        assert [file["size"] for file in json.loads(text.partition("\r\n\r\n")[2])["files"]] == [8_000_000] * 3
        assert grown < GROWTH, grown
