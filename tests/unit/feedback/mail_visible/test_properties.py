"""What holds for every mail, however it is put together, and how long the worst may take."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feedback.mail.parsing.visible import visible_text

PIECES = (
    "It flickers.",
    "    indented",
    "On 3 May 2026, at 12:30, Bo <bo@example.org> wrote:",
    "On 3 May 2026, at 12:30, Bo <",
    "bo@example.org> wrote:",
    "Am 03.05.26 um 12:30 schrieb Bo:",
    "2026-05-03 12:30 Bo <bo@example.org>:",
    "> Is it light?",
    "> > On May 3, 2026, Amara wrote:",
    "C> old",
    "| old",
    ">>> Bo >>>",
    "<<< Bo <<<",
    "-----Original Message-----",
    "Begin forwarded message:",
    "From: Bo <bo@example.org>",
    "Sent: 3 May 2026",
    "To: Amara",
    "Subject: Lamp",
    "-- ",
    "---",
    "________",
    "Sent from my iPhone",
    "Sent by courier",
    "```",
    "-----BEGIN PGP SIGNED MESSAGE-----",
    "-----BEGIN PGP SIGNATURE-----",
    "-----END PGP SIGNATURE-----",
    "Unsubscribe: out@example.org",
    "",
    "",
)
SAME_EVERYWHERE = settings(derandomize=True, max_examples=100, deadline=None)
MAILS = st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=25).map("\n".join)


def bare(line: str) -> str:
    """Without quote marks in any style: they are written as "> " in what is shown."""
    return re.sub(r"^(?:[\s>|]|<{3}|C>)+", "", line).strip()


@SAME_EVERYWHERE
@given(MAILS)
def test_every_line_shown_is_in_the_mail_in_its_order(mail: str) -> None:
    lines = iter(mail.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for shown in visible_text(mail).split("\n"):
        assert any(bare(shown) == bare(line) or bare(line).endswith(bare(shown)) for line in lines) or not bare(shown)


@SAME_EVERYWHERE
@given(MAILS)
def test_words_never_become_nothing(mail: str) -> None:
    assert bool(visible_text(mail).strip()) == bool(mail.strip())


@SAME_EVERYWHERE
@given(MAILS)
def test_what_is_shown_has_nothing_left_to_cut(mail: str) -> None:
    shown = visible_text(mail)
    assert visible_text(shown) == shown


@SAME_EVERYWHERE
@given(st.text())
def test_any_text_at_all_is_taken(mail: str) -> None:
    visible_text(mail)


MEGABYTE = 1_000_000
TENTH = 20_000
SLOWEST = "foo\n-- \n> x\n"
WORST = (
    ">\n",
    "> x\n",
    "On On On wrote\n",
    "On ",
    "On 3 May 2026 12:30\n",
    "wrote:\n",
    "On 3.5.2026 12:30 Bo <b@c.d> wrote:\n",
    "hello\nOn 3.5.2026 Bo wrote:\n> q\n",
    "-\n",
    "--\n\n\n",
    "------ x ------ ",
    "-" * 100 + "a" * 50 + "\n",
    "From: a@b\n",
    "From: a@b\nSent: 1\nTo: x\n\nfoo\n",
    "a\n",
    "a:\n",
    "a\n\n",
    "<a@b>:\n",
    "a via " * 60 + ":\n",
    "am 3 schrieb " * 28 + ":\n",
    "x" * 390 + "@:\n",
    " " * 300 + "x:\n",
    " ",
    "*" * 300 + "\n",
    "|a\n",
    ">>> a >>>\n",
    ">>>>\n<<<<\n",
    "```\na\n",
    "Sent from my x\n",
    "Unsubscribe: a@b\n",
    ">>>" + " " * MEGABYTE + "x",
    "a:" + " " * 1_500 + "x\n",
    "a" + " " * 1_500 + "b:\n",
    SLOWEST,
    "\n",
)


def seconds_for(unit: str, size: int) -> float:
    mail = (unit * (size // len(unit) + 1))[: size + 10]
    began = time.process_time()
    visible_text(mail)
    return time.process_time() - began


@pytest.mark.parametrize("unit", WORST, ids=lambda unit: repr(unit[:20]))
def test_ten_times_the_worst_takes_little_more_than_ten_times_the_work(unit: str) -> None:
    """What grows with the square takes a hundred times as long; what is over at once says nothing about its growth."""
    once = min(seconds_for(unit, TENTH) for _ in range(2))
    assert seconds_for(unit, TENTH * 10) < max(0.6, 40 * once)


def test_a_megabyte_takes_seconds_at_most() -> None:
    assert seconds_for(SLOWEST, MEGABYTE) < 6
