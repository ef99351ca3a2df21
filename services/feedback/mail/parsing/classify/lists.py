"""Mail that was sent to many and asks nothing of us; what a person wrote to a list or a group is none of it."""

from typing import Final

from .bounces import PERSON, sender_kind
from .heads import Fields, first, lowered, present, token

DISCUSSION_FIELDS: Final = (
    "list-post",
    "x-beenthere",
    "mailing-list",
    "x-mailing-list",
    "x-google-group-id",
    "x-ml-name",
)
BULK_FIELDS: Final = (
    "list-unsubscribe-post",
    "feedback-id",
    "x-csa-complaints",
    "x-campaign",
    "x-campaignid",
    "x-campaign-id",
    "x-mc-user",
    "x-mailchimp-campaign-id",
    "x-mailgun-tag",
    "x-mailer-recptid",
    "x-sfmc-stack",
    "x-job",
    "x-roving-id",
    "x-rpcampaign",
    "x-newsletter",
    "x-mailing-id",
    "x-bulkmail",
    "x-report-abuse",
    "x-report-abuse-to",
    "x-sg-eid",
    "x-ses-outgoing",
)


def list_reason(fields: Fields) -> str:
    """Why this is bulk mail that nobody wrote to us, or ""."""
    if _is_discussion(fields):
        return ""
    precedence = token(fields, "precedence")
    if precedence in ("bulk", "junk"):
        return f"Its precedence is {precedence}, and it names no list to write to."
    if not present(fields, ("list-unsubscribe",)):
        return ""
    if present(fields, BULK_FIELDS) or sender_kind(fields) != PERSON or "newsletter" in lowered(fields, "from"):
        return "It is a newsletter: it can be unsubscribed from and not be written to."
    return ""


def _is_discussion(fields: Fields) -> bool:
    """Whether a list passed on what a person wrote; RFC 2369 has "NO" for lists that nobody may post to."""
    sender = lowered(fields, "sender").replace("<", " ").split(" ")[-1]
    local_part = sender.partition("@")[0]
    relayed = local_part.startswith("owner-") or local_part.endswith(("-owner", "-bounces"))
    posts = present(fields, DISCUSSION_FIELDS)
    return relayed or (bool(posts) and first(fields, posts).partition(" ")[0].lower() != "no")
