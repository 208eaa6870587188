"""The FAISS vector index."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from bot.errors import ArtifactError
from bot.retrieval.encoder import Vectors
from bot.retrieval.index import Rows, Scores

# Up to this many rows exact search takes under 2 ms on one core, so nothing is gained by approximation.
EXACT_ROWS = 50_000


class FaissIndex:
    """Inner-product search over unit vectors: exact up to `EXACT_ROWS`, a graph (HNSW) above."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> FaissIndex:
        """Indexes `(n, d)` float32 unit rows."""
        rows, dimension = vectors.shape
        if rows <= EXACT_ROWS:
            index = faiss.IndexFlatIP(dimension)
        else:
            index = faiss.IndexHNSWFlat(dimension, 32, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = 100
            index.hnsw.efSearch = 256
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> FaissIndex:
        """Reads what `save` wrote.

        Raises:
            ArtifactError: the file is missing or is not an index.
        """
        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:
            raise ArtifactError(path, "is not a readable FAISS index") from error

    def save(self, path: Path) -> None:
        """Writes the index to one file."""
        faiss.write_index(self._index, str(path))

    def search(self, queries: Vectors, k: int) -> tuple[Scores, Rows]:
        """See `VectorIndex.search`."""
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), min(k, self._index.ntotal))
        return scores, rows
