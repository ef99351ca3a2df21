"""Runs loops in threads until SIGTERM or SIGINT, backs off when a round fails, and drains within a bound.

Every loop of the product is `run_once() -> bool` ("did work"), so that tests can drain it and processes can run it.
"""

import random
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread

import structlog

from . import metrics
from .clock import monotonic
from .consumer import TooManyDeadLetters
from .errors import Unavailable
from .eventlog import LogUnavailable
from .mongo import AWAY

BACKOFF_SECONDS = 0.2
BACKOFF_MAX_SECONDS = 5.0
DRAIN_SECONDS = 10.0

logger = structlog.get_logger()


def _nothing() -> None:
    """For a loop that holds nothing."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop: its name, its round, what to close after the last, and how long to rest when there was no work."""

    name: str
    run_once: Callable[[], bool]
    close: Callable[[], None] = _nothing
    idle_seconds: float = 0.2


def catch_signals() -> Callable[[], object]:
    """Take SIGTERM and SIGINT from now on; returns what waits for the first of them.

    A simple queue is the one primitive whose `put` may interrupt itself: with an Event, two signals at once deadlock.
    """
    signals: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: signals.put(caught))
    return signals.get


class Runner:
    """The loops of one process."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self.stopping = Event()
        self._failing: dict[str, str] = {}
        self._threads = [Thread(target=self._run, args=(loop,), name=loop.name, daemon=True) for loop in loops]

    def start(self) -> None:
        """Start every loop."""
        for thread in self._threads:
            thread.start()

    def run(self) -> None:
        """Start, wait for a signal, and drain."""
        wait = catch_signals()
        self.start()
        wait()
        self.drain()

    def drain(self) -> bool:
        """Ask every loop to finish its round; False if one did not within DRAIN_SECONDS."""
        self.stopping.set()
        until = monotonic() + DRAIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        late = [thread.name for thread in self._threads if thread.is_alive()]
        if late:
            logger.warning("stopped without waiting longer; what was under way is redelivered", loops=late)
        return not late

    def check(self) -> None:
        """Raise Unavailable while a loop is failing."""
        if self._failing:
            raise Unavailable(", ".join(sorted(self._failing)))

    def failing(self) -> dict[str, str]:
        """The loops whose last round failed, with the error's class name."""
        return dict(self._failing)

    def _run(self, loop: Loop) -> None:
        failures = 0
        while not self.stopping.is_set():
            error = self._round(loop)
            failures = failures + 1 if error else 0
            if error:
                self.stopping.wait(_backoff(failures))
        loop.close()

    def _round(self, loop: Loop) -> Exception | None:
        try:
            if not loop.run_once():
                self.stopping.wait(loop.idle_seconds)
        except (Unavailable, LogUnavailable, TooManyDeadLetters, *AWAY) as error:
            return self._failed(loop, error)
        except Exception as error:  # the loop must outlive a bug; health and the metric show it
            logger.exception("round failed", loop=loop.name)
            return self._failed(loop, error)
        self._failing.pop(loop.name, None)
        metrics.LOOP_UP.labels(loop.name).set(1)
        return None

    def _failed(self, loop: Loop, error: Exception) -> Exception:
        name = type(error).__name__
        if self._failing.get(loop.name) != name:
            logger.warning("loop is failing, it goes on trying", loop=loop.name, error=name)
        self._failing[loop.name] = name
        metrics.LOOP_UP.labels(loop.name).set(0)
        metrics.LOOP_FAILURES.labels(loop.name, name).inc()
        return error


def _backoff(failures: int) -> float:
    """Full jitter, so that many processes do not come back at once."""
    return random.uniform(BACKOFF_SECONDS, min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2.0 ** min(failures, 10)))
