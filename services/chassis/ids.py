"""Every identifier is made here."""

import hashlib
import hmac
import secrets
import uuid

import uuid6

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new() -> str:
    """A time-ordered UUIDv7 (RFC 9562), for what nobody must guess at: events, notifications, replies."""
    return str(uuid6.uuid7())


def random_id() -> str:
    """A UUID of 122 random bits, for what strangers may hold: a feedback's id."""
    return str(uuid.uuid4())


def token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def number() -> str:
    """A feedback's number as people say it: eight Crockford base32 characters, `7K3M-9QXT`."""
    bits = secrets.randbits(40)
    text = "".join(CROCKFORD[bits >> shift & 31] for shift in range(0, 40, 5))
    return f"{text[:4]}-{text[4:]}"


def keyed(secret: str, *parts: str) -> str:
    """A UUID-shaped id that only the holder of the secret can compute from the parts (HMAC-SHA256, 122 bits)."""
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return str(uuid.UUID(bytes=hmac.digest(secret.encode(), message, "sha256")[:16], version=4))


def keyed_token(secret: str, *parts: str) -> str:
    """A 256-bit URL-safe token that only the holder of the secret can compute again from the parts."""
    return hmac.new(secret.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def keyed_digits(secret: str, *parts: str) -> str:
    """Twenty digits (66 bits) in groups of four, for a person to write down; made like `keyed_token`."""
    digits = str(int(keyed_token(secret, *parts), 16) % 10**20).zfill(20)
    return "-".join(digits[start : start + 4] for start in range(0, 20, 4))


def digest(text: str) -> str:
    """SHA-256 of the text, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()
