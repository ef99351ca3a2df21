"""Anonymous means that nobody can find out: nothing of who and where is kept, logged, counted or sent.

And yet it goes both ways: the question of a liaison is read, and answered, with nothing but a code.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import bson
import pytest
import structlog
from werkzeug.test import Client, TestResponse

from services.chassis import ids, logs
from tests.forms import Browser
from tests.running import OverHttp, in_one_process
from tests.world import World

WORDS = "The deputy of the second floor shouts at people."
INES = "ines@example.com"
"""Of staff, and no liaison of the department that the words are about."""

AGENT = "Quokka-Navigator/77.1 (Wombat; rv:31.4)"
ADDRESS, FORWARDED, BEHIND = "203.0.113.77", "198.51.100.231", "2001:db8:4711::beef"
NAME, EMAIL = "Zebulon Quokkastein", "zebulon.quokkastein@canary.example"
WHO = (AGENT, ADDRESS, FORWARDED, BEHIND, NAME, EMAIL, "quokkastein", "canary.example")
HEADERS = {
    "User-Agent": AGENT,
    "X-Forwarded-For": FORWARDED,
    "X-Real-Ip": FORWARDED,
    "Forwarded": f'for="[{BEHIND}]"',
    "X-Client-Ip": FORWARDED,
    "Referer": f"https://intranet.canary.example/people/{NAME}",
}
CODE = re.compile(r"\b\d{4}(?:-\d{4}){4}\b")


def disguises(text: str) -> Iterator[bytes]:
    """A text as it might lie somewhere: plain, encoded, reversed, or as a digest that anybody can make."""
    for form in {text, text.lower(), text[::-1]}:
        data = form.encode()
        yield from (data, data.hex().encode(), form.encode("utf-16-le"))
        # base64 of a text inside another one starts at one of three places, and its ends depend on the neighbours
        yield from (base64.b64encode(b"x" * shift + data)[4:-4] for shift in range(3) if len(data) > 8)
        for algorithm in ("sha256", "sha1", "md5"):
            digest = hashlib.new(algorithm, data).digest()
            yield from (digest, digest.hex().encode(), base64.b64encode(digest)[:20])


TRACES = {trace: text for text in WHO for trace in disguises(text)}


def found_in(places: dict[str, bytes]) -> list[str]:
    """Where something of who or where lies, upper and lower case alike."""
    return [
        f"{text!r} in {name}"
        for name, content in places.items()
        for trace, text in TRACES.items()
        if trace in content or trace.lower() in content.lower()
    ]


class Traceable:
    """A client whose every request tells who and where it is."""

    def __init__(self, client: Client, address: str = ADDRESS) -> None:
        self._client, self._from = client, {"REMOTE_ADDR": address}

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._client.get(path, **{"headers": HEADERS, "environ_base": self._from, **options})

    def post(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        return self._client.post(path, headers=HEADERS | (headers or {}), environ_base=self._from, **options)


def everything(world: World, capture: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> dict[str, bytes]:
    """Every document of every database as it is stored, every file, every log, every figure."""
    process = world.process
    places: dict[str, bytes] = {}
    for database in process.client.list_database_names():
        if database.startswith(process.settings.database_prefix):
            for collection in process.client[database].list_collection_names():
                documents = process.client[database][collection].find({})
                places[f"{database}.{collection}"] = b"".join(map(bson.encode, documents))
    for file in Path(process.settings.data_dir).rglob("*"):
        if file.is_file():
            places[str(file)] = file.read_bytes()
    places["metrics"] = world.client().get("/metrics").data
    spoken = capture.readouterr()
    places["logs"] = f"{spoken.out}{spoken.err}{caplog.text}".encode()
    return places


def traceable(world: World, browser: Browser | None = None) -> Browser:
    return Browser(Traceable((browser or world.browser()).client))  # type: ignore[arg-type]


def by_form(world: World, browser: Browser, path: str = "/") -> str:
    """Fill in everything, and ask to stay anonymous where that can be asked; the code."""
    form = browser.form(path, "kind", "text")
    who = {"name": NAME, "email": EMAIL, "anonymous": "yes"} if "anonymous" in form.names else {}
    page = browser.send(path, form, kind="complaint", unit="people", text=WORDS, **who)
    assert page.status_code == 200, page.text
    (code,) = set(CODE.findall(page.text))
    return str(code)


def by_api(world: World, **headers: str) -> str:
    body = {"unit": "people", "text": WORDS, "submitter": {"name": NAME, "email": EMAIL}, "anonymous": True}
    client = Traceable(Client(world.apps["feedback"].wsgi_app))
    answer = client.post("/v1/feedback", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json
    return str(answer.json["code"])


def answer_as_liaison(world: World) -> None:
    """Everything a liaison may do with what came in."""
    world.drain()
    staff, headers = world.client("triage"), world.bearer()
    for case in staff.get("/v1/cases", headers=headers).json["items"]:
        for action, words in (
            ("acknowledge", {}),
            ("ask", {"question": "Since when?"}),
            ("done", {"what_was_done": "We spoke with her."}),
        ):
            answer = staff.post(f"/v1/cases/{case['id']}/{action}", json=words, headers=headers)
            assert answer.status_code == 200, answer.text
        staff.get(f"/v1/cases/{case['id']}", headers=headers)
    world.drain()


def test_no_trace_of_who_and_where_is_left_anywhere(
    world: World,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    logs.configure("info")
    request.addfinalizer(structlog.reset_defaults)
    caplog.set_level("INFO")
    liaison, token = traceable(world, world.liaison(INES)), world.bearer(INES)
    codes = [by_form(world, traceable(world)), by_form(world, liaison), by_api(world)]
    codes += [by_api(world, **{"Idempotency-Key": ids.new()}), by_api(world, **token)]
    codes += [by_api(world, **{"Idempotency-Key": ids.new()}, **token)]
    if world.browser().get("/widget").status_code == 200:
        codes.append(by_form(world, traceable(world), "/widget"))
    assert len(set(codes)) == len(codes)
    answer_as_liaison(world)
    for number, code in enumerate(codes):
        person = traceable(world)
        page = person.submit("/back", code=code)
        assert "We spoke with her." in page.text
        path = page.request.path
        person.get(f"{path}/profile")
        person.submit(path, score=str(1 + number % 5))
        person.submit(path, text="It goes on.", reopen="yes")
        world.drain()
        person.submit(f"{path}/withdraw", why="Enough.")
    traceable(world).submit("/back", code="1234")
    world.drain()
    places = everything(world, capfd, caplog)
    assert {name.rpartition("_")[2] for name in places} >= {"feedback.feedback", "triage.cases"}
    assert found_in(places) == []
    (account,) = [one["_id"] for one in world.process.store("triage")["accounts"].find({"email": INES})]
    for name in ("feedback.feedback", "triage.cases"):
        (content,) = [content for place, content in places.items() if place.endswith(name)]
        assert [known for known in (account, INES) if known.encode() in content] == []

    named = {"unit": "it", "text": "The printer.", "submitter": {"name": NAME, "email": EMAIL}}
    Traceable(Client(world.apps["feedback"].wsgi_app)).post("/v1/feedback", json=named)
    assert any("feedback.feedback" in place for place in found_in(everything(world, capfd, caplog))), (
        "it would be found"
    )


def test_the_search_for_traces_sees_what_it_is_for() -> None:
    hidden = [
        EMAIL.encode(),
        b"--" + ADDRESS.encode().hex().encode(),
        base64.b64encode(b"somebody " + NAME.encode() + b" there"),
        hashlib.sha256(FORWARDED.encode()).digest(),
        hashlib.sha256(AGENT.encode()).hexdigest().upper().encode(),
        NAME[::-1].encode(),
    ]
    assert [bool(found_in({"here": content})) for content in hidden] == [True] * len(hidden)
    assert found_in({"here": WORDS.encode()}) == []


def test_question_and_answer_go_both_ways_by_nothing_but_a_code(world: World) -> None:
    code = by_form(world, world.browser())
    world.drain()
    staff, headers = world.client("triage"), world.bearer()
    (case,) = staff.get("/v1/cases", headers=headers).json["items"]
    assert (case["submitter"]["name"], case["submitter"].get("email")) == (None, None)
    staff.post(f"/v1/cases/{case['id']}/ask", json={"question": "Since when?"}, headers=headers)
    world.drain()
    elsewhere = world.browser()
    page = elsewhere.submit("/back", code=code.replace("-", " "))
    assert "Since when?" in page.text
    elsewhere.submit(page.request.path, text="Since the summer.")
    world.drain()
    known = staff.get(f"/v1/cases/{case['id']}", headers=headers)
    assert "Since the summer." in known.text
    for secret in (page.request.path.rpartition("/")[2], code, code.replace("-", "")):
        assert secret not in known.text
        assert secret not in world.liaison("ada@example.com").get(f"/triage/cases/{case['id']}").text
    staff.post(f"/v1/cases/{case['id']}/done", json={"what_was_done": "We spoke with her."}, headers=headers)
    world.drain()
    assert "We spoke with her." in world.browser().submit("/back", code=code).text


def test_a_withdrawal_ends_the_case_and_a_change_of_mind_opens_it_again(world: World) -> None:
    person = world.browser()
    page = person.submit("/back", code=by_form(world, person))
    path = page.request.path
    world.drain()
    person.submit(f"{path}/withdraw", why="It was settled among us.")
    world.drain()
    assert "Ended, as you wished" in person.get(path).text
    (case,) = world.client("triage").get("/v1/cases", headers=world.bearer()).json["items"]
    assert case["state"] == "withdrawn"
    person.submit(path, text="It goes on after all.", reopen="yes")
    world.drain()
    assert "It is being worked on" in person.get(path).text


def test_a_real_process_leaves_no_trace_either(tmp_path: Path) -> None:
    """From an address of its own (all of 127.0.0.0/8 is this machine), until the last file is written."""
    here = "127.77.66.55"
    with in_one_process(tmp_path, smtp_url="") as running:

        class FromHere(OverHttp):
            def _request(self, method: str, path: str, body: Any, headers: Any, follow: bool) -> Any:
                return super()._request(method, path, body, HEADERS | headers, follow)

        browser = Browser(FromHere(running.port))  # type: ignore[arg-type]
        page = browser.submit("/", kind="complaint", unit="people", text=WORDS)
        (code,) = set(CODE.findall(page.text))
        assert WORDS in browser.submit("/back", code=code).text
        connection = HTTPConnection("127.0.0.1", running.port, timeout=30, source_address=(here, 0))
        for path in (f"/t/{'0' * 64}", f"/back?{urlencode({'code': code})}", "/%ff"):
            connection.request("GET", path, headers=HEADERS)
            connection.getresponse().read()
        connection.close()
    files = {str(file): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert found_in(files) == []
    for secret in (here, code, code.replace("-", "")):
        assert [name for name, content in files.items() if secret.encode() in content] == []
