"""Real mails that nobody here wrote, read as other programs read them; the figures are printed."""

import json
import unicodedata
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from services.feedback.mail.parsing import Mail, Ours, Parser, parse
from services.feedback.mail.parsing.mail import VERDICTS
from tests.corpora import corpus

OURS = Ours(address="liaise@liaise.example")

WRONG = {
    ("mail018.eml", "subject"): "UTF-7 in an encoded word was left undecoded: +ANw- is the letter U with two dots",
    ("mail015.eml", "body"): "the words that stand for an empty text are the other program's own",
}
"""Expectations that are mistaken, each with its reason; at most five."""


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def comparisons(name: str, expected: dict[str, str], found: Mail) -> Iterator[tuple[str, str, bool]]:
    """What was compared of one mail, and whether it is the same."""
    for field, wanted in expected.items():
        if field == "body":
            yield name, field, found.text.strip() == unicodedata.normalize("NFC", wanted).replace("\r\n", "\n").strip()
        elif field == "from_email":
            yield name, field, found.from_email.lower() == wanted.lower()
        else:
            yield name, field, folded(getattr(found, field)) == folded(wanted)


def test_senders_subjects_and_bodies_are_read_as_expected() -> None:
    expected: dict[str, dict[str, Any]] = json.loads((corpus("decode") / "expected.json").read_text())
    results = [
        result
        for name, one in expected.items()
        for result in comparisons(name, one, parse((corpus("decode") / name).read_bytes(), OURS))
    ]
    for field in ("from_email", "from_display_name", "subject", "content_type", "body"):
        same = [right for _, compared, right in results if compared == field]
        print(f"decode: {field} {sum(same)} of {len(same)}")
    assert len(WRONG) <= 5
    assert {(name, field) for name, field, right in results if not right} - set(WRONG) == set()


def test_no_odd_mail_is_lost_or_slow() -> None:
    seconds = {}
    verdicts: dict[str, int] = {}
    parser = Parser(OURS, children=1)
    for path in sorted(corpus("odd").glob("*.eml")):
        start = perf_counter()
        found = parser.read(path.read_bytes())
        seconds[path.name] = perf_counter() - start
        verdicts[found.verdict] = verdicts.get(found.verdict, 0) + 1
        assert "could not be read" not in found.reason, path.name
        assert "broke down" not in found.reason, path.name
    parser.close()
    print(f"odd: {len(seconds)} mails, slowest {max(seconds.values()):.2f} s, {verdicts}")
    assert max(seconds.values()) < 5
    assert set(verdicts) <= set(VERDICTS)
