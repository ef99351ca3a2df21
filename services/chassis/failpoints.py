"""Named points at which a test may kill this process; inert unless FAILPOINTS is set (refused outside testing).

`FAILPOINTS="relay.after_publish=kill@3"` kills this process (SIGKILL) at the third hit. A test enumerates NAMES.
"""

import os
import re
import signal
from threading import Lock

NAMES = frozenset(
    {
        "intake.before_write",
        "intake.after_write",
        "mail.before_write",
        "mail.after_write",
        "mailbox.after_take",
        "mailbox.after_mark",
        "relay.before_publish",
        "relay.mid_publish",
        "relay.after_publish",
        "relay.after_mark",
        "consumer.after_poll",
        "consumer.after_handle",
        "consumer.after_commit",
        "save.before_write",
        "save.after_write",
        "deliver.after_claim",
        "deliver.after_data",
        "deliver.after_sent",
    }
)

_armed: dict[str, int] = {}
_lock = Lock()


def arm(text: str) -> None:
    """Arm the points of `name=kill@n[,name=kill@n...]`; raises ValueError for an unknown name or form."""
    for item in filter(None, text.split(",")):
        match = re.fullmatch(r"([a-z_.]+)=kill(?:@(\d+))?", item.strip())
        if not match or match[1] not in NAMES:
            raise ValueError(f"unknown failpoint {item!r}")
        _armed[match[1]] = int(match[2] or 1)


def hit(name: str) -> None:
    """Die here if this was the hit the point is armed for."""
    if not _armed or name not in _armed:
        return
    with _lock:
        _armed[name] -= 1
        if _armed[name] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
