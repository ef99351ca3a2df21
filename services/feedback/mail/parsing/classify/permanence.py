"""Whether a failed address stays failed: nobody of that name, no such host, moved, or it takes no mail at all."""

import re
from typing import Final

_SOFT: Final = (
    # the mailbox or the mail is too big
    "mailbox full", "full mailbox", "mailbox is full", "mailfolder is full", "quota", "over limit", "disk space",
    "diskspace", "storage", "mailbox exceed", "exceeds allowed size", "exceeded the local limit", "no space left",
    "too much mail data", "size limit", "message too", "too big", "too large", "message size", "message length exceed",
    "too many messages", "boite du destinataire pleine",
    # the account is asleep
    "suspend", "disabled", "deactivated", "inactive", "not active", "frozen", "account is locked", "archiv", "discontinued",
    "no longer accepts mail", "terminated",
    # the way is closed, not the address
    "relay", "authenticat", "not a gateway", "rcpthosts", "greylist", "graylist", "try again", "try later",
    "temporar", "timed out", "timeout", "could not be delivered for more than", "delivery expired", "retry time",
    "has been delayed", "will continue to be", "too many connections", "too many concurrent", "rate limit",
    "frequency limited", "receiving mail at a rate", "too many hops", "loop", "refused to talk to me",
    # the words or the sender displease
    "spam", "blacklist", "block list", "blocklist", "blocked", "reputation", "spf", "dkim", "dmarc", "virus", "policy",
    "reverse dns", "ptr", "banned", "abuse", "unsolicited", "content", "rbl", "spamhaus", "refused by", "filtered",
    "restricted", "not permitted", "not authorized", "not allowed", "permission", "prohibited", "sender address",
    "sender verify", "message rejected", "rejected for", "only accept", "you have been blocked", "member",
)  # fmt: skip
_HARD: Final = (
    "user unknown", "unknown user", "no such user", "no such mailbox", "no such recipient", "no such address",
    "no such person", "no such local user", "unknown recipient", "unknown mailbox", "recipient unknown",
    "does not exist", "doesn't exist", "not exist", "isn't in my list", "not found", "couldn't be found",
    "could not be found", "wasn't found", "not listed", "not known", "no account", "no mailbox", "doesn't have a",
    "is not a known user", "is not a valid", "not a valid", "invalid recipient", "invalid address", "invalid mailbox",
    "invalid user", "invalid final delivery userid", "bad destination", "bad recipient", "badrcptto", "bad address",
    "address unknown", "address rejected", "address invalid", "unknown local", "unknown address", "unknown email",
    "recipient not recognized", "name is not recognized", "is not recognized", "not our customer", "unknown to",
    "no longer on server", "no longer valid", "undeliverable address", "unknown account", "user not",
    "utilisateur inconnu", "destinataire inconnu", "usuario", "unbekannt", "nessun utente", "no existe",
    "mailbox unavailable", "mailbox not", "mailbox is unavailable", "user id", "userid", "user does not",
    "has been replaced by", "has moved",
    "host unknown", "unknown host", "unknown domain", "domain unknown", "no such domain", "domain not found",
    "name or service not known", "nxdomain", "unrouteable", "unroutable", "no such host", "host not found",
    "dns lookup failure", "no mx found", "no mx record", "lookups failed permanently", "non-existent hosts",
    "name server: .", "null mx", "nullmx", "not accept mail", "no smtp service", "mail receiving disabled",
    "is not accepting any mail",
)  # fmt: skip
_HARD_CODES: Final = re.compile(r"5\.(?:1\.(?:0|1|2|3|6|10|351)|4\.4|3\.2|7\.(?:17|18|27))")
_SOFT_CODES: Final = re.compile(r"4\.|2\.|5\.(?:2\.|3\.[^2]|5\.3|6\.|7\.(?!17$|18$|27$))")


def is_permanent(status: str, diagnosis: str, prose: str, *, delayed: bool) -> bool:
    """Whether to stop writing to the address.

    A full mailbox, a refused text, a blocked server and a delay say nothing about the address itself.
    """
    if delayed or _SOFT_CODES.match(status):
        return False
    said = (diagnosis or prose).lower()
    if any(word in said for word in _SOFT):
        return False
    return bool(_HARD_CODES.fullmatch(status)) or any(word in said for word in _HARD)
