"""Reads the log for one group and turns every record into an outcome; the offset moves last (decision D5).

A Retry blocks its partition: order per aggregate is worth more than throughput. A DeadLetter keeps the original bytes.
After `DEAD_LETTER_LIMIT` of them in a row the consumer stops, so that a bad deploy does not drain the topic.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from ..contracts.envelope import Envelope
from ..contracts.registry import Event, InvalidEvent, UnknownEvent
from ..contracts.topics import dead_letter_topic
from . import metrics, wire
from .clock import monotonic
from .errors import Conflict, NotYet, Unavailable
from .eventlog import MAX_RECORD_BYTES, EventLog, LogConsumer, LogUnavailable, Message, Producer, Record
from .failpoints import hit
from .mongo import AWAY

Handlers = Mapping[type[Event], Callable[[Envelope[Any]], None]]
Partition = tuple[str, int]

DEAD_LETTER_LIMIT = 20
BUG_TRIES = 5
NOT_YET_TRIES = 300
RETRY_SECONDS = 0.1
RETRY_MAX_POLLS = 5
BATCH = 100
WORK_SECONDS = 2.0
"""After this the rest of a batch is given back; memberships last 10 seconds or more."""

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done:
    """The effect is stored, or there is none to store."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try this record again after `delay` seconds."""

    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Set this record aside; the reason holds no personal data."""

    reason: str


Outcome = Done | Retry | DeadLetter


class TooManyDeadLetters(Exception):
    """The consumer stopped itself; nothing after the last committed record was touched."""


class Consumer:
    """One member of a consumer group; it waits `poll_seconds` for records, and for a retry at most five times that."""

    def __init__(
        self, group: str, topics: Sequence[str], handlers: Handlers, log: EventLog, poll_seconds: float = 1.0
    ) -> None:
        self._group = group
        self._topics = topics
        self._handlers = {event.TYPE: handler for event, handler in handlers.items()}
        self._log = log
        self._poll_seconds = poll_seconds
        self._member: LogConsumer | None = None
        self._producer: Producer | None = None
        self._blocked: dict[Partition, tuple[Record, float]] = {}
        self._attempts: dict[Partition, tuple[int, str, int]] = {}
        self._dead_in_a_row = 0

    def run_once(self) -> bool:
        """Handle one batch; False when the topics are quiet and nothing waits for a retry."""
        if self._dead_in_a_row >= DEAD_LETTER_LIMIT:
            raise TooManyDeadLetters(f"{self._group}: {self._dead_in_a_row} dead letters in a row; look, then restart")
        self._member = self._member or self._log.consumer(self._group, self._topics)
        try:
            return self._round(self._member)
        except LogUnavailable:  # positions and blocks stand; the next round goes on from them
            raise
        except BaseException:
            self._start_over()
            raise

    def _round(self, member: LogConsumer) -> bool:
        self._unblock(member)
        records = member.poll(self._poll_seconds, BATCH)
        for record in records:  # a paused partition delivers nothing: this one was lost and came back, read anew
            self._blocked.pop((record.topic, record.partition), None)
        if records:
            hit("consumer.after_poll")
            self._work(member, records)
        return bool(records or self._blocked)

    def _start_over(self) -> None:
        """Leave the group: polling has moved on from records that were not handled, and only the offsets are true."""
        member, self._member = self._member, None
        self._blocked.clear()
        if member:
            with suppress(LogUnavailable):
                member.close()

    def close(self) -> None:
        """Leave the group."""
        if self._member:
            self._member.close()
        if self._producer:
            self._producer.close()

    def _work(self, member: LogConsumer, records: list[Record]) -> None:
        done: dict[Partition, Record] = {}
        until = monotonic() + WORK_SECONDS
        for index, record in enumerate(records):
            if index and monotonic() > until:
                self._give_back(member, records[index:])
                break
            partition = record.topic, record.partition
            if partition in self._blocked or self._dead_in_a_row >= DEAD_LETTER_LIMIT:
                continue
            match self._settled(record):
                case Retry(delay, reason):
                    self._block(member, record, delay, reason)
                case Done():
                    done[partition] = record
        hit("consumer.after_handle")
        for record in done.values():
            member.commit(record)
        hit("consumer.after_commit")

    def _give_back(self, member: LogConsumer, rest: list[Record]) -> None:
        """Read these again later: a batch that outlasts the membership could never be committed."""
        given: set[Partition] = set(self._blocked)
        for record in rest:
            if (record.topic, record.partition) not in given:
                given.add((record.topic, record.partition))
                member.rewind(record)

    def _settled(self, record: Record) -> Done | Retry:
        """Handle the record, or set it aside; what cannot be set aside now is kept for a retry."""
        outcome = self._outcome(record)
        match outcome:
            case DeadLetter(reason):
                try:
                    self._set_aside(record, reason)
                except LogUnavailable as error:
                    return self._retry(record, error)
                return Done()
            case Done():
                self._dead_in_a_row = 0
                self._count(record, "done")
        return outcome

    def _outcome(self, record: Record) -> Outcome:
        """The one place where an exception becomes an outcome."""
        try:
            envelope = wire.to_envelope(record)
            handler = self._handlers.get(envelope.type)
            if handler:
                handler(envelope)
            return Done()
        except (UnknownEvent, InvalidEvent) as error:
            return DeadLetter(str(error))
        except (Unavailable, LogUnavailable, *AWAY) as error:
            return self._retry(record, error)
        except (NotYet, Conflict) as error:
            return self._retry_or_give_up(record, error, NOT_YET_TRIES)
        except Exception as error:  # a bug in a handler is an outcome as well
            logger.exception("handler failed", group=self._group, topic=record.topic, offset=record.offset)
            return self._retry_or_give_up(record, error, BUG_TRIES)

    def _retry_or_give_up(self, record: Record, error: Exception, most: int) -> Outcome:
        retry = self._retry(record, error)
        return DeadLetter(retry.reason) if self._tries(record, retry.reason) > most else retry

    def _retry(self, record: Record, error: Exception) -> Retry:
        reason = type(error).__name__  # the class alone: a message may quote what somebody wrote
        tries = self._tries(record, reason) + 1
        self._attempts[record.topic, record.partition] = record.offset, reason, tries
        return Retry(min(RETRY_SECONDS * 2.0 ** min(tries - 1, 10), RETRY_MAX_POLLS * self._poll_seconds), reason)

    def _tries(self, record: Record, reason: str) -> int:
        """How often this record failed in this way without a break; an outage does not use up a bug's tries."""
        offset, last_reason, tries = self._attempts.get((record.topic, record.partition), (-1, "", 0))
        return tries if (offset, last_reason) == (record.offset, reason) else 0

    def _block(self, member: LogConsumer, record: Record, delay: float, reason: str) -> None:
        self._count(record, "retry")
        logger.info("retry", group=self._group, topic=record.topic, offset=record.offset, reason=reason)
        self._blocked[record.topic, record.partition] = record, monotonic() + delay
        member.rewind(record)
        member.pause(record)

    def _unblock(self, member: LogConsumer) -> None:
        now = monotonic()
        for partition, (record, until) in list(self._blocked.items()):
            if member.lost(record) or until <= now:
                del self._blocked[partition]
                member.resume(record)

    def _set_aside(self, record: Record, reason: str) -> None:
        self._producer = self._producer or self._log.producer()
        notes = {
            "dl_topic": record.topic,
            "dl_partition": str(record.partition),
            "dl_offset": str(record.offset),
            "dl_reason": reason,
            "dl_attempts": str(max(self._tries(record, reason), 1)),
            "dl_bytes": str(len(record.value)),
        }
        headers = record.headers + tuple((name, text.encode()) for name, text in notes.items())
        value = record.value[:MAX_RECORD_BYTES]  # what is longer came from elsewhere, and stays where it was read
        self._producer.append([Message(dead_letter_topic(self._group), record.key, value, headers)])
        self._dead_in_a_row += 1
        self._count(record, "dead-letter")
        logger.error("dead letter", group=self._group, topic=record.topic, offset=record.offset, reason=reason)

    def _count(self, record: Record, outcome: str) -> None:
        metrics.HANDLED.labels(self._group, record.topic, outcome).inc()
