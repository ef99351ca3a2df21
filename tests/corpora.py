"""Real mails that other projects collected; they have licences of their own and lie beside this project, if at all."""

from pathlib import Path

import pytest

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"


def corpus(name: str) -> Path:
    """One folder of them; without it the test is skipped, always: no machine can install what may not be copied."""
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"The real mails are not at {CORPORA}.")
    return folder
