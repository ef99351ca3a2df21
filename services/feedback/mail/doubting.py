"""Why a mail that only reads like a machine's waits for somebody to look at it."""

from typing import Final

from .parsing.mail import AUTO_REPLY, BOUNCE, COMPLAINT, LIST, OWN

READS_LIKE: Final = {
    BOUNCE: "a report about a delivery",
    COMPLAINT: "a complaint of a mail provider",
    AUTO_REPLY: "an automatic reply",
    LIST: "a newsletter",
    OWN: "a mail of our own",
}


def doubt(verdict: str) -> str:
    """The reason, with what to do, for whoever looks through the quarantine."""
    return f"It reads like {READS_LIKE[verdict]}. If a person wrote it, take it."
