"""People with a browser, programs with an API key, senders of mail and readers of tracking pages.

Each user starts one task a second, so their number is the rate; a slow answer shows in the figures and, when it takes
longer than the second, in the rate that was reached, which is a threshold too. Every text and key is random.
"""

import os
import random
import re
import smtplib
import time
import uuid
from collections import deque
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from locust import FastHttpUser, User, constant_throughput, events, task
from locust.env import Environment

from tests.load.ledger import Ledger

RATE = int(os.environ["LOAD_RATE"])
"""Submissions per second, over all doors."""

SECONDS = float(os.environ["LOAD_SECONDS"])
MAIL_PORT = int(os.environ["LOAD_MAIL_PORT"])
ACCEPT_P99_MS = 300
RATE_REACHED = 0.9
API, FORM, MAIL = "accept by API", "accept by form", "accept by mail"
REPEATED, TRIES = 0.2, 3

ASSET = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(csrf_token|form_token)" value="([^"]+)"')
NUMBER = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")

ledger = Ledger(Path(os.environ["LOAD_LEDGER"]))
tracked: deque[str] = deque(maxlen=1000)


def words() -> str:
    """A text that nobody has sent before."""
    return f"The printer beside the stairs is broken again. {uuid.uuid4()}"


def address() -> str:
    """A sender that nobody has been before."""
    return f"{uuid.uuid4().hex}@example.com"


class Somebody:
    """Comes once a second, beginning at any moment of the first: strangers do not act in step."""

    wait_time = constant_throughput(1)

    def on_start(self) -> None:
        time.sleep(random.random())


class Program(Somebody, FastHttpUser):
    """An integration: a key with every request, the same one again when an answer was lost."""

    fixed_count = max(1, RATE // 2)

    @task
    def submit(self) -> None:
        text, key = words(), str(uuid.uuid4())
        body = {"unit": random.choice(("it", "finance", None)), "kind": "complaint", "text": text}
        body |= {"submitter": {"name": "Amara Okafor", "email": address()}}
        receipt = self._send(API, body, key)
        if receipt is None:
            return
        ledger.acknowledged("api", text, receipt["id"])
        tracked.append(receipt["tracking_url"].rpartition("/t/")[2])
        if random.random() < REPEATED:
            self._send("repeat a key", body, key, expected=receipt)

    def _send(self, name: str, body: dict[str, Any], key: str, expected: Any = None) -> Any:
        for _ in range(TRIES):
            with self.rest("POST", "/v1/feedback", name=name, json=body, headers={"Idempotency-Key": key}) as answer:
                if answer.status_code == 201:
                    if expected and answer.js != expected:
                        answer.failure("the same key gave another feedback")
                    return answer.js
                answer.failure(f"{answer.status_code} {answer.text}")
        return None


class Person(Somebody, FastHttpUser):
    """A browser: the page, what the page needs, the form, the receipt."""

    fixed_count = max(1, RATE * 3 // 10)

    @task
    def submit(self) -> None:
        self.client.cookiejar.clear()  # somebody else sits down
        page = self.client.get("/", name="form").text
        for asset in ASSET.findall(page or ""):
            self.client.get(asset, name="asset")
        text = words()
        form = dict(HIDDEN.findall(page or "")) | {"kind": "idea", "unit": "unsure", "text": text, "email": address()}
        with self.client.post("/", form, name=FORM, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code != 303:
                answer.failure(f"{answer.status_code} instead of 303")
                return
            where = re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
        self._read_receipt(where, text)

    def _read_receipt(self, where: str, text: str) -> None:
        with self.client.get(where, name="receipt", catch_response=True) as receipt:
            number = NUMBER.search(receipt.text or "")
            if number is None:
                receipt.failure("no number on the receipt")
            # What the redirect acknowledged is acknowledged, whether its page could be read or not.
            ledger.acknowledged("form", text, number[0] if number else "")
        tracked.append(where.split("/")[2])


class Sender(Somebody, User):
    """A mail program; 250 is the acknowledgement."""

    fixed_count = max(1, RATE - RATE // 2 - RATE * 3 // 10)

    @task
    def send(self) -> None:
        mail, text = EmailMessage(), words()
        mail["From"], mail["To"], mail["Subject"] = address(), "it@liaise.example", "Printer"
        mail["Message-ID"] = f"<{uuid.uuid4()}@example.com>"
        mail.set_content(text)
        start, error = time.perf_counter(), None
        try:
            with smtplib.SMTP("127.0.0.1", MAIL_PORT, timeout=30) as smtp:
                smtp.send_message(mail)
                ledger.acknowledged("mail", text)
        except (OSError, smtplib.SMTPException) as refused:
            error = refused
        took = (time.perf_counter() - start) * 1000
        events.request.fire(
            request_type="SMTP", name=MAIL, response_time=took, response_length=0, exception=error, context={}
        )


class Reader(Somebody, FastHttpUser):
    """Somebody who follows the secret link of a feedback."""

    fixed_count = max(1, RATE // 2)

    @task
    def read(self) -> None:
        if tracked:
            self.client.get(f"/t/{random.choice(tracked)}", name="tracking page")


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """Thresholds decide the exit code."""
    stats, missed = environment.stats, []
    if stats.total.num_failures:
        missed.append(f"{stats.total.num_failures} of {stats.total.num_requests} requests failed")
    accepts = [stats.get(name, method) for name, method in ((API, "POST"), (FORM, "POST"), (MAIL, "SMTP"))]
    for entry in accepts:
        p50, p99 = (entry.get_response_time_percentile(share) or 0 for share in (0.5, 0.99))
        print(f"{entry.name}: {entry.num_requests} requests, p50 {p50:.0f} ms, p99 {p99:.0f} ms")
        if not entry.num_requests or p99 >= ACCEPT_P99_MS:
            missed.append(f"{entry.name}: p99 {p99:.0f} ms of {entry.num_requests}, not below {ACCEPT_P99_MS} ms")
    reached = sum(entry.num_requests for entry in accepts) / SECONDS
    print(f"submissions: {reached:.1f} a second of {RATE} asked, {stats.total.num_failures} requests failed")
    if reached < RATE * RATE_REACHED:
        missed.append(f"{reached:.1f} submissions a second instead of {RATE}")
    for sentence in missed:
        print(f"MISSED  {sentence}")
    environment.process_exit_code = 1 if missed else 0
