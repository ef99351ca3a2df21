"""What the figures mean, on journeys made by hand, and that a number and its rows never part."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.figures import MEASURES, SMALL_GROUP, Figure, publishable
from services.insights.domain.journey import Closure, Journey
from services.insights.domain.report import Report, report
from services.insights.domain.sentences import sentences
from services.insights.domain.window import MOST_POINTS, STEPS, Window, choose

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YEAR = Window(date(2025, 12, 1), date(2026, 11, 23), "month", "Europe/Berlin")
NAMES = {"it": "IT", "finance": "Finance"}
HOUR = timedelta(hours=1)


def journey(
    unit: str = "it",
    days_ago: float = 10,
    answer: float | None = 5,
    end: float | None = 30,
    score: int | None = None,
    told: bool = True,
    is_open: bool | None = None,
    outcome: str = "done",
    channel: str = "web",
) -> Journey:
    """One journey; `answer` and `end` are hours after its arrival. The answer is due after 48, an outcome after 240."""
    at = NOW - timedelta(days=days_ago)
    return Journey(
        id=f"{unit}-{days_ago}-{answer}-{end}-{score}",
        number="7K3M-9QXT",
        unit=unit,
        service=None,
        kind="idea",
        channel=channel,
        language="en",
        anonymous=False,
        rating=None,
        received_at=at,
        answer_due=at + 48 * HOUR,
        outcome_due=at + 240 * HOUR,
        first_answer_at=None if answer is None else at + answer * HOUR,
        open=end is None if is_open is None else is_open,
        closures=() if end is None else (Closure(number=1, at=at + end * HOUR, outcome=outcome),),
        pulses=() if score is None else ((1, score),),
        told=(1,) if told and end is not None else (),
    )


def figure(name: str, rows: Sequence[Journey]) -> Figure:
    return MEASURES[name].compute(rows, YEAR, NOW)


def of(rows: Sequence[Journey]) -> Report:
    return report(rows, NAMES, YEAR, NOW)


def test_a_score_needs_five_answers() -> None:
    four = [journey(score=score) for score in (1, 2, 4, 5)]
    assert figure("satisfaction", four).value is None
    assert figure("satisfaction", [*four, journey(score=5)]).value == pytest.approx(3.4)


def test_what_was_withdrawn_is_nobodys_work() -> None:
    early = journey(answer=None, end=10, outcome="withdrawn")
    late = journey(answer=None, end=300, outcome="withdrawn", days_ago=20)
    done = journey(answer=5, end=30, score=4)
    rows = [early, late, done]
    assert early.state == "withdrawn"
    assert figure("response_rate", rows).rows == (done,), "who withdraws is not asked"
    assert figure("outcome", rows).rows == (done,)
    assert figure("first_answer", rows).rows == (done,)
    for name in ("answered_on_time", "ended_on_time"):
        kept = figure(name, rows)
        assert (kept.rows, kept.counted) == ((late, done), (done,)), "a day that had passed was missed all the same"
    assert figure("overdue", rows).n == 0
    assert figure("loop_closure", rows).value == 1.0


def test_what_was_imported_keeps_no_promises_and_breaks_none() -> None:
    rows = [journey(days_ago=300, channel="import", end=end, score=score) for end, score in ((None, None), (5000, 4))]
    for name in ("first_answer", "outcome", "answered_on_time", "ended_on_time", "overdue"):
        assert figure(name, rows).n == 0, name
    assert figure("received", rows).n == 2
    assert figure("response_rate", rows).value == 1.0
    assert sentences(of(rows))[0].text == "Nobody waits for a promised day: what is open was imported."


def test_thin_months_are_pooled_and_what_stays_thin_is_left_out() -> None:
    full = [journey(days_ago=10, score=5) for _ in range(5)]
    thin = [journey(days_ago=50, score=1) for _ in range(2)]
    alone = figure("satisfaction", [*full, *thin])
    assert (alone.value, alone.n) == (5.0, 5), "the mean of the year minus November would give two people away"
    thinner = [journey(days_ago=80, score=2) for _ in range(3)]
    pooled = figure("satisfaction", [*full, *thin, *thinner])
    assert (pooled.n, pooled.value) == (10, pytest.approx(3.3))


def test_no_difference_of_means_on_the_page_covers_fewer_than_five() -> None:
    rows = [journey("it", days_ago=10, score=5) for _ in range(6)]
    rows += [journey("finance", days_ago=10, score=1) for _ in range(3)]
    whole = of(rows)
    assert whole.total["satisfaction"].n == 6
    rows += [journey("people", days_ago=40, score=1) for _ in range(2)]
    assert of(rows).total["satisfaction"].n == 11, "three and two are five together"


def test_what_a_unit_pools_is_told_apart_from_what_stays_thin_elsewhere() -> None:
    rows = [journey("it", days_ago=days, score=4) for days in (10, 10, 10, 50, 50, 50)]
    rows += [journey("finance", score=1) for _ in range(2)]
    whole = of(rows)
    assert (whole.units[1].figures["satisfaction"].n, whole.total["satisfaction"].n) == (6, 6)


def test_the_response_rate_is_of_those_who_were_told() -> None:
    rows = [journey(score=4), journey(), journey(told=False), journey(end=None)]
    told = figure("response_rate", rows)
    assert (told.value, told.n) == (0.5, 2)


def test_a_loop_is_closed_when_the_last_ending_was_told() -> None:
    rows = [journey(), journey(told=False), journey(end=None), journey(is_open=True)]
    assert figure("loop_closure", rows).value == 0.25


def test_medians_are_of_what_has_happened() -> None:
    rows = [journey(answer=2), journey(answer=10), journey(answer=4), journey(answer=None, end=None)]
    assert (figure("first_answer", rows).value, figure("first_answer", rows).n) == (4.0, 3)
    assert figure("outcome", [journey(end=20), journey(end=50), journey(is_open=True)]).value == 35.0


def test_a_promise_counts_when_it_is_kept_or_its_day_is_over() -> None:
    rows = [journey(answer=47), journey(answer=49), journey(answer=None, end=None)]
    not_yet = journey(days_ago=1, answer=None, end=None)
    assert figure("answered_on_time", [*rows, not_yet]).value == pytest.approx(1 / 3)
    assert figure("ended_on_time", [journey(end=239), journey(end=241), not_yet]).value == 0.5


def test_overdue_is_what_waits_now() -> None:
    waiting = [
        journey(days_ago=11, end=None),
        journey(days_ago=3, answer=None, end=None),
        journey(days_ago=3, end=None),
    ]
    late = figure("overdue", [*waiting, journey(answer=400, end=400)])
    assert (len(late.counted), late.n) == (2, 3), "what has ended late does not wait"


def test_the_sentences_say_which_unit_waits_moves_and_stays_silent() -> None:
    rows = [journey("it", days_ago=40, score=4) for _ in range(5)] + [journey("it", score=2) for _ in range(5)]
    rows += [journey("finance", days_ago=20, answer=None, end=None) for _ in range(5)]
    waiting, satisfaction, closing = sentences(of(rows))
    assert waiting.text == "Finance: 5 of 5 open cases wait longer than promised."
    assert satisfaction.text == ("IT: satisfaction fell to 2.0 in Nov 2026 (5 answers) from 4.0 in Oct 2026 (5).")
    assert closing.text == (
        "For 10 of 15 received, the person knows how it ended (67\N{NO-BREAK SPACE}%);"
        " fewest at Finance (0\N{NO-BREAK SPACE}%)."
    )
    assert (waiting.unit, satisfaction.unit) == ("finance", "it")


def test_the_sentences_are_honest_when_there_is_little() -> None:
    texts = [sentence.text for sentence in sentences(of([journey(score=1)]))]
    assert texts[0] == "Nothing is open: everything received in this period has ended."
    assert texts[1] == "1 answer so far on how it went; a score is shown from 5 answers on."
    assert "1 of 1 received" in texts[2]


rows_strategy = st.lists(
    st.builds(
        journey,
        unit=st.sampled_from(["it", "finance", "people"]),
        days_ago=st.floats(0.1, 340),
        answer=st.none() | st.floats(0, 400),
        end=st.none() | st.floats(0, 900),
        score=st.none() | st.integers(1, 5),
        told=st.booleans(),
        is_open=st.none() | st.booleans(),
    ),
    max_size=60,
)


@given(rows=rows_strategy)
def test_every_number_follows_from_its_rows(rows: list[Journey]) -> None:
    whole = of(rows)
    reports = [
        (whole.total, list(whole.rows)),
        *((u.figures, [r for r in rows if r.unit == u.unit]) for u in whole.units),
    ]
    for figures, among in reports:
        for name, found in figures.items():
            assert all(row in among for row in found.rows)
            _agrees(name, found)


def _agrees(name: str, found: Figure) -> None:
    form = MEASURES[name].form
    if form == "count":
        assert found.value == found.n
    elif not found.rows:
        assert found.value is None
    elif form == "share":
        assert found.value == len([row for row in found.rows if row in found.counted]) / found.n
    elif form == "score":
        assert found.n >= SMALL_GROUP
        assert found.value == pytest.approx(sum(row.score or 0 for row in found.rows) / found.n)
    else:
        times = [row.time_to_answer if name == "first_answer" else row.time_to_outcome for row in found.rows]
        assert found.value == pytest.approx(median([time / HOUR for time in times if time is not None]))


@given(rows=rows_strategy)
def test_shown_scores_come_in_groups_that_do_not_overlap(rows: list[Journey]) -> None:
    groups = publishable(rows, YEAR)
    assert all(len(group.rows) >= SMALL_GROUP for group in groups)
    shown = sum(len(group.rows) for group in groups)
    answered = sum(row.score is not None for row in rows)
    assert answered - SMALL_GROUP < shown <= answered, "at most four answers of all are held back"
    whole = of(rows)
    for one in whole.units:
        rest = one.figures["satisfaction"].n - sum(point.satisfaction.n for point in one.trend)
        assert rest == 0 or rest >= SMALL_GROUP
    rest = whole.total["satisfaction"].n - sum(one.figures["satisfaction"].n for one in whole.units)
    assert rest == 0 or rest >= SMALL_GROUP


@given(
    start=st.none() | st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    length=st.none() | st.integers(0, 20000),
    step=st.sampled_from(STEPS),
)
def test_a_window_is_covered_by_few_points_without_a_hole(start: date | None, length: int | None, step: str) -> None:
    end = (start or date(2026, 1, 1)) + timedelta(days=length) if length is not None else None
    window = choose(start, end, step, date(2026, 11, 23), "Europe/Berlin")
    points = window.points()
    assert len(points) <= MOST_POINTS or window.step == "year"
    assert points == sorted(set(points))
    assert points[0] <= window.start
    assert points[-1] <= window.end
    for moment in (window.since, window.until - timedelta(milliseconds=1)):
        assert window.point_of(moment) in points


def test_days_are_those_of_the_time_zone() -> None:
    assert YEAR.since == datetime(2025, 11, 30, 23, 0, tzinfo=UTC)
    assert YEAR.point_of(datetime(2026, 5, 31, 22, 30, tzinfo=UTC)) == date(2026, 6, 1)
