"""Whether a failed address stays failed: nobody of that name, no such host, moved, or it takes no mail at all."""

import re
from typing import Final

from .addresses import without_addresses

# Each table outranks those below it: "user unknown" in a refusal for a full mailbox is no missing user.
ASLEEP: Final = (
    "mailbox full", "full mailbox", "is full", "folder is full", "quota", "disk space", "diskspace", "storage",
    "exceeds allowed size", "exceeded the local limit", "no space left", "space has been used", "too much mail data",
    "size limit", "message too", "too big", "too large", "message size", "message length", "maximum size",
    "too many messages", "destinataire pleine", "receiving limits", "enough space", "suspend", "disabled",
    "deactivated", "inactive", "not active", "frozen", "temporary locked", "is locked", "archived recipient",
    "archivee", "discontinued", "no longer accepts mail", "is terminated", "extended inactivity",
)  # fmt: skip
REFUSED: Final = (
    "relay access", "relaying", "relay denied", "relay not permitted", "as a relay", "unable to relay", "mail relay",
    "to relay", "not a gateway", "gateway user", "allowed rcpthosts", "requires authentication", "not authenticated",
    "sender rejected", "sender address rejected", "sender verify", "invalid sender", "sender domain",
    "bogus mail from", "in reply to mail from", "domain of sender", "sender was rejected", "sender denied",
    "sender not", "purported responsible", "spf", "dkim", "dmarc", "batv", "spamhaus", "blacklist", "black list",
    "blocklist", "block list", "blocked", "reputation", "ptr record", "reverse dns", "client host rejected",
    "helo command rejected", "cannot find your host", "rejected : access denied", "members-only", "not a member",
    "only accepting mail from", "not subscribed", "user rules", "recipient preferences", "refuse to receive",
    "restricted", "notauthorized", "not authorized", "e2110", "loop", "too many hops", "too many recipients",
    "too many connections", "too many concurrent", "rate limit", "frequency limited", "sender rate",
    "receiving mail at a rate", "greylist", "graylist", "refused to talk to me", "try again", "try later",
    "timed out", "has been delayed", "retry time", "could not be delivered for more than", "delivery expired",
    "lookup failure, try",
)  # fmt: skip
NOBODY_THERE: Final = (
    "user unknown", "unknown user", "user is unknown", "no such user", "no such mailbox", "no such recipient",
    "no such address", "no such person", "no such local user", "unknown recipient", "unknown mailbox",
    "recipient unknown", "address unknown", "unknown address", "unknown local", "unknown e-mail", "unknown email",
    "unknown account", "account unknown", "user not found", "user not known", "user not exist", "user does not exist",
    "recipient not found", "recipient notfound", "recipient not exist", "recipient does not exist",
    "address does not exist", "mailbox does not exist", "mailbox not found", "mailbox not present",
    "mailbox unavailable", "mailbox is unavailable", "mailbox is inactive", "mailbox invalid", "no mailbox",
    "no mail box", "no account by that name", "not our customer", "reach does not exist", "address couldn't be found",
    "address could not be found", "address wasn't found", "not listed in", "name is not recognized",
    "name is not found", "name was not found", "not recognized", "doesn't have a", "doesn't exist",
    "not a known user", "not a valid", "not a local address", "not email addresses", "invalid recipient",
    "invalid address", "invalid mailbox", "invalid user", "invalid final delivery userid", "badrcptto",
    "badrecipientto", "validrcptto", "bad recipient", "bad destination", "bad address", "address invalid",
    "rejected: access denied", "rejected: user", "rejected: unknown", "addresses were unknown", "rejected recipient",
    "rejected recipients", "not on server", "no valid recipient", "recipient not ok", "recipient is not accepted",
    "recipient is not local", "no longer valid", "no longer on server", "undeliverable address",
    "does not like recipient", "no one at this address", "missing home directory",
    "envelope recipient has been denied", "unable to deliver to <", "utilisateur inconnu", "destinataire invalide",
    "destinataire inconnu", "usuario desconocido", "no existe", "empfänger unbekannt", "unbekannter empfänger",
    "nessun utente", "non répertorié", "no se encuentra en el directorio",
    "ディレクトリには見つかりません", "has been replaced by", "has moved",
)  # fmt: skip
NO_HOST: Final = (
    "host unknown", "unknown host", "unknown domain", "domain unknown", "no such domain", "domain not found",
    "domain name not found", "domain does not exist", "domain must exist", "domain is not reachable",
    "domain doesnt exist", "domain may not exist", "name or service not known", "nxdomain", "unrouteable address",
    "unroutable address", "no such host", "host not found", "couldn't find any host", "dns lookup failure",
    "no mx found", "no mx record", "returned answer with no data", "lookups failed permanently", "non-existent host",
    "name server: .", "null mx", "nullmx", "not accept mail", "no smtp service", "existing smtp connection",
    "mail receiving disabled", "no route for current request",
)  # fmt: skip
DISPLEASED: Final = (
    "spam", "virus", "policy", "content", "banned", "unsolicited", "filtered", "prohibited", "message rejected",
    "you have been", "temporar", "timeout",
)  # fmt: skip

_ADDRESS_CODES: Final = re.compile(r"[45]\.(?:1\.(?:0|1|2|3|6|10|351)|4\.4|3\.2|7\.(?:17|18|27))")
_OTHER_CODES: Final = re.compile(r"[25]\.(?:1\.[789]|2\.|3\.[1345]|4\.[1-35-9]|5\.|6\.|7\.)")
_NAMES: Final = re.compile(r"(?i)https?://\S{0,2000}|(?<![\w.-])(?!resolver|\d)[\w-]++(?:\.[\w-]+)+")
_RECIPIENT_REFUSED: Final = re.compile(r"rcpt to|after rcpt|rcpt command", re.IGNORECASE)


def is_permanent(status: str, diagnosis: str, prose: str, *, delayed: bool) -> bool:
    """Whether to stop writing to the address.

    A full mailbox, a refused text, a blocked server and a delay say nothing about the address itself.
    """
    if delayed or status.startswith("4."):
        return False
    coded = bool(_ADDRESS_CODES.fullmatch(status))
    verdict = _by_words(status, diagnosis, prose) if diagnosis else None
    if verdict is None and not (diagnosis and coded):
        verdict = _by_words(status, prose, prose)
    return coded if verdict is None else verdict


def _by_words(status: str, said: str, prose: str) -> bool | None:
    """What the words say, None when they say nothing; names of hosts and addresses are no words."""
    said = _NAMES.sub(" ", without_addresses(said)).lower()
    if _any(ASLEEP, said) or _any(REFUSED, said):
        return False
    if _any(NOBODY_THERE, said):
        # A server that takes the recipient and refuses the text may call its filter "user unknown".
        return not _OTHER_CODES.match(status) or bool(_RECIPIENT_REFUSED.search(prose))
    if _any(NO_HOST, said):
        return True
    return False if _any(DISPLEASED, said) else None


def _any(words: tuple[str, ...], said: str) -> bool:
    return any(word in said for word in words)
