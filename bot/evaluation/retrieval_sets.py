"""Runs the retrieval engine on any dataset in BEIR's format (https://github.com/beir-cellar/beir).

The engine and its settings are the bot's. What belongs to the clinic alone (vocabulary, phrasings, trained ranker) has
no place on a foreign set, so the fused order of `HybridIndex` is what is measured.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.adapters.bm25 import Bm25Index, has_words
from bot.adapters.faiss_index import FaissIndex
from bot.errors import EvaluationError
from bot.evaluation.metrics import bootstrap
from bot.examples import json_lines_of, lines_of
from bot.retrieval.encoder import Encoder, Vectors
from bot.retrieval.hybrid import CANDIDATES, Document, HybridIndex, build_index

Judgements = Mapping[str, Mapping[str, int]]
# What is told while a long step runs: how many of how many texts are embedded.
Progress = Callable[[int, int], None]
RECALLS = (1, 5, 10, 100)
CHUNK = 1024
BASELINES = ("bm25", "vectors")


@dataclass(frozen=True)
class RetrievalSet:
    """Documents, the queries that have at least one relevant document, and the judgements of those."""

    documents: tuple[Document, ...]
    queries: Mapping[str, str]
    judgements: Judgements


@dataclass(frozen=True)
class Ranked:
    """One query's answer: ids of documents, best first, and the milliseconds that it took."""

    ids: tuple[str, ...]
    milliseconds: float


class ChunkedEncoder:
    """Encodes long lists in chunks: tells how far it is and, with a folder, keeps each chunk's vectors there.

    Args:
        encoder: does the work.
        progress: called after each chunk.
        folder: where vectors are kept and found again, None to keep none.
    """

    def __init__(self, encoder: Encoder, progress: Progress, folder: Path | None = None) -> None:
        self._encoder = encoder
        self._progress = progress
        self._folder = folder
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.found = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `bot.retrieval.encoder.Encoder.encode`."""
        if len(texts) <= 1:
            return self._encoder.encode(texts)
        parts = []
        for start in range(0, len(texts), CHUNK):
            parts.append(self._chunk(texts[start : start + CHUNK]))
            self._progress(min(start + CHUNK, len(texts)), len(texts))
        return np.concatenate(parts)

    def _chunk(self, texts: Sequence[str]) -> Vectors:
        if self._folder is None:
            return self._encoder.encode(texts)
        path = self._folder / f"{hashlib.sha256(json.dumps([self.name, *texts]).encode()).hexdigest()[:32]}.npy"
        if path.is_file():
            self.found += len(texts)
            return np.asarray(np.load(path), dtype=np.float32)
        vectors = self._encoder.encode(texts)
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part.npy")
        np.save(scratch, vectors)
        scratch.replace(path)
        return vectors


def read_set(corpus: Path, queries: Path, qrels: Path) -> RetrievalSet:
    """Reads a dataset; each file may be packed with gzip.

    Raises:
        UsageError: a file is not there.
        EvaluationError: a line cannot be read, a file is empty, no document has a word to find it by, or no judged
            query is among the queries.
    """
    documents = tuple(
        Document(row["_id"], f"{row.get('title') or ''} {row['text']}".strip()) for row in _objects(corpus)
    )
    if not any(has_words(document.text) for document in documents):
        raise EvaluationError(f"{corpus}:1: no document has a word that is no stop word: check that it is the corpus")
    asked = {row["_id"]: row["text"] for row in _objects(queries)}
    judged = _judgements(qrels)
    wanted = {
        query: rows for query, rows in judged.items() if query in asked and any(grade > 0 for grade in rows.values())
    }
    if not wanted:
        raise EvaluationError(
            f"{qrels}:1: names no relevant document for any query of {queries}: check that the files belong together"
        )
    return RetrievalSet(documents, {query: asked[query] for query in wanted}, wanted)


def run_set(
    data: RetrievalSet, encoder: Encoder, baselines: bool, progress: Progress, cache: Path | None = None
) -> dict[str, Any]:
    """The engine's figures on a set, and if wanted those of its halves, under the names that the command prints."""
    chunked = ChunkedEncoder(encoder, progress, cache)
    started = time.perf_counter()
    index = build_index(data.documents, chunked, FaissIndex.build, Bm25Index)
    seconds = time.perf_counter() - started
    systems = rankers(index, data.documents, encoder)
    # The first calls pay for what libraries load late.
    for rank in systems.values():
        rank(next(iter(data.queries.values())))
    found = {name: _run(systems[name], data.queries) for name in ("hybrid", *(BASELINES if baselines else ()))}
    report: dict[str, Any] = {
        "documents": len(data.documents),
        "pieces": len(index.row_document),
        "queries": len(data.queries),
        "index_seconds": round(seconds, 1),
        "pieces_from_cache": chunked.found,
        **figures(found["hybrid"], data.judgements),
    }
    if baselines:
        report["baselines"] = {name: figures(found[name], data.judgements) for name in BASELINES}
    return report


def rankers(
    index: HybridIndex, documents: Sequence[Document], encoder: Encoder
) -> dict[str, Callable[[str], list[str]]]:
    """The engine, and each half of it alone: functions from a query to ids, best first."""
    ids = [document.id for document in documents]

    def hybrid(query: str) -> list[str]:
        found = index.search(query, encoder.encode([query])[0])
        return [ids[row] for row in found.documents[:CANDIDATES]]

    def bm25(query: str) -> list[str]:
        scores = index.lexical.scores(query)
        best = np.argsort(-scores, kind="stable")[:CANDIDATES]
        return [ids[row] for row in best if scores[row] > 0]

    def vectors(query: str) -> list[str]:
        _, rows = index.vectors.search(encoder.encode([query]), CANDIDATES)
        return [ids[row] for row in dict.fromkeys(index.row_document[rows[0]])]

    return {"hybrid": hybrid, "bm25": bm25, "vectors": vectors}


def figures(found: Mapping[str, Ranked], judgements: Judgements) -> dict[str, Any]:
    """Means over the queries, as trec_eval defines them, and times."""
    each = [measures(ranked.ids, judgements[query]) for query, ranked in found.items()]
    times = [ranked.milliseconds for ranked in found.values()]
    low, high = bootstrap([one["nDCG@10"] for one in each])
    return {
        **{name: round(float(np.mean([one[name] for one in each])), 4) for name in each[0]},
        "nDCG@10_interval": [round(low, 4), round(high, 4)],
        "ms_per_query": round(float(np.mean(times)), 2),
        "ms_p95": round(float(np.quantile(times, 0.95)), 2),
    }


def measures(ids: Sequence[str], grades: Mapping[str, int]) -> dict[str, float]:
    """The measures of one query: nDCG counts grades linearly, for the others any grade above 0 is relevant.

    >>> measures(["a", "b", "c"], {"b": 1, "z": 1})["MRR@10"]
    0.5
    """
    hits = np.array([grades.get(name, 0) > 0 for name in ids], dtype=float)
    wanted = sum(grade > 0 for grade in grades.values())
    first = np.flatnonzero(hits[:10])
    ranks = np.flatnonzero(hits) + 1
    ideal = sorted((max(grade, 0) for grade in grades.values()), reverse=True)
    return {
        "nDCG@10": _gain([max(grades.get(name, 0), 0) for name in ids[:10]]) / _gain(ideal[:10]),
        "MRR@10": 1 / (first[0] + 1) if len(first) else 0.0,
        "MAP": float(sum(np.arange(1, len(ranks) + 1) / ranks)) / wanted,
        "P@5": float(hits[:5].sum()) / 5,
        **{f"recall@{k}": float(hits[:k].sum()) / wanted for k in RECALLS},
    }


def _gain(grades: Sequence[int]) -> float:
    return float(sum(grade / np.log2(rank + 2) for rank, grade in enumerate(grades)))


def _run(rank: Callable[[str], list[str]], queries: Mapping[str, str]) -> dict[str, Ranked]:
    found = {}
    for name, text in queries.items():
        started = time.perf_counter()
        ids = rank(text)
        found[name] = Ranked(tuple(ids), 1000 * (time.perf_counter() - started))
    return found


def objects_of(path: Path, *keys: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers and objects of a JSON Lines file, each with texts under the keys.

    Raises:
        UsageError: the file is not there.
        EvaluationError: a line is not such an object, or there is none.
    """
    for number, row in json_lines_of(path):
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in keys):
            raise EvaluationError(f"{path}:{number}: needs a text under each of {', '.join(keys)}")
        yield number, row


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for number, row in objects_of(path, "_id", "text"):
        if row["_id"] in seen:
            raise EvaluationError(f"{path}:{number}: the _id {row['_id']!r} was used before: give each its own")
        seen.add(row["_id"])
        yield row


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    """Grades by document by query; the header that BEIR writes may be missing."""
    judged: dict[str, dict[str, int]] = {}
    for number, line in lines_of(path):
        cells = line.split("\t")
        if len(cells) == 3 and cells[2].strip().lstrip("-").isdigit():
            judged.setdefault(cells[0], {})[cells[1]] = int(cells[2])
        elif number > 1 or len(cells) != 3:
            raise EvaluationError(
                f"{path}:{number}: needs a query id, a document id and a whole number, with tabs between"
            )
    return judged
