"""What a test does when a part it needs is not on this machine."""

import os
from typing import NoReturn

import pytest


def missing(sentence: str) -> NoReturn:
    """Skip the test with the sentence, or fail it when LIAISE_NO_SKIPS=1 (for machines that must run everything)."""
    if os.environ.get("LIAISE_NO_SKIPS") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
