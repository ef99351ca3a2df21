"""Files that people attach on the form and on their page, and who may have them back."""

import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.test import TestResponse

from services.chassis import ids
from services.feedback.handlers.files import sweep_files
from services.feedback.store import Stores, open_stores
from tests.forms import Browser
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 500
FIELDS = {"kind": "complaint", "unit": "it", "text": "The printer on the third floor is broken.", "name": "Sam Field"}
File = tuple[str, bytes] | tuple[str, bytes, str]


def stores(world: World) -> Stores:
    """What intake keeps."""
    return open_stores(world.process.store("feedback"))


def pieces(world: World) -> int:
    """How many files lie in the database."""
    return world.process.store("feedback")["files.files"].count_documents({})


def attach(browser: Browser, path: str, action: str, *files: File, **fields: str) -> TestResponse:
    """Send the form of a page with files; a browser sends it as multipart."""
    values: dict[str, Any] = {**browser.form(path, "text", action=action).values, **fields}
    values["files"] = [(io.BytesIO(file[1]), as_sent(file[0]), *(file[2:] or ("image/png",))) for file in files]
    return browser.client.post(action, data=values, content_type="multipart/form-data", follow_redirects=True)


def as_sent(name: str) -> str:
    """A name in a header, as browsers write it (HTML, multipart/form-data encoding algorithm)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def submit(world: World, *files: File, **fields: str) -> tuple[Browser, str, TestResponse]:
    """Somebody's feedback with files: their browser, the path of their page, the receipt."""
    browser = world.browser()
    receipt = attach(browser, "/", "/", *files, **FIELDS | fields)
    assert receipt.status_code == 200, receipt.text
    return browser, receipt.request.path.removesuffix("/received"), receipt


def links(page: str) -> list[str]:
    """Where the files of a page lead."""
    return re.findall(r'href="([^"]+/files/[^"]+)"', page)


def test_a_picture_comes_back_as_it_was_sent(world: World) -> None:
    browser, path, receipt = submit(world, ("Drucker ärgert.png", PNG))
    assert "Drucker ärgert.png" in receipt.text
    (link,) = links(browser.get(path).text)
    found = browser.get(link)
    assert found.data == PNG
    assert found.headers["Content-Type"] == "image/png"
    assert found.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Drucker%20%C3%A4rgert.png"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in found.headers["Content-Security-Policy"]
    assert "sandbox" in found.headers["Content-Security-Policy"]
    again = browser.get(link, headers={"If-None-Match": found.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_one_that_is_refused_is_named_and_everything_else_is_kept(world: World) -> None:
    files = [("a.png", PNG), ("setup.exe", b"MZ\0"), ("empty.txt", b""), ("b.png", PNG)]
    browser, path, receipt = submit(world, *files)
    for page in (receipt.text, browser.get(path).text):
        assert "setup.exe</bdi>. Programs are not taken." in page
        assert "empty.txt</bdi>. It is empty." in page
        assert len(links(page)) == 2
    assert pieces(world) == 2


def test_ten_files_are_taken_and_the_eleventh_is_named(world: World) -> None:
    _, _, receipt = submit(world, *[(f"{n}.png", PNG + bytes([n])) for n in range(11)])
    assert len(links(receipt.text)) == 10
    assert "10.png</bdi>. That was one file too many: at most 10 at once." in receipt.text


def test_a_file_that_is_too_large_is_named_and_the_words_arrive(world: World) -> None:
    _, _, receipt = submit(world, ("film.mp4", b"x" * 10_000_001, "video/mp4"), ("a.png", PNG))
    assert "film.mp4</bdi>. It is larger than 10 MB." in receipt.text
    assert len(links(receipt.text)) == 1
    assert pieces(world) == 1


def test_the_same_form_sent_twice_is_one_feedback_and_leaves_no_file_behind(world: World) -> None:
    browser = world.browser()
    values = {**browser.form("/", "text").values, **FIELDS}
    receipts = set()
    for _ in range(2):
        body = {**values, "files": [(io.BytesIO(PNG), "a.png", "image/png")]}
        sent = browser.client.post("/", data=body, content_type="multipart/form-data", follow_redirects=True)
        receipts.add(sent.request.path)
    assert len(receipts) == 1
    assert pieces(world) == 1
    (link,) = links(sent.text)
    assert browser.get(link).data == PNG


def test_the_same_form_with_another_file_is_told_apart(world: World) -> None:
    browser = world.browser()
    values = {**browser.form("/", "text").values, **FIELDS}
    for content, code in ((PNG, 200), (PNG + b"1", 422)):
        body = {**values, "files": [(io.BytesIO(content), "a.png", "image/png")]}
        sent = browser.client.post("/", data=body, content_type="multipart/form-data", follow_redirects=True)
        assert sent.status_code == code
    assert "You have sent this form already" in sent.text
    assert len(waiting(sent)) == 1
    assert pieces(world) == 2


def test_files_that_a_feedback_names_outlive_the_sweeper_and_others_do_not(world: World) -> None:
    browser, path, _ = submit(world, ("a.png", PNG))
    browser.get(path)
    attach(browser, path, f"{path}/reply", ("b.png", PNG), text="Another picture.")
    kept = stores(world)
    now = world.clock.now()
    kept.files.keep([b"crashed"], "c.png", "", kept.files.unsettled(now + timedelta(days=2), 9)[0][1], now, 99)
    later = now + timedelta(days=2)
    assert sweep_files(kept.files, kept.feedbacks, later)
    assert not sweep_files(kept.files, kept.feedbacks, later)
    assert [browser.get(link).data for link in links(browser.get(path).text)] == [PNG, PNG]
    assert pieces(world) == 2


def test_a_reply_may_be_files_alone(world: World) -> None:
    browser, path, _ = submit(world)
    page = attach(browser, path, f"{path}/reply", ("a.png", PNG), ("b.exe", PNG))
    assert page.status_code == 200
    assert len(links(page.text)) == 1
    assert "b.exe</bdi>. Programs are not taken." in page.text
    world.drain()


def test_a_reply_of_nothing_that_can_be_kept_says_why(world: World) -> None:
    browser, path, _ = submit(world)
    page = attach(browser, path, f"{path}/reply", ("b.exe", PNG))
    assert page.status_code == 422
    assert "Not kept: b.exe. Programs are not taken." in page.text
    empty = attach(browser, path, f"{path}/reply")
    assert empty.status_code == 422
    assert pieces(world) == 0


def test_strangers_and_other_units_find_nothing(world: World) -> None:
    browser, path, _ = submit(world, ("a.png", PNG))
    _, other, _ = submit(world, ("b.png", PNG), unit="finance")
    world.drain()
    (link,) = links(browser.get(path).text)
    (foreign,) = links(browser.get(other).text)
    file_id, foreign_id = link.rpartition("/")[2], foreign.rpartition("/")[2]
    kept = stores(world).feedbacks.find_tracked(ids.digest(path.removeprefix("/t/")))
    assert kept
    feedback_id = kept.feedback.id
    staff = f"/intake/files/{feedback_id}/{file_id}"
    assert world.liaison("ines@example.com").get(staff).data == PNG
    missing = [
        (browser, f"{other}/files/{file_id}"),
        (browser, f"{path}/files/{foreign_id}"),
        (browser, f"{path}/files/..%2f{file_id}"),
        (browser, f"/t/{'0' * 64}/files/{file_id}"),
        (world.liaison("ines@example.com"), f"/intake/files/{feedback_id}/{foreign_id}"),
        (world.liaison(OF_PEOPLE), staff),
        (world.liaison(OF_PEOPLE), f"/intake/files/{feedback_id}/nothing"),
    ]
    for who, where in missing:
        assert who.get(where).status_code == 404, where
    assert world.browser().client.get(staff).status_code == 302


OF_PEOPLE = "priya@example.com"
NAMES = [
    '"><script>window.__xss=1</script>.png',
    "<img src=x onerror=window.__xss=1>.png",
    "a\r\nContent-Type: text/html\r\n\r\n<script>1</script>.png",
    "'; filename=\"evil.html",
    "{{7*7}}.png",
    "javascript:alert(1).png",
    "photo\u202egnp.svg",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_ever_text(world: World, name: str) -> None:
    browser, path, receipt = submit(world, (name, PNG))
    for page in (receipt.text, browser.get(path).text):
        assert "<script>window" not in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
    (link,) = links(receipt.text)
    disposition = browser.get(link).headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert not set('"\r\n;<>') & set(disposition.removeprefix("attachment;"))
    assert "49" not in unquote(disposition)


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "", "x" * 999])
def test_what_a_browser_could_run_is_served_as_bytes(world: World, content_type: str) -> None:
    browser, _, receipt = submit(world, ("a.svg", b"<svg onload=alert(1)>", content_type))
    (link,) = links(receipt.text)
    assert browser.get(link).headers["Content-Type"] == "application/octet-stream"


def again(browser: Browser, page: TestResponse, *files: File, **fields: Any) -> TestResponse:
    """Send the form that a page shows once more, with the files that it has already unless told otherwise."""
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    assert csrf
    values = {"form_token": token[1], "csrf_token": csrf[1], "kept_files": waiting(page), **FIELDS, **fields}
    values["files"] = [(io.BytesIO(file[1]), file[0], "image/png") for file in files]
    return browser.client.post("/", data=values, content_type="multipart/form-data", follow_redirects=True)


def waiting(page: TestResponse) -> list[str]:
    """The ids of the files that a form has already."""
    return re.findall(r'name="kept_files" value="([^"]+)"', page.text)


@pytest.mark.parametrize("wrong", [{"text": ""}, {"unit": "no such unit"}])
def test_files_need_not_be_chosen_again_when_something_else_was_wrong(world: World, wrong: dict[str, str]) -> None:
    browser = world.browser()
    page = attach(browser, "/", "/", ("a.png", PNG), ("b.png", PNG + b"b"), ("c.exe", PNG), **FIELDS | wrong)
    assert page.status_code == 422
    assert len(waiting(page)) == 2
    assert "c.exe</bdi>. Programs are not taken." in page.text
    receipt = again(browser, page, ("d.png", PNG + b"d"))
    assert receipt.status_code == 200
    contents = [browser.get(link).data for link in links(receipt.text)]
    assert contents == [PNG, PNG + b"b", PNG + b"d"]
    assert again(browser, page, ("d.png", PNG + b"d")).request.path == receipt.request.path
    assert pieces(world) == 3


def test_a_file_is_left_out_when_its_tick_is_taken_away(world: World) -> None:
    browser = world.browser()
    page = attach(browser, "/", "/", ("a.png", PNG), ("b.png", PNG + b"b"), **FIELDS | {"text": ""})
    receipt = again(browser, page, kept_files=waiting(page)[1:])
    assert [browser.get(link).data for link in links(receipt.text)] == [PNG + b"b"]
    assert pieces(world) == 1


def test_nobody_takes_the_files_of_another_form(world: World) -> None:
    victim, thief = world.browser(), world.browser()
    theirs = attach(victim, "/", "/", ("a.png", PNG), **FIELDS | {"text": ""})
    own = attach(thief, "/", "/", **FIELDS | {"text": ""})
    receipt = again(thief, own, kept_files=waiting(theirs))
    assert receipt.status_code == 200
    assert links(receipt.text) == []
    assert len(links(again(victim, theirs).text)) == 1


def test_ten_files_are_the_most_however_often_the_form_is_shown(world: World) -> None:
    browser = world.browser()
    page = attach(browser, "/", "/", *[(f"{n}.png", PNG) for n in range(8)], **FIELDS | {"text": ""})
    receipt = again(browser, page, *[(f"1{n}.png", PNG) for n in range(3)])
    assert len(links(receipt.text)) == 10
    assert "12.png</bdi>. That was one file too many" in receipt.text


def test_files_of_a_form_that_came_before_are_kept_for_the_new_one(world: World) -> None:
    browser = world.browser()
    first = attach(browser, "/", "/", ("a.png", PNG), **FIELDS | {"text": ""})
    assert again(browser, first).status_code == 200
    page = again(browser, first, ("b.png", PNG + b"b"), text="Something else.")
    assert page.status_code == 422
    assert len(waiting(page)) == 2
    receipt = again(browser, page, text="Something else.")
    assert [browser.get(link).data for link in links(receipt.text)] == [PNG, PNG + b"b"]


def test_a_file_that_waited_for_too_long_is_named_and_the_words_arrive(world: World) -> None:
    browser = world.browser()
    page = attach(browser, "/", "/", ("a.png", PNG), **FIELDS | {"text": ""})
    kept = stores(world)
    assert sweep_files(kept.files, kept.feedbacks, world.clock.now() + timedelta(hours=25))
    receipt = again(browser, page)
    assert receipt.status_code == 200
    assert "a.png</bdi>. It was kept for one day only." in receipt.text


def test_files_kept_for_one_form_have_an_end(world: World) -> None:
    browser = world.browser()
    values: dict[str, Any] = {**browser.form("/", "text").values, **FIELDS, "text": ""}
    for _ in range(12):
        values["files"] = [(io.BytesIO(PNG), f"{n}.png", "image/png") for n in range(10)]
        page = browser.client.post("/", data=values, content_type="multipart/form-data")
    assert pieces(world) == 100
    assert waiting(page) == []


def test_files_of_a_reply_that_is_refused_have_to_be_chosen_again(world: World) -> None:
    browser, path, _ = submit(world)
    page = attach(browser, path, f"{path}/reply", ("a.png", PNG), text="x" * 5001)
    assert page.status_code == 422
    assert "Please choose your files again: a.png" in page.text
