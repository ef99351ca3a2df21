"""Posters: a link and a code that open the form filled in."""

import struct
from io import BytesIO

import pytest
import segno

from tests.forms import Browser
from tests.world import World

NETWORK = "/intake/posters?about=it/Network&kind=idea"
LINK = "http://127.0.0.1:8000/?unit=it&amp;service=Network&amp;kind=idea"


@pytest.fixture
def ines(world: World) -> Browser:
    """The liaison of IT and deputy of People, not of Finance."""
    return world.liaison("ines@example.com")


def test_they_are_for_staff(world: World) -> None:
    for path in (NETWORK, "/intake/posters/code.svg", "/intake/posters/sheet"):
        assert world.browser().get(path).request.path == "/sign-in"


def test_the_link_opens_the_form_filled_in(ines: Browser, world: World) -> None:
    assert f'value="{LINK}"' in ines.get(NETWORK).text
    form = world.browser().form("/?unit=it&service=Network&kind=idea", "text")
    assert (form.values["unit"], form.values["kind"]) == ("it/Network", "idea")


@pytest.mark.parametrize("query", ["about=finance", "about=it/Nonsense", "about=nowhere&kind=rant"])
def test_what_is_not_there_or_not_theirs_is_left_open(ines: Browser, query: str) -> None:
    page = ines.get(f"/intake/posters?{query}").text
    link = page.split('id="poster-link" value="')[1].split('"')[0]
    assert link in ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/?unit=it")
    assert "Finance" not in page


def test_the_code_is_a_picture_in_both_formats(ines: Browser) -> None:
    drawn = ines.get("/intake/posters/code.svg?about=it&kind=idea")
    assert drawn.mimetype == "image/svg+xml"
    assert drawn.text.lstrip().startswith(("<?xml", "<svg"))
    dots = ines.get("/intake/posters/code.png?about=it&kind=idea")
    assert dots.data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", dots.data[16:24])
    assert width == height > 500
    assert dots.data != ines.get("/intake/posters/code.png?about=it").data
    assert ines.get("/intake/posters/code.gif").status_code == 404


def test_the_code_says_the_link(ines: Browser) -> None:
    drawn = BytesIO()
    link = segno.make_qr("http://127.0.0.1:8000/?unit=it&kind=idea", error="q", boost_error=False)
    link.save(drawn, kind="png", scale=16, border=4)
    assert ines.get("/intake/posters/code.png?about=it&kind=idea").data == drawn.getvalue()


def test_the_sheet_has_its_sentence_and_stays_words(ines: Browser) -> None:
    sheet = ines.get(f"{NETWORK.replace('posters?', 'posters/sheet?')}&language=en").text
    assert "What could be better here?" in sheet
    assert "IT · Network" in sheet
    own = ines.get("/intake/posters/sheet?sentence=<b>Tell+us</b>" + "x" * 500).text
    assert "&lt;b&gt;Tell us" in own
    assert "<b>" not in own
    assert "x" * 200 not in own.split("<h1>")[1].split("</h1>")[0]
