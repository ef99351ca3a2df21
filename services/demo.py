"""`liaise demo`: a few plausible feedbacks, sent, worked and rated through the running product's own API."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .chassis.errors import Conflict, Unavailable

WAIT_SECONDS = 0.2
PATIENCE = 100

Client = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """What somebody says, and what becomes of it: steps as (action, words), and the rating of the outcome."""

    feedback: dict[str, Any]
    steps: tuple[tuple[str, dict[str, str]], ...] = ()
    score: int | None = None


def _said(unit: str, kind: str, name: str, text: str, rating: int | None = None) -> dict[str, Any]:
    address = f"{name.split()[0].lower()}@example.com"
    feedback = {"unit": unit, "kind": kind, "text": text, "submitter": {"name": name, "email": address}}
    return feedback | ({"rating": rating} if rating else {})


SCENES = (
    Scene(
        _said("it", "complaint", "Mara Quist", "The VPN drops every twenty minutes; I lose my work in the ledger.", 2),
        (
            ("acknowledge", {}),
            ("done", {"what_was_done": "We replaced the VPN gateway's certificate; the drops stopped on Thursday."}),
        ),
        5,
    ),
    Scene(
        _said("it", "need", "Tom Adeyemi", "I need a second screen to reconcile statements side by side."),
        (
            (
                "decline",
                {
                    "reason": "budget",
                    "explanation": "This year's budget for screens is spent, and yours would have been the ninth.",
                    "alternative": "Two desks with two screens are free on the second floor, any day.",
                    "would_change": "The new budget opens in January; we kept your request on the list.",
                },
            ),
        ),
        3,
    ),
    Scene(
        _said("finance", "idea", "Lena Fuchs", "Let me photograph receipts instead of posting them in an envelope."),
        (("ask", {"question": "Would the mobile app do, or do you need it in the browser as well?"}),),
    ),
    Scene(
        _said("people", "praise", "Ravi Menon", "The onboarding week was the best I have had anywhere."),
        (("acknowledge", {}), ("done", {"what_was_done": "We told the onboarding team, and kept the week as it is."})),
        5,
    ),
    Scene(
        _said("people", "complaint", "Ola Nowak", "The heating on the fourth floor has been off since Monday.", 1),
        (("acknowledge", {}),),
    ),
    Scene(_said("finance", "question", "Sam Field", "Until when can I hand in expenses of this quarter?")),
    Scene(_said("it", "idea", "Nadia Haddad", "Could the meeting rooms show who booked them, at the door?")),
)


def play(public_url: str, token: str) -> Iterator[str]:
    """Send every scene and work it as staff; yields a line for each. Raises Unavailable when nothing answers."""
    staff = _client(public_url, token)
    for scene in SCENES:
        receipt = _client(public_url)("POST", "/v1/feedback", scene.feedback)
        _work(staff, receipt["id"], scene)
        if scene.score:
            _rate(public_url, receipt, scene.score)
        yield f"{receipt['number']}  {scene.feedback['unit']:8} {scene.feedback['text']}"


def _work(staff: Client, case: str, scene: Scene) -> None:
    if scene.steps:
        _until(lambda: _exists(staff, case))
    for action, words in scene.steps:
        staff("POST", f"/v1/cases/{case}/{action}", words)


def _rate(public_url: str, receipt: dict[str, Any], score: int) -> None:
    submitter = _client(public_url, receipt["tracking_url"].rsplit("/", 1)[-1])
    path = f"/v1/feedback/{receipt['id']}"
    _until(lambda: submitter("GET", path)["status"] in ("done", "declined"))
    submitter("POST", f"{path}/rating", {"score": score})


def _client(public_url: str, token: str = "") -> Client:
    """A function (method, path, body) -> JSON."""

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = json.dumps(body).encode() if body is not None else None
        request = Request(public_url + path, data, headers, method=method)  # noqa: S310 - the operator's own address
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            raise Conflict(f"{method} {path}: {error.code} {error.read().decode()}") from None
        except URLError as error:
            raise Unavailable(f"{public_url} does not answer ({error.reason}). Is it running?") from None

    return call


def _exists(staff: Client, case: str) -> bool:
    try:
        return bool(staff("GET", f"/v1/cases/{case}"))
    except Conflict:
        return False


def _until(true: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(PATIENCE):
        if true():
            return
        pause.wait(WAIT_SECONDS)
    raise Unavailable("The event did not arrive; look at /health/ready.")
