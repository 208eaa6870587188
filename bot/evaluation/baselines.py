"""What others would build from the same knowledge: BM25 alone, vectors alone, and Rasa's ResponseSelector.

All three see each passage with its heading, its phrasings and the train part of the questions, and nothing of the bot's
spelling repair, intents or ranker. Each refuses below a threshold on its own score, set on the tune part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.adapters.bm25 import Bm25Index
from bot.adapters.faiss_index import FaissIndex
from bot.errors import EvaluationError
from bot.evaluation.metrics import share
from bot.evaluation.rasa_baseline import AS_CONFIGURED, SEED, RasaNlu, Recipe
from bot.evaluation.retrieval_sets import ChunkedEncoder, Progress
from bot.examples import Asked, read_questions, training_questions
from bot.retrieval.encoder import Encoder
from bot.retrieval.hybrid import Document, lexical_text, rows_of
from bot.retrieval.passages import documents, passages_in
from bot.runtime import Runtime

EPOCHS = 100
RETRIEVAL_INTENT = "faq"
# How many passages a ranking holds.
TOP = 10
# Rows of the vector index that are looked at, so that `TOP` different passages are among them.
ROWS = 400


@dataclass(frozen=True)
class Ranking:
    """Ids of passages, best first, and the system's own score of the first."""

    ids: tuple[str, ...]
    score: float


Rank = Callable[[str], Ranking]


def bm25(passages: Sequence[Document]) -> Rank:
    """BM25 over the words of each passage with its questions."""
    index = Bm25Index([lexical_text(document) for document in passages])

    def rank(text: str) -> Ranking:
        scores = index.scores(text)
        best = np.argsort(-scores, kind="stable")[:TOP]
        return Ranking(tuple(passages[row].id for row in best), float(scores[best[0]]))

    return rank


def vectors(passages: Sequence[Document], encoder: Encoder, progress: Progress, cache: Path | None = None) -> Rank:
    """The nearest question or piece of text by cosine."""
    rows, owners, _ = rows_of(passages)
    index = FaissIndex.build(ChunkedEncoder(encoder, progress, cache).encode(rows))

    def rank(text: str) -> Ranking:
        cosines, found = index.search(encoder.encode([text]), ROWS)
        best = list(dict.fromkeys(owners[found[0]]))[:TOP]
        return Ranking(tuple(passages[row].id for row in best), float(cosines[0, 0]))

    return rank


def response_selector(
    passages: Sequence[Document], folder: Path, epochs: int, say: Callable[[str], None]
) -> tuple[Rank, float]:
    """Rasa's ResponseSelector, the way its documentation builds FAQ bots, and the seconds that its training took.

    But for one setting, in its favour: with its default hidden layers it learns next to nothing of hundreds of answers
    (3 % of held-out phrasings after 60 epochs, 24 % after 20 without them).
    """
    # Names that tell the answers apart, as an author would write them: Rasa learns from a name's words and letters.
    names = {re.sub(r"\W+", "_", document.id): document for document in passages}
    settings = {
        "name": "ResponseSelector",
        "retrieval_intent": RETRIEVAL_INTENT,
        "epochs": epochs,
        "random_seed": SEED,
        "hidden_layers_sizes": {"text": [], "label": []},
        **AS_CONFIGURED,
    }
    recipe = Recipe(
        [settings],
        {f"{RETRIEVAL_INTENT}/{name}": document.questions for name, document in names.items()},
        {f"utter_{RETRIEVAL_INTENT}/{name}": document.text for name, document in names.items()},
    )
    model = RasaNlu.trained(recipe, folder, say)

    def rank(text: str) -> Ranking:
        ranking = model.parse(text)["response_selector"][RETRIEVAL_INTENT]["ranking"]
        keys = [entry["intent_response_key"].partition("/")[2] for entry in ranking[:TOP]]
        return Ranking(tuple(names[key].id for key in keys), float(ranking[0]["confidence"]))

    return rank, model.train_seconds


def tuning_questions(path: Path) -> list[Asked]:
    """The questions that set thresholds; errors as `read_questions`, and for a file that cannot set any."""
    questions = read_questions(path)
    if missing := sorted({"answer", "no_answer"} - {asked.kind for asked in questions}):
        raise EvaluationError(
            f'{path}:1: holds no question of kind "{missing[0]}", and both "answer" and "no_answer" set the threshold: '
            "add some, or name another file"
        )
    return questions


def operating_point(questions: Sequence[Asked], rankings: Sequence[Ranking]) -> float:
    """The score at which the sum of both shares of error is smallest: answerable questions refused, others answered."""
    answerable = np.array([r.score for q, r in zip(questions, rankings, strict=True) if q.kind == "answer"])
    others = np.array([r.score for q, r in zip(questions, rankings, strict=True) if q.kind == "no_answer"])
    return float(
        min(
            np.unique(np.concatenate([answerable, others])),
            key=lambda at: (answerable < at).mean() + (others >= at).mean(),
        )
    )


def score(questions: Sequence[Asked], rankings: Sequence[Ranking], threshold: float) -> dict[str, Any]:
    """The figures of one system on the questions that ask for a passage or should be refused.

    `answered_wrongly` counts answerable questions that get a passage, and a wrong one first.
    """
    pairs = list(zip(questions, rankings, strict=True))
    answerable = [(q.passages, r) for q, r in pairs if q.kind == "answer"]
    others = [r for q, r in pairs if q.kind == "no_answer"]
    return {
        "right_first": share([r.ids[0] in wanted for wanted, r in answerable]).as_dict(),
        "right_in_first_three": share([bool({*r.ids[:3]} & {*wanted}) for wanted, r in answerable]).as_dict(),
        "refused_though_answerable": share([r.score < threshold for _, r in answerable]).as_dict(),
        "answered_wrongly": share(
            [r.score >= threshold and r.ids[0] not in wanted for wanted, r in answerable]
        ).as_dict(),
        "answered_though_not": share([r.score >= threshold for r in others]).as_dict(),
        "threshold": round(threshold, 4),
    }


def compare(
    systems: Mapping[str, Rank], tune: Sequence[Asked], sets: Mapping[str, Sequence[Asked]]
) -> dict[str, dict[str, Any]]:
    """The figures of every system on every set, by set and system, each with its threshold from the tune part."""
    report: dict[str, dict[str, Any]] = {name: {} for name in sets}
    for system, ranked in systems.items():
        rank = lru_cache(maxsize=None)(ranked)
        threshold = operating_point(tune, [rank(asked.text) for asked in tune])
        for name, questions in sets.items():
            report[name][system] = score(questions, [rank(asked.text) for asked in questions], threshold)
    return report


def run_baselines(
    parts: Runtime,
    tune: Sequence[Asked],
    sets: Mapping[str, Sequence[Asked]],
    epochs: int,
    folder: Path,
    say: Callable[[str], None],
    progress: Progress,
) -> dict[str, Any]:
    """The figures of every baseline over the live passages; the ResponseSelector is left out at 0 epochs.

    Args:
        parts: gives passages and encoder.
        tune: sets thresholds.
        sets: questions to report on, by name.
        epochs: how long the ResponseSelector is trained.
        folder: where vectors and the trained model are kept for the next run.
        say: told what is being done.
        progress: told how many texts are embedded.
    """
    knowledge = parts.live.snapshot.knowledge
    examples = training_questions(parts.settings.examples)
    passages = documents(passages_in(knowledge, parts.settings.language), examples)
    systems = {"bm25": bm25(passages), "vectors": vectors(passages, parts.encoder, progress, folder)}
    report: dict[str, Any] = {"knowledge_version": knowledge.version, "passages": len(passages)}
    if epochs:
        systems["response_selector"], seconds = response_selector(passages, folder, epochs, say)
        report["response_selector"] = {"epochs": epochs, "train_seconds": seconds}
    return {**report, "sets": compare(systems, tune, sets)}
