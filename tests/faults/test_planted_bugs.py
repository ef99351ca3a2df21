"""The checker notices bugs: each is planted into one role, which then dies in the bug's worst moment and comes back.

That the same deaths leave nothing to find without a bug is what test_failpoints.py shows.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import pytest

from services.chassis import ids
from services.notify.store.notifications import INDEXES
from tests.faults.driver import Driver
from tests.faults.install import Install
from tests.faults.plants import PLANTS
from tests.running import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(120)]

DOORS = ("web feedback", "mail")
GUARD = "once_per_recipient_per_event"


class Person:
    """Somebody who says one thing and may say it again."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._mark = f"m{ids.new()[-12:]}"
        self._known = ("", "")

    def by_api(self) -> None:
        self._known = self._driver.submit("api", self._mark, f"{self._mark}@example.com")

    def by_mail(self) -> None:
        self._driver.submit("mail", self._mark, f"{self._mark}@example.com")

    def reply(self) -> None:
        self._driver.reply(*self._known, f"{self._mark} once more")

    def nothing(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens while all is well, then the role with the bug, where it dies, and what happens to it."""

    role: str
    dies_at: str = ""
    first: Callable[[Person], None] = Person.nothing
    then: tuple[Callable[[Person], None], ...] = (Person.by_api,)
    finding: str


SCENES = {
    "commit-before-handle": Scene(role="consume triage", dies_at="consumer.after_commit=kill", finding="lost"),
    "mark-before-publish": Scene(role="relay feedback", dies_at="relay.before_publish=kill", finding="lost"),
    "publish-backwards": Scene(role="relay feedback", then=(Person.by_api, Person.reply), finding="wrong"),
    "no-applied-check": Scene(
        role="consume triage",
        dies_at="consumer.after_handle=kill",
        first=Person.by_api,
        then=(Person.reply,),
        finding="doubled",
    ),
    "random-notification-ids": Scene(role="consume notify", dies_at="consumer.after_handle=kill", finding="doubled"),
    "mail-answered-before-the-write": Scene(
        role="mail", dies_at="mail.before_write=kill", then=(Person.by_mail,), finding="lost"
    ),
    "answered-before-the-write": Scene(role="web feedback", dies_at="intake.before_write=kill@2", finding="lost"),
    "mail-without-a-key": Scene(
        role="mail", dies_at="mail.after_write=kill", then=(Person.by_mail,), finding="doubled"
    ),
    "sent-before-sending": Scene(role="deliver", dies_at="deliver.after_claim=kill", finding="lost"),
    "new-message-id-each-time": Scene(role="deliver", dies_at="deliver.after_data=kill", finding="doubled"),
    "no-claim": Scene(role="deliver", dies_at="deliver.after_data=kill", finding="doubled"),
}


def test_every_plant_has_its_scene() -> None:
    assert SCENES.keys() == PLANTS.keys()


@pytest.mark.parametrize("plant", sorted(SCENES))
def test_the_bug_is_noticed(plant: str, install: Install, seed: int) -> None:
    scene, person = SCENES[plant], Person(install.driver(Random(seed)))
    scene.first(person)
    before = Counter(install.findings())
    play(install, plant, scene, person)
    found = Counter(install.findings()) - before
    print(plant, dict(found))
    assert any(finding.startswith(scene.finding) for finding in found), found


def play(install: Install, plant: str, scene: Scene, person: Person) -> None:
    """Plant the bug, let the role die of its failpoint, and let it come back, at first with the bug, then without."""
    role = install.roles[scene.role]
    well = role.arguments
    with ThreadPoolExecutor(1) as pool:
        role.stop()
        if plant == "random-notification-ids":
            _without_the_unique_index(install)
        role.arguments = (f"--plant={plant}", *well)
        if scene.role in DOORS:
            install.restart(scene.role, FAILPOINTS=scene.dies_at)
            acts = pool.submit(_act, scene, person)
        else:
            acts = pool.submit(_act, scene, person)
            acts.result()
            install.restart(scene.role, FAILPOINTS=scene.dies_at)
        if scene.dies_at:
            until(lambda: install.died_at_its_point(scene.role), f"{scene.role} dies", 30)
            install.restart(scene.role)
        acts.result()
        install.quiet()
        role.arguments = well
        install.restart(scene.role)


def _act(scene: Scene, person: Person) -> None:
    for act in scene.then:
        act(person)


def _without_the_unique_index(install: Install) -> None:
    """Take away the guard that would catch ids by chance; the queries that name the index still find it."""
    collection = install.process.store("notify")["notifications"]
    index = next(index for index in INDEXES if index.document["name"] == GUARD)
    collection.drop_index(GUARD)
    collection.create_index(list(index.document["key"].items()), name=GUARD)
