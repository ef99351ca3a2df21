"""Mails are read in child processes, which can be killed: no mail costs more than its five seconds and its memory."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import LifoQueue
from threading import Timer
from typing import IO, Any, Final

from .child import READY
from .frames import get, put
from .limits import SECONDS, SIZE, too_large
from .mail import AttachedFile, Bounce, Mail, Ours
from .reading import unreadable

START_SECONDS: Final = 60.0
LATE: Final = f"It took longer than {SECONDS:.0f} seconds to read."
BROKEN: Final = "The program that reads mails broke down on it."
ROOT: Final = Path(__file__).parents[4]


class Parser:
    """Reads mails for any number of threads, in up to `children` processes that start when they are needed."""

    def __init__(self, ours: Ours, children: int = 2) -> None:
        self._ours = ours
        self._free: LifoQueue[_Child | None] = LifoQueue()
        self._children = children
        for _ in range(children):
            self._free.put(None)

    def read(self, content: bytes, envelope_sender: str | None = None) -> Mail:
        """What the mail says; never fails on a mail, whatever it is, but raises OSError when no child can start."""
        if len(content) > SIZE:
            return unreadable(content, str(too_large()))
        idle = self._free.get()
        try:
            child = idle = idle if idle and idle.lives() else _Child(self._ours)
            mail = child.ask(content, envelope_sender)
            if mail is None and not child.late:  # it may have died of something else than this mail
                child = idle = _Child(self._ours)
                mail = child.ask(content, envelope_sender)
            return mail or unreadable(content, LATE if child.late else BROKEN)
        finally:
            self._free.put(idle)

    def close(self) -> None:
        """End the children."""
        for _ in range(self._children):
            child = self._free.get()
            if child:
                child.end()
        for _ in range(self._children):
            self._free.put(None)


class _Child:
    """One process that reads mails; `late` once it was killed for taking too long."""

    def __init__(self, ours: Ours) -> None:
        self.late = False
        self._process = subprocess.Popen(  # noqa: S603 - our own module, with our own arguments
            [sys.executable, "-m", f"{__package__}.child", json.dumps(asdict(ours))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold what somebody confided
            env={"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},  # no secret is within reach
            start_new_session=True,  # Ctrl-C reaches the parent, which may be in the middle of a mail
        )
        self._into, self._out = self._pipes()
        timer = self._timer(START_SECONDS)
        ready = self._out.read(1)
        timer.cancel()
        if ready != READY:
            self.end()
            raise ChildProcessError("The program that reads mails does not start.")

    def lives(self) -> bool:
        """Whether it can be asked."""
        return not self.late and self._process.poll() is None

    def ask(self, content: bytes, envelope_sender: str | None) -> Mail | None:
        """The mail; None when the child did not live to tell."""
        timer = self._timer(SECONDS)
        try:
            put(self._into, json.dumps({"envelope_sender": envelope_sender}).encode())
            put(self._into, content)
            self._into.flush()
            mail = self._answer()
        except OSError:
            mail = None
        finally:
            timer.cancel()
        if mail is None:
            self.end()
        return mail

    def end(self) -> None:
        """Kill it and forget it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._into, self._out):
            with suppress(OSError):
                pipe.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None
        assert out is not None
        return into, out

    def _timer(self, seconds: float) -> Timer:
        timer = Timer(seconds, self._kill)
        timer.daemon = True
        timer.start()
        return timer

    def _kill(self) -> None:
        self.late = True
        self._process.kill()

    def _answer(self) -> Mail | None:
        said = get(self._out)
        if said is None:
            return None
        values = json.loads(said)
        files = [(one, get(self._out)) for one in values["attachments"]]
        if any(content is None for _, content in files):
            return None
        return _mail(values, [AttachedFile(**one, content=content) for one, content in files if content is not None])


def _mail(values: dict[str, Any], files: list[AttachedFile]) -> Mail:
    bounce = values["bounce"]
    return Mail(
        **{
            **values,
            "attachments": tuple(files),
            "bounce": Bounce(**{**bounce, "recipients": tuple(bounce["recipients"])}) if bounce else None,
            "references": tuple(values["references"]),
            "recipients": tuple(values["recipients"]),
        }
    )
