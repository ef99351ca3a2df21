"""Compares what was acknowledged with everything there is. A finding begins with what it is: lost, doubled or wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from services.chassis import ids
from services.contracts.triage import ENDINGS
from tests.faults.ledger import Facts, Said
from tests.faults.snapshot import Snapshot

LOST, DOUBLED, WRONG = "lost", "doubled", "wrong"


def check(facts: Facts, seen: Snapshot, extra_copies: int = 0) -> list[str]:
    """What is not as it should be; of all mails together, `extra_copies` may have come a second time."""
    return [
        *_feedbacks(facts, seen),
        *_each_feedback(facts, seen),
        *_events(seen),
        *_mails(seen, extra_copies),
        *(f"{LOST}: dead letter of {letter.topic}, {dict(letter.headers)['dl_reason']!r}" for letter in seen.dead),
    ]


def _feedbacks(facts: Facts, seen: Snapshot) -> Iterator[str]:
    """One feedback for each acknowledged submission and none besides."""
    stored = defaultdict(list)
    for document in seen.feedbacks.values():
        stored[ids.digest(document["text"])].append(document)
    for said in facts.said:
        found = stored.pop(said.digest, [])
        yield from _count(len(found), 1, f"feedback by {said.door}")
        if found and not _is(said, found[0]):
            yield f"{WRONG}: the feedback by {said.door} is not the one acknowledged as {said.number}"
    for digest in stored:
        yield f"{WRONG}: a feedback nobody was told of ({digest[:8]})"
    for digest, times in Counter(said.digest for said in facts.said).items():
        assert times == 1, f"the driver said {digest} twice"


def _is(said: Said, document: dict[str, Any]) -> bool:
    known = said.id in (None, document["_id"]) and said.number in (None, document["number"])
    return known and said.address == document["email"]


def _each_feedback(facts: Facts, seen: Snapshot) -> Iterator[str]:
    for name in ("cases", "conversations", "journeys"):
        extra = getattr(seen, name).keys() - seen.feedbacks.keys()
        if extra:
            yield f"{WRONG}: {len(extra)} {name} without a feedback"
    told = defaultdict(list)
    for notification in seen.notifications.values():
        told[notification["feedback"]].append(notification)
    for feedback_id, feedback in seen.feedbacks.items():
        yield from _copies(feedback, seen)
        yield from _outcome(facts, feedback, seen)
        yield from _words(facts, feedback, seen)
        yield from _told(facts.ended.get(feedback_id), told[feedback_id], seen)


def _copies(feedback: dict[str, Any], seen: Snapshot) -> Iterator[str]:
    """What each service knows of it."""
    for name in ("cases", "conversations", "journeys"):
        copy = getattr(seen, name).get(feedback["_id"])
        if copy is None:
            yield f"{LOST}: {feedback['number']} in {name}"
        elif copy.get("number") != feedback["number"]:
            yield f"{WRONG}: {feedback['number']} is {copy.get('number')} in {name}"
    case = seen.cases.get(feedback["_id"])
    if case and case["text"] != feedback["text"]:
        yield f"{WRONG}: the case of {feedback['number']} has other words"


def _outcome(facts: Facts, feedback: dict[str, Any], seen: Snapshot) -> Iterator[str]:
    """The decision that was acknowledged, everywhere and once."""
    ended = facts.ended.get(feedback["_id"])
    case, journey = seen.cases.get(feedback["_id"], {}), seen.journeys.get(feedback["_id"], {})
    number, wanted = feedback["number"], int(ended is not None)
    yield from _count(_entries(case, "timeline", "what", *ENDINGS), wanted, f"outcome in the case of {number}")
    yield from _count(_entries(feedback, "history", "kind", *ENDINGS), wanted, f"outcome of {number}")
    yield from _count(len(journey.get("closures", {})), wanted, f"outcome in the journey of {number}")
    yield from _count(len(journey.get("closing_messages", {})), wanted, f"closing message in the journey of {number}")
    for status in (case.get("state"), feedback["status"]):
        if ended and status != ended:
            yield f"{WRONG}: {number} is {status} instead of {ended}"


def _words(facts: Facts, feedback: dict[str, Any], seen: Snapshot) -> Iterator[str]:
    """Replies and ratings, each once in every place."""
    case, journey = seen.cases.get(feedback["_id"], {}), seen.journeys.get(feedback["_id"], {})
    number, replies = feedback["number"], len(facts.replies.get(feedback["_id"], ()))
    yield from _count(_entries(feedback, "history", "kind", "reply"), replies, f"reply to {number}")
    yield from _count(_entries(case, "timeline", "what", "replied"), replies, f"reply in the case of {number}")
    rated = int(feedback["_id"] in facts.scores)
    yield from _count(len(feedback["ratings"]), rated, f"rating of {number}")
    yield from _count(len(case.get("ratings", ())), rated, f"rating in the case of {number}")
    yield from _count(len(journey.get("pulses", {})), rated, f"rating in the journey of {number}")


def _told(ended: str | None, notifications: list[dict[str, Any]], seen: Snapshot) -> Iterator[str]:
    """One receipt, one closing message, each settled and shown in the case."""
    kinds = Counter(notification["kind"] for notification in notifications)
    yield from _count(kinds["receipt"], 1, "receipt")
    yield from _count(kinds["outcome"], int(ended is not None), "closing message")
    for notification in notifications:
        wanted = "sent" if notification["recipient"] else "on_page"
        if notification["state"] != wanted:
            yield f"{WRONG}: a {notification['kind']} is {notification['state']} instead of {wanted}"
        shown = [mail["id"] for mail in seen.cases.get(notification["feedback"], {}).get("mails", ())]
        yield from _count(shown.count(notification["_id"]), 1, f"{notification['kind']} in the case")


def _events(seen: Snapshot) -> Iterator[str]:
    """Every event of every aggregate at least once, numbers without a gap, first seen in their order."""
    first: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for event in seen.events:
        known = first[event.topic, event.subject].setdefault(event.seq, event.id)
        if known != event.id:
            yield f"{DOUBLED}: {event.topic} {event.subject} has two events numbered {event.seq}"
    sources = (seen.feedbacks, "feedback"), (seen.cases, "triage"), (seen.notifications, "notify")
    for documents, topic in (*sources, (seen.units, "directory")):
        for document in documents.values():
            order = list(first.pop((topic, document["_id"]), {}))
            if sorted(order) != list(range(1, document["seq"] + 1)):
                yield f"{LOST}: {topic} has events {order} of {document['seq']}"
            elif order != sorted(order):
                yield f"{WRONG}: {topic} has events in the order {order}"
    for topic, _ in first:
        yield f"{WRONG}: an event in {topic} of something that is not there"


def _mails(seen: Snapshot, extra_copies: int) -> Iterator[str]:
    """Every message that counts as sent arrived; what came twice has the same id and words and was doubted."""
    arrived = defaultdict(list)
    for mail in seen.mails:
        arrived[str(mail["Message-ID"])].append(mail.as_bytes())
    extra = 0
    for notification in seen.notifications.values():
        copies = arrived.pop(notification["message_id"], [])
        if notification["recipient"] and not copies:
            yield f"{LOST}: the mail of a {notification['kind']}"
        if len(copies) > 1 + notification["doubts"]:
            yield f"{DOUBLED}: {len(copies)} mails of a {notification['kind']} with {notification['doubts']} doubts"
        if len(set(copies)) > 1:
            yield f"{DOUBLED}: the copies of a {notification['kind']} differ"
        extra += max(0, len(copies) - 1)
    if extra > extra_copies:
        yield f"{DOUBLED}: {extra} mails came again, {extra_copies} may"
    for message_id in arrived:
        yield f"{DOUBLED}: a mail that belongs to no message ({message_id})"


def _count(found: int, wanted: int, what: str) -> Iterator[str]:
    if found < wanted:
        yield f"{LOST}: {found} of {wanted} {what}"
    if found > wanted:
        yield f"{DOUBLED}: {found} instead of {wanted} {what}"


def _entries(document: dict[str, Any], field: str, key: str, *kinds: str) -> int:
    return sum(entry[key] in kinds for entry in document.get(field, ()))
