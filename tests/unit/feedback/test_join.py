""" "Me too": one voice per person on what is shared, told of the outcome, and told nothing else."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.chassis import ids
from services.feedback.domain import voices
from services.feedback.handlers.join import JoinFeedback, join_feedback
from services.feedback.handlers.similar import reference
from services.feedback.store import similar
from tests import builders
from tests.forms import Browser
from tests.unit.feedback.conftest import Room

WISH = "I need a second screen for my desk."
SHARED = {"kind": "need", "unit": "it", "text": WISH, "shared": "yes", "name": "Sam Field", "email": "sam@example.com"}
PRIVATE = ("Sam", "sam@example.com", "Which plans are they?", "The plans of the old town hall.")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shared is read anew for each question."""
    monkeypatch.setattr(similar, "REFRESH_SECONDS", -1.0)


def wish(room: Room, **changes: str) -> dict[str, Any]:
    """A shared wish; its document."""
    room.browser().submit("/", **SHARED | changes)
    (document,) = room.feedbacks.collection.find({})
    return document


def join(room: Room, document: dict[str, Any], browser: Browser | None = None, **fields: str) -> TestResponse:
    """Press "Me too" in a form, filled in so far."""
    browser = browser or room.browser()
    form = browser.form("/", "text")
    return press(room, browser, form, document, **fields)


def press(room: Room, browser: Browser, form: Any, document: dict[str, Any], **fields: str) -> TestResponse:
    form.action = "/join"
    secret = room.process.settings.secret_key.reveal()
    return browser.send("/", form, **{"reference": reference(secret, document["_id"])} | fields)


def mailed(room: Room) -> str:
    """The path that the mail to who joined last leads to."""
    return f"/v/{told(room)[-1]['tracking_token']}"


def told(room: Room) -> list[dict[str, Any]]:
    """The data of every joining that is on its way to the other services."""
    documents = room.feedbacks.collection.find({})
    return [one["data"] for document in documents for one in document["outbox"] if one["type"] == "feedback.joined"]


def test_me_too_is_a_voice_told_to_the_others_and_a_page_of_its_own(room: Room) -> None:
    document = wish(room)
    page = join(room, document, name="Kim Wood", email="Kim@example.com", text="me as well, a second screen")
    assert page.request.path == "/joined"
    assert "Thank you. You are counted." in page.text
    followed = room.browser().get(mailed(room)).text
    for words in ("Your voice is added", WISH, "2 people say so", "Ines Marchetti", "25 November", "By e-mail"):
        assert words in followed
    (event,) = told(room)
    kept = {name: event[name] for name in ("voices", "name", "email", "language")}
    assert kept == {"voices": 2, "name": "Kim Wood", "email": "Kim@example.com", "language": "en"}
    assert event["person"] == ids.keyed(room.process.settings.secret_key.reveal(), "person", "kim@example.com")
    assert room.feedbacks.collection.count_documents({}) == 1


def test_an_address_that_anybody_can_type_gives_no_link_and_tells_nothing(room: Room) -> None:
    document = wish(room)
    join(room, document, email="kim@example.com")
    secret = told(room)[0]["tracking_token"]

    def answer(email: str) -> tuple[int, list[tuple[str, str]], str]:
        browser = room.browser()
        form = browser.form("/?lang=en", "text")
        browser.client.set_cookie("lang", "en")
        page = press(room, browser, form, document, email=email, name="Eve")
        assert secret not in page.text
        assert "people say" not in page.text
        assert [one.headers.get("Location") for one in page.history] == ["/joined"]
        assert not re.search(r"/[vt]/", page.text)
        return page.status_code, [(one, two) for one, two in page.headers if one == "Content-Language"], fixed(page)

    assert answer("kim@example.com") == answer("new@example.com") == answer("sam@example.com")


def fixed(page: TestResponse) -> str:
    """A page without what differs from request to request."""
    return re.sub(r"[0-9a-f]{32}|[\d-]+T[\d:.+]+", "", page.text)


def test_who_looks_reads_their_own_language_not_the_voices(room: Room) -> None:
    document = wish(room)
    german, english = room.browser(), room.browser()
    german.get("/?lang=de")
    join(room, document, german, email="kim@example.com")
    assert told(room)[0]["language"] == "de"
    assert '<html lang="en"' in join(room, document, english, email="kim@example.com").text


def test_the_mails_link_leads_to_the_same_page(room: Room) -> None:
    page = join(room, wish(room))
    token = page.request.path.removeprefix("/v/")
    assert room.browser().get(f"/t/{token}").request.path == f"/v/{token}"
    assert room.browser().get(f"/v/{'0' * 64}").status_code == 404
    assert room.browser().get("/v/short").status_code == 404


def test_nothing_of_the_conversation_is_shown(room: Room) -> None:
    document = wish(room)
    token = join(room, document).request.path.removeprefix("/v/")
    room.hear(builders.asked(question=room.seal("Which plans are they?")), document["_id"], 1)
    submitter = ids.keyed_token(room.process.settings.secret_key.reveal(), "tracking", document["_id"])
    room.browser().submit(f"/t/{submitter}", text="The plans of the old town hall.")
    page = room.browser().get(f"/v/{token}")
    assert "Waiting" in page.text
    assert "<textarea" not in page.text
    for words in (*PRIVATE, document["number"], document["_id"], submitter):
        assert words not in page.text


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (builders.done, ["It is done", "What was done", "There are ten more.", "Ines Marchetti"]),
        (builders.declined, ["We could not do this", "There is no budget", "It waits for March.", "Ask for a loan."]),
    ],
    ids=["done", "declined"],
)
def test_the_outcome_is_told_with_its_words(room: Room, event: Any, words: list[str]) -> None:
    document = wish(room)
    path = join(room, document).request.path
    done = {"what_was_done": room.seal("There are ten more.")}
    declined = {"explanation": room.seal("It waits for March."), "alternative": room.seal("Ask for a loan.")}
    room.hear(event(**done if event is builders.done else declined), document["_id"])
    page = room.browser().get(path)
    for one in words:
        assert one in page.text


def test_one_voice_per_person(room: Room) -> None:
    document = wish(room)
    for email in ("kim@example.com", "KIM@example.com"):
        join(room, document, email=email)
    assert len(told(room)) == 1
    join(room, document, email="lee@example.com")
    assert [event["voices"] for event in told(room)] == [2, 3]


def test_who_gives_no_address_is_one_person_per_form(room: Room) -> None:
    document, browser = wish(room), room.browser()
    form = browser.form("/", "text")
    paths = {press(room, browser, form, document).request.path for _ in range(3)}
    assert len(paths) == 1
    join(room, document, browser)
    assert [(event["voices"], event["email"]) for event in told(room)] == [(2, None), (3, None)]


def test_who_stays_anonymous_gives_nothing_away(room: Room) -> None:
    document = wish(room)
    page = join(room, document, anonymous="yes", name="Kim", email="kim@")
    assert "Save it as a bookmark" in page.text
    (event,) = told(room)
    assert (event["name"], event["email"]) == (None, None)
    assert "kim" not in str(room.document(document["_id"])["voices"]).lower()


@pytest.mark.parametrize("guess", ["sam@example.com", "other@example.com"], ids=["the author", "somebody else"])
def test_no_number_tells_whose_it_is(room: Room, guess: str) -> None:
    """Who joins after a guess reads the same number on the page, in the mail and in the form, whoever was guessed."""
    document = wish(room)
    join(room, document, email=guess)
    join(room, document, email="eve@example.com")
    assert [event["voices"] for event in told(room)] == [2, 3]
    assert "3 people say so" in room.browser().get(mailed(room)).text
    browser = room.browser()
    form = browser.form("/", "text")
    form.action = "/similar"
    assert "3 people say so" in browser.send("/", form, unit="it", text=WISH).text


@pytest.mark.parametrize("changes", [{"kind": "complaint"}, {"kind": "praise"}, {"shared": ""}])
def test_what_is_private_cannot_be_joined(room: Room, changes: dict[str, str]) -> None:
    document = wish(room, **changes)
    page = join(room, document, text="Every word of mine is kept.")
    assert page.status_code == 409
    assert "can no longer be joined" in page.text
    assert "Every word of mine is kept." in page.text
    assert told(room) == []


def test_what_was_shared_and_is_withdrawn_cannot_be_joined(room: Room) -> None:
    document = wish(room)
    room.hear(builders.duplicate(), document["_id"])
    assert join(room, document).status_code == 409


@pytest.mark.parametrize("made_up", ["", "0" * 64, "x" * 900, "ü"])
def test_only_what_was_shown_can_be_joined(room: Room, made_up: str) -> None:
    document = wish(room)
    assert join(room, document, reference=made_up, text="Kept.").status_code == 409
    assert join(room, document, reference=document["_id"]).status_code == 409
    assert told(room) == []


def test_a_wrong_address_is_said_at_its_field_and_loses_nothing(room: Room) -> None:
    page = join(room, wish(room), email="kim@", text="Every word of mine is kept.")
    assert page.status_code == 422
    assert 'href="#f-email"' in page.text
    assert "Every word of mine is kept." in page.text
    assert told(room) == []


def test_joining_needs_the_token_against_forgery(room: Room) -> None:
    document = wish(room)
    known = reference(room.process.settings.secret_key.reveal(), document["_id"])
    assert room.app.test_client().post("/join", data={"reference": known}).status_code == 400
    assert told(room) == []


def test_fifty_at_once_are_fifty_voices(room: Room) -> None:
    document = wish(room)
    secret = room.process.settings.secret_key.reveal()

    def one(at: int) -> str | None:
        command = JoinFeedback(
            reference=reference(secret, document["_id"]), key=ids.token(), language="en", name=f"p{at}"
        )
        return join_feedback(command, room.feedbacks, room.stores.shared, secret, room.clock.now())

    with ThreadPoolExecutor(50) as pool:
        tokens = set(pool.map(one, range(50)))
    assert len(tokens) == 50
    assert sorted(event["voices"] for event in told(room)) == list(range(2, 52))
    assert len(room.document(document["_id"])["voices"]) == 50


def test_there_is_an_end_to_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "VOICES_MOST", 2)
    document = wish(room)
    pages = [join(room, document, email=f"p{at}@example.com") for at in range(3)]
    assert [page.status_code for page in pages] == [200, 200, 409]
    assert "Everybody knows it is wanted" in pages[2].text
    assert join(room, document, email="p0@example.com").status_code == 409, "who joined is not told from who did not"


def test_most_feedback_pays_nothing_for_voices(room: Room) -> None:
    sent = room.submit(kind="idea", text=WISH)
    assert "voices" not in room.document(sent["id"])
    indexes = room.feedbacks.collection.index_information()
    assert indexes["voices_tracking_hash"]["sparse"]
    assert indexes["shared_received_at"]["partialFilterExpression"] == {"shared": True}
