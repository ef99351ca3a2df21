"""Every topic read again from its first record: no mail leaves and every store stays as it is."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.faults import snapshot
from tests.faults.install import Install
from tests.faults.logs import EmbeddedReader

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]

STORIES = 15


def test_a_replay_tells_nobody_anything_and_changes_nothing(install: Install, seed: int) -> None:
    driver = install.driver(Random(seed))
    with ThreadPoolExecutor(4) as pool:
        for story in [pool.submit(driver.story) for _ in range(STORIES)]:
            story.result()
    assert install.findings() == []
    before, mails = snapshot.stores(install.process), len(install.sink.mails)
    consumers = [role for name, role in install.roles.items() if name.startswith("consume")]
    for role in consumers:
        role.stop()
    assert isinstance(install.log, EmbeddedReader)
    install.log.forget_offsets()
    assert install.log.lag() > 10 * STORIES
    for role in consumers:
        role.start()
    assert install.findings() == []
    assert len(install.sink.mails) == mails
    assert snapshot.stores(install.process) == before
