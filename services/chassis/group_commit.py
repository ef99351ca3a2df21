"""Group commit: requests hand in items, one thread writes them together, each caller gets the result after the write.

One journal flush then serves many requests (the idea of every database's log writer).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

from .errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")

MAX_BATCH = 256
MAX_QUEUE = 2_000
ANSWER_SECONDS = 30.0


class GroupCommit(Generic[T, R]):
    """`flush` writes a batch and returns one result or exception per item, in order."""

    def __init__(self, flush: Callable[[Sequence[T]], Sequence[R | Exception]], max_queue: int = MAX_QUEUE) -> None:
        self._flush = flush
        self._queue: SimpleQueue[tuple[T, Future[R]]] = SimpleQueue()
        self._max_queue = max_queue
        self._starting = Lock()
        self._thread: Thread | None = None

    def submit(self, item: T) -> R:
        """Write the item and return its result; raises what `flush` gave, or Unavailable when overloaded."""
        # Threads that ask at the same moment may exceed the limit by their number; it guards memory, nothing else.
        if self._queue.qsize() >= self._max_queue:
            raise Unavailable("too many writes are waiting")
        future: Future[R] = Future()
        self._start()
        self._queue.put((item, future))
        try:
            return future.result(ANSWER_SECONDS)
        except TimeoutError:
            raise Unavailable("the write was not confirmed in time") from None

    def _start(self) -> None:
        """The thread starts with the first item, that is after any fork."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = Thread(target=self._run, name="group-commit", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._queue.get()]
            while len(batch) < MAX_BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except Empty:
                    break
            _answer(batch, self._written([item for item, _ in batch]))

    def _written(self, items: list[T]) -> Sequence[R | Exception]:
        try:
            return self._flush(items)
        except Exception as error:  # every waiting caller must hear of it, and the thread must live
            return [error] * len(items)


def _answer(batch: list[tuple[T, Future[R]]], results: Sequence[R | Exception]) -> None:
    for (_, future), result in zip(batch, results, strict=True):
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
