"""Fits the ranker and the confidence of the search on the tune part of the questions.

The tune part is used, not the train part, because the head and the intents have learnt from the train part: on it their
probabilities would look better than they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from bot.examples import Asked, read_questions
from bot.rasa.agent import Understanding, load_understanding
from bot.retrieval.passages import PassageSearch
from bot.retrieval.ranking import SIGNALS, Beside, Ranker, signals_of
from bot.runtime import Runtime

# Strength of the pull of the weights towards the untrained ranker's, per question; from cross-validation on the tune
# part.
PULL = 0.002
# Steps of the search for weights, where it does not come to rest before.
STEPS = 300


@dataclass(frozen=True)
class Case:
    """One question with its candidates: their features, which of them are right, and what lies beside them."""

    features: npt.NDArray[np.float32]
    right: npt.NDArray[np.bool_]
    beside: Beside = Beside()  # noqa: RUF009 - frozen
    is_answerable: bool = True


def fit_ranker(parts: Runtime, tune: Path) -> Ranker:
    """The ranker for the current snapshot and model."""
    understand = load_understanding(parts.settings.models)
    cases = cases_of(parts, understand, read_questions(tune))
    weights = fit_weights([case for case in cases if case.right.any()], Ranker().weights, PULL)
    return fit_confidence(weights, cases)


def cases_of(parts: Runtime, understand: Understanding, questions: Sequence[Asked]) -> list[Case]:
    """The candidates of every question that has an answer or should be refused."""
    search: PassageSearch = parts.search
    cases = []
    for asked in questions:
        if asked.kind not in ("answer", "no_answer"):
            continue
        question = parts.prepare(search, asked.text, understand(asked.text).topics)
        rows, features = search.features(question)
        right = np.array([search.passages[row].id in asked.passages for row in rows], dtype=bool)
        cases.append(Case(features, right, search.beside(question), asked.kind == "answer"))
    return cases


def fit_weights(cases: Sequence[Case], untrained: Sequence[float], strength: float) -> tuple[float, ...]:
    """Weights that make a right passage the likeliest first, by maximum likelihood over each question's candidates.

    Args:
        cases: each with at least one right passage.
        untrained: the weights to begin with, which those found are pulled towards.
        strength: of that pull.
    """
    start = np.array(untrained)
    features = np.concatenate([case.features for case in cases])
    right = np.concatenate([case.right for case in cases])
    sizes = np.array([len(case.right) for case in cases])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        scores = features @ weights
        every, chances = _softmax(scores, starts, sizes)
        those_right, among_right = _softmax(np.where(right, scores, -np.inf), starts, sizes)
        pull = strength * (weights - start)
        value = (every - those_right).mean() + 0.5 * float(pull @ (weights - start))
        return float(value), features.T @ (chances - among_right) / len(cases) + pull

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return tuple(round(float(w), 4) for w in found.x)


def fit_confidence(weights: tuple[float, ...], cases: Sequence[Case], blind_to: str = "") -> Ranker:
    """The ranker with these weights and a logistic confidence that its first passage is right.

    Args:
        weights: of the features.
        cases: to learn from.
        blind_to: a signal to leave out.
    """
    ranker = Ranker(weights)
    signals, right = [], []
    for case in cases:
        scores = ranker.scores(case.features)
        signals.append(signals_of(scores, case.features, case.beside))
        right.append(bool(case.right[int(np.argmax(scores))]))
    seen = np.stack(signals) * np.array([name != blind_to for name in SIGNALS])
    return Ranker(weights, *fit_logistic(seen, right))


def fit_logistic(signals: npt.NDArray[np.float64], right: Sequence[bool]) -> tuple[tuple[float, ...], float]:
    """Weights and bias of a logistic regression of what is right on `(cases, signals)`."""
    model = LogisticRegression(C=1.0, max_iter=1000).fit(signals, right)
    return tuple(round(float(w), 4) for w in model.coef_[0]), round(float(model.intercept_[0]), 4)


def _softmax(
    scores: npt.NDArray[np.float64], starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """For each group of candidates, the logarithm of its sum of powers; for each candidate, its chance in its group."""
    highest = np.maximum.reduceat(scores, starts)
    powers = np.exp(scores - np.repeat(highest, sizes))
    sums = np.add.reduceat(powers, starts)
    return highest + np.log(sums), powers / np.repeat(sums, sizes)
