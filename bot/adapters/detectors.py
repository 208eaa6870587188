"""The trained judges of a message: of danger, of requests for personal advice, of what comes right after a danger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.answering.answerer import ANY_ADVICE, Wish
from bot.errors import ArtifactError
from bot.safety.gate import CALMS, DISTRESS, HEAVY, MOVES_ON, STANDS, STOPS, Judgement
from bot.text import sentences, words

# A message longer than this is also judged piece by piece, so that one clause in a long story counts. Pieces of 40
# words find as much on the tune part as single sentences do, stop fewer harmless stories, and are half as many.
PIECE_WORDS = 40
# Enough for the 4,000 characters that are answered. Of what is longer the beginning and the end are judged.
MAX_PIECES = 48
# What is this short ("n weed?") is too little to tell distress or a wish for advice by, unless they are beyond doubt.
SHORT_WORDS, SHORT_LIMIT = 3, 0.8
# The share of a wish for advice that its likeliest kind must have to be named.
CLEAR_KIND = 0.5
GENERAL = "general"
_THRESHOLDS = "thresholds.json"


class Classifier(Protocol):
    """Gives probabilities of labels."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns."""

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(len(texts), len(labels))`, rows sum to 1."""


@dataclass(frozen=True)
class DangerThresholds:
    """From which probability the danger detector speaks; set on the tune part by `faqbot train --detectors`.

    Attributes:
        stop: of all dangers together, for a whole message.
        stop_piece: the same, for one piece of a long message.
        distress: of distress and all dangers together, from which the crisis line stands beside the answer.
        console: the same, from which the bot says that it is sorry, too.
    """

    stop: float = 0.5
    stop_piece: float = 0.7
    distress: float = 0.5
    console: float = 0.5


@dataclass(frozen=True)
class AdviceThresholds:
    """From which probability of all kinds together a message counts as a request for personal advice.

    Attributes:
        maybe: it may be one, if nothing explains it better.
        sure: it is one.
    """

    maybe: float = 0.1
    sure: float = 0.2


@dataclass(frozen=True)
class AftermathThresholds:
    """Below which probability of standing on the danger a message right after help lines is let go on."""

    stands: float = 0.3


class DangerDetector:
    """The safety gate's trained detector.

    Args:
        classifier: over the labels of `STOPS`, `distress` and `none`.
        thresholds: when to speak.
    """

    def __init__(self, classifier: Classifier, thresholds: DangerThresholds) -> None:
        self._classifier = classifier
        self._thresholds = thresholds
        self._column = {label: number for number, label in enumerate(classifier.labels)}
        self._stops = [self._column[label] for label in STOPS]

    def judge(self, text: str) -> Judgement:
        """See `bot.safety.gate.Detector`."""
        return self.judgement(text, self._classifier.probabilities([text, *parts_of(text)]))

    def judgement(self, text: str, probabilities: npt.NDArray[np.float32]) -> Judgement:
        """What the probabilities of a whole message (first row) and of its pieces amount to."""
        dangers = probabilities[:, self._stops].sum(axis=1)
        limits = np.full(len(dangers), self._thresholds.stop_piece)
        limits[0] = self._thresholds.stop
        worst = int(np.argmax(dangers - limits))
        label = None
        if dangers[worst] >= limits[worst]:
            label = max(STOPS, key=lambda stop: float(probabilities[worst, self._column[stop]]))
        elif (unwell := (dangers + probabilities[:, self._column[DISTRESS]])[0]) >= self._support_from(text):
            label = DISTRESS if unwell >= self._thresholds.console else HEAVY
        return Judgement(label, float(dangers[worst]))

    def _support_from(self, text: str) -> float:
        """A subject in a word or two ("bladder") is no reason to console anybody, unless it is beyond doubt."""
        return max(self._thresholds.distress, SHORT_LIMIT if words(text) <= SHORT_WORDS else 0.0)


class AdviceDetector:
    """Finds requests for personal advice.

    Args:
        classifier: over the kinds of advice (`E-1` …) and `general`.
        thresholds: when to speak.
    """

    def __init__(self, classifier: Classifier, thresholds: AdviceThresholds) -> None:
        self._classifier = classifier
        self._thresholds = thresholds

    def judge(self, text: str) -> Wish | None:
        """See `bot.answering.answerer.AdviceJudge`."""
        named = dict(zip(self._classifier.labels, map(float, self._classifier.probabilities([text])[0]), strict=True))
        wish = 1 - named[GENERAL]
        if wish < max(self._thresholds.maybe, SHORT_LIMIT if words(text) <= SHORT_WORDS else 0.0):
            return None
        kind = max((kind for kind in named if kind != GENERAL), key=lambda kind: named[kind])
        # A refusal that names the wrong thing ("I can't advise on pregnancy") is worse than one that names none.
        return Wish(kind if named[kind] >= CLEAR_KIND * wish else ANY_ADVICE, wish >= self._thresholds.sure)


class AftermathDetector:
    """Tells what a message is that comes right after help lines.

    Args:
        classifier: over `STANDS`, `CALMS` and `MOVES_ON`.
        thresholds: when to let it go on.
    """

    def __init__(self, classifier: Classifier, thresholds: AftermathThresholds) -> None:
        self._classifier = classifier
        self._thresholds = thresholds

    def judge(self, text: str) -> str:
        """See `bot.answering.answerer.AftermathJudge`."""
        named = dict(zip(self._classifier.labels, map(float, self._classifier.probabilities([text])[0]), strict=True))
        if named[STANDS] >= self._thresholds.stands:
            return STANDS
        return max((CALMS, MOVES_ON), key=named.__getitem__)


def parts_of(text: str) -> list[str]:
    """A message of more than `PIECE_WORDS` in pieces of at most so many, of whole sentences where those are not longer.

    A short message has none.
    """
    if words(text) <= PIECE_WORDS:
        return []
    pieces: list[list[str]] = [[]]
    for sentence in sentences(text):
        spoken = sentence.split()
        for start in range(0, len(spoken), PIECE_WORDS):
            stretch = spoken[start : start + PIECE_WORDS]
            if pieces[-1] and len(pieces[-1]) + len(stretch) > PIECE_WORDS:
                pieces.append([])
            pieces[-1].extend(stretch)
    told = [" ".join(piece) for piece in pieces if piece]
    return told if len(told) <= MAX_PIECES else told[: MAX_PIECES // 2] + told[-MAX_PIECES // 2 :]


def save_thresholds(folder: Path, thresholds: DangerThresholds | AdviceThresholds | AftermathThresholds) -> None:
    """Writes the thresholds beside a classifier."""
    (folder / _THRESHOLDS).write_text(json.dumps(asdict(thresholds), indent=1) + "\n")


def read_thresholds(folder: Path) -> dict[str, float]:
    """Reads what `save_thresholds` wrote.

    Raises:
        ArtifactError: the file is missing or unreadable.
    """
    path = folder / _THRESHOLDS
    try:
        return {str(name): float(value) for name, value in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ArtifactError(path, "is missing or unreadable") from error
