"""How near texts are to each other: shared pieces of words, the rare ones counting more.

Pieces of three to five letters find "Reisekosten" in "Reisekostenabrechnung", where whole words would not, and need no
dictionary per language. scikit-learn takes a second to import, so nothing here is imported before it is needed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy
from scipy.sparse import vstack  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from .similar_words import EMPTY_WORDS

READ: Final = 600
"""Characters of a text that count: what somebody wants stands at its beginning, and one query must stay quick."""

NEAR: Final = 0.3
"""Cosine from which two texts are about the same; tests hold it between one wish in other words and another wish."""

WORD: Final = re.compile(r"[^\W_]+")
PIECES: Final = HashingVectorizer(
    analyzer="char_wb", ngram_range=(3, 5), n_features=2**18, alternate_sign=False, norm=None, dtype=numpy.float32
)
"""Hashed, not learnt: a new text costs only its own pieces."""


class Ranking:
    """Texts by id, ready to be asked; `before` lends what it had worked out already."""

    def __init__(self, texts: Mapping[str, str], before: "Ranking | None" = None) -> None:
        self.texts = dict(texts)
        self.ids = list(texts)
        self._rows: dict[str, Any] = self._worked_out(before)
        self._weights = TfidfTransformer(sublinear_tf=True)
        self._matrix: Any = (
            self._weights.fit_transform(vstack([self._rows[one] for one in self.ids])) if texts else None
        )

    def near(self, text: str) -> list[str]:
        """The ids of texts about the same, the nearest first."""
        if self._matrix is None:
            return []
        scores = (self._matrix @ self._weights.transform(_pieces([text])).T).toarray().ravel()
        order = numpy.argsort(-scores, kind="stable")
        return [self.ids[at] for at in order if scores[at] >= NEAR]

    def _worked_out(self, before: "Ranking | None") -> dict[str, Any]:
        known = before._rows if before else {}
        rows = {one: known[one] for one, text in self.texts.items() if before and before.texts.get(one) == text}
        new = [one for one in self.ids if one not in rows]
        return rows | dict(zip(new, _pieces(self.texts[one] for one in new), strict=True)) if new else rows


def _pieces(texts: Iterable[str]) -> Any:
    return PIECES.transform([telling(text) for text in texts])


def telling(text: str) -> str:
    """The words that say something; two wishes are not alike for being polite in the same way."""
    words = WORD.findall(text[:READ].casefold())
    return " ".join(word for word in words if word not in EMPTY_WORDS)
