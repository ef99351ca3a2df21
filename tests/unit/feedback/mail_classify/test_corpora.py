"""Real mail that nobody of this project wrote, beside the project where it is kept; figures are printed with -s."""

import json
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from services.feedback.mail.parsing.classify import classify
from services.feedback.mail.parsing.mail import Bounce
from tests.corpora import corpus
from tests.unit.feedback.mail_classify.letters import OURS

KNOWN_ELSEWISE = {
    "lhost-activehunter-02.eml": "User unknown in local recipient table, which the corpus calls a filter",
    "lhost-exchange2003-04.eml": "Recipient Not Found, which the corpus calls a filter",
    "lhost-gsuite-08.eml": "550 User unknown, which the corpus calls a filter",
    "lhost-opensmtpd-12.eml": "a delay, which the corpus calls final",
}
"""Where we read "hard" otherwise than the corpus, and why."""

REAL_BOUNCES = {
    "mail018.eml",
    "mail052.eml",
    "mail063.eml",
    "mailgun-bounce-gmail-invalid-address.eml",
    "mailgun-bounce-mailbox-full.eml",
    "mailgun-bounce-zed.eml",
    "mikel-multipart_report_emails-multipart_report_multiple_status.eml",
    "mikel-multipart_report_emails-report_530.eml",
}


def classified(path: Path) -> tuple[str, str, Bounce | None]:
    return classify(message_from_bytes(path.read_bytes(), policy=policy.default), None, OURS, "")[:3]


def is_real(status: str) -> bool:
    """The corpus makes up codes x.0.9xx where a bounce names none."""
    return not status[1:].startswith(".0.9")


def test_bounces_are_told_apart_and_understood() -> None:
    expected: dict[str, dict[str, Any]] = json.loads((corpus("bounce") / "expected.json").read_text())
    read = {name: classified(corpus("bounce") / name) for name in expected}
    wrong = {name: said for name, (said, _, _) in read.items() if said != expected[name]["class"]}
    bounces = {name: found for name, (_, _, found) in read.items() if found and expected[name]["class"] == "bounce"}
    coded = [name for name in bounces if is_real(expected[name]["status"])]
    status = [name for name in coded if bounces[name].status == expected[name]["status"]]
    named = [name for name in bounces if len(bounces[name].recipients) == expected[name]["recipients"]]
    hard = [name for name in bounces if bounces[name].permanent == expected[name]["hard"]]
    print(f"\nbounce class {len(read) - len(wrong)}/{len(read)}, status {len(status)}/{len(coded)}", end=", ")
    print(f"recipients {len(named)}/{len(bounces)}, hard {len(hard)}/{len(bounces)}")
    assert len(wrong) <= len(read) // 100, wrong
    assert len(status) >= 0.95 * len(coded), set(coded) - set(status)
    assert len(named) >= 0.95 * len(bounces), set(bounces) - set(named)
    assert set(bounces) - set(hard) <= set(KNOWN_ELSEWISE)


def test_no_person_is_called_a_machine() -> None:
    mails = sorted(corpus("human").glob("*.eml"))
    wrong = {path.name: said for path in mails if (said := classified(path)[0]) != "feedback"}
    print(f"\nhuman false bounces {list(wrong.values()).count('bounce')}/{len(mails)}, other {len(wrong)}")
    assert not wrong


def test_odd_mail_is_no_bounce_for_being_odd() -> None:
    mails = [path for folder in ("decode", "odd") for path in corpus(folder).glob("*.eml")]
    assert {path.name for path in mails if classified(path)[0] == "bounce"} <= REAL_BOUNCES
