"""What each part of the ranking and of the confidence is worth: both are fitted anew without it, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.answering.answerer import ANSWER_AT, CLARIFY_AT
from bot.evaluation.metrics import Share, share
from bot.retrieval.ranking import FEATURES, SIGNALS, Ranker
from bot.training.ranker import PULL, Case, fit_confidence, fit_weights


@dataclass(frozen=True)
class Ablation:
    """Figures of one ranking.

    Attributes:
        without: the feature or signal that was left out; empty for the whole.
        first: answerable questions with the right passage first.
        third: with a right one among the first three.
        refused: answerable questions below the threshold of "did you mean".
        wrong: answerable questions answered with a wrong passage.
        answered: questions without an answer that get one.
    """

    without: str
    first: Share
    third: Share
    refused: Share
    wrong: Share
    answered: Share

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: value.as_dict() if isinstance(value, Share) else value for name, value in vars(self).items()}


def ablations(tune: Sequence[Case], report: Sequence[Case]) -> list[Ablation]:
    """The whole, then without each feature of a candidate, then without each signal of the list.

    Fitted on the first cases, measured on the second; requests for advice and small talk are not looked for, so the
    figures are those of the search alone.
    """
    answerable = [case for case in tune if case.right.any()]
    whole = fit_confidence(fit_weights(answerable, Ranker().weights, PULL), tune)
    rows = [_measured("", whole, report)]
    for column, name in enumerate(FEATURES):
        blind = [_without_feature(case, column) for case in tune]
        ranker = fit_confidence(fit_weights([c for c in blind if c.right.any()], Ranker().weights, PULL), blind)
        rows.append(_measured(name, ranker, [_without_feature(case, column) for case in report]))
    rows += [_measured(name, fit_confidence(whole.weights, tune, blind_to=name), report) for name in SIGNALS]
    return rows


def _without_feature(case: Case, column: int) -> Case:
    features = case.features.copy()
    features[:, column] = 0.0
    return replace(case, features=features)


def _measured(without: str, ranker: Ranker, cases: Sequence[Case]) -> Ablation:
    first, third, confidences, has_answer = [], [], [], []
    for case in cases:
        scores = ranker.scores(case.features)
        order = np.argsort(-scores, kind="stable")
        first.append(bool(case.right[order[0]]))
        third.append(bool(case.right[order[:3]].any()))
        confidences.append(ranker.confidence(scores, case.features, case.beside))
        has_answer.append(case.is_answerable)
    known = [n for n, answerable in enumerate(has_answer) if answerable]
    unknown = [n for n, answerable in enumerate(has_answer) if not answerable]
    return Ablation(
        without,
        share([first[n] for n in known]),
        share([third[n] for n in known]),
        share([confidences[n] < CLARIFY_AT for n in known]),
        share([confidences[n] >= ANSWER_AT and not first[n] for n in known]),
        share([confidences[n] >= ANSWER_AT for n in unknown]),
    )
