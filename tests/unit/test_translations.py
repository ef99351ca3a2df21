"""Whatever a submitter can read stands in every language, and what is compiled is what was translated."""

import gettext
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SERVICES = Path(__file__).parents[2] / "services"
ROOMS = [SERVICES / "feedback", SERVICES / "notify", SERVICES / "chassis" / "ui"]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
CATALOGUES = [(room, path) for room in ROOMS for path in sorted(room.glob("translations/*/LC_MESSAGES/messages.po"))]
IDS = [f"{room.name} {path.parts[-3]}" for room, path in CATALOGUES]


def texts(room: Path) -> Iterator[str]:
    for _, _, message, _, _ in extract_from_dir(room, METHODS, keywords=KEYWORDS):
        yield message[0] if isinstance(message, tuple) else message


@pytest.mark.parametrize(("room", "path"), CATALOGUES, ids=IDS)
def test_every_text_is_translated(room: Path, path: Path) -> None:
    catalogue = read_po(path.open("rb"))
    missing = []
    for text in set(texts(room)):
        entry = catalogue.get(text)
        if entry is None or not entry.string or entry.fuzzy:
            missing.append(text)
    assert missing == [], "run `make translations` and translate these"


@pytest.mark.parametrize(("room", "path"), CATALOGUES, ids=IDS)
def test_what_is_compiled_is_what_was_translated(room: Path, path: Path) -> None:
    fresh = BytesIO()
    write_mo(fresh, read_po(path.open("rb")))
    fresh.seek(0)
    committed = gettext.GNUTranslations(path.with_suffix(".mo").open("rb"))
    assert committed._catalog == gettext.GNUTranslations(fresh)._catalog, "run `make translations`"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("room", "path"), CATALOGUES, ids=IDS)
def test_a_translation_keeps_every_placeholder(room: Path, path: Path) -> None:
    import re

    placeholder = re.compile(r"%\((\w+)\)|\{(\w+)\}")
    for entry in read_po(path.open("rb")):
        if isinstance(entry.id, str) and entry.id and entry.string:
            assert set(placeholder.findall(entry.id)) == set(placeholder.findall(str(entry.string))), entry.id


def test_each_room_speaks_german_and_spanish() -> None:
    spoken = {(room.name, language) for room in ROOMS for language in ("de", "es")}
    assert {(room.name, path.parts[-3]) for room, path in CATALOGUES} == spoken
