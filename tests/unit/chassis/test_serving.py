"""Connections that never end their request keep nobody out."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from services.chassis import serving
from services.chassis.http import create_flask
from services.chassis.process import Process
from services.chassis.serving import Server

HANGING = b"POST /v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


@pytest.fixture
def server(process: Process) -> Iterator[Server]:
    one = Server(create_flask("testing", process.settings, process.clock, {}), "127.0.0.1", 0)
    one.start()
    yield one
    one.stop()


def test_many_requests_that_never_end_keep_nobody_out(server: Server) -> None:
    with ExitStack() as held:
        for _ in range(150):
            one = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=2))
            one.sendall(HANGING)
        answer = requests.get(f"http://127.0.0.1:{server.port}/health/live", timeout=3)
    assert answer.status_code == 200


def test_who_says_nothing_is_let_go(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SILENT_SECONDS", 0)
    monkeypatch.setattr(serving, "CLEANUP_SECONDS", 0)
    server = Server(create_flask("testing", process.settings, process.clock, {}), "127.0.0.1", 0)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=4) as one:
        assert one.recv(1) == b""
    server.stop()


@pytest.mark.parametrize(("files", "most"), [(1024, 256), (20_000, 1_000), (resource.RLIM_INFINITY, 1_000), (64, 100)])
def test_files_are_left_for_the_rest_of_the_process(monkeypatch: pytest.MonkeyPatch, files: int, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert serving.connections_most() == most
