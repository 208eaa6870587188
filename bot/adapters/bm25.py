"""BM25 by the bm25s library, with Snowball stemming and English stop words."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer

from bot.retrieval.index import Scores


class Bm25Index:
    """BM25 (Lucene's variant, k1 1.5, b 0.75: bm25s' defaults) over documents, at least one of them with a word."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._bm25 = bm25s.BM25()
        self._size = len(texts)
        corpus = bm25s.tokenize(list(texts), stopwords="en", stemmer=self._stemmer, show_progress=False)
        self._bm25.index(corpus, show_progress=False)

    def scores(self, query: str) -> Scores:
        """See `LexicalIndex.scores`."""
        tokens = bm25s.tokenize([query], stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False)[
            0
        ]
        if not tokens:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(tokens), dtype=np.float32)


def has_words(text: str) -> bool:
    """Whether a text has a word to find it by: one that is no stop word."""
    return bool(bm25s.tokenize(text, stopwords="en", return_ids=False, show_progress=False)[0])
