"""What people do instead of speaking up, or afterwards, and what becomes of it in all four services, through pages."""

import csv
import re
from collections.abc import Mapping
from datetime import timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from io import StringIO
from typing import Any

import pytest

from services.feedback.mail.parsing import parse
from services.feedback.mail.receiving import ours
from services.feedback.mail.taking import Delivery, Taker
from services.feedback.store import open_stores
from services.notify.store import MailboxStore
from tests.forms import Browser
from tests.world import World

WORDS = "The projector in room 4 hums louder than anybody who speaks."
DONE = "We put in a projector without a fan."
SAM = {"name": "Sam Field", "email": "sam@example.com"}


def speak(world: World, **fields: str) -> str:
    """Somebody fills in the form; returns the path of their page."""
    answer = world.browser().submit("/", **{"unit": "it", "kind": "need", "text": WORDS, **SAM, **fields})
    world.drain()
    return found(r"/t/[\w-]+", answer.text)


def join(world: World, **fields: str) -> str:
    """Somebody begins to write the same and joins instead; the page they see then."""
    browser: Browser = world.browser()
    form = browser.form("/", "text")
    values: dict[str, str] = {**form.values, "unit": "it", "kind": "need", "text": WORDS, **fields}
    similar = browser.client.post("/similar", data=values).text
    reference = found(r'name="reference" value="([^"]+)"', similar)
    answer = browser.client.post("/join", data=values | {"reference": reference}, follow_redirects=True)
    world.drain()
    return str(answer.text)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[match.re.groups]


def only_case(world: World) -> dict[str, Any]:
    (case,) = world.client("triage").get("/v1/cases", headers=world.bearer()).get_json()["items"]
    whole: dict[str, Any] = world.client("triage").get(f"/v1/cases/{case['id']}", headers=world.bearer()).get_json()
    return whole


def act(world: World, case: Mapping[str, Any], move: str, **body: str) -> None:
    path = f"/v1/cases/{case['id']}/{move}"
    answer = world.client("triage").post(path, json=body, headers=world.bearer())
    assert answer.status_code == 200, answer.text
    world.drain()


def mails(world: World, address: str) -> list[dict[str, Any]]:
    """What somebody has in their mailbox, newest first."""
    box = MailboxStore(world.process.store("notify"))
    return [box.find(row["_id"]) or {} for row in box.newest(50) if row["to"] == address]


def figures(world: World) -> dict[str, str]:
    """The one line of the download."""
    text = world.liaison("ada@example.com").get("/insights/journeys.csv").text
    (row,) = csv.DictReader(StringIO(text, newline=""))
    return row


def arrives(world: World, message: EmailMessage) -> None:
    """A mail reaches us."""
    settings = world.process.settings
    known = ours(settings)
    taker = Taker(
        settings,
        world.clock,
        open_stores(world.process.store("feedback")),
        lambda content, sender: parse(content, known, sender),
    )
    taker.take(Delivery(content=bytes(message), sender=message["From"], recipients=(message["To"],), unit=None))
    world.drain()


def test_one_voice_more_is_heard_to_the_end(world: World) -> None:
    speak(world, shared="yes")
    page = join(world, name="Kim Wood", email="kim@example.com")
    assert "Sam Field" not in page
    assert "You are counted" in page
    case = only_case(world)
    assert case["voices"] == 2
    assert "Kim Wood says the same." in world.liaison().get(f"/triage/cases/{case['id']}").text
    (joined,) = mails(world, "kim@example.com")
    assert joined["subject"] == "You joined: 2 people now say this"

    act(world, case, "done", what_was_done=DONE)
    for address in ("sam@example.com", "kim@example.com"):
        assert DONE in mails(world, address)[0]["text"]
    assert "/rate" not in mails(world, "kim@example.com")[0]["text"]
    link = found(r"/v/[\w-]+", mails(world, "kim@example.com")[0]["text"])
    assert world.browser().get(link).status_code == 200
    assert "Every ended case has its closing message" in world.liaison("ada@example.com").get("/notify/").text
    assert (figures(world)["voices"], figures(world)["told_last_outcome"]) == ("2", "yes")


def test_who_takes_it_back_is_told_so_and_counts_for_nobody(world: World) -> None:
    path = speak(world)
    sam = world.browser()
    sam.submit(f"{path}/withdraw", why="It is quiet now.")
    world.drain()
    case = only_case(world)
    assert (case["state"], case["outcome"]["why"]) == ("withdrawn", "It is quiet now.")
    assert mails(world, "sam@example.com")[0]["subject"] == f"You withdrew your feedback [{case['number']}]"
    assert (figures(world)["state"], figures(world)["first_outcome_at"]) == ("withdrawn", "")
    assert figures(world)["told"] == "no", "nobody was told an outcome that could be rated"
    assert "Every ended case has its closing message" in world.liaison("ada@example.com").get("/notify/").text


def test_what_a_liaison_wrote_down_is_corrected_by_who_said_it(world: World) -> None:
    ines = world.liaison()
    ines.submit("/intake/record", text="The projektor in 3 is loud.", unit="it", kind="need", **SAM)
    world.drain()
    case = only_case(world)
    assert case["recorded_by"] == "Ines Marchetti"
    (receipt,) = mails(world, "sam@example.com")
    assert "The projektor in 3 is loud." in receipt["text"]
    correct = found(r"/t/[\w-]+/correct", receipt["text"])
    world.browser().submit(correct, text=WORDS)
    world.drain()
    assert only_case(world)["text"] == WORDS
    page = ines.get(f"/triage/cases/{case['id']}").text
    assert "Ines Marchetti wrote this down for Sam Field." in page
    assert "The projektor in 3 is loud." in page


def test_who_wants_to_read_on_their_page_gets_no_mail_from_then_on(world: World) -> None:
    path = speak(world)
    (receipt,) = mails(world, "sam@example.com")
    choose = found(r"/t/[\w-]+/profile\?proof=\w+", receipt["text"])
    assert choose in receipt["html"]
    assert world.browser().get(f"{path}/profile").text.count('name="way"') == 0, "the secret link alone proves nothing"
    world.browser().submit(choose, wants="everything", way="page")
    world.drain()
    act(world, only_case(world), "done", what_was_done=DONE)
    assert [mail["subject"].partition(" [")[0] for mail in mails(world, "sam@example.com")] == ["We have your feedback"]
    assert DONE in world.browser().get(path).text
    assert figures(world)["told_last_outcome"] == "yes"


def answer_to(mail: Mapping[str, Any], sender: str, text: str) -> EmailMessage:
    """What a mail program makes of "reply"."""
    headers = dict(re.findall(r"^(Message-ID|Reply-To): *(.+?)\r?$", mail["source"], re.M))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, headers["Reply-To"], f"Re: {mail['subject']}"
    message["In-Reply-To"] = message["References"] = headers["Message-ID"]
    message["Message-ID"] = "<answer@example.com>"
    message.set_content(text)
    return message


@pytest.mark.parametrize(("sender", "state"), [("sam@example.com", "reopened"), ("eve@example.com", "declined")])
def test_answering_a_decline_contests_it_if_it_is_the_submitter(world: World, sender: str, state: str) -> None:
    speak(world)
    words = {"reason": "budget", "explanation": "There is no money for another projector until the spring."}
    act(world, only_case(world), "decline", **words)
    arrives(world, answer_to(mails(world, "sam@example.com")[0], sender, "Then turn its fan down."))
    case = only_case(world)
    assert case["state"] == state
    assert "Then turn its fan down." in [entry["text"] for entry in case["timeline"]]
    assert len(mails(world, "eve@example.com")) == 0


def test_a_closing_message_that_comes_back_is_seen_by_everybody_who_should(world: World) -> None:
    speak(world)
    case = only_case(world)
    act(world, case, "done", what_was_done=DONE)
    assert figures(world)["told_last_outcome"] == "yes"
    closing = mails(world, "sam@example.com")[0]
    world.clock.advance(timedelta(minutes=1))
    arrives(world, delivery_report(closing["source"]))
    page = world.liaison().get(f"/triage/cases/{case['id']}").text
    assert "The closing message came back undelivered (5.1.1)." in page
    assert "Came back" in world.liaison().get("/notify/?state=bounced").text
    assert figures(world)["told_last_outcome"] == "no"


def delivery_report(original: str) -> Any:
    """What a mail server writes when there is nobody of that name (RFC 3464)."""
    head = original.replace("\r\n", "\n").partition("\n\n")[0]
    return message_from_string(
        "From: MAILER-DAEMON@example.com\nTo: answers@liaise.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="="\n\n'
        "--=\nContent-Type: text/plain\n\nThere is no such user.\n"
        "--=\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n"
        "Final-Recipient: rfc822; sam@example.com\nAction: failed\nStatus: 5.1.1\n\n"
        f"--=\nContent-Type: text/rfc822-headers\n\n{head}\n--=--\n",
        policy=policy.SMTP,
    )
