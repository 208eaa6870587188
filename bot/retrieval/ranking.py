"""Turns the features of candidates into one score each, and the look of the whole list into a confidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import ArtifactError

# Probabilities below this are as good as none.
_LEAST = 1e-3

Matrix = npt.NDArray[np.float32]

# Of one candidate: highest cosine with its questions and with its text; share of the best lexical score; log
# probability by the linear head; log probability of its topic by the intent classifier; how many named conditions,
# forms or medicines it is about; whether it is about others only; how much of what the question says, rare words
# counting more, it says too.
FEATURES = ("question_cosine", "text_cosine", "lexical", "head", "topic", "about_shared", "about_other", "covered")

# Of the whole list and of what lies beside it: what the confidence looks at.
SIGNALS = (
    "margin",
    "question_cosine",
    "text_cosine",
    "head",
    "second_head_gap",
    "top_share",
    "topic",
    "covered",
    "unanswered",
    "any_topic",
)


@dataclass(frozen=True)
class Beside:
    """What speaks for or against any answer at all.

    Attributes:
        unanswered: cosine with the nearest question that is known to have no answer, 0 where none is known.
        any_topic: probability by the intent classifier that the message asks about one of the topics, 1 where there is
        no classifier.
    """

    unanswered: float = 0.0
    any_topic: float = 1.0


@dataclass(frozen=True)
class Ranker:
    """Linear scores over `FEATURES` and a logistic confidence over `SIGNALS`; `faqbot train --ranker` fits both.

    The defaults rank sensibly without training, for tests and for a first start.
    """

    weights: tuple[float, ...] = (4.0, 2.0, 1.0, 0.5, 0.2, 0.5, -0.5, 1.0)
    signal_weights: tuple[float, ...] = (1.0, 4.0, 2.0, 0.2, 0.2, 1.0, 0.1, 1.0, -1.0, 0.2)
    signal_bias: float = -4.5

    def scores(self, features: Matrix) -> Matrix:
        """`(candidates,)`: higher is better, comparable within one question only."""
        return np.asarray(features @ np.asarray(self.weights, dtype=np.float32), dtype=np.float32)

    def confidence(self, scores: Matrix, features: Matrix, beside: Beside = Beside()) -> float:  # noqa: B008 - frozen
        """The probability that the best candidate answers the question."""
        return probability(signals_of(scores, features, beside), self.signal_weights, self.signal_bias)

    def save(self, path: Path) -> None:
        """Writes the weights as JSON."""
        save_weights(path, {"features": FEATURES, "signals": SIGNALS}, asdict(self))

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Reads what `save` wrote; errors as `read_weights`."""
        data = read_weights(path, {"features": FEATURES, "signals": SIGNALS})
        return cls(tuple(data["weights"]), tuple(data["signal_weights"]), float(data["signal_bias"]))


def probability(signals: npt.NDArray[np.float64], weights: tuple[float, ...], bias: float) -> float:
    """The logistic of weighed signals, 0 to 1."""
    return float(1 / (1 + np.exp(-(signals @ np.asarray(weights) + bias))))


def save_weights(path: Path, names: Mapping[str, tuple[str, ...]], weights: Mapping[str, Any]) -> None:
    """Writes weights as JSON, with the names of what they weigh."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**names, **weights}, indent=2) + "\n")


def read_weights(path: Path, names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Reads what `save_weights` wrote.

    Raises:
        ArtifactError: the file is missing, unreadable, or its weights weigh something else.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ArtifactError(path, "is missing or unreadable") from error
    if any(tuple(data.get(key, ())) != wanted for key, wanted in names.items()):
        raise ArtifactError(path, "was trained for other features")
    return data


def signals_of(scores: Matrix, features: Matrix, beside: Beside = Beside()) -> npt.NDArray[np.float64]:  # noqa: B008
    """The `SIGNALS` of a list of candidates; it must not be empty."""
    order = np.argsort(-scores, kind="stable")
    best = features[order[0]]
    runner_up = float(scores[order[1]]) if len(order) > 1 else float(scores[order[0]]) - 5.0
    head = FEATURES.index("head")
    heads = np.sort(features[:, head])[::-1]
    share = np.exp(scores - scores.max())
    return np.array(
        [
            float(scores[order[0]]) - runner_up,
            float(features[:, FEATURES.index("question_cosine")].max()),
            float(best[FEATURES.index("text_cosine")]),
            float(best[head]),
            float(heads[0] - heads[1]) if len(heads) > 1 else 5.0,
            float(1 / share.sum()),
            float(best[FEATURES.index("topic")]),
            float(best[FEATURES.index("covered")]),
            beside.unanswered - float(features[:, FEATURES.index("question_cosine")].max()),
            float(np.log(max(beside.any_topic, _LEAST))),
        ]
    )
