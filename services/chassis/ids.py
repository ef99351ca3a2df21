"""Every identifier is made here."""

import base64
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


def signed_reference(secret: str, purpose: str, known_id: str) -> str:
    """An id with a proof (80 bits) that the holder of the secret gave it away for this purpose.

    42 characters a-z2-7, which survive in the local part of an address (RFC 5321: at most 64, in any case).
    """
    mac = hmac.digest(secret.encode(), f"{purpose}\0{known_id}".encode(), "sha256")[:10]
    return _base32(uuid.UUID(known_id).bytes) + _base32(mac)


def read_signed_reference(secret: str, purpose: str, text: str) -> str | None:
    """The id in what `signed_reference` made, or None for anything else."""
    try:
        known_id = str(uuid.UUID(bytes=base64.b32decode(text[:26].upper() + "======")))
    except ValueError:
        return None
    expected = signed_reference(secret, purpose, known_id)
    return known_id if hmac.compare_digest(expected.encode(), text.lower().encode()) else None


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def digest(text: str) -> str:
    """SHA-256 of the text, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()
