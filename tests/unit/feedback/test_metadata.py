"""Pictures of somebody anonymous say nothing about whoever took them; others stay as they were sent."""

import io
import re
import zlib
from struct import pack
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.feedback.domain.metadata import freed, is_picture
from tests.forms import Browser
from tests.world import World

SECRET = b"Vera Victim"
SENTENCE = "This picture cannot be freed of what it says about you; send it as a screenshot."
SCAN = b"\x01\xff\x00\x02\xff\xd0\x03"


def segment(marker: int, body: bytes) -> bytes:
    """A part of a JPEG."""
    return pack(">BBH", 255, marker, len(body) + 2) + body


def exif(order: str, orientation: int) -> bytes:
    """Which way is up, and the name of whoever took it."""
    mark = b"II" if order == "<" else b"MM"
    turn = pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    artist = pack(f"{order}HHII", 0x013B, 2, len(SECRET), 38)
    return b"Exif\0\0" + mark + pack(f"{order}HIH", 42, 8, 2) + turn + artist + b"\0\0\0\0" + SECRET


def jpeg(*told: bytes, after: bytes = b"") -> bytes:
    """A picture with these parts among those that it needs."""
    table, frame = segment(0xDB, b"\0" + b"\x10" * 64), segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0")
    parts = [segment(0xE0, b"JFIF\0\x01\x02\0\0\1\0\1\0\0"), *told, table, frame, segment(0xDA, b"\x01\x01\0\0\x3f\0")]
    return b"\xff\xd8" + b"".join(parts) + SCAN + b"\xff\xd9" + after


def chunk(kind: bytes, body: bytes) -> bytes:
    """A part of a PNG."""
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))


def png(*told: bytes, after: bytes = b"") -> bytes:
    """One grey point."""
    head = chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(told) + data + chunk(b"IEND", b"") + after


def piece(kind: bytes, body: bytes) -> bytes:
    """A part of a WebP."""
    return kind + pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(flags: int, *told: bytes) -> bytes:
    """A picture in the extended form."""
    whole = b"WEBP" + piece(b"VP8X", bytes([flags]) + bytes(9)) + piece(b"VP8L", b"\x2f1234") + b"".join(told)
    return b"RIFF" + pack("<I", len(whole)) + whole


def gif(*told: bytes, after: bytes = b"") -> bytes:
    """One point, that moves for ever."""
    loops = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    frame = b"!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0" + bytes(6) + loops + b"".join(told) + frame + b";" + after


GAMMA = chunk(b"gAMA", b"\0\0\xb1\x8f")
TELLING = {
    "jpeg": (
        jpeg(
            segment(0xE1, exif("<", 1)),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
            segment(0xED, b"Photoshop 3.0\0" + SECRET),
            segment(0xE2, b"MPF\0" + SECRET),
            segment(0xFE, SECRET),
            after=jpeg(segment(0xFE, SECRET)),
        ),
        jpeg(),
    ),
    "colours of a jpeg": (
        jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1..."), segment(0xEE, b"Adobe\0d\0\0\0\0\1"), segment(0xEF, SECRET)),
        jpeg(segment(0xE2, b"ICC_PROFILE\0\1\1..."), segment(0xEE, b"Adobe\0d\0\0\0\0\1")),
    ),
    "png": (
        png(*[chunk(kind, SECRET) for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt")], after=SECRET),
        png(),
    ),
    "colours of a png": (png(GAMMA, chunk(b"tEXt", SECRET)), png(GAMMA)),
    "webp": (webp(0b11100, piece(b"EXIF", SECRET), piece(b"XMP ", SECRET), piece(b"mine", SECRET)), webp(0b10000)),
    "gif": (
        gif(b"!\xfe\x0b" + SECRET + b"\0", b"!\xff\x0bXMP DataXMP" + b"\x0b" + SECRET + b"\0", after=SECRET),
        gif(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "kept"), TELLING.values(), ids=TELLING)
def test_what_shows_stays_and_what_tells_goes(sent: bytes, kept: bytes) -> None:
    assert SECRET in sent
    assert freed(sent) == kept == freed(kept)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_turned_photo_stays_turned(order: str) -> None:
    kept = freed(jpeg(segment(0xE1, exif(order, 6))))
    assert kept
    assert SECRET not in kept
    assert b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0" in kept
    assert freed(kept) == kept


@pytest.mark.parametrize("whole", [jpeg(segment(0xE1, exif("<", 3))), png(), webp(0), gif()])
def test_no_part_of_a_picture_is_taken_for_one(whole: bytes) -> None:
    for end in range(len(whole)):
        assert freed(whole[:end]) is None
    for at in range(len(whole)):
        freed(whole[:at] + b"\xff\xff" + whole[at + 2 :])  # whatever it is now, it harms nobody


def test_pictures_are_known_by_any_sign() -> None:
    assert is_picture("a.HEIC", "", b"?")
    assert is_picture("a", "image/tiff", b"?")
    assert is_picture("a.pdf", "application/pdf", b"\0\0\0\x18ftypheic")
    assert is_picture("a.txt", "text/plain", gif())
    assert not is_picture("a.pdf", "application/pdf", b"%PDF-1.7")
    assert not is_picture("a.bmp", "image/bmp", b"BM")


def sent(world: World, content: bytes, called: str = "photo.jpg", **fields: str) -> tuple[str, list[bytes]]:
    """The receipt of a feedback with this file, and the files that are kept of it."""
    browser = world.browser()
    values: dict[str, Any] = {
        **browser.form("/", "text").values,
        "kind": "complaint",
        "unit": "it",
        "text": "He shouts.",
    }
    values |= {"name": "Vera", "email": "vera@example.org", **fields}
    values["files"] = [(io.BytesIO(content), called, "image/jpeg")]
    receipt = browser.client.post("/", data=values, content_type="multipart/form-data", follow_redirects=True)
    assert receipt.status_code == 200, receipt.text
    return receipt.text, files(browser, receipt.request.path.removesuffix("/received"))


def files(browser: Browser, path: str) -> list[bytes]:
    """What is kept: the liaison gets the same bytes."""
    return [browser.get(link).data for link in re.findall(r'href="([^"]+/files/[^"]+)"', browser.get(path).text)]


PHOTO = jpeg(segment(0xE1, exif(">", 1)))


def test_the_liaison_does_not_learn_from_a_photo_who_complains(world: World) -> None:
    assert sent(world, PHOTO, anonymous="yes")[1] == [jpeg()]


def test_who_gives_no_name_is_as_safe_as_who_asks_for_it(world: World) -> None:
    assert sent(world, PHOTO, name="", email="")[1] == [jpeg()]


def test_a_photo_of_somebody_who_is_named_stays_as_it_was(world: World) -> None:
    assert sent(world, PHOTO)[1] == [PHOTO]


def test_a_picture_that_cannot_be_freed_is_refused_and_the_words_are_kept(world: World) -> None:
    page, kept = sent(world, b"\0\0\0\x18ftypheic" + SECRET, "IMG_1.HEIC", anonymous="yes")
    assert SENTENCE in page
    assert kept == []


def test_who_chooses_it_only_when_the_form_comes_back_is_safe_too(world: World) -> None:
    browser = world.browser()
    values: dict[str, Any] = {**browser.form("/", "text").values, "unit": "it", "text": "", "name": "Vera"}
    heic = b"\0\0\0\x18ftypheic" + SECRET
    values["files"] = [(io.BytesIO(PHOTO), "a.jpg", "image/jpeg"), (io.BytesIO(heic), "b.heic", "image/heic")]
    again = browser.client.post("/", data=values, content_type="multipart/form-data")
    assert again.status_code == 422
    chosen = re.findall(r'name="kept_files" value="([^"]+)"', again.text)
    assert len(chosen) == 2
    now = values | {"kind": "complaint", "text": "He shouts.", "anonymous": "yes", "kept_files": chosen, "files": []}
    receipts = [
        browser.client.post("/", data=now, content_type="multipart/form-data", follow_redirects=True) for _ in range(2)
    ]
    assert [receipt.status_code for receipt in receipts] == [200, 200]
    assert receipts[0].request.path == receipts[1].request.path
    assert SENTENCE in receipts[0].text
    assert files(browser, receipts[0].request.path.removesuffix("/received")) == [jpeg()]


def test_files_through_the_api_and_their_repeats_are_freed(world: World) -> None:
    client = world.client()
    made = client.post("/v1/feedback", json={"unit": "it", "text": "He shouts.", "anonymous": True}).json
    assert made
    owner = {"Authorization": f"Bearer {made['tracking_url'].rpartition('/')[2]}", "Idempotency-Key": "once"}
    answers = []
    for _ in range(2):
        offered = [(io.BytesIO(PHOTO), "a.jpg", "image/jpeg"), (io.BytesIO(b"II*\0"), "b.tif", "image/tiff")]
        path = f"/v1/feedback/{made['id']}/files"
        answers.append(client.post(path, data={"files": offered}, headers=owner, content_type="multipart/form-data"))
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json for answer in answers)
    assert first == second
    assert first["refused"] == [{"name": "b.tif", "reason": "telling", "detail": SENTENCE}]  # type: ignore[index]
    assert client.get(first["files"][0]["url"], headers=owner).data == jpeg()  # type: ignore[index]


def test_thousands_of_refused_files_are_a_few_names_and_a_number(world: World) -> None:
    client = world.client()
    made = client.post("/v1/feedback", json={"unit": "it", "text": "He shouts."}).json
    assert made
    owner = {"Authorization": f"Bearer {made['tracking_url'].rpartition('/')[2]}"}
    offered = [(io.BytesIO(b""), f"{n}.txt", "text/plain") for n in range(120)]
    path = f"/v1/feedback/{made['id']}/files"
    answer = client.post(
        path, data={"files": offered, "text": "All."}, headers=owner, content_type="multipart/form-data"
    )
    refused = answer.json["refused"]  # type: ignore[index]
    assert [one["name"] for one in refused] == [*(f"{n}.txt" for n in range(10)), ""]
    assert refused[-1] == {"name": "", "reason": "more", "detail": "And 110 more."}
    page = client.get(urlsplit(made["tracking_url"]).path).text
    assert "And 110 more." in page
    assert page.count("It is empty.") == 10
