"""Pictures freed of what they say about whoever took them: names, places, cameras, times.

What a picture needs to look the same stays, everything else goes: a list of what to remove would miss the next maker's
own blocks. The same bytes always give the same bytes, and a freed picture freed again is itself.

Sources: ITU-T T.81 and Exif 2.32 (JPEG), W3C PNG Third Edition, RFC 9649 (WebP), GIF89a.
"""

import re
from collections.abc import Callable, Iterator
from struct import pack, unpack
from typing import Final

_ENDINGS = """
    jpg jpeg jpe jfif png apng webp gif tif tiff heic heif hif avif jxl jp2 j2k jpx svg svgz psd psb ico dng cr2 cr3 crw
    nef nrw arw sr2 orf rw2 raf pef srw x3f xcf eps ai
"""
PICTURES: Final = frozenset(_ENDINGS.split())
"""Endings of pictures that may say who made them."""
PLAIN: Final = frozenset(["image/bmp", "image/x-ms-bmp", "image/x-portable-pixmap"])
"""Types of pictures that hold nothing else."""

JPEG, PNG, RIFF, GIF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", (b"GIF87a", b"GIF89a")
OTHERS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"8BPS", b"\xff\x0a", b"\xff\x4f\xff\x51", b"\0\0\0\x0cJXL ")
"""How other pictures begin that carry such details, and that cannot be freed of them here."""
BRANDS: Final = re.compile(rb".{4}(ftyp(hei|hev|mif|msf|avi|crx|jp2)|jP  )", re.DOTALL)

JFIF, ADOBE, EXIF, PROFILE = b"JFIF\0", b"Adobe", b"Exif\0\0", b"ICC_PROFILE\0"
JPEG_END, JPEG_SCAN = 0xD9, 0xDA
JPEG_NEEDED: Final = frozenset([*range(0xC0, 0xD0), *range(0xDB, 0xE0), JPEG_SCAN]) - {0xC8}
ALONE: Final = frozenset([0x01, *range(0xD0, 0xD8)])
"""Markers without a length."""
MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends the data of a scan; the rest are bytes of it, restarts, and fillings."""
ORIENTATION: Final = 0x0112

PNG_NEEDED: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs sPLT cICP mDCV cLLI acTL fcTL fdAT".split()
)
WEBP_NEEDED: Final = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
EXIF_AND_XMP: Final = 0b1100
GIF_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class _Broken(Exception):
    """It is not what its beginning says."""


def is_picture(name: str, content_type: str, start: bytes) -> bool:
    """Whether this clean name, claimed type or beginning is of a picture that may say who made it."""
    claimed = content_type.partition(";")[0].strip().lower()
    called = name.rpartition(".")[2].lower() in PICTURES or (claimed.startswith("image/") and claimed not in PLAIN)
    return called or _freeing(start) is not None or start.startswith(OTHERS) or bool(BRANDS.match(start))


def freed(content: bytes) -> bytes | None:
    """The same picture without what it says about its maker; None when it cannot be read as a picture known here."""
    free = _freeing(content)
    try:
        return free(content) if free else None
    except _Broken:
        return None


def _freeing(start: bytes) -> Callable[[bytes], bytes] | None:
    if start.startswith(JPEG):
        return _jpeg
    if start.startswith(PNG):
        return _png
    if start.startswith(RIFF) and start[8:12] == b"WEBP":
        return _webp
    return _gif if start.startswith(GIF) else None


def _part(content: bytes, start: int, size: int) -> bytes:
    """So many bytes from there, all of them."""
    part = content[start : start + size]
    if size < 0 or len(part) < size:
        raise _Broken
    return part


def _jpeg(content: bytes) -> bytes:
    """Up to its end; behind it phones append further pictures, with their own details."""
    freed = [content[:2]]
    turned = False
    for marker, body, scan in _segments(content):
        kept = body if marker in JPEG_NEEDED else _application(marker, body)
        if kept.startswith(EXIF) and marker == 0xE1:
            kept, turned = (b"" if turned else kept), True
        if kept or marker in JPEG_NEEDED:
            freed += [pack(">BBH", 0xFF, marker, len(kept) + 2), kept, scan]
    return b"".join([*freed, b"\xff\xd9"])


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each marker with a length, what it says, and the data of its scan."""
    at = 2
    while True:
        if _part(content, at, 1) != b"\xff":
            raise _Broken
        marker = _part(content, at + 1, 1)[0]
        if marker == JPEG_END:
            return
        if marker == 0xFF or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(_part(content, at + 2, 2), "big")
        body = _part(content, at + 4, size - 2)
        at += 2 + size
        end = _end_of_scan(content, at) if marker == JPEG_SCAN else at
        yield marker, body, content[at:end]
        at = end


def _end_of_scan(content: bytes, start: int) -> int:
    found = MARKER.search(content, start)
    if found is None:
        raise _Broken
    return found.start()


def _application(marker: int, body: bytes) -> bytes:
    """What stays of a segment of some program: how to read the colours, and which way is up."""
    if marker == 0xE0 and body.startswith(JFIF):
        return body[:12].ljust(12, b"\0") + b"\0\0"  # without its preview, which may show what was cut off
    if marker == 0xE1 and body.startswith(EXIF):
        turn = _orientation(body[len(EXIF) :])
        return EXIF + pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, turn, 0, 0) if turn > 1 else b""
    if marker == 0xE2 and body.startswith(PROFILE):
        return body
    return body[:12] if marker == 0xEE and body.startswith(ADOBE) else b""


def _orientation(tiff: bytes) -> int:
    """1 to 8, as Exif counts them; 1, upright, when it does not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    at = unpack(f"{order}I", tiff[4:8])[0]
    count = unpack(f"{order}H", tiff[at : at + 2].ljust(2, b"\0"))[0]
    for start in range(at + 2, min(at + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, _count, value = unpack(f"{order}HHIH", tiff[start : start + 10])
        if tag == ORIENTATION:
            return value if kind == 3 and 1 <= value <= 8 else 1
    return 1


def _png(content: bytes) -> bytes:
    freed, at, kind = [PNG], len(PNG), b""
    while kind != b"IEND":
        size, kind = unpack(">I4s", _part(content, at, 8))
        chunk = _part(content, at, 12 + size)
        if (kind == b"IHDR") != (at == len(PNG)) or (kind[:1].isupper() and kind not in PNG_NEEDED):
            raise _Broken
        freed += [chunk] if kind in PNG_NEEDED else []
        at += len(chunk)
    return b"".join(freed)


def _webp(content: bytes) -> bytes:
    whole = _part(content, 8, int.from_bytes(content[4:8], "little"))
    chunks = _chunks(whole[4:])
    return RIFF + pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _chunks(content: bytes) -> bytes:
    """The needed ones of these, and of those in each frame of a moving picture."""
    freed, at = [], 0
    while at < len(content):
        kind, size = unpack("<4sI", _part(content, at, 8))
        body = _part(content, at + 8, size)
        if kind == b"VP8X":
            body = bytes([_part(body, 0, 1)[0] & ~EXIF_AND_XMP]) + body[1:]
        elif kind == b"ANMF":
            body = _part(body, 0, 16) + _chunks(body[16:])
        if kind in WEBP_NEEDED:
            freed += [kind, pack("<I", len(body)), body, b"\0" * (len(body) % 2)]
        at += 8 + size + size % 2
    return b"".join(freed)


def _gif(content: bytes) -> bytes:
    at = 13 + _colours(_part(content, 10, 1)[0])
    freed = [_part(content, 0, at)]
    while (kind := _part(content, at, 1)) != b";":
        if kind == b",":
            head = 11 + _colours(_part(content, at + 9, 1)[0])
        elif kind == b"!":
            head = 2
        else:
            raise _Broken
        end = _end_of_blocks(content, at + head)
        freed += [content[at:end]] if kind == b"," or _is_shown(content[at : at + 14]) else []
        at = end
    return b"".join([*freed, b";"])


def _colours(flags: int) -> int:
    """Bytes of the table of colours that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_blocks(content: bytes, at: int) -> int:
    while size := _part(content, at, 1)[0]:
        at += 1 + size
    return at + 1


def _is_shown(extension: bytes) -> bool:
    """How a frame is shown, or how often all are; not a comment, nor what a program adds for itself."""
    return extension[1:2] == b"\xf9" or (extension[1:2] == b"\xff" and extension[3:14] in GIF_LOOPS)
