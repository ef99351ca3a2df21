"""The page, the list behind a figure, the downloads and the API, on one random year."""

import csv
from datetime import date, datetime, timedelta
from io import StringIO
from statistics import fmean, median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.identity import LIAISON, Identity
from services.insights.store import JourneyStore, UnitStore
from tests import builders
from tests.unit.insights import histories
from tests.unit.insights.conftest import ADA, INES, Desk
from tests.unit.insights.histories import Story, tell

OF_A_UNIT = ("it", "finance", "people", None)


@pytest.fixture
def year(journeys: JourneyStore, units: UnitStore) -> None:
    """A hundred and twenty feedback of twelve months."""
    tell([event for story in histories.year(11, 120) for event in story.events()], journeys, units)


def lines(desk: Desk, name: str, query: dict[str, Any], who: Identity = ADA) -> list[dict[str, str]]:
    response = desk.browser(who).get(f"/insights/{name}.csv", query_string=query)
    assert response.status_code == 200
    return list(csv.DictReader(StringIO(response.text, newline="")))


def ask(desk: Desk, what: str, query: dict[str, Any], who: Identity = ADA) -> dict[str, Any]:
    response = desk.app.test_client().get(f"/v1/insights/{what}", query_string=query, headers=desk.bearer(who))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    return answer


def test_every_number_can_be_computed_from_the_downloads(desk: Desk, year: None) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        unit=st.sampled_from(OF_A_UNIT),
        start=st.dates(date(2025, 11, 1), date(2026, 11, 23)),
        days=st.integers(0, 380),
        step=st.sampled_from(["week", "month"]),
    )
    def check(unit: str | None, start: date, days: int, step: str) -> None:
        query = {"from": start.isoformat(), "to": (start + timedelta(days=days)).isoformat(), "step": step}
        query |= {"unit": unit} if unit else {}
        rows, scores = lines(desk, "journeys", query), lines(desk, "scores", query)
        month = {key: value for key, value in query.items() if key != "step"}
        summary = ask(desk, "summary", month)
        by_hand(summary["total"], rows, lines(desk, "scores", month))
        for one in summary["units"]:
            mine = [row for row in rows if row["unit"] == one["unit"]]
            by_hand(one["figures"], mine, [row for row in lines(desk, "scores", month) if row["unit"] == one["unit"]])
        for one in ask(desk, "trend", query)["units"]:
            for point in one["points"]:
                told = [row for row in scores if (row["unit"], row["from"]) == (one["unit"], point["from"])]
                assert point["satisfaction"] == (pytest.approx(mean(told)) if told else None)

    check()


def mean(scores: list[dict[str, str]]) -> float:
    return fmean(int(row["score"]) for row in scores)


def by_hand(figures: dict[str, Any], rows: list[dict[str, str]], scores: list[dict[str, str]]) -> None:
    """Compute each figure again from the cells, the way a reader of the CSV would."""
    expect(figures["received"], len(rows), len(rows))
    expect(figures["satisfaction"], mean(scores) if scores else None, len(scores))
    told = [row for row in rows if row["told"] == "yes"]
    share(figures["response_rate"], told, [row for row in told if row["answered"] == "yes"])
    share(figures["loop_closure"], rows, [row for row in rows if row["told_last_outcome"] == "yes"])
    promised = [row for row in rows if row["channel"] != "import"]
    hours = [passed(row, "first_answer_at") for row in promised if row["first_answer_at"]]
    expect(figures["first_answer"], median(hours) if hours else None, len(hours))
    ended = [row for row in promised if row["state"] in ("done", "declined", "duplicate")]
    hours = [passed(row, "last_outcome_at") for row in ended]
    expect(figures["outcome"], median(hours) if hours else None, len(hours))
    for name, happened, due in (
        ("answered_on_time", "first_answer_at", "answer_due"),
        ("ended_on_time", "first_outcome_at", "outcome_due"),
    ):
        decided = [row for row in promised if row[happened] or until(row) > moment(row[due])]
        share(
            figures[name],
            decided,
            [row for row in decided if row[happened] and moment(row[happened]) <= moment(row[due])],
        )


def until(row: dict[str, str]) -> datetime:
    return moment(row["withdrawn_at"]) if row["withdrawn_at"] else builders.MONDAY


def share(found: dict[str, Any], rows: list[Any], counted: list[Any]) -> None:
    expect(found, len(counted) / len(rows) if rows else None, len(rows))
    assert found["counted"] == len(counted)


def expect(found: dict[str, Any], value: float | None, n: int) -> None:
    assert found["n"] == n
    assert found["value"] == (value if value is None else pytest.approx(value))


def passed(row: dict[str, str], until: str) -> float:
    return (moment(row[until]) - moment(row["received_at"])) / timedelta(hours=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_page_shows_what_the_api_says(desk: Desk, year: None) -> None:
    page = desk.browser(ADA).get("/insights/").text
    total = ask(desk, "summary", {})["total"]
    assert f">{total['received']['n']}</a>" in page
    assert f">{total['satisfaction']['value']:.1f}</a>" in page
    assert f">{100 * total['loop_closure']['value']:.0f}&nbsp;%</a>" in page
    shown = [one["name"] for one in ask(desk, "trend", {})["units"] if any(p["satisfaction"] for p in one["points"])]
    assert page.count('<svg class="chart') == len(shown) > 0
    assert all(f"Satisfaction with {name}, from 1 to 5" in page for name in shown)
    assert "Too few answers for a chart: " in page


def test_a_figure_opens_the_journeys_behind_it(desk: Desk, year: None) -> None:
    late = ask(desk, "summary", {"unit": "it"})["total"]["overdue"]
    page = desk.browser(ADA).get("/insights/journeys?measure=overdue&unit=it").text
    assert f"{late['counted']} of {late['n']} count." in page
    assert page.count("<td>yes</td>") == late["counted"]
    assert page.count("<td>no</td>") == late["n"] - late["counted"]
    assert desk.browser(ADA).get("/insights/journeys?measure=nonsense").status_code == 404


def test_scores_lead_back_to_nobody(desk: Desk, year: None) -> None:
    assert "score" not in lines(desk, "journeys", {})[0]
    assert set(lines(desk, "scores", {})[0]) == {"unit", "from", "score"}
    few = {"unit": "people", "from": "2026-11-01"}
    assert any(row["answered"] == "yes" for row in lines(desk, "journeys", {"unit": "people"}))
    assert lines(desk, "scores", few) == []
    assert ask(desk, "summary", few)["total"]["satisfaction"]["value"] is None


def test_a_liaison_sees_the_own_units_alone(desk: Desk, year: None) -> None:
    assert {row["unit"] for row in lines(desk, "journeys", {}, INES)} == {"it"}
    assert [one["unit"] for one in ask(desk, "summary", {}, INES)["units"]] == ["it"]
    page = desk.browser(INES).get("/insights/").text
    assert "Finance" not in page
    paths = (
        "/insights/",
        "/insights/journeys",
        "/insights/journeys.csv",
        "/insights/summary.csv",
        "/insights/scores.csv",
    )
    for path in paths:
        assert desk.browser(INES).get(path, query_string={"unit": "finance"}).status_code == 404
    answer = desk.app.test_client().get("/v1/insights/trend?unit=finance", headers=desk.bearer(INES))
    assert answer.status_code == 404


def test_doors_are_closed_to_others(desk: Desk) -> None:
    for path in ("/insights/", "/insights/journeys", "/insights/journeys.csv"):
        response = desk.browser(None).get(path)
        assert (response.status_code, response.location.split("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("what", ["summary", "trend"])
@pytest.mark.parametrize("query", ["", "?from=soon", "?unit=nowhere"])
def test_the_api_asks_for_the_token_before_anything_else(desk: Desk, what: str, query: str) -> None:
    program = desk.app.test_client()
    assert program.get(f"/v1/insights/{what}{query}").status_code == 401
    narrow = Identity("ines", "Ines Marchetti", LIAISON, ("it",), ("cases",))
    assert program.get(f"/v1/insights/{what}{query}", headers=desk.bearer(narrow)).status_code == 403


def test_an_empty_page_says_what_will_appear(desk: Desk) -> None:
    page = desk.browser(ADA).get("/insights/")
    assert page.status_code == 200
    assert "Nothing arrived in this period" in page.text
    assert '<svg class="chart' not in page.text


def test_a_filter_that_cannot_be_read_keeps_what_was_typed(desk: Desk, year: None) -> None:
    page = desk.browser(ADA).get("/insights/?from=soon&to=2026-11-01")
    assert page.status_code == 422
    assert "Write the day like 2026-11-23." in page.text
    assert 'value="soon"' in page.text
    backwards = desk.browser(ADA).get("/insights/?from=2026-11-02&to=2026-11-01")
    assert "The last day lies before the first." in backwards.text
    answer = desk.app.test_client().get("/v1/insights/summary?from=soon", headers=desk.bearer(ADA))
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [{"pointer": "/from", "detail": "Write the day like 2026-11-23."}]


def test_no_cell_is_a_formula(desk: Desk, journeys: JourneyStore, units: UnitStore) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a "quoted", word\nand more']
    for number in evil:
        tell(Story(number=number).events(), journeys, units)
    text = desk.browser(ADA).get("/insights/journeys.csv").get_data(as_text=True)
    cells = [row["number"] for row in csv.DictReader(StringIO(text, newline=""))]
    assert sorted(cells) == sorted([*(f"'{number}" for number in evil[:6]), evil[6]])
    assert text.count("\r\n") >= len(evil) + 1


def test_names_are_escaped_on_the_page(desk: Desk, journeys: JourneyStore, units: UnitStore) -> None:
    named = builders.envelope(builders.unit(name="<b>R&D</b>"), "it", 2)
    tell([named, *(event for number in "12345" for event in Story(number=number).events())], journeys, units)
    page = desk.browser(ADA).get("/insights/").text
    assert "<b>R&D" not in page
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in page
