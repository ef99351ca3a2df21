"""The cases API: every move, every refusal, every filter."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.errors import Conflict
from services.triage import app
from services.triage.domain import Query
from services.triage.handlers import cases as use
from services.triage.store import CaseStore
from tests import builders
from tests.builders import MONDAY

DRAFT = "There is no budget for this in the current year."
GOOD = "The supplier stopped making this part, so it cannot be repaired."


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json["errors"]]


def test_a_case_from_new_to_declined_and_back(triage: Any) -> None:
    case = triage.submit()
    api = triage.api("ines@example.com")
    url = f"/v1/cases/{case.id}"
    answer = api("GET", url)
    assert answer.json["state"] == "new"
    assert answer.headers["ETag"] == '"1"'
    assert answer.json["submitter"] == {"name": "Sam Field", "has_address": True}
    assert "sam@example.com" not in answer.text

    assert api("POST", f"{url}/acknowledge").json["state"] == "acknowledged"
    assert api("POST", f"{url}/note", json={"text": "Ask the supplier."}).json["version"] == 3
    assert api("POST", f"{url}/assign", json={"owner": "jonas"}).json["owner"] == {"id": "jonas", "name": "Jonas Berg"}
    assert api("POST", f"{url}/ask", json={"question": "Which one is it?"}).json["state"] == "waiting"
    answer = api("POST", f"{url}/decline", json={"reason": "budget", "explanation": GOOD, "would_change": "A grant."})
    assert answer.status_code == 200
    assert answer.json["outcome"] == {
        "reason": "budget",
        "explanation": GOOD,
        "alternative": None,
        "would_change": "A grant.",
    }
    assert answer.json["due"] is None
    assert api("POST", f"{url}/reopen").json["state"] == "reopened"
    answer = api("POST", f"{url}/done", json={"what_was_done": GOOD, "link": "https://example.com/printer"})
    assert (answer.json["state"], answer.json["closures"]) == ("done", 2)
    said = triage.said(case.id)
    assert [kind.removeprefix("triage.") for kind, _ in said] == [
        "case_opened",
        "case_acknowledged",
        "case_assigned",
        "question_asked",
        "case_closed",
        "case_reopened",
        "case_closed",
    ]
    assert [data["closure"] for kind, data in said if kind == "triage.case_closed"] == [1, 2]
    assert "Ask the supplier" not in str(said)


@pytest.mark.parametrize(
    ("move", "body", "pointer"),
    [
        ("decline", {}, "/explanation"),
        ("decline", {"reason": "budget"}, "/explanation"),
        ("decline", {"explanation": GOOD}, "/reason"),
        ("decline", {"reason": "because", "explanation": GOOD}, "/reason"),
        ("decline", {"reason": "budget", "explanation": "   "}, "/explanation"),
        ("decline", {"reason": "budget", "explanation": "No."}, "/explanation"),
        ("decline", {"reason": "budget", "explanation": None}, "/explanation"),
        ("decline", {"reason": "budget", "explanation": {"$ne": ""}}, "/explanation"),
        (
            "decline",
            {"reason": "budget", "explanation": "There is no budget for this in the current year."},
            "/explanation",
        ),
        ("done", {}, "/what_was_done"),
        ("done", {"what_was_done": "Fixed"}, "/what_was_done"),
        ("done", {"what_was_done": GOOD, "link": "javascript:alert(1)"}, "/link"),
        ("ask", {"question": ""}, "/question"),
        ("note", {}, "/text"),
        ("assign", {"owner": "nobody"}, "/owner"),
        ("assign", {"owner": "priya"}, "/owner"),
        ("duplicate", {"of": "0000-0000"}, "/of"),
        ("acknowledge", {"state": "done"}, "/state"),
        ("done", {"what_was_done": GOOD, "owner": "ada"}, "/owner"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(triage: Any, move: str, body: dict[str, Any], pointer: str) -> None:
    case = triage.submit()
    answer = triage.api()("POST", f"/v1/cases/{case.id}/{move}", json=body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert pointer in pointers(answer)
    assert triage.case(case.id) == case
    assert len(triage.said(case.id)) == 1


def test_an_illegal_move_is_409_and_changes_nothing(triage: Any) -> None:
    case = triage.submit()
    api = triage.api()
    assert api("POST", f"/v1/cases/{case.id}/reopen").status_code == 409
    api("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD})
    before = triage.said(case.id)
    for move, body in (("acknowledge", {}), ("done", {"what_was_done": GOOD}), ("ask", {"question": "Still there?"})):
        assert api("POST", f"/v1/cases/{case.id}/{move}", json=body).status_code == 409
    assert triage.said(case.id) == before


def test_duplicates_name_another_case_and_lead_to_the_original(triage: Any) -> None:
    original, second, third = triage.submit(), triage.submit(), triage.submit()
    api = triage.api()
    answer = api("POST", f"/v1/cases/{second.id}/duplicate", json={"of": original.number.lower()})
    assert answer.json["outcome"]["duplicate_of"] == original.id
    answer = api("POST", f"/v1/cases/{third.id}/duplicate", json={"of": second.id})
    assert answer.json["outcome"]["duplicate_of_number"] == original.number
    for of in (original.id, second.id, third.number):
        answer = api("POST", f"/v1/cases/{original.id}/duplicate", json={"of": of})
        assert (answer.status_code, pointers(answer)) == (422, ["/of"])
    assert triage.case(original.id) == original


def test_two_cases_never_become_duplicates_of_each_other(triage: Any) -> None:
    """The other liaison is quicker by the moment between our look at the original and our write."""
    first, second = triage.submit(), triage.submit()
    ada = app.find_account(triage.process, "ada")

    def mark(case: Any, of: Any, cases: CaseStore) -> None:
        use.mark_duplicate(use.MarkDuplicate(case=case.id, by=ada, of=of.number), cases, triage.clock.now())

    class Overtaken(CaseStore):
        quicker = False

        def save(self, *args: Any) -> Any:
            if not self.quicker:
                self.quicker = True
                mark(second, first, triage.cases)
            return super().save(*args)

    with pytest.raises(Conflict, match="open again"):
        mark(first, second, Overtaken(triage.process.store("triage")))
    assert triage.case(first.id).state == "reopened"
    assert triage.case(second.id).outcome.duplicate_of == first.id
    assert [kind for kind, _ in triage.said(first.id)][-2:] == ["triage.case_closed", "triage.case_reopened"]


def test_an_original_that_ends_meanwhile_is_read_again(triage: Any) -> None:
    first, second = triage.submit(), triage.submit()
    ada = app.find_account(triage.process, "ada")

    class Overtaken(CaseStore):
        """A consumer writes to the case, and somebody ends the original, before our first write."""

        quicker = False

        def save(self, *args: Any) -> Any:
            if not self.quicker:
                self.quicker = True
                triage.hear(builders.sent(feedback=first.id, kind="receipt"))
                triage.api()("POST", f"/v1/cases/{second.id}/done", json={"what_was_done": GOOD})
            return super().save(*args)

    command = use.MarkDuplicate(case=first.id, by=ada, of=second.number)
    with pytest.raises(Conflict, match="has ended"):
        use.mark_duplicate(command, Overtaken(triage.process.store("triage")), triage.clock.now())
    assert triage.case(first.id).is_open


def test_a_duplicate_of_an_ended_case_is_refused(triage: Any) -> None:
    original, other = triage.submit(), triage.submit()
    api = triage.api()
    api("POST", f"/v1/cases/{original.id}/decline", json={"reason": "budget", "explanation": GOOD})
    answer = api("POST", f"/v1/cases/{other.id}/duplicate", json={"of": original.number})
    assert answer.status_code == 409
    assert "answer this one itself" in answer.text
    assert triage.case(other.id) == other


def test_if_match_guards_against_the_other_liaison(triage: Any) -> None:
    case = triage.submit()
    api = triage.api()
    answer = api("POST", f"/v1/cases/{case.id}/acknowledge", headers={"If-Match": '"1"'})
    assert answer.headers["ETag"] == '"2"'
    for stale in ('"1"', "nonsense", "9" * 5000, '"²"'):
        answer = api("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD}, headers={"If-Match": stale})
        assert answer.status_code == 412
    assert triage.case(case.id).state == "acknowledged"
    answer = api("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD}, headers={"If-Match": '"2"'})
    assert answer.status_code == 200


def test_a_case_of_another_unit_does_not_exist(triage: Any) -> None:
    case = triage.submit(unit="people")
    jonas = triage.api("jonas@example.com")
    assert jonas("GET", f"/v1/cases/{case.id}").status_code == 404
    assert jonas("POST", f"/v1/cases/{case.id}/acknowledge").status_code == 404
    assert jonas("GET", "/v1/cases").json["items"] == []
    assert jonas("GET", "/v1/cases?unit=people").json["items"] == []
    mine = triage.submit(unit="it")
    answer = jonas("POST", f"/v1/cases/{mine.id}/duplicate", json={"of": case.number})
    assert (answer.status_code, pointers(answer)) == (422, ["/of"])
    assert len(triage.api("priya@example.com")("GET", "/v1/cases").json["items"]) == 1


def test_without_a_token_or_with_anothers_scope_nothing_opens(triage: Any) -> None:
    case = triage.submit()
    client = triage.app.test_client()
    for path in ("/v1/cases", f"/v1/cases/{case.id}", "/v1/directory"):
        assert client.get(path).status_code == 401
    assert client.post(f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD}).status_code == 401
    browser = triage.browser("ada@example.com")
    assert browser.client.get("/v1/cases").status_code == 401


def test_the_document_says_how_operations_are_opened_and_how_they_fail(triage: Any) -> None:
    paths = json.loads(Path("services/openapi.json").read_text())["paths"]
    for path, operations in paths.items():
        if not path.startswith(("/v1/cases", "/v1/directory")):
            continue
        for method, operation in operations.items():
            if method in ("get", "post"):
                expected = {"401", "403"} | ({"404"} if "{" in path else set())
                expected |= {"409", "412", "422"} if method == "post" else set()
                assert expected <= operation["responses"].keys(), path
                assert operation["security"] == [{"staffToken": []}], path


def test_lists_filter_sort_and_continue_without_gap_or_double(triage: Any) -> None:
    made = []
    for number in range(7):
        made.append(triage.submit(unit="finance" if number % 2 else "it", kind="idea", text=f"Wish {number} for lamps"))
        triage.clock.advance(timedelta(minutes=1))
    late = triage.submit(answer_due=triage.clock.now() - timedelta(days=1), kind="complaint", text="Coffee is cold")
    api = triage.api()

    def ids(query: str) -> list[str]:
        return [item["id"] for item in api("GET", f"/v1/cases?{query}").json["items"]]

    assert ids("")[0] == late.id
    assert set(ids("unit=finance")) == {case.id for case in made[1::2]}
    assert ids("q=COFF") == [late.id]
    assert ids(f"q={late.number}") == [late.id]
    assert ids("q=lamps+coffee") == []
    assert ids("q=%3F%3F%3F") == []
    assert len(ids("q=++")) == 8
    assert len(ids("q=wish+lamp")) == 7
    assert ids("kind=complaint") == [late.id]
    assert ids("owner=jonas") == ids("unit=finance")
    assert ids("state=waiting") == []
    assert ids("sort=age") == [case.id for case in [*made, late]]
    assert ids("sort=-age") == [case.id for case in [late, *made[::-1]]]
    for sort in ("due", "age", "-age"):
        seen: list[str] = []
        after = ""
        while True:
            page = api("GET", f"/v1/cases?sort={sort}&limit=3{after and f'&after={after}'}").json
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            after = page["next"]
        assert len(seen) == len(set(seen)) == 8
    assert api("GET", "/v1/cases?limit=101").status_code == 422
    assert api("GET", "/v1/cases?state=odd").status_code == 422


def test_an_ended_case_sorts_behind_what_is_due(triage: Any) -> None:
    first, second = triage.submit(), triage.submit()
    api = triage.api()
    api("POST", f"/v1/cases/{first.id}/done", json={"what_was_done": GOOD})
    assert [item["id"] for item in api("GET", "/v1/cases").json["items"]] == [second.id, first.id]


def test_the_directory_lists_units(triage: Any) -> None:
    items = triage.api("ines@example.com")("GET", "/v1/directory").json["items"]
    assert [item["id"] for item in items] == ["finance", "it", "people"]
    assert items[1]["liaison"] == {"id": "ines", "name": "Ines Marchetti"}


QUERIES = [
    {},
    {"unit": "it"},
    {"states": ("new",)},
    {"states": ("new", "reopened"), "unit": "it", "is_open": True},
    {"owner": "ines", "is_open": True},
    {"is_open": False, "sort": "-age"},
    {"sort": "age", "after": "2026"},
    {"after": "2026", "kind": "idea", "is_open": True},
    {"unread": True},
    {"untold_before": MONDAY},
    {"untold_before": MONDAY, "after": "2026"},
]


@pytest.mark.parametrize("units", [None, ("it", "people")])
def test_every_list_is_read_in_order_from_an_index(triage: Any, units: tuple[str, ...] | None) -> None:
    for query in QUERIES:
        plan = str(triage.cases.rows(Query(units=units, **query)).explain()["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan, query
        assert "'SORT'" not in plan, query


def test_search_starts_from_its_index(triage: Any) -> None:
    plan = str(triage.cases.rows(Query(q="printer floor", units=("it",))).explain()["queryPlanner"]["winningPlan"])
    assert "words" in plan
    assert "COLLSCAN" not in plan


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("cases", {"number": "7K3M-9QXT"}),
        ("units", {"fallback": True}),
        ("units", {"staff": "ines"}),
        ("accounts", {"email": "ines@example.com"}),
        ("attempts", {"key": "x", "at": {"$gt": MONDAY}}),
    ],
)
def test_every_look_up_has_an_index(process: Any, triage: Any, name: str, filters: dict[str, Any]) -> None:
    plan = str(process.store("triage")[name].find(filters).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
