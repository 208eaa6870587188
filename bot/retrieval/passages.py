"""Search over one moment of the knowledge: which passage answers a question, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.knowledge.model import DEFAULT_LANGUAGE, TOPICS, KnowledgeBase, Passage
from bot.retrieval.encoder import Encoder, Vectors
from bot.retrieval.hybrid import Document, HybridIndex
from bot.retrieval.normalise import Normaliser
from bot.retrieval.ranking import FEATURES, Beside, Ranker

_WORD = re.compile(r"[^\W_]+")
# Rows and documents that each half of the search proposes, and how many of the fused list are ranked.
CONSIDERED = 250
SHORTLIST = 40


@dataclass(frozen=True)
class LinearHead:
    """A multinomial linear classifier of question vectors into passages: `scores = vector @ weights + bias`.

    Attributes:
        weights: `(d, passages)` float32.
        bias: `(passages,)` float32.
    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def log_probabilities(self, vector: Vectors) -> npt.NDArray[np.float32]:
        """`(passages,)` natural logarithms of the probabilities."""
        scores = vector @ self.weights + self.bias
        top = scores.max()
        return np.asarray(scores - top - np.log(np.exp(scores - top).sum()), dtype=np.float32)


@dataclass(frozen=True)
class Question:
    """A question ready for the search.

    Attributes:
        text: as the visitor wrote it, or as the conversation completed it.
        normal: with spelling mended and plain names added.
        vector: of `normal`.
        topics: probability of each topic by the intent classifier, empty where there is none.
        about: values of the vocabulary that the question names.
    """

    text: str
    normal: str
    vector: Vectors
    topics: Mapping[str, float]
    about: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A passage that may answer, with its rank score and the features (`ranking.FEATURES`) that made it."""

    passage: Passage
    score: float
    features: Mapping[str, float]


@dataclass(frozen=True)
class Result:
    """What a search found, best first, and the probability (0 to 1) that the first hit answers the question."""

    hits: tuple[Hit, ...]
    confidence: float


class PassageSearch:
    """The search over one immutable knowledge base.

    Args:
        knowledge: what to search; only passages in `language` are found.
        index: hybrid index over `documents(knowledge, language)`, in that order.
        head: linear head over the same passages.
        normaliser: rewrites questions.
        ranker: turns features into scores and a confidence.
        unanswered: `(n, d)` unit rows, vectors of questions that are known to have no answer here.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        index: HybridIndex,
        head: LinearHead,
        normaliser: Normaliser,
        ranker: Ranker,
        language: str = DEFAULT_LANGUAGE,
        unanswered: Vectors | None = None,
    ) -> None:
        self._unanswered = unanswered if unanswered is not None and len(unanswered) else None
        self.knowledge = knowledge
        self.passages = passages_in(knowledge, language)
        self._index = index
        self._head = head
        self.normaliser = normaliser
        self._ranker = ranker

    def question(self, text: str, encoder: Encoder, topics: Mapping[str, float] | None = None) -> Question:
        """Prepares a question; one encode."""
        normal = self.normaliser(text)
        about = tuple(dict.fromkeys(m.value for m in self.knowledge.vocabulary.find(text)))
        return Question(text, normal, encoder.encode([normal])[0], topics or {}, about)

    def search(self, question: Question, top: int = 5) -> Result:
        """The `top` passages that may answer, best first, and how sure the first is."""
        rows, features = self.features(question)
        if not len(rows):
            return Result((), 0.0)
        scores = self._ranker.scores(features)
        order = np.argsort(-scores, kind="stable")[:top]
        hits = tuple(
            Hit(self.passages[rows[i]], float(scores[i]), dict(zip(FEATURES, map(float, features[i]), strict=True)))
            for i in order
        )
        return Result(hits, self._ranker.confidence(scores, features, self.beside(question)))

    def beside(self, question: Question) -> Beside:
        """What speaks for or against any answer to a question, whatever the candidates."""
        unanswered = 0.0 if self._unanswered is None else float((self._unanswered @ question.vector).max())
        return Beside(unanswered, sum(question.topics.values()) if question.topics else 1.0)

    def alike(self, one: Passage, others: Sequence[Passage]) -> npt.NDArray[np.float64]:
        """`(others,)`: how alike the questions are that a passage and others answer, -1 to 1.

        It is the cosine of what the linear head has learnt of them.
        """
        columns = self._head_columns[:, [self._row[p.id] for p in others]]
        return np.asarray(self._head_columns[:, self._row[one.id]] @ columns, dtype=np.float64)

    @property
    def owners(self) -> npt.NDArray[np.int64]:
        """`(vectors,)`: the place in `passages` of the one that each indexed vector belongs to."""
        return self._index.row_document

    def nearness(self, vector: Vectors) -> npt.NDArray[np.float64]:
        """`(passages,)`: how near each of `passages` is to a unit vector, by its text and its questions, -1 to 1."""
        return self._index.nearness(vector).astype(np.float64)

    def share_said(self, text: str, passages: Sequence[Passage]) -> npt.NDArray[np.float64]:
        """`(passages,)`: the share of a text's words, rare ones counting more, that each passage has too."""
        rows = np.array([self._row[p.id] for p in passages], dtype=np.int64)
        return self._covered(self.normaliser(text), rows).astype(np.float64)

    def features(self, question: Question) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The candidates' rows in `passages` and their features, `(candidates, len(FEATURES))`."""
        found = self._index.search(question.normal, question.vector, CONSIDERED).best(SHORTLIST)
        rows = found.documents
        topics = np.array([question.topics.get(t, 0.0) for t in TOPICS], dtype=np.float32)
        topic = (
            np.log(np.maximum(topics, 1e-4))[self._topic_of[rows]]
            if question.topics
            else np.zeros(len(rows), dtype=np.float32)
        )
        shared, missing = self._about_match(question.about, rows)
        columns = [
            found.question,
            found.text,
            found.lexical,
            self._head.log_probabilities(question.vector)[rows],
            topic,
            shared,
            missing,
            self._covered(question.normal, rows),
        ]
        return rows, np.stack(columns, axis=1).astype(np.float32)

    def _about_match(
        self, about: Sequence[str], rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """For each row: how many named values the passage is about, and whether it is about other values only."""
        asked = set(about)
        shared = np.array([len(asked & self._about[r]) for r in rows], dtype=np.float32)
        other = np.array(
            [bool(self._about[r] and asked and not asked & self._about[r]) for r in rows], dtype=np.float32
        )
        return shared, other

    def _covered(self, text: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """For each row: the share of the question's words, rare ones counting more, that the passage has too."""
        asked = _roots(text)
        rarest = float(np.log(len(self.passages) + 1.0))
        weights = {root: self._rarity.get(root, rarest) for root in asked}
        total = sum(weights.values()) or 1.0
        return np.array([sum(weights[w] for w in asked & self._said[r]) / total for r in rows], dtype=np.float32)

    @cached_property
    def _said(self) -> list[frozenset[str]]:
        return [_roots(" ".join([p.heading, p.text, *p.questions])) for p in self.passages]

    @cached_property
    def _rarity(self) -> dict[str, float]:
        """Logarithm of the inverse share of passages that have a root; near zero for words that nearly all have."""
        counts: dict[str, int] = {}
        for roots in self._said:
            for root in roots:
                counts[root] = counts.get(root, 0) + 1
        return {root: float(np.log((len(self.passages) + 1.0) / count)) for root, count in counts.items()}

    @cached_property
    def _topic_of(self) -> npt.NDArray[np.int64]:
        order = {topic: number for number, topic in enumerate(TOPICS)}
        return np.array([order[p.topic] for p in self.passages], dtype=np.int64)

    @cached_property
    def by_id(self) -> Mapping[str, Passage]:
        """The passages that can be found."""
        return {p.id: p for p in self.passages}

    @cached_property
    def _row(self) -> dict[str, int]:
        return {p.id: row for row, p in enumerate(self.passages)}

    @cached_property
    def _head_columns(self) -> npt.NDArray[np.float32]:
        return np.asarray(self._head.weights / np.linalg.norm(self._head.weights, axis=0), dtype=np.float32)

    @cached_property
    def _about(self) -> list[frozenset[str]]:
        return [frozenset(p.about) for p in self.passages]


def passages_in(knowledge: KnowledgeBase, language: str) -> tuple[Passage, ...]:
    """The passages of one language, in file order."""
    return tuple(p for p in knowledge.passages if p.language == language)


def documents(passages: Sequence[Passage], examples: Mapping[str, Sequence[str]]) -> list[Document]:
    """Passages as documents; the heading and the examples, questions by passage id, count among the questions."""
    return [Document(p.id, p.text, (p.heading, *p.questions, *examples.get(p.id, ()))) for p in passages]


def _roots(text: str) -> frozenset[str]:
    """Words by their first five letters, so that "infusion" and "infusions" are one."""
    return frozenset(w[:5] for w in _WORD.findall(text.lower()))
