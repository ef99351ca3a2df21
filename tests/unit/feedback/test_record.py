"""On behalf: a liaison writes down what somebody said, and that person hears of it."""

import re

from tests.world import World

SAID = {
    "text": "The gate terminals freeze at shift change.",
    "kind": "complaint",
    "unit": "it",
    "name": "Bela Novak",
    "email": "bela@example.com",
}


def test_a_talk_becomes_a_feedback_with_the_persons_name_and_the_liaisons(world: World) -> None:
    page = world.liaison().submit("/intake/record", **SAID)
    assert page.status_code == 201
    assert "The receipt is on its way to Bela Novak." in page.text
    [number] = re.findall(r'Recorded as <span class="number">([\w-]+)<', page.text)
    world.drain()
    [case] = world.client("triage").get("/v1/cases?q=" + number, headers=world.bearer()).json["items"]
    assert case["unit"] == "it"
    [mail] = world.process.store("notify")["notifications"].find({"number": number})
    assert mail["recipient"] == SAID["email"]


def test_without_an_address_the_liaison_gets_the_link_to_hand_over(world: World) -> None:
    page = world.liaison().submit("/intake/record", **SAID | {"email": ""})
    [token] = re.findall(r"/t/([0-9a-f]{64})", page.text)
    assert SAID["text"] in world.browser().get(f"/t/{token}").text


def test_the_next_record_begins_where_the_last_one_was(world: World) -> None:
    page = world.liaison().submit("/intake/record", **SAID | {"kind": "idea", "unit": "finance"})
    assert '<option value="idea" selected' in page.text
    assert '<option value="finance" selected' in page.text
    assert SAID["text"] not in page.text


def test_sending_it_twice_records_it_once(world: World) -> None:
    browser = world.liaison()
    form = browser.form("/intake/record", "text")
    pages = [browser.send("/intake/record", form, **SAID) for _ in range(2)]
    numbers = {re.findall(r'Recorded as <span class="number">([\w-]+)<', page.text)[0] for page in pages}
    assert len(numbers) == 1
    other = browser.send("/intake/record", form, **SAID | {"text": "Something else."})
    assert other.status_code == 409
    assert "Something else." in other.text
    assert world.process.store("feedback")["feedback"].count_documents({}) == 1


def test_what_cannot_be_taken_is_named_and_nothing_typed_is_lost(world: World) -> None:
    page = world.liaison().submit("/intake/record", **SAID | {"unit": "", "email": "not an address"})
    assert page.status_code == 422
    assert "Choose the unit it is about." in page.text
    assert "Write the address like name@example.com" in page.text
    assert SAID["text"] in page.text


def test_only_staff_record(world: World) -> None:
    assert "Sign in" in world.browser().get("/intake/record").text
