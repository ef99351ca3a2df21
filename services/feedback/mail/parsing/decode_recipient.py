"""What an address of ours says."""

from dataclasses import dataclass

from ....contracts.feedback import KINDS
from ...domain import DEFAULT_KIND


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address of ours: the local part without its tag, and the kind that the tag names."""

    local_part: str
    kind: str


def recipient(address: str) -> Recipient:
    """`it+complaint@example.com` is the unit at `it` and a complaint; an unknown tag names no kind."""
    local_part, _, tag = address.rpartition("@")[0].lower().partition("+")
    return Recipient(local_part, tag if tag in KINDS else DEFAULT_KIND)
