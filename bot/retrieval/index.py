"""What the search needs of a vector index and of a lexical index, and the exact reference for the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.retrieval.encoder import Vectors

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class VectorIndex(Protocol):
    """Finds the nearest rows to a vector by cosine."""

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """The `k` nearest rows of each query, nearest first.

        Args:
            queries: `(n, d)` float32, unit rows.
            k: at most this many; fewer where the index holds fewer.

        Returns:
            Cosines and row numbers, both `(n, min(k, rows))`.
        """


class LexicalIndex(Protocol):
    """Scores documents by the words that they share with a query."""

    def scores(self, query: str) -> Scores:
        """`(documents,)` float32, 0 for no shared word, higher is nearer; not comparable between queries."""


class NumpyIndex:
    """Exact search by a matrix product: the reference that other indexes are tested against.

    Example:
        >>> index = NumpyIndex(np.eye(3, dtype=np.float32))
        >>> scores, rows = index.search(np.eye(3, dtype=np.float32)[1:2], k=1)
        >>> int(rows[0, 0])
        1
    """

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """See `VectorIndex.search`."""
        cosines = queries @ self._vectors.T
        rows = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(cosines, rows, axis=1), rows.astype(np.int64)


class WordOverlapIndex:
    """Counts shared words: the smallest lexical index, for tests."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._words = [set(text.lower().split()) for text in texts]

    def scores(self, query: str) -> Scores:
        """See `LexicalIndex.scores`."""
        asked = set(query.lower().split())
        return np.array([len(asked & words) for words in self._words], dtype=np.float32)
