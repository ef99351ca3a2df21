"""Random commands with random words through both doors, API and page: no door lets a case end without its words."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contracts.triage import REASONS
from services.triage.domain import CATALOGUE, Case

GOOD = "The supplier stopped making this part, so it cannot be repaired."
DRAFTS = [reason.draft for reason in CATALOGUE.values()]

words = st.one_of(
    st.sampled_from(["", " ", "\n\t ", "\u200b" * 40, "\u3164" * 40, "\u2800" * 40, "." * 40, "ok", GOOD, GOOD]),
    st.sampled_from(DRAFTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
reasons = st.sampled_from([*REASONS, "", "because"])
bodies = {
    "acknowledge": st.just({}),
    "ask": st.fixed_dictionaries({}, optional={"question": words}),
    "note": st.fixed_dictionaries({}, optional={"text": words}),
    "assign": st.fixed_dictionaries({}, optional={"owner": st.sampled_from(["ines", "jonas", "priya", "", "x"])}),
    "done": st.fixed_dictionaries({}, optional={"what_was_done": words, "link": words}),
    "decline": st.fixed_dictionaries(
        {}, optional={"reason": reasons, "explanation": words, "alternative": words, "would_change": words}
    ),
    "duplicate": st.fixed_dictionaries({}, optional={"of": st.sampled_from(["", "itself", "other", "0000-0000"])}),
    "reopen": st.just({}),
}
moves = st.sampled_from(sorted(bodies)).flatmap(lambda move: st.tuples(st.just(move), bodies[move], st.booleans()))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commands=st.lists(moves, min_size=4, max_size=12))
def test_no_door_lets_a_case_end_without_its_words(triage: Any, commands: list[Any]) -> None:
    case, other = triage.submit(), triage.submit()
    names = {"itself": case.id, "other": other.number}
    api, browser = triage.api(), triage.browser("ada@example.com")
    token = browser.form(f"/triage/cases/{case.id}", action="/acknowledge").values["csrf_token"]
    for move, body, by_page in commands:
        before, said = triage.case(case.id), triage.said(case.id)
        body = body | ({"of": names.get(body["of"], body["of"])} if "of" in body else {})
        if by_page:
            data = {**body, "csrf_token": token}
            status = browser.client.post(f"/triage/cases/{case.id}/{move}", data=data).status_code
        else:
            status = api("POST", f"/v1/cases/{case.id}/{move}", json=body).status_code
        assert status in (200, 303, 409, 422), (move, body, status)
        after = triage.case(case.id)
        if status in (409, 422):
            assert (after, triage.said(case.id)) == (before, said), (move, body)
        _holds(after, triage.said(case.id))


def _holds(case: Case, said: list[tuple[str, dict[str, Any]]]) -> None:
    closings = [data for kind, data in said if kind == "triage.case_closed"]
    reopenings = [kind for kind, _ in said if kind == "triage.case_reopened"]
    assert case.owner.id
    assert len(closings) - len(reopenings) == (0 if case.is_open else 1)
    assert [data["closure"] for data in closings] == list(range(1, case.closures + 1))
    for data in closings:
        if data["outcome"] == "declined":
            assert data["reason"] in REASONS
            assert len(data["explanation"].strip()) >= 20
            assert data["explanation"] not in DRAFTS
        elif data["outcome"] == "done":
            assert len(data["what_was_done"].strip()) >= 10
        else:
            assert data["duplicate_of"] != case.id
