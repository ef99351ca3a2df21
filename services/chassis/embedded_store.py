"""The database of the embedded default: SecantusDB, a separate program that speaks MongoDB's wire protocol.

It is GPL-2.0 and only ever started as its own process, never imported (decision D4). Its address lies in the data
folder, so that commands such as `liaise token create` reach the one that runs.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from .clock import monotonic
from .settings import BadSetting, Secret, Settings

PROGRAM = "secantusd-py"
START_SECONDS = 20
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class EmbeddedStore:
    """One running database over a folder; it ends with this process, however that ends."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "store"
        self._address = data_dir / "store.address"
        self._port = free_port()
        # The kernel ends the child with the thread that started it, so that thread must live as long as the process.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._child = self._starter.submit(self._start).result()

    @property
    def uri(self) -> Secret:
        """Where it listens; it does not keep retryable writes, so the driver must not ask for them."""
        return Secret(_uri(self._port))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def watch(self) -> bool:
        """Start it again if it died; True if it had to be."""
        if self._child.poll() is None:
            return False
        self._child = self._starter.submit(self._start).result()
        return True

    def stop(self) -> None:
        """End it; everything acknowledged is on disk already."""
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._address.unlink(missing_ok=True)
        self._starter.shutdown()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start it until it answers: the store of a predecessor that was killed may still be closing its files."""
        deadline = monotonic() + START_SECONDS
        child = self._spawn()
        while not _answers(self._port):
            if monotonic() > deadline:
                child.kill()
                raise BadSetting("The embedded database did not start; store.log in the data folder says why.")
            if child.poll() is not None:
                child = self._spawn()
        self._address.write_text(_uri(self._port))
        return child

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        arguments = ["--host", "127.0.0.1", "--port", str(self._port), "--storage-path", str(self._folder)]
        with (self._folder.parent / "store.log").open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - the program installed beside this one, with our own arguments
                [_program(), *arguments, "--log-level", "WARNING"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches us alone; the store must outlive the last write
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )


def attached(settings: Settings) -> Secret | None:
    """The database of the product that runs over this data folder, if one does."""
    address = settings.data_dir / "store.address"
    if not address.exists():
        return None
    uri = address.read_text()
    try:
        with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=1_000) as client:
            client.admin.command("ping")
    except PyMongoError:
        return None
    return Secret(uri)


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process; raises BadSetting when another has it."""
    import fcntl

    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            why = f"The data folder {data_dir} is in use by another Liaise. Stop that one, or set DATA_DIR to another."
            raise BadSetting(why) from None
        yield


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _uri(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?retryWrites=false"


def _program() -> str:
    beside = Path(sys.executable).parent / PROGRAM
    found = str(beside) if beside.exists() else shutil.which(PROGRAM)
    if not found:
        why = "The embedded database is not installed. Run `pip install 'liaise[embedded]'`, or set MONGODB_URI."
        raise BadSetting(why)
    return found


def _answers(port: int) -> bool:
    """Whether it answers within a second."""
    with MongoClient[dict[str, object]](_uri(port), serverSelectionTimeoutMS=1_000) as client:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
    return True


def _die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is gone, even by SIGKILL."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)
