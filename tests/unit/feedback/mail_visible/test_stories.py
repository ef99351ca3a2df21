"""What people write to a feedback address, and what of it they wrote now."""

import textwrap

import pytest

from services.feedback.mail.parsing.visible import visible_text


def mail(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def test_answers_between_quotes_keep_the_quotes_they_answer() -> None:
    shown = visible_text(
        mail("""
        Hello Bo,

        On 3 May 2026, at 12:30, Bo <bo@example.org> wrote:

        > Which lamp is it?

        The one above the copier.

        > Since when?

        Since Monday.

        > Kind regards
        > Bo
        """)
    )
    assert shown == mail("""
        Hello Bo,


        > Which lamp is it?

        The one above the copier.

        > Since when?

        Since Monday.
        """).rstrip("\n")


def test_an_answer_below_a_greeting_and_a_quote_is_not_lost() -> None:
    shown = visible_text(
        mail("""
        Hello Bo,

        On 3 May 2026, at 12:30, Bo <bo@example.org> wrote:
        > Which lamp is it?

        The one above the copier.
        """)
    )
    assert "The one above the copier." in shown
    assert "> Which lamp is it?" in shown
    assert "wrote:" not in shown


def test_only_the_newest_of_a_thread_is_shown() -> None:
    shown = visible_text(
        mail("""
        Third.

        On Tue, May 5, 2026 at 9:00 AM Bo <bo@example.org> wrote:

        > Second.
        >
        > On Mon, May 4, 2026 at 9:00 AM Amara <amara@example.org> wrote:
        >
        >> First.
        """)
    )
    assert shown == "Third."


def test_a_signature_goes_and_the_quote_below_it_too() -> None:
    shown = visible_text("Still dark.\n\n-- \nAmara\nHouse North\n\nOn May 3, 2026, Bo wrote:\n> Is it light?\n")
    assert shown == "Still dark."


def test_an_answer_below_a_signature_and_a_quote_is_not_lost() -> None:
    shown = visible_text("See below.\n-- \nAmara\n\nOn May 3, 2026, Bo wrote:\n> Is it light?\n\nNo, still dark.\n")
    assert shown.startswith("See below.")
    assert shown.endswith("No, still dark.")
    assert "House" not in shown


@pytest.mark.parametrize("divider", ["--", "---", "_______", "—", "=========", "**********"])
def test_contact_data_below_a_divider_is_a_signature(divider: str) -> None:
    assert visible_text(f"Still dark.\n\n{divider}\nAmara Okafor\nTel. 0123 456\namara@example.org\n") == "Still dark."


SECTIONS = """
Two things:

------
The lamp in the hall flickers whenever the door of the lift opens, and the caretaker knows about it since March.
------
The window in the kitchen no longer closes, so that it is cold and the rain comes in whenever it is windy.
""".strip()

TITLE = "Lamp in the hall\n================\nIt flickers.\n\nWindow\n------\nIt does not close."
REPORT = "Steps:\n1. open\n2. close\n\n-----\nExpected: light\nSeen: none"
POSTSCRIPT = "It flickers.\n\n--\nAmara\n\nPS: It is the one in room 3."
LIST = "Please order:\n\n- lamps\n- screws\n\n    - short\n    - long\n\n* glue"
TABLE = "| room | lamp |\n|------|------|\n| 1    | dark |"
FORM = "Name: Amara\nTo: the caretaker\nDate: yesterday\nSubject: lamp\n\nIt flickers."
PROMPT = "I ran\n\nC> ipconfig\nC> ping lamp\n\nand it hangs."
SHELL = (
    "This is what I did:\n\n```\n$ ls > files\n--\nOn 3 May 2026 at 10:00 Bo <bo@example.org> wrote:\n> x\n```\n\nWhy?"
)
PROSE = "\n".join(
    (
        "On Monday I wrote to you.",
        "From my point of view the lamp was fine until yesterday.",
        "Sent by courier on Tuesday, the new one never came.",
        "On 3 May 2026 the display said:",
        "Error 42",
        "To: whom should I turn?",
        "At 10:30 the caretaker said:",
        "Wait.",
    )
)


@pytest.mark.parametrize("own", [SECTIONS, TITLE, REPORT, POSTSCRIPT, LIST, TABLE, FORM, PROMPT, SHELL, PROSE])
def test_what_only_looks_like_a_mail_is_kept(own: str) -> None:
    assert visible_text(own) == own


def test_a_forward_with_own_words_shows_those() -> None:
    forward = mail("""
        Please have a look.

        ---------- Forwarded message ---------
        From: Bo <bo@example.org>
        Date: Sun, May 3, 2026 at 12:30 PM
        Subject: The lamp
        To: Amara <amara@example.org>


        It flickers.
        """)
    assert visible_text(forward) == "Please have a look."
    assert visible_text(forward.removeprefix("Please have a look.\n")) == "It flickers."


@pytest.mark.parametrize(
    "bare",
    [
        "> It flickers.",
        "On May 3, 2026, Bo wrote:\n> It flickers.",
        "> Begin forwarded message:\n>\n> From: Bo <bo@example.org>\n>\n> It flickers.",
        "-- \nAmara",
        "Sent from my iPhone",
    ],
)
def test_a_mail_without_own_words_is_shown_whole(bare: str) -> None:
    assert visible_text(f"{bare}\n") == bare


@pytest.mark.parametrize(
    ("last", "announced"),
    [
        ("W dniu 3 maja lampa znowu nie działa", "niedz., 3 maj 2026 o 12:30 Bo <bo@example.org> napisał(a):"),
        ("On Monday it broke", "On Sun, May 3, 2026 at 12:30 PM Bo <bo@example.org> wrote:"),
        ("El ascensor no va", "2026-05-03 12:30 GMT+02:00 Bo <bo@example.org>:"),
        ("Am Montag war es dunkel!", "Bo <bo@example.org> schrieb am So., 3. Mai 2026 um 12:30 Uhr:"),
    ],
)
def test_the_last_line_before_an_announcement_is_the_writers(last: str, announced: str) -> None:
    assert visible_text(f"{last}\n{announced}\n> Is it light?\n") == last


def test_an_announcement_wrapped_after_the_weekday_goes_whole() -> None:
    wrapped = "On Monday,\nMay 4, 2026 at 6:32 PM, Bo Berg\n<bo@example.org>\nwrote:"
    assert visible_text(f"No.\n\n{wrapped}\n\n> Is it light?\n") == "No."


@pytest.mark.parametrize("nothing", ["", "\n", " \r\n\t\r\n"])
def test_nothing_is_nothing(nothing: str) -> None:
    assert visible_text(nothing) == ""


def test_line_ends_and_empty_lines_around_are_made_one() -> None:
    assert visible_text("\r\n\r\n  It flickers.\r\n\r\nStill.  \r\n\r\n") == "  It flickers.\n\nStill."


def test_quotes_of_newsgroups_are_quotes() -> None:
    old = "No.\n\nBo <bo@example.org> wrote:\n| Is it light?\n|\n| Bo"
    assert visible_text(old) == "No."
    initials = "Bo <bo@example.org> wrote:\nBo> Is it light?\nBo>\n\nNo.\n\nBo> And now?\n\nYes."
    assert visible_text(initials) == "> Is it light?\n>\n\nNo.\n\n> And now?\n\nYes."
    enclosed = ">>> Bo >>>\nIs it light?\n<<< Bo <<<\n\nNo."
    assert visible_text(enclosed) == "> Is it light?\n\nNo."
    alias = '>>>>> "Bo" == Bo Berg <bo@example.org> writes:\n    Bo> Is it light?\n    Bo>> Was it?\n\nNo.'
    assert visible_text(alias) == "    > Is it light?\n    >> Was it?\n\nNo."


def test_a_signed_mail_shows_what_was_signed() -> None:
    signed = mail("""
        -----BEGIN PGP SIGNED MESSAGE-----
        Hash: SHA512

        It flickers.
        -----BEGIN PGP SIGNATURE-----

        iQEzBAEBCgAdFiEE
        -----END PGP SIGNATURE-----
        """)
    assert visible_text(signed) == "It flickers."


def test_a_lists_way_out_goes() -> None:
    footer = "Unsubscribe: lamps-leave@example.org\nhttp://example.org/lamps"
    assert visible_text(f"It flickers.\n\n{footer}\n") == "It flickers."
    assert visible_text(f"It flickers.\n\n{footer.splitlines()[0]}\n") == "It flickers."
