"""Real mails that nobody here wrote: each is accounted for, and the same however often it comes."""

from collections import Counter
from email import message_from_bytes
from time import perf_counter

import pytest

from services.feedback.mail.server import ANSWERS, KNOWN, SET_ASIDE, TAKEN, Receiver
from services.feedback.mail.taking import Taken
from tests.corpora import corpus as folder_of
from tests.unit.feedback.mail_receiving.conftest import SENDER, Post

MACHINES = ("bounce", "complaint", "auto-reply")


def mails(*names: str) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for name in names for path in sorted(folder_of(name).glob("*.eml"))]


def kept(post: Post) -> int:
    return len(post.stored()) + len(post.reports()) + post.room.stores.quarantine.count()


@pytest.mark.parametrize("corpus", ["decode", "odd", "human", "bounce"])
def test_delivered_three_times_each_is_one(post: Post, corpus: str) -> None:
    outcomes: Counter[str] = Counter()
    unequal = []
    for name, content in mails(corpus):
        before = kept(post)
        taken: list[Taken] = [post.take(content, "it@liaise.example", sender=SENDER) for _ in range(3)]
        outcomes[taken[0].outcome] += 1
        unequal += [name] if len({one.outcome for one in taken}) > 1 or kept(post) - before > 1 else []
    print(f"{corpus}: {dict(outcomes)}")
    assert unequal == []
    assert sum(outcomes.values()) == len(mails(corpus))


def test_what_people_wrote_is_feedback_and_what_machines_wrote_never_is(post: Post) -> None:
    for name, content in mails("human"):
        assert post.take(content, "it@liaise.example").outcome == "feedback", name
    feedbacks = len(post.stored())
    said = [(name, post.take(content, "it@liaise.example", sender="").outcome) for name, content in mails("bounce")]
    assert [(name, outcome) for name, outcome in said if outcome not in MACHINES] == []
    assert len(post.stored()) == feedbacks


def test_every_odd_mail_gets_an_answer_within_five_seconds(post: Post) -> None:
    receiver = Receiver(post.taker)
    slow = []
    for name, content in mails("odd"):
        started = perf_counter()
        answer = receiver.take(content, SENDER, ("it@liaise.example",))
        slow += [name] if perf_counter() - started > 5 else []
        assert answer in {TAKEN, KNOWN, SET_ASIDE, *ANSWERS.values()}, name
    assert slow == []


def test_a_message_id_used_twice_hides_nothing(post: Post) -> None:
    for name, content in mails("human")[:10]:
        first = post.take(content, "it@liaise.example")
        other = content.rstrip() + b"\r\nAnd something else that nobody must lose.\r\n"
        assert message_from_bytes(content)["Message-ID"] == message_from_bytes(other)["Message-ID"]
        assert not first.repeated, name
        assert not post.take(other, "it@liaise.example").repeated, name
