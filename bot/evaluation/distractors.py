"""How well the bot finds its own passages among thousands of others: a foreign corpus, cut up, is added to its index.

To the ranker a foreign passage is one without phrasings: the linear head holds it as likely as an average one, topics
are spread over all, and it is about nothing in the clinic's vocabulary.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.adapters.bm25 import Bm25Index
from bot.adapters.faiss_index import FaissIndex
from bot.adapters.linear_head import fit_head
from bot.errors import UsageError
from bot.evaluation.metrics import share
from bot.evaluation.retrieval_sets import ChunkedEncoder, Progress, objects_of
from bot.examples import Asked, training_questions
from bot.knowledge.model import TOPICS, Passage, Statement
from bot.rasa.agent import Understanding
from bot.retrieval.encoder import Vectors
from bot.retrieval.hybrid import Document, HybridIndex, lexical_text, rows_of
from bot.retrieval.passages import CONSIDERED, LinearHead, PassageSearch, documents, passages_in
from bot.runtime import Runtime

# Words of a foreign passage: the longest of these at which the corpus gives enough. The bot's own have 120 at most.
LENGTHS = (150, 120, 90, 60, 45, 30, 20)
SEED = 7


@dataclass(frozen=True)
class WidenedHead(LinearHead):
    """A head that knows the first passages only; each of the `foreign` ones after them counts as an average one."""

    foreign: int = 0

    def log_probabilities(self, vector: Vectors) -> npt.NDArray[np.float32]:
        """See `LinearHead.log_probabilities`."""
        own = super().log_probabilities(vector)
        return np.concatenate([own, np.full(self.foreign, -np.log(len(own)), dtype=np.float32)])


@dataclass(frozen=True)
class Own:
    """The bot's own passages as the index holds them."""

    documents: list[Document]
    vectors: Vectors
    owners: npt.NDArray[np.int64]
    asked: npt.NDArray[np.bool_]
    head: LinearHead


def run_distractors(
    parts: Runtime,
    understand: Understanding,
    questions: Sequence[Asked],
    corpus: Path,
    counts: Sequence[int],
    progress: Progress,
    cache: Path | None,
) -> dict[str, Any]:
    """Figures without foreign passages and with each count of them, of the whole ranking and of the fused search alone.

    Raises:
        UsageError: the corpus is missing or gives too few passages.
        EvaluationError: a line of it cannot be read.
    """
    answerable = [asked for asked in questions if asked.kind == "answer"]
    texts = [row["text"] for _, row in objects_of(corpus, "text")]
    cut = {count: foreign_passages(texts, count) for count in counts}
    own = _own(parts)
    topics = [understand(asked.text).topics for asked in answerable]
    report: dict[str, Any] = {"questions": len(answerable), "passages": len(own.documents), "with": {}}
    for count, (length, foreign) in {0: (0, []), **cut}.items():
        vectors = ChunkedEncoder(parts.encoder, progress, cache).encode(foreign) if foreign else own.vectors[:0]
        index, search = _widened(parts, own, foreign, vectors)
        report["with"][str(count)] = {"words_each": length, **_figures(parts, index, search, answerable, topics)}
    for count in counts:
        for system in ("ranked", "fused"):
            before, after = (report["with"][str(n)][system]["right_first"]["value"] for n in (0, count))
            report["with"][str(count)][system]["points_lost_first"] = round(100 * (before - after), 2)
    return report


def foreign_passages(texts: Sequence[str], count: int) -> tuple[int, list[str]]:
    """The words of each passage, and a random `count` of the passages of that length that the texts can be cut into."""
    for length in LENGTHS:
        cut = [" ".join(words[i : i + length]) for words in map(str.split, texts) for i in range(0, len(words), length)]
        if len(cut) >= count:
            chosen = np.random.default_rng(SEED).choice(len(cut), count, replace=False)
            return length, [cut[row] for row in np.sort(chosen)]
    raise UsageError(f"the corpus gives {len(cut):,} passages of {LENGTHS[-1]} words and {count:,} are asked for")


def _own(parts: Runtime) -> Own:
    search = parts.search
    docs = documents(search.passages, training_questions(parts.settings.examples))
    rows, owners, asked = rows_of(docs)
    vectors = parts.store.embedded([search.normaliser(row) for row in rows])
    return Own(docs, vectors, owners, asked, fit_head(vectors, owners, len(docs)))


def _widened(parts: Runtime, own: Own, foreign: Sequence[str], vectors: Vectors) -> tuple[HybridIndex, PassageSearch]:
    """The bot's index and search with foreign passages after its own."""
    size = len(own.documents)
    index = HybridIndex(
        FaissIndex.build(np.concatenate([own.vectors, vectors])),
        Bm25Index([*map(lexical_text, own.documents), *foreign]),
        np.concatenate([own.owners, np.arange(size, size + len(foreign))]),
        np.concatenate([own.asked, np.zeros(len(foreign), dtype=bool)]),
        size + len(foreign),
    )
    language = parts.settings.language
    base = parts.live.snapshot.knowledge
    added = tuple(_passage(number, text, language) for number, text in enumerate(foreign))
    wider = replace(base, passages=(*passages_in(base, language), *added))
    head = WidenedHead(own.head.weights, own.head.bias, len(foreign))
    return index, PassageSearch(wider, index, head, parts.search.normaliser, parts.store.ranker, language)


def _passage(number: int, text: str, language: str) -> Passage:
    topic = list(TOPICS)[number % len(TOPICS)]
    statement = Statement(text, (), 0)
    return Passage(f"foreign#{number}", "", 0, language, topic, "", ((statement,),), (), (), (), date.max, date.max, "")


def _figures(
    parts: Runtime,
    index: HybridIndex,
    search: PassageSearch,
    questions: Sequence[Asked],
    topics: Sequence[dict[str, float]],
) -> dict[str, Any]:
    ranked, fused, times = [], [], []
    for asked, weights in zip(questions, topics, strict=True):
        question = search.question(asked.text, parts.question_encoder, weights)
        started = time.perf_counter()
        hits = search.search(question, top=3).hits
        times.append(1000 * (time.perf_counter() - started))
        ranked.append([hit.passage.id in asked.passages for hit in hits])
        best = index.search(question.normal, question.vector, CONSIDERED).best(3).documents
        fused.append([search.passages[row].id in asked.passages for row in best])
    return {
        **{
            name: {
                "right_first": share([f[0] for f in found]).as_dict(),
                "right_in_first_three": share([any(f) for f in found]).as_dict(),
            }
            for name, found in (("ranked", ranked), ("fused", fused))
        },
        "search_ms_p50": round(float(np.median(times)), 2),
    }
