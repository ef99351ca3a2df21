"""Sends feedback through a running production shape by API and by mail, works it, and reads the mails.

compose-check.sh runs it with GATEWAY_PORT, MAIL_PORT, MAILPIT_PORT and LIAISE_TOKEN (an admin's); it exits 1 at the
first thing that is not as it should be.
"""

import json
import os
import smtplib
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

GATEWAY = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
MAILS = f"http://127.0.0.1:{os.environ['MAILPIT_PORT']}/api/v1/messages"
PATIENCE = 60.0
PAGES = {"/": 200, "/sign-in": 200, "/docs": 200, "/v1/openapi.json": 200, "/health/ready": 200, "/metrics": 404}


def ask(url: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """GET, or POST of JSON; the status and what was answered, as JSON where it is."""
    headers = {"Authorization": f"Bearer {os.environ['LIAISE_TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=15) as response:  # noqa: S310
            return response.status, parsed(response.read())
    except urllib.error.HTTPError as error:
        return error.code, parsed(error.read())


def parsed(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return answer


def expect(sentence: str, true: bool, seen: object) -> None:
    """Print what was found; end here when it is not so."""
    print(f"   {'ok' if true else 'NO'}  {sentence}" + ("" if true else f": {seen}"), flush=True)  # noqa: T201
    if not true:
        sys.exit(1)


def soon(sentence: str, found: Callable[[], Any]) -> Any:
    """What `found` finds, once it finds something; ends here when it does not within PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while not (result := found()) and time.monotonic() < until:
        time.sleep(0.5)
    expect(sentence, bool(result), f"not within {PATIENCE:.0f} s")
    return result


def mails_to(address: str) -> list[str]:
    """Subjects of the mails to one person, oldest first."""
    _, answer = ask(MAILS)
    return [mail["Subject"] for mail in answer["messages"] if address in str(mail["To"])][::-1]


def case_of(feedback: str) -> Any:
    status, case = ask(f"{GATEWAY}/v1/cases/{feedback}")
    return case if status == 200 else None


def ended_cases() -> int:
    _, summary = ask(f"{GATEWAY}/v1/insights/summary")
    return int(summary["total"]["outcome"]["n"])


def send_mail(sender: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "it@localhost", "The printer on floor 2"
    mail.set_content("It prints everything twice.")
    with smtplib.SMTP("127.0.0.1", int(os.environ["MAIL_PORT"]), timeout=30) as server:
        server.send_message(mail)


def main() -> None:
    for path, wanted in PAGES.items():
        status, _ = ask(GATEWAY + path)
        expect(f"{path} answers {wanted}", status == wanted, status)
    _, document = ask(f"{GATEWAY}/v1/openapi.json")
    expect("the API is described", "/v1/cases" in document["paths"], document)
    _, units = ask(f"{GATEWAY}/v1/units")
    unit = (units if isinstance(units, list) else units["units"])[0]
    writer = {"name": "Rosa Marin", "email": "rosa@example.org"}
    status, feedback = ask(
        f"{GATEWAY}/v1/feedback", {"unit": unit["id"], "text": "The door is stuck.", "submitter": writer}
    )
    expect(f"the API takes feedback ({feedback.get('number')})", status == 201, feedback)
    soon("its receipt arrives by mail", lambda: mails_to("rosa@example.org"))
    send_mail("omar@example.org")
    soon("a mail becomes feedback and its receipt arrives", lambda: mails_to("omar@example.org"))
    soon("a case was opened", lambda: case_of(feedback["id"]))
    case = f"{GATEWAY}/v1/cases/{feedback['id']}"
    status, answer = ask(f"{case}/decline", {"reason": "out_of_scope"})
    expect("a decline without an explanation is refused", status in (400, 422), (status, answer))
    status, answer = ask(f"{case}/done", {"what_was_done": "The hinge was replaced."})
    expect("the case is done", status in (200, 201), (status, answer))
    soon("the closing mail arrives", lambda: len(mails_to("rosa@example.org")) > 1)
    soon("the ended case is counted", lambda: ended_cases() == 1)
    expect("one receipt and one closing mail, none twice", len(mails_to("rosa@example.org")) == 2, mails_to("rosa@"))


if __name__ == "__main__":
    main()
