"""Starts processes of the product in milliseconds: a process that has imported everything and forks one per request.

It speaks JSON, one line for each request and answer: {"start": [...], "environment": {...}, "log": path} is answered
with a process id, {"poll": id} with null or how it ended (negative: by that signal). When its standard input closes, it
kills what it started and ends. A life it forks is a process of its own, killed and reaped like any other.
"""

import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from threading import Lock
from typing import Any

from tests.running import ROOT, Role, until

PR_SET_PDEATHSIG = 1


class Nursery:
    """The client's side: starts the zygote, and lives through it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, **request: Any) -> Any:
        """Send one request; returns the answer."""
        with self._lock:
            assert self._zygote.stdin
            assert self._zygote.stdout
            assert self._zygote.poll() is None, "the zygote ended; what it wrote to standard error says why"
            self._zygote.stdin.write(json.dumps(request).encode() + b"\n")
            self._zygote.stdin.flush()
            return json.loads(self._zygote.stdout.readline())

    def close(self) -> None:
        """End every life."""
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.close()
        self._zygote.wait(20)
        self._zygote.stdout.close()


class Life:
    """One process, with as much of subprocess.Popen as a Role needs."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it runs, then how it ended."""
        if self.returncode is None:
            self.returncode = self._nursery.ask(poll=self.pid)
        return self.returncode

    def wait(self, seconds: float = 30.0) -> int:
        """Wait for the end; raises TimeoutExpired."""
        try:
            until(lambda: self.poll() is not None, "the end of a process", seconds)
        except AssertionError:
            raise subprocess.TimeoutExpired("role", seconds) from None
        assert self.returncode is not None
        return self.returncode


class ForkedRole(Role):
    """A role whose lives come from a nursery."""

    def __init__(self, nursery: Nursery, arguments: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        super().__init__(arguments, environment, log)
        self._nursery = nursery

    def start(self, **settings: str) -> None:
        """Start it; the settings are for this life alone."""
        environment = {"PATH": os.environ["PATH"], **self.environment, **settings}
        pid = self._nursery.ask(start=list(self.arguments), environment=environment, log=str(self.log))
        self.process = Life(self._nursery, pid)  # type: ignore[assignment]


def serve() -> None:
    """Answer requests until the input closes."""
    alive: dict[int, int | None] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            answer = _fork(request)
            alive[answer] = None
        else:
            answer = alive[request["poll"]] = _poll(request["poll"], alive)
        print(json.dumps(answer), flush=True)
    for pid, ended in alive.items():
        if ended is None and _poll(pid, alive) is None:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _poll(pid: int, alive: dict[int, int | None]) -> int | None:
    if alive[pid] is not None:
        return alive[pid]
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def _fork(request: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        os.setpgid(pid, pid)
        return pid
    try:
        code = _live(request)
    except BaseException:
        traceback.print_exc()
        code = 1
    os._exit(code)


def _live(request: dict[str, Any]) -> int:
    """The child: a group of its own that dies with the zygote, its own log, its own environment."""
    from tests.faults import entry

    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(source, descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    try:
        entry.run(request["start"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else bool(end.code)
    return 0


if __name__ == "__main__":
    importlib.import_module("tests.faults.entry")  # before any fork, and only here: a client needs none of it
    serve()
