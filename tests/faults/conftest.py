"""What the tests of kill -9 share: a nursery of processes, one install, and a seed that is printed."""

import os
import random
from collections.abc import Iterator

import pytest

from services.chassis.embedded_store import EmbeddedStore
from tests.faults.install import Install, installed
from tests.faults.zygote import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where processes come from."""
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory, store: EmbeddedStore, nursery: Nursery) -> Iterator[Install]:
    """One install for all tests of a module; each brings its own feedback."""
    with installed(tmp_path_factory.mktemp("install"), store, nursery) as install:
        yield install


@pytest.fixture
def seed() -> int:
    """What every random choice of a test comes from; LIAISE_SEED repeats a run."""
    seed = int(os.environ.get("LIAISE_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}: repeat with LIAISE_SEED={seed}")
    return seed
