"""Search by meaning and by words at once: the engine under the bot and under `faqbot eval retrieval`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.encoder import Encoder, Vectors
from bot.retrieval.index import LexicalIndex, Scores, VectorIndex

# The share of the vectors in the fused score: the middle of the plateau (0.5 to 0.7) on the bot's own tune questions.
VECTOR_SHARE = 0.6
# How many rows and documents each half proposes; what neither proposes is not a candidate.
CANDIDATES = 1000
# A long text is cut into pieces of this many words, since the encoder reads 256 word pieces.
PIECE_WORDS = 150


@dataclass(frozen=True)
class Document:
    """Something to find: its text and, for a passage, the questions that it answers."""

    id: str
    text: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidates:
    """The documents that a search considers, each with its scores; arrays run over `documents`.

    Attributes:
        documents: row numbers of documents, best fused score first.
        fused: 0 to 1, not comparable between queries.
        text: highest cosine with a piece of the text.
        question: highest cosine with a question, equal to `text` where a document has none.
        lexical: share of the best lexical score, 0 to 1.
    """

    documents: npt.NDArray[np.int64]
    fused: Scores
    text: Scores
    question: Scores
    lexical: Scores

    def best(self, k: int) -> Candidates:
        """The first k."""
        return Candidates(self.documents[:k], self.fused[:k], self.text[:k], self.question[:k], self.lexical[:k])


@dataclass(frozen=True)
class HybridIndex:
    """Vectors of every piece and question, and words of every document.

    Example:
        >>> from bot.retrieval.encoder import HashEncoder
        >>> from bot.retrieval.index import NumpyIndex, WordOverlapIndex
        >>> documents = [Document("a", "opening hours"), Document("b", "side effects")]
        >>> index = build_index(documents, HashEncoder(), NumpyIndex, WordOverlapIndex)
        >>> found = index.search("what side effects", HashEncoder().encode(["what side effects"])[0])
        >>> documents[found.documents[0]].id
        'b'
    """

    vectors: VectorIndex
    lexical: LexicalIndex
    row_document: npt.NDArray[np.int64]
    row_is_question: npt.NDArray[np.bool_]
    size: int

    def search(self, query: str, vector: Vectors, candidates: int = CANDIDATES) -> Candidates:
        """The candidates for a query, best first.

        Args:
            query: the words, for the lexical half.
            vector: `(d,)` float32, unit length, for the other.
            candidates: how many rows and documents each half proposes.
        """
        cosines, rows = self.vectors.search(vector[None, :], candidates)
        cosines, rows = cosines[0], rows[0]
        floor = float(cosines[-1]) if len(cosines) else 0.0
        text = np.full(self.size, floor, dtype=np.float32)
        question = np.full(self.size, -1.0, dtype=np.float32)
        asked = self.row_is_question[rows]
        np.maximum.at(text, self.row_document[rows[~asked]], cosines[~asked])
        np.maximum.at(question, self.row_document[rows[asked]], cosines[asked])
        words = self.lexical.scores(query)
        chosen = np.union1d(self.row_document[rows], _best(words, candidates))
        text, question, words = text[chosen], question[chosen], words[chosen]
        question = np.where(question < floor, text, question)
        nearest = np.maximum(text, question)
        fused = VECTOR_SHARE * _spread(nearest) + (1 - VECTOR_SHARE) * _spread(words, low=0.0)
        order = np.argsort(-fused, kind="stable")
        return Candidates(chosen[order], fused[order], text[order], question[order], _spread(words, low=0.0)[order])

    def nearness(self, vector: Vectors) -> Scores:
        """`(size,)`: each document's highest cosine with a vector, by its pieces and its questions.

        `CANDIDATES` rows are looked at; a document that none of them belongs to gets the lowest cosine.

        Args:
            vector: `(d,)` float32, unit length.
        """
        cosines, rows = self.vectors.search(vector[None, :], CANDIDATES)
        highest = np.full(self.size, cosines[0][-1] if len(cosines[0]) else 0.0, dtype=np.float32)
        np.maximum.at(highest, self.row_document[rows[0]], cosines[0])
        return highest


def build_index(
    documents: Sequence[Document],
    encoder: Encoder,
    make_vectors: Callable[[Vectors], VectorIndex],
    make_lexical: Callable[[Sequence[str]], LexicalIndex],
) -> HybridIndex:
    """Indexes documents from nothing."""
    rows, row_document, row_is_question = rows_of(documents)
    return HybridIndex(
        make_vectors(encoder.encode(rows)),
        make_lexical([lexical_text(d) for d in documents]),
        row_document,
        row_is_question,
        len(documents),
    )


def rows_of(documents: Sequence[Document]) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The texts that get a vector, the document of each, and whether it is a question."""
    rows: list[str] = []
    owners: list[int] = []
    asked: list[bool] = []
    for number, document in enumerate(documents):
        for text, is_question in [
            *((p, False) for p in pieces(document.text)),
            *((q, True) for q in document.questions),
        ]:
            rows.append(text)
            owners.append(number)
            asked.append(is_question)
    return rows, np.array(owners, dtype=np.int64), np.array(asked, dtype=bool)


def lexical_text(document: Document) -> str:
    """All words of a document."""
    return " ".join([document.text, *document.questions])


def pieces(text: str) -> list[str]:
    """A text in pieces of at most `PIECE_WORDS` words; a short text is one piece.

    >>> [len(piece.split()) for piece in pieces("word " * 400)]
    [150, 150, 100]
    """
    words = text.split()
    return [" ".join(words[i : i + PIECE_WORDS]) for i in range(0, max(len(words), 1), PIECE_WORDS)]


def _best(scores: Scores, k: int) -> npt.NDArray[np.int64]:
    """The positions of the k highest scores above zero."""
    k = min(k, len(scores))
    top = np.argpartition(-scores, k - 1)[:k] if k else np.zeros(0, dtype=np.int64)
    return np.asarray(top[scores[top] > 0], dtype=np.int64)


def _spread(scores: Scores, low: float | None = None) -> Scores:
    """The scores stretched to 0..1 over the candidates."""
    if not len(scores):
        return scores
    bottom = float(scores.min()) if low is None else low
    width = float(scores.max()) - bottom
    return ((scores - bottom) / width if width > 0 else np.zeros_like(scores)).astype(np.float32)
