"""The whole loop through real doors, in both shapes: said by web, API and mail; answered; told; rated; counted."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.forms import Browser
from tests.kafka.broker import Cluster
from tests.running import OverHttp, Running, Sink, in_one_process, in_production_shape, send_mail, text_of, until

EXPLANATION = "The lease of this printer ends in March; until then we cannot replace it."


@dataclass
class Product:
    """One running product with its mail sink, and the people around it."""

    running: Running
    sink: Sink
    token: str

    def browser(self) -> Browser:
        return Browser(OverHttp(self.running.port))  # type: ignore[arg-type]

    def liaison(self, email: str) -> Browser:
        browser = self.browser()
        browser.submit("/sign-in", email=email, password="liaise-demo")
        return browser

    def api(self, method: str, path: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
        client = OverHttp(self.running.port)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = client._request(method, path, json.dumps(body) if body is not None else None, headers, False)
        assert answer.status_code < 300, (method, path, answer.status, answer.text)
        return json.loads(answer.text)

    def case_of(self, sender: str) -> dict[str, Any]:
        """The one case of a submitter, once it is open."""

        def look() -> list[dict[str, Any]]:
            cases = self.api("GET", "/v1/cases", token=self.token)["items"]
            return [case for case in cases if case["submitter"]["name"] == sender]

        (case,) = until(look, f"a case of {sender}")
        return case

    def mail(self, address: str, words: str) -> EmailMessage:
        """The one mail to an address with these words, once it is there."""
        (mail,) = until(lambda: self.sink.to(address, words), f"a mail to {address} with {words!r}")
        return mail


@pytest.fixture(
    params=[
        pytest.param("embedded", id="one process"),
        pytest.param("production", id="separate processes on Kafka", marks=pytest.mark.kafka),
    ]
)
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        if request.param == "embedded":
            running = stack.enter_context(in_one_process(tmp_path, sink.url))
        else:
            kafka: Cluster = request.getfixturevalue("kafka")
            running = stack.enter_context(in_production_shape(tmp_path, sink.url, kafka.bootstrap_servers))
        yield Product(running, sink, running.command("token", "create", "ada@example.com"))


def tracking_path(text: str) -> str:
    found = re.search(r"/t/[\w-]+", text)
    assert found, text
    return found[0]


@pytest.mark.xdist_group("kafka")
@pytest.mark.timeout(240)
def test_the_loop_runs_through_every_door(product: Product) -> None:
    web, mail_port = product.browser(), product.running.mail_port
    wanda = {"name": "Wanda Web", "email": "wanda@example.com"}
    web.submit("/", unit="it", kind="complaint", text="The printer is broken.", **wanda)
    arun = {"name": "Arun Api", "email": "arun@example.com"}
    said = {"unit": "finance", "kind": "idea", "text": "Photograph receipts.", "submitter": arun}
    receipt = product.api("POST", "/v1/feedback", said)
    assert receipt["liaison"] == "Jonas Berg"
    send_mail(mail_port, "Mia Mail <mia@example.com>", "people@liaise.example", "Heating", "It is cold on floor four.")

    declined_by_page(product)
    done_by_api(product, receipt)
    asked_and_answered(product)
    counted(product)


def declined_by_page(product: Product) -> None:
    receipt = product.mail("wanda@example.com", "Ines Marchetti")
    case = product.case_of("Wanda Web")
    liaison = product.liaison("ines@example.com")
    path = f"/triage/cases/{case['id']}"
    assert "The printer is broken." in liaison.get(path).text
    liaison.submit(
        f"{path}?do=decline", reason="budget", explanation=EXPLANATION, alternative="The printer on floor two."
    )

    closing = product.mail("wanda@example.com", EXPLANATION)
    assert "The printer on floor two." in text_of(closing)
    assert closing.get_body(("html",)) is not None
    submitter, tracking = product.browser(), tracking_path(text_of(receipt))
    until(lambda: EXPLANATION in submitter.get(tracking).text, "the reason on the tracking page")
    (link,) = re.findall(r"/t/\S+score=2\b", text_of(closing)) or re.findall(r"/t/\S+/rate\S*", text_of(closing))[:1]
    before = submitter.get(tracking).text
    submitter.get(link)
    assert submitter.get(tracking).text.count("score") == before.count("score"), "a GET must not rate"
    submitter.submit(link, score="2")


def done_by_api(product: Product, receipt: dict[str, Any]) -> None:
    case, token = product.case_of("Arun Api"), product.token
    product.api("POST", f"/v1/cases/{case['id']}/acknowledge", {}, token)
    product.api("POST", f"/v1/cases/{case['id']}/done", {"what_was_done": "The app takes photographs now."}, token)
    closing = product.mail("arun@example.com", "The app takes photographs now.")
    assert receipt["number"] in str(closing["Subject"])
    own = tracking_path(receipt["tracking_url"]).removeprefix("/t/")
    until(lambda: product.api("GET", f"/v1/feedback/{receipt['id']}")["status"] == "done", "status done")
    product.api("POST", f"/v1/feedback/{receipt['id']}/rating", {"score": 5}, own)


def asked_and_answered(product: Product) -> None:
    case, token = product.case_of("Mia Mail"), product.token
    assert case["unit"] == "people"
    product.api("POST", f"/v1/cases/{case['id']}/ask", {"question": "Which room is it?"}, token)
    question = product.mail("mia@example.com", "Which room is it?")
    product.browser().submit(tracking_path(text_of(question)), text="Room 4.12, by the window.")
    answered = f"/v1/cases/{case['id']}"
    until(lambda: product.api("GET", answered, token=token)["state"] == "in_progress", "the answer on the case")
    product.api("POST", f"{answered}/done", {"what_was_done": "The valve in 4.12 was replaced."}, token)
    product.mail("mia@example.com", "The valve in 4.12 was replaced.")


def counted(product: Product) -> None:
    def look() -> bool:
        total = product.api("GET", "/v1/insights/summary", token=product.token)["total"]
        told, rated = total["loop_closure"], total["response_rate"]
        return bool((told["counted"], told["n"], rated["counted"]) == (3, 3, 2))

    until(look, "three journeys, each told, two rated")
    metrics = product.liaison("ada@example.com").get("/notify/").text
    assert "without a closing message" in metrics


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("product", ["production"], indirect=True)
def test_a_broker_that_dies_in_the_middle_refuses_nobody_and_loses_nothing(product: Product, kafka: Cluster) -> None:
    people = [f"person{n}@example.com" for n in range(10)]
    for n, address in enumerate(people):
        if n == 3:
            kafka.kill()
        say(product, address)
    assert not product.sink.to(people[-1])
    kafka.start()
    for address in people:
        product.mail(address, "Ines Marchetti")
    cases = until(lambda: all_cases(product, len(people)), "ten cases")
    assert {case["submitter"]["name"] for case in cases} == set(people)
    assert all(len(product.sink.to(address)) == 1 for address in people)


def say(product: Product, address: str) -> None:
    submitter = {"name": address, "email": address}
    product.api("POST", "/v1/feedback", {"unit": "it", "text": f"From {address}.", "submitter": submitter})


def all_cases(product: Product, count: int) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = product.api("GET", "/v1/cases?limit=100", token=product.token)["items"]
    return cases if len(cases) >= count else []
