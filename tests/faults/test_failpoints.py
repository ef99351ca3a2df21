"""kill -9 at every named point, at its first hit and at a later one: nothing is lost and nothing is doubled.

The roles are processes of their own that share the embedded log and one database; people and programs keep submitting,
deciding, replying and rating while a role dies and comes back.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from random import Random

import pytest

from services.chassis import failpoints
from tests.faults.driver import DOORS, Driver
from tests.faults.install import Install
from tests.running import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]

AT_ONCE = 4
MOST_STORIES = 60

Hit = tuple[str, int]
"""A role, and at which hit it dies."""

VICTIMS: dict[str, list[Hit]] = {
    "intake.before_write": [("web feedback", 1), ("web feedback", 3)],
    "intake.after_write": [("web feedback", 1), ("web feedback", 3)],
    "mail.before_write": [("mail", 1), ("mail", 2)],
    "mail.after_write": [("mail", 1), ("mail", 2)],
    "relay.before_publish": [("relay feedback", 1), ("relay triage", 3)],
    "relay.mid_publish": [("relay triage", 1), ("relay notify", 3)],
    "relay.after_publish": [("relay feedback", 1), ("relay notify", 3)],
    "relay.after_mark": [("relay notify", 1), ("relay feedback", 3)],
    "consumer.after_poll": [("consume triage", 1), ("consume notify", 3)],
    "consumer.after_handle": [("consume notify", 1), ("consume triage", 3)],
    "consumer.after_commit": [("consume insights", 1), ("consume feedback", 3)],
    "save.before_write": [("consume feedback", 1), ("consume triage", 4)],
    "save.after_write": [("web triage", 1), ("deliver", 4)],
    "deliver.after_claim": [("deliver", 1), ("deliver", 4)],
    "deliver.after_data": [("deliver", 1), ("deliver", 4)],
    "deliver.after_sent": [("deliver", 1), ("deliver", 4)],
}


ELSEWHERE = {"mailbox.after_take", "mailbox.after_mark"}
"""Points that need a mailbox at a real server: tests/unit/feedback/mail_receiving has it."""


def test_every_failpoint_has_its_victims(install: Install) -> None:
    assert set(VICTIMS) | ELSEWHERE == failpoints.NAMES


@pytest.mark.parametrize("point", sorted(VICTIMS))
def test_kill_nine_at(point: str, install: Install, seed: int) -> None:
    kill_at(install, install.driver(Random(seed)), point, VICTIMS[point])
    assert install.findings() == []


def kill_at(install: Install, driver: Driver, point: str, victims: list[Hit]) -> None:
    """Let each victim die at the point, in the middle of work, and come back; at the end all roles are well."""
    install.revive()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        stories: list[Future[None]] = []

        def dead(name: str) -> bool:
            _work(driver, pool, stories)
            return install.died_at_its_point(name)

        for name, hit in victims:
            install.restart(name, FAILPOINTS=f"{point}=kill@{hit}")
            until(partial(dead, name), f"{name} dies at {point}", 90)
            install.kills += 1
            install.extra_copies += point == "deliver.after_data"
            install.restart(name)
        for story in stories:
            story.result()


def _work(driver: Driver, pool: ThreadPoolExecutor, stories: list[Future[None]]) -> None:
    """Keep a few stories under way; raises what went wrong in one that ended."""
    for story in stories:
        if story.done():
            story.result()
    if sum(not story.done() for story in stories) < AT_ONCE and len(stories) < MOST_STORIES:
        stories.append(pool.submit(driver.story, DOORS[len(stories) % len(DOORS)]))
