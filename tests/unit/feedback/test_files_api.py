"""Files through the API: multipart in, bytes out, each only with the right token."""

import io
import json
from hashlib import sha256
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.chassis import ids
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 500
PROBLEM = "application/problem+json"


def submitted(world: World, **more: Any) -> tuple[str, dict[str, str]]:
    """A feedback's id, and the header of its submitter."""
    body = {"unit": "it", "text": "The printer is broken.", "submitter": {"name": "Sam Field"}, **more}
    answer = world.client().post("/v1/feedback", json=body)
    assert answer.status_code == 201, answer.text
    token = answer.json["tracking_url"].rpartition("/")[2]  # type: ignore[index]
    return answer.json["id"], {"Authorization": f"Bearer {token}"}  # type: ignore[index]


def add(world: World, feedback_id: str, headers: dict[str, str], *names: str, **fields: str) -> TestResponse:
    """Files of the same contents."""
    data: dict[str, Any] = {**fields, "files": [(io.BytesIO(PNG), name, "image/png") for name in names]}
    path = f"/v1/feedback/{feedback_id}/files"
    return world.client().post(path, data=data, headers=headers, content_type="multipart/form-data")


def test_files_are_added_named_and_read_back(world: World) -> None:
    feedback_id, owner = submitted(world)
    answer = add(world, feedback_id, owner, "a.png", "setup.exe", text="Two pictures.")
    assert answer.status_code == 201
    (file,) = answer.json["files"]  # type: ignore[index]
    refused = {"name": "setup.exe", "reason": "program", "detail": "Programs are not taken."}
    assert answer.json["refused"] == [refused]  # type: ignore[index]
    assert file == {
        "id": file["id"],
        "url": f"/v1/feedback/{feedback_id}/files/{file['id']}",
        "name": "a.png",
        "size": len(PNG),
        "content_type": "image/png",
        "sha256": sha256(PNG).hexdigest(),
    }
    whole = world.client().get(f"/v1/feedback/{feedback_id}", headers=owner).json
    assert whole
    assert whole["files"] == [file]
    assert whole["history"][-1]["text"] == "Two pictures."
    content = world.client().get(file["url"], headers=owner)
    assert content.data == PNG
    assert content.headers["ETag"] == f'"{sha256(PNG).hexdigest()}"'
    assert content.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.png"
    assert "files" not in world.client().get(f"/v1/feedback/{feedback_id}").json  # type: ignore[operator]
    world.drain()


def test_a_repeat_of_a_key_is_the_first_answer_and_leaves_no_file_behind(world: World) -> None:
    feedback_id, owner = submitted(world)
    headers = {**owner, "Idempotency-Key": "once"}
    first, second = (add(world, feedback_id, headers, "a.png", "b.png") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json == second.json
    assert world.process.store("feedback")["files.files"].count_documents({}) == 2
    other = add(world, feedback_id, headers, "c.png")
    assert (other.status_code, other.content_type) == (422, PROBLEM)
    assert world.process.store("feedback")["files.files"].count_documents({}) == 2


def test_a_repeat_names_the_files_of_its_own_reply(world: World) -> None:
    feedback_id, owner = submitted(world)
    names = []
    for key in ("first", "second", "second", "first"):
        answer = add(world, feedback_id, {**owner, "Idempotency-Key": key}, "a.png")
        names.append(answer.json["files"][0]["id"])  # type: ignore[index]
    assert names[1] == names[2] != names[0] == names[3]


def test_a_repeat_of_what_filled_the_last_place_is_the_first_answer(world: World) -> None:
    feedback_id, owner = submitted(world)
    for tens in range(9):
        assert add(world, feedback_id, owner, *[f"{tens}{n}.png" for n in range(10)]).status_code == 201
    assert add(world, feedback_id, owner, *[f"9{n}.png" for n in range(9)]).status_code == 201
    headers = {**owner, "Idempotency-Key": "last"}
    first, second = (add(world, feedback_id, headers, "last.png", "over.png", text="The last.") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert first.json == second.json
    assert len(first.json["files"]) == 1  # type: ignore[index]
    full = add(world, feedback_id, owner, "one more.png")
    assert full.status_code == 422


def test_only_the_submitter_adds_and_only_who_may_read_the_words_reads(world: World) -> None:
    feedback_id, owner = submitted(world)
    other_id, other = submitted(world, unit="finance")
    (file,) = add(world, feedback_id, owner, "a.png").json["files"]  # type: ignore[index]
    client, url = world.client(), file["url"]
    assert add(world, feedback_id, {}, "a.png").status_code == 401
    assert add(world, feedback_id, other, "a.png").status_code == 404
    assert add(world, ids.random_id(), owner, "a.png").status_code == 404
    assert client.get(url, headers=world.bearer("ines@example.com")).data == PNG
    assert client.get(url, headers=world.bearer("ada@example.com")).data == PNG
    for headers in ({}, other, world.bearer("priya@example.com")):
        answer = client.get(url, headers=headers)
        assert (answer.status_code, answer.content_type) == (404, PROBLEM)
    assert client.get(f"/v1/feedback/{other_id}/files/{file['id']}", headers=other).status_code == 404
    assert client.get(f"/v1/feedback/{feedback_id}/files/nothing", headers=owner).status_code == 404


def test_what_cannot_be_taken_says_so(world: World) -> None:
    feedback_id, owner = submitted(world)
    path = f"/v1/feedback/{feedback_id}/files"
    client = world.client()
    answers = {
        "no files": (add(world, feedback_id, owner), 422),
        "json": (client.post(path, json={"files": []}, headers=owner), 415),
        "raw": (client.post(path, data=PNG, headers={**owner, "Content-Type": "image/png"}), 415),
        "no boundary": (client.post(path, data=PNG, headers={**owner, "Content-Type": "multipart/form-data"}), 422),
        "programs alone": (add(world, feedback_id, owner, "a.exe"), 422),
        "bad words": (add(world, feedback_id, owner, "a.png", text="x" * 6000), 422),
        "bad key": (add(world, feedback_id, {**owner, "Idempotency-Key": "ä"}, "a.png"), 422),
        "form elsewhere": (client.post("/v1/feedback", data={"text": "x"}), 415),
    }
    for what, (answer, code) in answers.items():
        assert (answer.status_code, answer.content_type) == (code, PROBLEM), (what, answer.text)
    assert "a.exe" in answers["programs alone"][0].text
    assert world.process.store("feedback")["files.files"].count_documents({}) == 0


@pytest.mark.parametrize(("length", "code"), [(20, 201), (20_001, 422), (999_900, 422), (1_000_000, 413)])
def test_a_body_that_does_not_say_how_long_it_is_counts_whole(world: World, length: int, code: int) -> None:
    body = json.dumps({"unit": "it", "text": "x" * length}).encode()
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json"}
    answer = world.client().open(
        "/v1/feedback", method="POST", input_stream=io.BytesIO(body), environ_overrides=environ
    )
    assert answer.status_code == code, answer.text


def part(name: bytes = b"files", filename: bytes = b"a.png", content_type: bytes = b"image/png") -> bytes:
    """A part of a multipart body, as somebody may write it who has no browser."""
    disposition = b'Content-Disposition: form-data; name="%s"; filename="%s"' % (name, filename)
    return b"--b\r\n%s\r\nContent-Type: %s\r\n\r\nwords\r\n" % (disposition, content_type)


HOSTILE_BODIES = [
    b"",
    b"--b",
    b"--b--",
    part(),
    part() + b"--b--",
    part(content_type=b"image/\xff\xfe\x00") + b"--b--",
    part(filename=b"\xff\xfe\x80.png") + b"--b--",
    part(filename=b"\xed\xa0\x80.png") + b"--b--",
    part(name=b"kept_files") + b"--b--",
    part(content_type=b"x" * 5000) + b"--b--",
    part(filename=b"a" * 5000) + b"--b--",
    part() * 1500 + b"--b--",
    b"--b\r\nContent-Disposition: form-data; name=files; filename*=UTF-8''%00%0d%0a.exe\r\n\r\nwords\r\n--b--",
    b"--b\r\nContent-Disposition: form-data; name=files; filename*=x'y'%ff\r\n\r\nwords\r\n--b--",
    b"--b\r\nContent-Disposition\r\n\r\nwords\r\n--b--",
    b"--b\r\n" + b"A: b\r\n" * 20_000 + b"\r\nwords\r\n--b--",
    b"--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=files; filename=a\r\n\r\n%",
]


@pytest.mark.parametrize("body", HOSTILE_BODIES)
def test_a_hostile_body_is_no_failure_of_ours(world: World, body: bytes) -> None:
    feedback_id, owner = submitted(world)
    sent: dict[str, Any] = {"data": body, "content_type": "multipart/form-data; boundary=b"}
    assert world.client().post(f"/v1/feedback/{feedback_id}/files", headers=owner, **sent).status_code < 500
    assert world.client().post("/", **sent).status_code < 500
    browser = world.browser()
    token = browser.form("/", "text").values["csrf_token"].encode()
    fields = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field
        for field in ((b"csrf_token", token), (b"text", b"words"), (b"unit", b"it"), (b"kind", b"idea"))
    )
    assert browser.client.post("/", data=fields + body, content_type=sent["content_type"]).status_code < 500
