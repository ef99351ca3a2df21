"""The product's command line with short waits and, on request, with one planted bug: `--plant=NAME consume triage`.

What is shortened are leases, after which a dead process is replaced, and the chunk of the relay, so that a handful of
events is cut in the middle as thousands would be. Gunicorn runs in this process instead of replacing it, so that a
planted bug reaches the web as well.
"""

import os
import sys
from collections.abc import Sequence
from functools import partial

import gunicorn.app.wsgiapp

from services.__main__ import main
from services.chassis import consumer, eventlog_embedded, eventlog_kafka, process, relay
from tests.faults import plants

LOG_LEASE_SECONDS = 3.0
RELAY_LEASE_SECONDS = 2.0
SESSION_SECONDS = 3.0
WORK_SECONDS = 0.5
"""As far below the leases as in production, so that a slow machine does not outlast them."""
CHUNK = 5


def run(arguments: Sequence[str]) -> None:
    """Be `liaise` with these arguments."""
    shorten()
    planted, *rest = arguments
    if planted.startswith("--plant="):
        plants.PLANTS[planted.removeprefix("--plant=")]()
        arguments = rest
    main(args=list(arguments), prog_name="liaise")


def shorten() -> None:
    """Make a test wait for seconds where people may wait for minutes."""
    eventlog_embedded.EmbeddedLog = partial(  # type: ignore[misc, assignment]
        eventlog_embedded.EmbeddedLog, lease_seconds=LOG_LEASE_SECONDS
    )
    eventlog_kafka.KafkaLog = partial(eventlog_kafka.KafkaLog, session_seconds=SESSION_SECONDS)  # type: ignore[misc, assignment]
    consumer.WORK_SECONDS = WORK_SECONDS
    process.LEASE_SECONDS = RELAY_LEASE_SECONDS
    relay.CHUNK = CHUNK
    os.execv = _serve  # type: ignore[assignment]


def _serve(program: str, arguments: list[str]) -> None:
    sys.argv = arguments
    gunicorn.app.wsgiapp.run()


if __name__ == "__main__":
    run(sys.argv[1:])
