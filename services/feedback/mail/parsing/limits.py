"""What one mail may cost us; the standards (RFC 5321, RFC 2045) set few bounds, and attackers use that."""

from typing import Final

SECONDS: Final = 5.0
MEMORY: Final = 1_500_000_000
"""Bytes of address space of the child that reads; a mail of 25 MB needs a tenth."""
SIZE: Final = 35_000_000
DEPTH: Final = 20
PARTS: Final = 200
HEADER: Final = 64 * 1024
"""Bytes of one block of header lines, of the mail or of a part."""
HEADERS: Final = 512 * 1024
"""Bytes of all blocks together."""
HTML: Final = 1_000_000
"""Characters of HTML that are looked at, once styles, scripts and pictures are out."""

TEXT_LONGEST: Final = 100_000
CUT_NOTE: Final = "\n\n[The rest of this mail was too long to keep.]"
NAME_LONGEST: Final = 100
SUBJECT_LONGEST: Final = 1_000
FILENAME_LONGEST: Final = 200
ADDRESSES: Final = 500


class TooMuch(Exception):
    """A bound is broken; the message is a sentence for people."""


def too_large() -> TooMuch:
    """The bound on the whole."""
    return TooMuch(f"It is larger than {SIZE // 1_000_000} MB.")
