"""A case's rules, driven by random commands with random words, and the rules of the registry."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.contracts.registry import write
from services.contracts.triage import REASONS, CaseClosed
from services.triage import domain
from services.triage.domain import (
    CATALOGUE,
    Case,
    Declined,
    Done,
    Duplicate,
    Entry,
    IllegalMove,
    RuleBroken,
    Staff,
    Unit,
    Withdrawn,
    WordsMissing,
    check_registry,
    open_case,
)
from services.triage.domain.parts import ENDED_STATES, MOVES, STATES
from tests import builders

NOW = builders.MONDAY
INES, JONAS = Staff("ines", "Ines Marchetti"), Staff("jonas", "Jonas Berg")
GOOD = "The supplier stopped making this part, so it cannot be repaired."

UNSEEN = (
    "\u3164",
    "\u2800",
    "\u115f",
    "\u1160",
    "\u034f",
    "\ufe0f",
    "\uffa0",
    "\u17b4",
    "\U000e0100",
    "\u0301",
    ".",
    "-",
)
blank = st.sampled_from(["", " ", "\n\t ", "\u200b" * 40, "\x00" * 40, " . ", "ok", *(char * 40 for char in UNSEEN)])
drafts = st.sampled_from([reason.draft for reason in CATALOGUE.values()]).flatmap(
    lambda draft: st.sampled_from([draft, f"  {draft} ", draft.upper(), draft.rstrip(".")])
)
some_words = st.one_of(blank, drafts, st.text(max_size=60), st.just(GOOD))
reasons = st.one_of(st.sampled_from(REASONS), st.sampled_from(["", " ", "because", "Budget"]))


def new_case(**changes: Any) -> Case:
    message = builders.envelope(builders.submitted(**changes))
    case, _ = open_case(message, message.data, "it", INES, NOW + timedelta(days=14))
    return case


def letters(text: str) -> int:
    return sum(char.isalnum() for char in text if char not in UNSEEN)


class Cases(RuleBasedStateMachine):
    """Any order of any commands with any words."""

    @initialize()
    def start(self) -> None:
        self.case, self.other = new_case(), new_case()
        self.closings: list[CaseClosed] = []

    def attempt(self, name: str, *args: Any) -> None:
        self.attempt_with(name, getattr(self.case, name, None), *args)

    def attempt_with(self, name: str, move: Any, *args: Any) -> None:
        before = self.case
        try:
            after, events = move(*args)
        except IllegalMove:
            return
        except WordsMissing:
            # An illegal move is told apart from missing words.
            assert name not in MOVES or before.state in MOVES[name]
            return
        assert name not in MOVES or before.state in MOVES[name]
        for event in events:
            write(event)
        closings = [event for event in events if isinstance(event, CaseClosed)]
        assert len(closings) == (after.state in ENDED_STATES and before.state not in ENDED_STATES)
        assert name != "note" or not events
        self.case = after
        self.closings += closings

    @rule()
    def acknowledge(self) -> None:
        self.attempt("acknowledge", INES, NOW)

    @rule(text=some_words)
    def ask(self, text: str) -> None:
        self.attempt("ask", text, "q", INES, NOW)

    @rule(text=some_words)
    def note(self, text: str) -> None:
        self.attempt("note", text, INES, NOW)

    @rule(owner=st.sampled_from([INES, JONAS]))
    def assign(self, owner: Staff) -> None:
        self.attempt("assign", owner, INES, NOW)

    @rule(text=some_words, link=st.one_of(st.none(), some_words))
    def done(self, text: str, link: str | None) -> None:
        self.attempt("done", text, link, INES, NOW)

    @rule(reason=reasons, text=some_words, more=st.one_of(st.none(), some_words))
    def decline(self, reason: str, text: str, more: str | None) -> None:
        self.attempt("decline", reason, text, more, more, INES, NOW)

    @rule(itself=st.booleans())
    def duplicate(self, itself: bool) -> None:
        self.attempt("duplicate", self.case if itself else self.other, INES, NOW)

    @rule(by=st.sampled_from([INES, None]))
    def reopen(self, by: Staff | None) -> None:
        self.attempt("reopen", NOW, NOW, NOW, by)

    @rule()
    def seen(self) -> None:
        if self.case.allows("seen"):
            self.attempt("seen")

    @rule(text=some_words)
    def reply(self, text: str) -> None:
        self.attempt_with("reply", domain.reply, self.case, Entry(NOW, "replied", text=text))

    @rule(why=st.one_of(st.none(), some_words))
    def withdraw(self, why: str | None) -> None:
        self.attempt_with("withdraw", domain.withdraw, self.case, why, NOW)

    @rule(text=some_words)
    def correct(self, text: str) -> None:
        self.attempt_with("correct", domain.correct, self.case, text, NOW)

    @rule(voices=st.integers(2, 9))
    def join(self, voices: int) -> None:
        self.attempt_with("join", domain.join, self.case, None, voices, NOW)

    @invariant()
    def an_ended_case_has_its_words(self) -> None:
        case = self.case
        assert case.owner.id
        assert (case.due is None) == (case.state in ENDED_STATES)
        assert case.closures == len(self.closings)
        assert [event.closure for event in self.closings] == list(range(1, case.closures + 1))
        if case.state == "declined":
            assert isinstance(case.outcome, Declined)
            assert case.outcome.reason in REASONS
            assert letters(case.outcome.explanation) >= 20
            assert case.outcome.explanation.strip() not in {reason.draft for reason in CATALOGUE.values()}
        if case.state == "done":
            assert isinstance(case.outcome, Done)
            assert letters(case.outcome.what_was_done) >= 10
        if case.state == "duplicate":
            assert isinstance(case.outcome, Duplicate)
            assert case.outcome.duplicate_of == self.other.id
        if case.state == "withdrawn":
            assert isinstance(case.outcome, Withdrawn)
            assert self.closings[-1].by_name == ""


Cases.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestCases = Cases.TestCase


@pytest.mark.parametrize("state", ENDED_STATES)
def test_no_ended_case_can_be_constructed_without_its_words(state: str) -> None:
    case = new_case()
    values = {name: getattr(case, name) for name in Case.__dataclass_fields__}
    for outcome in (None, Done(GOOD), Declined("budget", GOOD), Duplicate("1", "2"), Withdrawn()):
        if outcome is None or state != outcome.STATE:
            with pytest.raises(WordsMissing):
                Case(**values | {"state": state, "outcome": outcome})


def test_an_ending_cannot_be_constructed_without_its_words() -> None:
    for build in (
        lambda: Done(""),
        lambda: Done("   short   "),
        lambda: Declined("", GOOD),
        lambda: Declined("because", GOOD),
        lambda: Declined("budget", " " * 40),
        lambda: Declined("budget", "x" * 19),
        lambda: Declined("budget", CATALOGUE["policy"].draft),
        lambda: Duplicate("", ""),
    ):
        with pytest.raises(WordsMissing):
            build()
    assert Declined("budget", "x" * 20).explanation


@pytest.mark.parametrize("char", [*UNSEEN, "\u200b", "\u2060", "\xad"])
def test_what_nobody_can_read_is_no_explanation(char: str) -> None:
    hidden = "" if char in ".-\u0301" else char
    for build in (
        lambda: Declined("budget", char * 400),
        lambda: Declined("budget", "No." + char * 400),
        lambda: Declined("budget", CATALOGUE["policy"].draft.replace(" ", f"{hidden} ")),
        lambda: Done(char * 400),
    ):
        with pytest.raises(WordsMissing):
            build()
    if hidden:
        with pytest.raises(WordsMissing):
            new_case().ask(char * 9, "q", INES, NOW)


@pytest.mark.parametrize(
    "words",
    [
        "この部品は製造が終了しているため、修理することができません。",
        "توقف المورد عن تصنيع هذه القطعة ولا يمكن إصلاحها",
        "आपूर्तिकर्ता ने यह पुर्जा बनाना बंद कर दिया है इसलिए मरम्मत संभव नहीं",
        "Поставщик больше не выпускает эту деталь",
        "공급업체가 이 부품의 생산을 중단하여 더 이상 수리할 수 없습니다",
    ],
)
def test_every_script_explains(words: str) -> None:
    assert Declined("budget", words).explanation == words
    assert Done(words).what_was_done == words


def test_a_duplicate_of_what_has_ended_is_refused() -> None:
    for original, _ in (
        new_case().done(GOOD, None, INES, NOW),
        new_case().decline("budget", GOOD, None, None, INES, NOW),
    ):
        with pytest.raises(IllegalMove, match="has ended"):
            new_case().duplicate(original, INES, NOW)


def test_a_reply_is_unread_until_staff_do_anything() -> None:
    ended = domain.reply(new_case().done(GOOD, None, INES, NOW)[0], Entry(NOW, "replied", text="Thank you."))[0]
    opened = domain.reply(new_case(), Entry(NOW, "replied", text="One more thing."))[0]
    for case in (ended, opened):
        assert case.unread_since == NOW
        for after, events in (case.seen(), case.note("It was a thank you.", INES, NOW)):
            assert after.unread_since is None
            assert after.revision == case.revision + 1
            assert not events
    assert ended.reopen(NOW, NOW, NOW, INES)[0].unread_since is None
    with pytest.raises(IllegalMove):
        new_case().seen()


def test_the_catalogue_has_a_label_and_a_draft_for_every_reason() -> None:
    assert set(CATALOGUE) == set(REASONS)
    for reason in CATALOGUE.values():
        assert len(reason.draft) >= 20
        assert reason.label
        with pytest.raises(WordsMissing):
            Declined(reason.code, reason.draft)


def test_every_move_is_refused_outside_its_states() -> None:
    ended = new_case().done(GOOD, None, INES, NOW)[0]
    waiting = new_case().ask("Which one?", "q", INES, NOW)[0]
    for case, moves in (
        (ended, ("acknowledge", "ask", "assign", "done", "decline", "duplicate")),
        (waiting, ("reopen",)),
    ):
        for move in moves:
            assert not case.allows(move)
    with pytest.raises(IllegalMove):
        waiting.acknowledge(INES, NOW)
    assert {state for states in MOVES.values() for state in states} == set(STATES)


def test_due_is_the_first_answer_then_the_outcome_then_nothing() -> None:
    case = new_case()
    assert case.due == case.answer_due
    case, _ = case.acknowledge(INES, NOW)
    assert case.due == case.outcome_due
    case, _ = case.done(GOOD, None, INES, NOW)
    assert case.due is None
    case, _ = case.reopen(NOW + timedelta(days=2), NOW + timedelta(days=9), NOW)
    assert case.due == NOW + timedelta(days=2)


def test_a_duplicate_of_a_duplicate_is_refused() -> None:
    original, second, third = new_case(), new_case(), new_case()
    second, _ = second.duplicate(original, INES, NOW)
    with pytest.raises(IllegalMove):
        third.duplicate(second, INES, NOW)


def unit(**changes: Any) -> Unit:
    values: dict[str, Any] = {
        "id": "it",
        "name": "IT",
        "addresses": ("it",),
        "liaison": INES,
        "deputies": (JONAS,),
        "services": (),
        "time_zone": "Europe/Berlin",
        "first_answer_days": 2,
        "outcome_days": 10,
        "fallback": True,
    }
    return Unit(**values | changes)


@pytest.mark.parametrize(
    "changes", [{"deputies": ()}, {"deputies": (INES,)}, {"active": False}], ids=["none", "own deputy", "idle fallback"]
)
def test_a_unit_that_nobody_answers_for_cannot_be_constructed(changes: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken):
        unit(**changes)


def test_a_registry_has_one_fallback_and_no_shared_addresses() -> None:
    other = {"id": "hr", "name": "HR", "addresses": ("hr",), "fallback": False}
    check_registry([unit(), unit(**other)])
    for wrong in (
        [unit(fallback=False)],
        [unit(), unit(**other | {"fallback": True})],
        [unit(), unit(**other | {"addresses": ("IT",)})],
        [unit(), unit(**other | {"name": "it"})],
    ):
        with pytest.raises(RuleBroken):
            check_registry(wrong)


def test_a_new_case_goes_to_the_liaison_or_the_first_active_deputy() -> None:
    assert unit().owner({"ines", "jonas"}) == INES
    assert unit().owner({"jonas"}) == JONAS
    assert unit().owner(set()) == INES
