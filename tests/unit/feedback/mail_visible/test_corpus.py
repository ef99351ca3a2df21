"""Real replies that nobody here wrote (from Discourse's email_reply_trimmer, MIT), held beside the project."""

from collections import Counter

from services.feedback.mail.parsing.visible import visible_text
from tests.corpora import corpus

EXACT, LOST = 0.85, 0
EXCEPTIONS = {"spam_1": "nothing but attributions, expected empty; what carries words is never shown as nothing"}


def words(text: str) -> Counter[str]:
    return Counter(text.split())


def test_the_visible_reply_of_real_mails() -> None:
    replies = corpus("reply")
    inexact, lost = [], []
    pairs = sorted(replies.glob("*.expected.txt"))
    for expected_file in pairs:
        name = expected_file.name.removesuffix(".expected.txt")
        expected = expected_file.read_bytes().decode().replace("\r\n", "\n").strip()
        ours = visible_text((replies / f"{name}.txt").read_bytes().decode())
        inexact += [name] if ours.strip() != expected else []
        lost += [name] if words(expected) - words(ours) else []
    exact = len(pairs) - len(inexact)
    print(f"visible reply: {exact}/{len(pairs)} exact, {len(lost)} mails lose words of the writer")
    assert exact / len(pairs) >= EXACT
    assert len(lost) == LOST, lost
    assert set(inexact) <= set(EXCEPTIONS)
