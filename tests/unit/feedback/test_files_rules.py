"""Which files are taken, and under which names."""

import pytest

from services.feedback.domain.files import EMPTY, NAME_LONGEST, PROGRAM, clean_name, refusal

PICTURE = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("printer.png", "printer.png"),
        ("Störung  am\tDrucker.pdf", "Störung amDrucker.pdf"),
        ("C:\\Users\\sam\\Desktop\\printer.png", "printer.png"),
        ("../../../etc/passwd", "passwd"),
        ("/etc/shadow", "shadow"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie x=1.png"),
        ("a\x00.png", "a.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("\u200b\u2066x\u2069.png", "x.png"),
        ("\ud800.png", "png"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("Nul .txt", "_Nul .txt"),
        ("setup.exe. . .", "setup.exe"),
        ("notes.txt:hidden.exe", "notes.txthidden.exe"),
        ('<img src=x onerror=alert(1)>".png', "img src=x onerror=alert(1).png"),
        ("a\u2028b.png", "ab.png"),
    ],
)
def test_a_name_is_a_name_wherever_it_is_saved(claimed: str, kept: str) -> None:
    assert clean_name(claimed) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("ä" * 5_000 + ".jpeg")
    assert len(name) == NAME_LONGEST
    assert name.endswith("ä.jpeg")
    assert len(clean_name("x" * 400 + "." + "y" * 400)) == NAME_LONGEST


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe",
        "SETUP.EXE",
        "report.pdf.exe",
        "a.lnk",
        "a.hta",
        "run.ps1",
        "a.js",
        "a.jar",
        "disk.iso",
        "setup．exe",
    ],
)
def test_programs_are_known_by_their_ending(name: str) -> None:
    assert refusal(clean_name(name), PICTURE) == PROGRAM


@pytest.mark.parametrize(
    "start",
    [b"MZ\x90\x00\x03", b"\x7fELF\x02", b"\xcf\xfa\xed\xfe", b"#!/bin/sh\n", b"L\x00\x00\x00\x01\x14\x02\x00\x00"],
)
def test_programs_are_known_by_their_beginning_whatever_they_are_called(start: bytes) -> None:
    assert refusal("photo.png", start) == PROGRAM


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("photo.png", PICTURE),
        ("drawing.svg", b"<svg onload=alert(1)>"),
        ("page.html", b"<script>alert(1)</script>"),
        ("letter.docx", b"PK\x03\x04"),
        ("MZ.txt", b"MZ is how this letter begins."),
        ("exe", b"a file without an ending"),
    ],
)
def test_what_people_send_is_taken(name: str, start: bytes) -> None:
    assert refusal(clean_name(name), start) is None


def test_an_empty_file_is_not() -> None:
    assert refusal("photo.png", b"") == EMPTY
