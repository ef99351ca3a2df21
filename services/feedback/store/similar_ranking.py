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

from .similar_words import EMPTY_WORDS, READ

HEAD: Final = 140
"""Characters that are compared by themselves as well: who tells a long story begins with what is wrong."""

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
        self.ids = [one for one in texts for _ in range(2)]
        self._rows: dict[str, Any] = self._worked_out(before)
        self._weights = TfidfTransformer(sublinear_tf=True)
        self._matrix: Any = self._weights.fit_transform(vstack(list(self._rows.values()))) if texts else None

    def near(self, text: str) -> list[str]:
        """The ids of texts about the same, the nearest first."""
        if self._matrix is None:
            return []
        scores = (self._matrix @ self._weights.transform(_pieces([text[:READ]])).T).toarray().ravel()
        order = numpy.argsort(-scores, kind="stable")
        return list(dict.fromkeys(self.ids[at] for at in order if scores[at] >= NEAR))

    def _worked_out(self, before: "Ranking | None") -> dict[str, Any]:
        """Two rows for each text, its head and all of it, in the order of `texts`."""
        known = before._rows if before else {}
        kept = {one for one, text in self.texts.items() if before and before.texts.get(one) == text}
        new = [one for one in self.texts if one not in kept]
        made: Any = _pieces(self.texts[one][:longest] for one in new for longest in (HEAD, READ)) if new else None
        fresh = {one: made[2 * at : 2 * at + 2] for at, one in enumerate(new)}
        return {one: known[one] if one in kept else fresh[one] for one in self.texts}


def _pieces(texts: Iterable[str]) -> Any:
    return PIECES.transform([telling(text) for text in texts])


def telling(text: str) -> str:
    """The words that say something; two wishes are not alike for being polite in the same way."""
    words = WORD.findall(text.casefold())
    return " ".join(word for word in words if word not in EMPTY_WORDS)
