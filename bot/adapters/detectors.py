"""The two trained judges of a message: of danger, and of requests for personal advice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.adapters.text_classifier import TextClassifier
from bot.errors import ArtifactError
from bot.retrieval.encoder import Encoder
from bot.safety.gate import DISTRESS, STOPS, Judgement
from bot.text import sentences, words

# A message longer than this is also judged piece by piece, so that one clause in a long story counts.
LONG_WORDS = 30
MAX_PIECES = 24
GENERAL = "general"


@dataclass(frozen=True)
class Thresholds:
    """From which probability a detector speaks; set on the tune part by `faqbot train`.

    Attributes:
        stop: of all dangers together, for a whole message.
        stop_piece: the same, for one piece of a long message.
        distress: of distress and all dangers together.
    """

    stop: float = 0.5
    stop_piece: float = 0.7
    distress: float = 0.5


class DangerDetector:
    """The safety gate's trained detector.

    Args:
        classifier: over the labels of `STOPS`, `distress` and `none`.
        encoder: gives the vector of a message.
        normalise: rewrites a message as the encoder knows its words.
        thresholds: when to speak.
    """

    def __init__(self, classifier: TextClassifier, encoder: Encoder, normalise: Callable[[str], str], thresholds: Thresholds) -> None:
        self._classifier = classifier
        self._encoder = encoder
        self._normalise = normalise
        self._thresholds = thresholds
        self._column = {label: number for number, label in enumerate(classifier.labels)}
        self._stops = [self._column[label] for label in STOPS]

    def judge(self, text: str) -> Judgement:
        """See `bot.safety.gate.Detector`."""
        probabilities = self.probabilities(text)
        dangers = probabilities[:, self._stops].sum(axis=1)
        limits = np.full(len(dangers), self._thresholds.stop_piece)
        limits[0] = self._thresholds.stop
        worst = int(np.argmax(dangers - limits))
        named = {label: float(probabilities[worst, column]) for label, column in self._column.items()}
        label = None
        if dangers[worst] >= limits[worst]:
            label = max(STOPS, key=lambda stop: named[stop])
        elif (dangers + probabilities[:, self._column[DISTRESS]])[0] >= self._thresholds.distress:
            label = DISTRESS
        return Judgement(label, float(dangers[worst]), named)

    def probabilities(self, text: str) -> npt.NDArray[np.float32]:
        """`(1 + pieces, labels)`: of the whole message first, then of each piece where it is long."""
        texts = [self._normalise(part) for part in [text, *parts_of(text)]]
        vectors = np.vstack([self._encoder.encode(texts[:1]), self._encoder.encode(texts[1:])]) if texts[1:] else self._encoder.encode(texts)
        return self._classifier.probabilities(texts, vectors)

    def save(self, folder: Path) -> None:
        """Writes classifier and thresholds."""
        self._classifier.save(folder)
        (folder / "thresholds.json").write_text(json.dumps(asdict(self._thresholds)))

    @classmethod
    def load(cls, folder: Path, encoder: Encoder, normalise: Callable[[str], str]) -> DangerDetector:
        """Reads what `save` wrote.

        Raises:
            ArtifactError: a file is missing or unreadable.
        """
        try:
            thresholds = Thresholds(**json.loads((folder / "thresholds.json").read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise ArtifactError(folder / "thresholds.json", "is missing or unreadable") from error
        return cls(TextClassifier.load(folder), encoder, normalise, thresholds)


class AdviceClassifier:
    """Finds requests for personal advice.

    Args:
        classifier: over the kinds of advice (`E-1` …) and `general`.
        encoder: gives the vector of a message.
        normalise: rewrites a message as the encoder knows its words.
        threshold: from which probability of all kinds together a message counts as a request for advice.
    """

    def __init__(self, classifier: TextClassifier, encoder: Encoder, normalise: Callable[[str], str], threshold: float) -> None:
        self._classifier = classifier
        self._encoder = encoder
        self._normalise = normalise
        self._threshold = threshold

    def judge(self, text: str) -> str | None:
        """See `bot.answering.answerer.AdviceDetector`."""
        named = self.probabilities(text)
        if 1 - named[GENERAL] < self._threshold:
            return None
        return max((kind for kind in named if kind != GENERAL), key=lambda kind: named[kind])

    def probabilities(self, text: str) -> Mapping[str, float]:
        """Of each kind, and of a general question."""
        normal = self._normalise(text)
        row = self._classifier.probabilities([normal], self._encoder.encode([normal]))[0]
        return dict(zip(self._classifier.labels, map(float, row), strict=True))

    def save(self, folder: Path) -> None:
        """Writes classifier and threshold."""
        self._classifier.save(folder)
        (folder / "threshold.json").write_text(json.dumps(self._threshold))

    @classmethod
    def load(cls, folder: Path, encoder: Encoder, normalise: Callable[[str], str]) -> AdviceClassifier:
        """Reads what `save` wrote.

        Raises:
            ArtifactError: a file is missing or unreadable.
        """
        try:
            threshold = float(json.loads((folder / "threshold.json").read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise ArtifactError(folder / "threshold.json", "is missing or unreadable") from error
        return cls(TextClassifier.load(folder), encoder, normalise, threshold)


def parts_of(text: str) -> list[str]:
    """The sentences of a long message, unpunctuated stretches cut every 25 words; none for a short one."""
    if words(text) <= LONG_WORDS:
        return []
    parts: list[str] = []
    for sentence in sentences(text):
        spoken: Sequence[str] = sentence.split()
        parts += [" ".join(spoken[i : i + 25]) for i in range(0, len(spoken), 25)]
    return parts[:MAX_PIECES]
