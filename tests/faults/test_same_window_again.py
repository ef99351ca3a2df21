"""The same window hit again and again: between publishing and marking, between DATA and noting it, within a batch.

LIAISE_KILLS says how often (20; 100 for the full figure).
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest

from services.chassis import outbox
from services.chassis.embedded_store import EmbeddedStore
from services.contracts import topics
from tests import builders
from tests.faults import snapshot
from tests.faults.install import Install
from tests.faults.sole import Sole, alone
from tests.faults.zygote import Nursery
from tests.running import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(600)]

KILLS = int(os.environ.get("LIAISE_KILLS", "20"))


def test_killed_between_publishing_and_marking(install: Install, seed: int) -> None:
    driver, name = install.driver(Random(seed)), "relay feedback"
    with ThreadPoolExecutor(4) as pool:
        stories = []
        for _ in range(KILLS):
            install.restart(name, FAILPOINTS="relay.after_publish=kill")
            stories.append(pool.submit(driver.story))
            until(lambda: install.died_at_its_point(name), "the relay dies", 60)
            install.kills += 1
        install.restart(name)
        for story in stories:
            story.result()
    assert install.findings() == []
    events = snapshot.take(install.process, install.log, []).events
    again = len(events) - len({event.id for event in events})
    print(f"{KILLS} kills after publishing, {len(stories)} stories, {again} events came again, none had an effect")
    assert again >= KILLS - 1


def test_killed_between_data_and_the_note(install: Install, seed: int) -> None:
    driver, name = install.driver(Random(seed)), "deliver"
    install.quiet()
    install.roles[name].stop()
    earlier = {str(mail["Message-ID"]) for mail in install.sink.mails}
    for number in range(KILLS):
        driver.submit("api", f"w{seed:06d}{number:04d}", f"w{seed:06d}{number:04d}@example.com")
    waiting = install.process.store("notify")["notifications"]
    until(lambda: waiting.count_documents({"state": "queued"}) == KILLS, "the receipts wait")
    lease = str(10 + KILLS // 2)  # no mail may fall due again while the killing goes on
    for _ in range(KILLS):
        install.restart(name, FAILPOINTS="deliver.after_data=kill", DELIVERY_LEASE_SECONDS=lease)
        until(lambda: install.died_at_its_point(name), "the sender dies", 60)
        install.extra_copies += 1
        install.kills += 1
    install.restart(name)
    assert install.findings() == []
    copies = Counter(str(mail["Message-ID"]) for mail in install.sink.mails)
    counted = Counter(number for message_id, number in copies.items() if message_id not in earlier)
    print(f"{KILLS} kills after DATA; mails by copies: {dict(counted)}")
    assert counted == {2: KILLS}


@pytest.fixture
def sole(tmp_path_factory: pytest.TempPathFactory, store: EmbeddedStore, nursery: Nursery) -> Any:
    with alone(tmp_path_factory.mktemp("relay"), store, nursery, "relay", "feedback") as sole:
        yield sole


def test_killed_within_a_batch_of_five_hundred(sole: Sole, seed: int) -> None:
    random, now = Random(seed), sole.process.clock.now()
    events = [builders.submitted(), *(builders.replied() for _ in range(4))]
    documents = sole.process.store("feedback")["feedback"]
    unique = [{"number": f"{n}", "tracking_hash": f"{n}"} for n in range(100)]
    documents.insert_many([outbox.new_document(f"{n}", fields, events, now) for n, fields in enumerate(unique)])
    for _ in range(5):
        sole.role.start(FAILPOINTS=f"relay.mid_publish=kill@{random.randint(1, 99)}")
        assert sole.role.process
        assert sole.role.process.wait(60) == -9
    sole.role.start()
    until(lambda: documents.count_documents({"pending_since": {"$exists": True}}) == 0, "all published")
    seen: dict[str, list[int]] = {}
    for event in sole.events(topics.FEEDBACK):
        order = seen.setdefault(event.subject, [])
        if event.seq not in order:
            order.append(event.seq)
    assert seen == {f"{n}": [1, 2, 3, 4, 5] for n in range(100)}
