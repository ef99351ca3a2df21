"""A mail has its words in several forms, or more of them than are read: none of them gets lost."""

import pytest

from services.feedback.mail.parsing import Mail, Ours, parse

NOTE = "[The rest of this mail was too long to keep.]"
HTML = "<p>The VPN drops every morning.</p>"


def mail(*lines: str) -> Mail:
    head = ("From: Amara <amara@example.com>", "Subject: VPN", *lines)
    return parse("\r\n".join(head).encode(), Ours(address="liaise@liaise.example"))


def alternative(plain: str, html: str) -> Mail:
    parts = (f"Content-Type: text/plain\r\n\r\n{plain}", f"Content-Type: text/html\r\n\r\n{html}")
    inside = [line for part in parts for line in ("--b", part)]
    return mail("Content-Type: multipart/alternative; boundary=b", "", *inside, "--b--")


@pytest.mark.parametrize(
    "plain",
    [
        "Sent from my phone",
        "[cid:image001.png]",
        "[cid:image001.png@01DA.12] Sent from my iPhone",
        "This message is in HTML. Please use a mail program that shows HTML.",
        "To view this email, please enable HTML in your mail client.",
        "",
    ],
)
def test_html_is_read_where_the_plain_form_only_stands_in_for_it(plain: str) -> None:
    found = alternative(plain, HTML)
    assert (found.text.strip(), found.content_type) == ("The VPN drops every morning.", "text/html")


def test_html_is_read_where_it_says_much_more() -> None:
    assert alternative("The VPN drops.", f"<p>The VPN drops.</p><p>{'And more. ' * 8}</p>").text.count("more") == 8


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("The VPN drops.", "<p>The <b>VPN</b> drops &amp; drops.</p>"),
        ("The VPN drops.\n\nSent from my phone", "<p>The VPN drops.</p><p>Sent from my phone, the best of all</p>"),
        ("The HTML of the start page does not show", "<p>The HTML of the start page does not show</p>"),
        ("Sent from my phone", "<p>Sent from my phone</p>"),
        ("The VPN drops.", "<img src=cid:a>"),
    ],
)
def test_the_plain_form_is_read_where_it_says_what_the_html_says(plain: str, html: str) -> None:
    assert alternative(plain, html).text.strip().splitlines() == plain.splitlines()


@pytest.mark.parametrize(
    ("kind", "words", "name"),
    [
        ("plain", "a" * 150_000, "document.txt"),
        ("plain", "first\n" + " " * 4_100_000, "document.txt"),
        ("html", "<p>first</p>" + "<span></span>" * 90_000, "document.html"),
        ("html", f"<p>{'word ' * 250_000}</p>", "document.html"),
    ],
)
def test_what_is_too_long_to_keep_says_so_and_comes_whole_as_a_file(kind: str, words: str, name: str) -> None:
    found = mail(f"Content-Type: text/{kind}", "", f"{words}LAST")
    assert found.text.endswith(NOTE)
    assert (len(found.text) <= 100_000, found.text.count(NOTE)) == (True, 1)
    [file] = found.attachments
    assert (file.filename, file.content) == (name, f"{words}LAST".encode())
    coded = mail(f"Content-Type: text/{kind}", "Content-Transfer-Encoding: quoted-printable", "", f"{words}LAST")
    assert [one.content for one in coded.attachments] == [file.content]


def test_a_long_form_that_is_not_read_is_no_file() -> None:
    plain = "The VPN drops every morning, and nobody knows why."
    found = alternative(plain, f"<p>{plain}</p>" + "<span></span>" * 90_000)
    assert (found.text.strip(), found.attachments) == (plain, ())
