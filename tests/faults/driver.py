"""People and programs at the public doors, who try again until they are answered and write down what they were told."""

import json
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from itertools import count
from random import Random
from threading import Lock
from typing import Any, TypeVar

from services.chassis import ids
from tests.faults.ledger import Ledger
from tests.forms import Browser
from tests.running import Answer, OverHttp, send_mail, until

T = TypeVar("T")
PATIENCE = 90.0
DOORS = ("form", "api", "mail")
NUMBER = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
OUTCOMES: dict[str, tuple[str, dict[str, str]]] = {
    "declined": ("decline", {"reason": "budget", "explanation": "The lease ends in March; until then there is none."}),
    "done": ("done", {"what_was_done": "We replaced the drum of the printer."}),
}


@dataclass
class Driver:
    """Drives the doors of one install; any number of threads may tell stories at once."""

    web: int
    triage: int
    mail: int
    token: str
    ledger: Ledger
    random: Random

    def __post_init__(self) -> None:
        self._count = count(1)
        self._lock = Lock()
        self._run = ids.new()[-8:].replace("-", "")

    def story(self, door: str | None = None) -> None:
        """Somebody says something, perhaps adds to it, gets an outcome, and perhaps rates it."""
        with self._lock:
            number, door = next(self._count), door or self.random.choice(DOORS)
            outcome, nameless = self.random.choice(sorted(OUTCOMES)), self.random.random() < 0.2
        mark = f"m{self._run}{number:05d}"
        feedback, own = self.submit(door, mark, None if nameless and door == "api" else f"{mark}@example.com")
        if own and number % 2:
            self.reply(feedback, own, f"{mark} once more")
        feedback = feedback or self._case_of(mark)
        self.decide(feedback, outcome)
        if own and number % 3 == 0:
            self.rate(feedback, own, 1 + number % 5)

    def submit(self, door: str, mark: str, address: str | None) -> tuple[str, str]:
        """Submit until it is acknowledged; returns the id and the tracking token as far as the door tells them."""
        text = f"{mark}: the printer on the third floor is broken."
        submit = {"form": self._by_form, "api": self._by_api, "mail": self._by_mail}[door]
        return submit(mark, text, address)

    def decide(self, feedback: str, outcome: str) -> None:
        """Give it this outcome, once its case is open."""
        move, words = OUTCOMES[outcome]

        def attempt() -> bool:
            answer = self._request(self.triage, "POST", f"/v1/cases/{feedback}/{move}", words, self.token)
            if answer.status_code == 409:  # the answer to the first try got lost, or somebody else was quicker
                case = self._request(self.triage, "GET", f"/v1/cases/{feedback}", None, self.token)
                return case.status_code == 200 and json.loads(case.text)["state"] == outcome
            return answer.status_code == 200

        self._persist(attempt, f"the outcome of {feedback}")
        self.ledger.ended(feedback, outcome)

    def _by_api(self, mark: str, text: str, address: str | None) -> tuple[str, str]:
        submitter = {"email": address, "name": f"Sam {mark}"} if address else None
        body = {"unit": "it", "kind": "complaint", "text": text, "submitter": submitter}
        key = {"Idempotency-Key": f"key-{mark}"}

        def attempt() -> Any:
            answer = self._request(self.web, "POST", "/v1/feedback", body, "", key)
            return json.loads(answer.text) if answer.status_code == 201 else None

        receipt = self._persist(attempt, f"the receipt of {mark}")
        self.ledger.said("api", text, address, id=receipt["id"], number=receipt["number"])
        return receipt["id"], receipt["tracking_url"].rpartition("/")[2]

    def _by_form(self, mark: str, text: str, address: str | None) -> tuple[str, str]:
        browser = Browser(OverHttp(self.web))  # type: ignore[arg-type]
        form = self._persist(lambda: browser.form("/", "unit", "kind", "text"), "the form")
        fields = {"unit": "finance", "kind": "idea", "text": text, "name": f"Sam {mark}", "email": address or ""}

        def attempt() -> Any:
            answer = browser.send("/", form, **fields)
            found = NUMBER.search(answer.text)
            assert answer.status_code in (200, 503), answer.text
            return found[0] if answer.status_code == 200 and found else None

        self.ledger.said("form", text, address, number=self._persist(attempt, f"the receipt page of {mark}"))
        return "", ""

    def _by_mail(self, mark: str, text: str, address: str | None) -> tuple[str, str]:
        sender, message_id = f"Sam {mark} <{address}>", f"<{mark}@example.com>"

        def attempt() -> bool:
            send_mail(self.mail, sender, "people@liaise.example", f"About {mark}", text, message_id)
            return True

        self._persist(attempt, f"250 for {mark}")
        self.ledger.said("mail", text, address)
        return "", ""

    def reply(self, feedback: str, own: str, text: str) -> None:
        """The submitter adds something; `own` is the tracking token."""
        self._again(feedback, own, "replies", {"text": text})
        self.ledger.replied(feedback, text)

    def rate(self, feedback: str, own: str, score: int) -> None:
        """The submitter rates the outcome, once it has arrived."""
        self._again(feedback, own, "rating", {"score": score})
        self.ledger.rated(feedback, score)

    def _again(self, feedback: str, own: str, what: str, body: dict[str, Any]) -> None:
        key = {"Idempotency-Key": f"{what}-{feedback}"}

        def attempt() -> bool:
            return self._request(self.web, "POST", f"/v1/feedback/{feedback}/{what}", body, own, key).status_code == 201

        self._persist(attempt, f"{what} of {feedback}")

    def _case_of(self, mark: str) -> str:
        def look() -> Any:
            answer = self._request(self.triage, "GET", f"/v1/cases?q={mark}", None, self.token)
            return json.loads(answer.text)["items"] if answer.status_code == 200 else None

        return str(self._persist(look, f"the case of {mark}")[0]["id"])

    def _request(
        self, port: int, method: str, path: str, body: Any, token: str, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {"Content-Type": "application/json", **(headers or {})}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        text = None if body is None else json.dumps(body)
        answer = OverHttp(port)._request(method, path, text, sent, False)
        assert answer.status_code in (200, 201, 404, 409, 503), (method, path, answer.status_code, answer.text)
        return answer

    def _persist(self, attempt: Callable[[], T], what: str) -> T:
        def look() -> T | None:
            try:
                return attempt()
            except smtplib.SMTPResponseException as refusal:
                if refusal.smtp_code not in (421, 451):
                    raise
            except (OSError, HTTPException, smtplib.SMTPException):
                pass  # the door is away; the same thing is said again
            return None

        return until(look, what, PATIENCE)  # type: ignore[return-value]
