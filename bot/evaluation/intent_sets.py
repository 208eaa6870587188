"""Runs the bot's text classifier on any labelled set, with or without questions that are outside its scope.

A question is refused where a score is below a threshold. The score adds what the bot's own confidence looks at as well:
how clearly the best intent wins, and how near the nearest training example of that intent is. The threshold is set on
questions that are neither trained nor tested on: a given share of those in scope falls below it.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from bot.adapters.text_classifier import FOLDS, TextClassifier
from bot.errors import EvaluationError
from bot.evaluation.metrics import share
from bot.evaluation.retrieval_sets import objects_of
from bot.examples import check_file
from bot.retrieval.encoder import Encoder, Vectors

Scores = npt.NDArray[np.float32]
# The share of in-scope validation questions that the operating point refuses: within the 3 % that the bot itself may.
REFUSED = 0.02
# What a cosine of 1 counts against a margin of 1: on CLINC150's validation part the area under the curve is flat from 3
# to 6.
NEAREST_WEIGHT = 4.0
# Where a set has no validation part, this share of its training part stands in.
HELD_OUT = 0.2
SEED = 7
# Times are taken on this many test questions, one at a time and none of them met before.
TIMED = 200
# CLINC150 names its parts so in the file that its authors publish and in the copies with a line a question.
_PARTS = {
    "train": "train",
    "oos_train": "train",
    "val": "validation",
    "oos_val": "validation",
    "test": "test",
    "oos_test": "test",
}


@dataclass(frozen=True)
class Labelled:
    """Texts and their intents, in the same order."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]

    def take(self, rows: Sequence[int]) -> Labelled:
        """Some of them."""
        return Labelled(tuple(self.texts[row] for row in rows), tuple(self.intents[row] for row in rows))


@dataclass(frozen=True)
class IntentSet:
    """A labelled set; `validation` may be empty."""

    train: Labelled
    validation: Labelled
    test: Labelled


@dataclass(frozen=True)
class Decisions:
    """For each text the best in-scope intent, and the score below which it is refused."""

    intents: tuple[str, ...]
    scores: Scores

    def right(self, wanted: Sequence[str], threshold: float) -> list[bool]:
        """Whether each is accepted with the wanted intent."""
        return [
            got == want and score >= threshold
            for got, want, score in zip(self.intents, wanted, self.scores, strict=True)
        ]


Decide = Callable[[Sequence[str]], Decisions]
Train = Callable[[Labelled], Decide]


class ScopedClassifier:
    """The bot's text classifier with a score for being in scope.

    Args:
        train: what to learn; texts with the intent `outside` teach what is out of scope and may be missing.
        vectors: `(texts, d)` unit rows of them.
        outside: name of the out-of-scope class.
    """

    def __init__(self, train: Labelled, vectors: Vectors, outside: str) -> None:
        # The classifier holds a fold of each class out: where one has too few examples, all are repeated.
        times = -(-FOLDS // min(Counter(train.intents).values()))
        repeated = np.tile(vectors, (times, 1))
        self._classifier = TextClassifier.fit(train.texts * times, repeated, train.intents * times, SEED)
        labels = np.asarray(self._classifier.labels)
        self._inside = np.flatnonzero(labels != outside)
        self._outside = np.flatnonzero(labels == outside)
        self._labels = labels
        intents = np.asarray(train.intents)
        self._examples = {int(column): vectors[intents == labels[column]] for column in self._inside}

    def decide(self, texts: Sequence[str], vectors: Vectors) -> Decisions:
        """The best intent of each text and its score."""
        margins = self._classifier.margins(texts, vectors)
        best = self._inside[margins[:, self._inside].argmax(axis=1)]
        scores = margins[np.arange(len(texts)), best] - margins[:, self._outside].sum(axis=1)
        for column in np.unique(best):
            rows = np.flatnonzero(best == column)
            scores[rows] += NEAREST_WEIGHT * (vectors[rows] @ self._examples[int(column)].T).max(axis=1)
        return Decisions(tuple(self._labels[best]), scores)


def engine(encoder: Encoder, outside: str) -> Train:
    """Trains the bot's classifier on a labelled part."""

    def train(part: Labelled) -> Decide:
        classifier = ScopedClassifier(part, encoder.encode(part.texts), outside)
        return lambda texts: classifier.decide(texts, encoder.encode(texts))

    return train


def diet(folder: Path, epochs: int, say: Callable[[str], None], outside: str) -> Train:
    """Trains Rasa's DIET classifier; its score is the probability of the best in-scope intent."""
    from bot.evaluation.rasa_baseline import AS_CONFIGURED, RasaNlu, Recipe

    settings = {
        "name": "DIETClassifier",
        "epochs": epochs,
        "random_seed": SEED,
        "entity_recognition": False,
        "ranking_length": 0,
        **AS_CONFIGURED,
    }

    def train(part: Labelled) -> Decide:
        examples: dict[str, list[str]] = {}
        for text, intent in zip(part.texts, part.intents, strict=True):
            examples.setdefault(intent, []).append(text)
        model = RasaNlu.trained(Recipe([settings], examples, {}), folder, say)

        def decide(texts: Sequence[str]) -> Decisions:
            found = [next(e for e in model.parse(text)["intent_ranking"] if e["name"] != outside) for text in texts]
            return Decisions(
                tuple(e["name"] for e in found), np.array([e["confidence"] for e in found], dtype=np.float32)
            )

        return decide

    return train


def run_intents(data: IntentSet, train: Train, outside: str) -> dict[str, Any]:
    """The figures of a classifier on a set: in-scope accuracy and out-of-scope recall at one operating point.

    Nothing is refused where neither the training nor the test part has out-of-scope questions.
    """
    started = time.perf_counter()
    threshold, validation = -np.inf, None
    decide = train(data.train) if data.validation.texts or not _has_outside(data, outside) else None
    if _has_outside(data, outside):
        threshold, validation = _operating_point(data, train, decide, outside)
    decide = decide or train(data.train)
    trained = time.perf_counter() - started
    started = time.perf_counter()
    timed = data.test.texts[:TIMED]
    for text in timed:
        decide([text])
    judged = 1000 * (time.perf_counter() - started) / len(timed)
    found = decide(data.test.texts)
    return {
        "intents": len(set(data.train.intents) - {outside}),
        "train": len(data.train.texts),
        "threshold": round(float(threshold), 4) if np.isfinite(threshold) else None,
        "validation": validation,
        **_figures(found, data.test.intents, threshold, outside),
        "in_scope_accuracy_without_threshold": _figures(found, data.test.intents, -np.inf, outside)[
            "in_scope_accuracy"
        ],
        "train_seconds": round(trained, 1),
        "ms_per_query": round(judged, 2),
    }


def read_intents(train: Path, test: Path, outside: str) -> IntentSet:
    """Reads a set: JSON Lines with `text` and `intent`, or CLINC150's own file.

    Where rows name their part (`split`), the training file gives the training and validation parts and the test file
    the test part; else the whole of each file is meant.

    Args:
        train: the file with the training and validation parts.
        test: the file with the test part.
        outside: name of the out-of-scope class.

    Raises:
        UsageError: a file is not there.
        EvaluationError: a line cannot be read, a part is empty, or the validation part holds nothing in scope.
    """
    learnt, tested = _parts(train), _parts(test)
    for path, parts, part in ((train, learnt, "train"), (test, tested, "test")):
        if part not in parts:
            raise EvaluationError(f"{path}:1: has no question of the part '{part}': check the 'split' of its rows")
    counts = Counter(learnt["train"].intents)
    if len(counts) < 2:
        raise EvaluationError(f"{train}:1: has fewer than two intents: there is nothing to tell apart")
    rarest, count = min(counts.items(), key=lambda pair: pair[1])
    if count < 2:
        raise EvaluationError(f"{train}:1: the intent '{rarest}' has one training question: add some or leave it out")
    validation = learnt.get("validation", Labelled((), ()))
    if set(validation.intents) == {outside}:
        raise EvaluationError(
            f"{train}:1: the validation part has no question in scope, and such set the threshold: add some, or leave "
            "the part out"
        )
    return IntentSet(learnt["train"], validation, tested["test"])


def _operating_point(
    data: IntentSet, train: Train, decide: Decide | None, outside: str
) -> tuple[float, dict[str, Any]]:
    """The threshold, and the figures of the validation questions at it."""
    held = data.validation
    if decide is None:
        rows = np.arange(len(data.train.texts))
        size = max(round(HELD_OUT * len(rows)), len(set(data.train.intents)))
        fit, kept = train_test_split(rows, test_size=size, random_state=SEED, stratify=data.train.intents)
        held, decide = data.train.take(kept), train(data.train.take(fit))
    found = decide(held.texts)
    inside = np.asarray(held.intents) != outside
    threshold = float(np.quantile(found.scores[inside], REFUSED))
    return threshold, _figures(found, held.intents, threshold, outside)


def _figures(found: Decisions, wanted: Sequence[str], threshold: float, outside: str) -> dict[str, Any]:
    right = found.right(wanted, threshold)
    inside = [want != outside for want in wanted]
    refused = [bool(score < threshold) for score, is_in in zip(found.scores, inside, strict=True) if not is_in]
    return {
        "in_scope_accuracy": share([hit for hit, is_in in zip(right, inside, strict=True) if is_in]).as_dict(),
        "out_of_scope_recall": share(refused).as_dict(),
    }


def _has_outside(data: IntentSet, outside: str) -> bool:
    return outside in data.train.intents or outside in data.test.intents


def _parts(path: Path) -> dict[str, Labelled]:
    """The parts of a file by name; a file without parts is all of them."""
    rows = _published(path) if path.name.endswith(".json") else _rows(path)
    if all(part is None for part, _, _ in rows):
        whole = Labelled(tuple(text for _, text, _ in rows), tuple(intent for _, _, intent in rows))
        return {"train": whole, "test": whole}
    named: dict[str, tuple[list[str], list[str]]] = {}
    for part, text, intent in rows:
        texts, intents = named.setdefault(_PARTS.get(part or "", ""), ([], []))
        texts.append(text)
        intents.append(intent)
    return {part: Labelled(tuple(texts), tuple(intents)) for part, (texts, intents) in named.items()}


def _rows(path: Path) -> list[tuple[str | None, str, str]]:
    """Part, text and intent of each line."""
    rows = []
    for number, row in objects_of(path, "text", "intent"):
        part = row.get("split")
        if part is not None and part not in _PARTS:
            raise EvaluationError(f"{path}:{number}: the split {part!r} is none of {', '.join(_PARTS)}")
        rows.append((part, row["text"], row["intent"]))
    return rows


def _published(path: Path) -> list[tuple[str | None, str, str]]:
    """The same of CLINC150's own file: one object with lists of [text, intent] by part."""
    check_file(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        return [
            (part, str(text), str(intent)) for part, pairs in data.items() if part in _PARTS for text, intent in pairs
        ]
    except (ValueError, AttributeError, TypeError) as error:
        raise EvaluationError(
            f"{path}:1: is not an object with lists of [text, intent] under {', '.join(_PARTS)}"
        ) from error
