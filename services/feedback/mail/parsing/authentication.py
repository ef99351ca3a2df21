"""What our own mail server found about the sender (RFC 8601); what others wrote into the mail counts for nothing."""

import re
from typing import Final

from .message_headers import Headers

COMMENT: Final = re.compile(r"\([^()]*\)")
RESULT: Final = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*(\w+)", re.I)
PROPERTY: Final = re.compile(r"(?:header\.(d|i)|smtp\.(mailfrom)|header\.(from))\s*=\s*\"?([^\s;\"]+)", re.I)


def authenticated(headers: Headers, authserv_id: str, from_email: str) -> bool | None:
    """Whether the domain of From is proven; None when our server said nothing of it.

    Only the topmost field of our server counts: below it anybody could have written one in its name.
    """
    domain = from_email.rpartition("@")[2].lower().rstrip(".")
    said = next((one for one in _fields(headers) if authserv_id and one[0] == authserv_id.lower()), None)
    results = [result for result in said[1] if RESULT.match(result)] if said else []
    if not results or not domain:
        return None
    return any(_proves(result, domain) for result in results)


def _fields(headers: Headers) -> list[tuple[str, list[str]]]:
    """Each field as the name of who wrote it and its results."""
    found = []
    for raw in headers.all("authentication-results"):
        name, *results = COMMENT.sub(" ", raw.decode("ascii", "replace")).split(";")
        found.append((name.split()[0].lower() if name.split() else "", results))
    return found


def _proves(result: str, domain: str) -> bool:
    """Whether it is a pass for the domain of From, or for one that shares its registered part with it."""
    said = RESULT.match(result)
    if said is None or said[2].lower() != "pass":
        return False
    named = {(found[1] or found[2] or found[3]).lower(): found[4].lower() for found in PROPERTY.finditer(result)}
    if said[1].lower() == "dmarc":
        return "from" not in named or _aligned(named["from"], domain)
    whose = named.get("mailfrom", "") if said[1].lower() == "spf" else named.get("d") or named.get("i", "")
    return _aligned(whose.rpartition("@")[2], domain)


def _aligned(proven: str, domain: str) -> bool:
    """The same domain, or one below the other (RFC 7489, 3.1, as far as it needs no list of public suffixes)."""
    proven = proven.rstrip(".")
    related = proven == domain or domain.endswith(f".{proven}") or proven.endswith(f".{domain}")
    return "." in proven and "." in domain and related
