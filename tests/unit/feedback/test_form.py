"""The public form: usable without JavaScript, nothing typed is ever lost."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from werkzeug.test import Client

from services.chassis.embedded_store import free_port
from services.chassis.http import create_flask
from services.chassis.mongo import Document
from services.feedback import app as feedback_app
from services.feedback import pages
from services.feedback.store import FeedbackStore, open_stores
from tests import builders
from tests.forms import Browser
from tests.unit.feedback.conftest import Room

FILLED = {"kind": "complaint", "unit": "it", "text": "The VPN drops.", "name": "Sam", "email": "sam@example.com"}


def test_a_submission_leads_to_the_receipt(room: Room) -> None:
    page = room.browser().submit("/", **FILLED, rating="2")
    assert page.status_code == 200
    assert page.request.path.startswith("/t/")
    assert page.request.path.endswith("/received")
    document = room.feedbacks.collection.find_one({})
    assert document
    link = room.process.settings.public_url + page.request.path.removesuffix("/received")
    for expected in (document["number"], "Ines Marchetti", "IM", "Wednesday 25 November", f'value="{link}"'):
        assert expected in page.text
    kept = {name: document[name] for name in ("kind", "channel", "rating", "anonymous", "language")}
    assert kept == {"kind": "complaint", "channel": "web", "rating": 2, "anonymous": False, "language": "en"}


def test_the_day_shown_is_the_day_promised_in_the_units_own_zone(room: Room) -> None:
    room.hear(builders.unit(name="Coast", time_zone="America/Los_Angeles", fallback=False), "coast")
    room.later(hours=12)  # Monday 13:00 there: two working days end on Wednesday 17:00, which is Thursday in Berlin
    room = replace(room, app=feedback_app.create_app(room.process))
    receipt = room.browser().submit("/", **FILLED | {"unit": "coast"})
    tracking = room.browser().get(receipt.request.path.removesuffix("/received"))
    for page in (receipt, tracking):
        assert "Wednesday 25 November" in page.text
        assert "Thursday" not in page.text
    room.feedbacks.collection.update_one({}, {"$unset": {"time_zone": ""}})  # as it was written before this was kept
    assert "Thursday 26 November" in room.browser().get(tracking.request.path).text
    document = room.feedbacks.collection.find_one({})
    assert document
    room.hear(builders.opened(outcome_due=datetime(2026, 12, 5, 1, tzinfo=UTC)), document["_id"], 1)
    room.hear(builders.acknowledged(), document["_id"], 2)
    room.feedbacks.collection.update_one({}, {"$set": {"time_zone": "America/Los_Angeles"}})
    assert "Friday 4 December" in room.browser().get(tracking.request.path).text


def test_the_link_chooses_unit_and_kind_and_nothing_rates(room: Room) -> None:
    form = room.browser().form("/?unit=hr&kind=idea")
    assert (form.values["unit"], form.values["kind"]) == ("hr", "idea")
    assert "rating" not in form.values
    assert "kind" not in room.browser().form("/?unit=nowhere&kind=rant").values


def test_a_service_is_chosen_with_its_department_or_by_the_link(room: Room) -> None:
    assert room.browser().form("/?unit=it&service=Network").values["unit"] == "it/Network"
    assert room.browser().form("/?service=Network").values["unit"] == "it/Network"
    assert room.browser().form("/?unit=it&service=Catering").values["unit"] == "it"
    assert room.browser().form("/?unit=hr&service=Network").values["unit"] == "hr"
    room.browser().submit("/", **FILLED | {"unit": "it/Laptops"})
    document = room.feedbacks.collection.find_one({})
    assert document
    assert (document["unit"], document["service"]) == ("it", "Laptops")


def test_a_link_brings_no_words(room: Room) -> None:
    form = room.browser().form("/?text=I+quit&name=Sam&email=sam@example.com&anonymous=yes")
    assert {name: form.values[name] for name in ("text", "name", "email")} == {"text": "\n", "name": "", "email": ""}
    assert "anonymous" not in form.values


def test_who_has_it_and_until_when_stands_there_before_a_word_is_typed(room: Room) -> None:
    assert "Ines Marchetti reads it. You hear from us by Wednesday 25 November." in _promised(room, "/?unit=it")
    assert "Amara Okafor reads it. You hear from us by Thursday 26 November." in _promised(room, "/?unit=hr")
    assert _promised(room, "/").strip() == ""


def _promised(room: Room, path: str) -> str:
    return room.browser().get(path).text.split('id="f-unit-promise"')[1].split("</p>")[0].split(">", 1)[1]


def test_a_complaint_is_told_its_ladder(room: Room) -> None:
    page = room.browser().get("/?kind=complaint").text
    places = [page.index(words) for words in ("The liaison of the dep", "head of relationship", "The CIO decides")]
    assert places == sorted(places)


def test_who_ticks_anonymous_leaves_no_name_and_no_address(room: Room) -> None:
    page = room.browser().submit("/", **FILLED, anonymous="yes")
    assert page.request.path.endswith("/received")
    document = room.feedbacks.collection.find_one({})
    assert document
    assert (document["anonymous"], document["name"], document["email"]) == (True, None, None)
    assert "sam" not in str(document).lower()


def test_who_ticks_anonymous_need_not_correct_an_address(room: Room) -> None:
    page = room.browser().submit("/", **FILLED | {"email": "sam@", "name": "x" * 300}, anonymous="yes")
    assert page.request.path.endswith("/received")


@pytest.mark.parametrize(
    ("kind", "ticked", "shared"),
    [
        ("idea", "yes", True),
        ("need", "yes", True),
        ("question", "yes", True),
        ("idea", "", False),
        ("complaint", "yes", False),
        ("praise", "yes", False),
    ],
)
def test_others_may_read_ideas_needs_and_questions_if_ticked(room: Room, kind: str, ticked: str, shared: bool) -> None:
    browser = room.browser()
    assert browser.form("/").values["shared"] == "yes"
    browser.submit("/", **FILLED | {"kind": kind, "shared": ticked})
    document = room.feedbacks.collection.find_one({})
    assert document
    assert document["shared"] is shared
    assert document["outbox"][0]["data"]["shared"] is shared


def test_a_box_that_was_unticked_stays_so_after_a_mistake(room: Room) -> None:
    browser = room.browser()
    form = browser.form("/", "text")
    del form.values["shared"]
    page = browser.send("/", form, **FILLED | {"text": ""}, anonymous="yes")
    assert page.status_code == 422
    assert re.search(r'name="anonymous" value="yes" checked', page.text)
    assert not re.search(r'name="shared" value="yes" checked', page.text)


def test_without_name_and_address_it_is_anonymous(room: Room) -> None:
    page = room.browser().submit("/", kind="idea", unit="unsure", text="A bench in the yard.")
    document = room.feedbacks.collection.find_one({})
    assert document
    assert (document["anonymous"], document["unit"], document["email"]) == (True, "it", None)
    assert "only way to the answer" in page.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "   "}, "text"),
        ({"email": "sam@"}, "email"),
        ({"unit": ""}, "unit"),
        ({"unit": "nowhere"}, "unit"),
        ({"unit": "it/Catering"}, "unit"),
        ({"unit": "x" * 500}, "unit"),
        ({"kind": "rant"}, "kind"),
        ({"rating": "9"}, "rating"),
        ({"text": "x" * 20_001}, "text"),
    ],
)
def test_an_error_stands_in_the_summary_and_at_its_field_and_nothing_is_lost(
    room: Room, change: dict[str, str], field: str
) -> None:
    page = room.browser().submit("/", **FILLED | change)
    assert page.status_code == 422
    assert f'href="#f-{field}"' in page.text
    assert f'id="f-{field}-error"' in page.text
    assert 'value="Sam"' in page.text
    assert room.feedbacks.collection.count_documents({}) == 0


def test_the_summary_reads_from_top_to_bottom(room: Room) -> None:
    page = room.browser().submit("/", **FILLED | {"kind": "rant", "unit": "", "text": "", "email": "x", "rating": "9"})
    places = [page.text.index(f'href="#f-{name}"') for name in ("kind", "unit", "text", "email", "rating")]
    assert places == sorted(places)


def test_a_double_click_makes_one(room: Room) -> None:
    browser = room.browser()
    form = browser.form("/", "text")
    pages = [browser.send("/", form, **FILLED) for _ in range(3)]
    assert len({page.request.path for page in pages}) == 1
    assert room.feedbacks.collection.count_documents({}) == 1


def test_a_repeat_after_another_language_was_chosen_is_the_same(room: Room) -> None:
    browser = room.browser()
    form = browser.form("/", "text")
    first = browser.send("/", form, **FILLED)
    second = browser.send("/?lang=de", form, **FILLED)
    assert second.request.path == first.request.path
    assert second.status_code == 200
    assert room.feedbacks.collection.count_documents({}) == 1


def test_the_button_back_with_another_text_leads_to_the_first_and_offers_a_second(room: Room) -> None:
    browser = room.browser()
    form = browser.form("/", "text")
    receipt = browser.send("/", form, **FILLED)
    page = browser.send("/", form, **FILLED | {"text": "Another thing."})
    assert page.status_code == 422
    assert receipt.request.path.removesuffix("/received") in page.text
    assert "Another thing." in page.text
    assert form.values["form_token"] not in page.text


def test_the_form_needs_its_token_against_forgery(room: Room) -> None:
    assert room.app.test_client().post("/", data=FILLED).status_code == 400
    assert room.feedbacks.collection.count_documents({}) == 0


def test_markup_in_the_words_stays_words(room: Room) -> None:
    page = room.browser().submit("/", **FILLED | {"text": "<script>alert(1)</script>", "name": "<b>Sam"})
    tracking = room.browser().get(page.request.path.removesuffix("/received"))
    assert "<script>alert(1)" not in tracking.text
    assert "&lt;script&gt;alert(1)" in tracking.text


def test_before_the_directory_arrived_a_sentence_says_so(room: Room) -> None:
    room.units.collection.delete_many({})
    client = feedback_app.create_app(room.process).test_client()
    for path in ("/", "/v1/units"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "No department has been set up here yet" in answer.text


def test_a_form_sent_while_the_database_is_away_keeps_what_was_typed(room: Room) -> None:
    gone: MongoClient[Document] = MongoClient(f"mongodb://127.0.0.1:{free_port()}", serverSelectionTimeoutMS=50)
    settings = room.process.settings
    app = create_flask("services.feedback.app", settings, room.clock, checks={})
    stores = replace(open_stores(gone["gone"]), units=room.units)
    for blueprint in pages.blueprints(stores, room.clock, settings, Path("none")):
        app.register_blueprint(blueprint)
    browser = Browser(Client(app.wsgi_app))
    page = browser.submit("/", **FILLED)
    values: dict[str, Any] = {**browser.form("/", "text").values, **FILLED, "kept_files": "some-id before.png"}
    values["files"] = [(io.BytesIO(b"picture"), "photo.png", "image/png")]
    with_files = browser.client.post("/", data=values, content_type="multipart/form-data")
    gone.close()
    assert with_files.status_code == 503
    assert "photo.png</bdi>. It could not be kept just now. Please choose it again." in with_files.text
    assert 'value="some-id before.png" checked' in with_files.text
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert FILLED["text"] in page.text


def test_fifty_threads_with_one_form_make_one(room: Room) -> None:
    browser = room.browser()
    form = browser.form("/", "text")
    cookie = browser.client.get_cookie("liaise_session")
    assert cookie

    def send(_: int) -> str:
        other = room.browser()
        other.client.set_cookie("liaise_session", cookie.value)
        return str(other.send("/", form, **FILLED).request.path)

    with ThreadPoolExecutor(50) as pool:
        paths = set(pool.map(send, range(50)))
    assert len(paths) == 1
    assert FeedbackStore(room.process.store("feedback")).collection.count_documents({}) == 1


def test_german_is_spoken_and_remembered_for_the_answer(room: Room) -> None:
    browser = room.browser()
    page = browser.get("/?lang=de")
    assert "Was möchten Sie uns sagen?" in page.text
    receipt = browser.submit("/", **FILLED)
    document = room.feedbacks.collection.find_one({})
    assert document
    assert document["language"] == "de"
    assert "Mittwoch, 25. November" in receipt.text
