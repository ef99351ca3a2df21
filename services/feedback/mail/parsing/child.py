"""The child process that reads mails, one after the other, for `child_parser`; killed, it takes nothing with it.

It says one byte when it is ready; then for each mail it takes two frames, the question as JSON and the bytes, and gives
the mail as JSON and a frame for each attachment. A frame is four bytes of length, and its content.
"""

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from .frames import get, put
from .limits import MEMORY, SECONDS
from .mail import Mail, Ours
from .reading import parse, unreadable

READY = b"!"


def serve(questions: IO[bytes], answers: IO[bytes], ours: Ours) -> None:
    """Answer until there is nobody left to ask."""
    answers.write(READY)
    answers.flush()
    while (asked := get(questions)) is not None and (content := get(questions)) is not None:
        # The kernel ends this process when its parent, gone or stopped, does not.
        signal.setitimer(signal.ITIMER_REAL, SECONDS + 1)
        mail = _read(content, ours, json.loads(asked)["envelope_sender"])
        put(answers, json.dumps(_without_files(mail)).encode())
        for one in mail.attachments:
            put(answers, one.content)
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _read(content: bytes, ours: Ours, envelope_sender: str | None) -> Mail:
    try:
        return parse(content, ours, envelope_sender)
    except MemoryError:
        reason = "It needs more memory to read than a mail may take."
    except Exception as error:  # a defect of ours must cost one mail's place in the queue, not the mail
        reason = f"It could not be read ({type(error).__name__})."
    return unreadable(content, reason)


def _without_files(mail: Mail) -> dict[str, Any]:
    """The mail as JSON takes it; the bytes of its files follow in frames of their own."""
    files = [{"filename": one.filename, "content_type": one.content_type} for one in mail.attachments]
    values = {name: getattr(mail, name) for name in Mail.__slots__ if name not in ("attachments", "bounce")}
    return values | {"attachments": files, "bounce": asdict(mail.bounce) if mail.bounce else None}


def bound() -> None:
    """Limits that hold whatever the code does: memory, no files, no core."""
    limits = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0}
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand between two frames
    bound()
    serve(sys.stdin.buffer, out, Ours(**json.loads(sys.argv[1])))
