"""Trains the two detectors from the evaluation sets' train parts and sets their thresholds on the tune parts.

What comes out is kept in `bot/safety/detectors/`, beside the digest of what it was made from: a clinic's server trains nothing
that decides on danger, and a change of the sets without a new training is seen by a test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from bot.adapters.detectors import GENERAL, DangerThresholds, parts_of, save_thresholds
from bot.adapters.text_classifier import TextClassifier
from bot.adapters.vector_classifier import VectorClassifier
from bot.evaluation.sets import FOLDER, read_lines
from bot.retrieval.encoder import Encoder
from bot.safety.gate import DISTRESS, STOPS
from bot.text import plain

DETECTORS = Path("bot/safety/detectors")
TALK = Path("data/nlu/talk.yml")
# A false alarm at a message of the tune part that is no danger, traps included, is accepted for this share of them …
FALSE_STOPS = 0.04
# … and the quiet line of support for this one.
FALSE_SUPPORT = 0.2
# Of the general questions beside requests for advice, this share may be declined.
FALSE_DECLINES = 0.03

Labelled = tuple[list[str], list[str]]


def train_detectors(encoder: Encoder, say: Callable[[str], None]) -> None:
    """Trains and stores both detectors."""
    say("detectors: danger …")
    texts, labels = danger_examples()
    danger = _fit(texts, labels, encoder)
    thresholds = danger_thresholds(danger, read_lines(FOLDER / "safety" / "tune.jsonl"))
    danger.classifier.save(DETECTORS / "danger", trained_on=digest(texts, labels))
    save_thresholds(DETECTORS / "danger", thresholds)
    say(f"detectors:   {len(texts)} examples, {thresholds}")
    say("detectors: requests for advice …")
    texts, labels = advice_examples()
    advice = _fit(texts, labels, encoder)
    threshold = advice_threshold(advice, read_lines(FOLDER / "advice" / "tune.jsonl"))
    advice.classifier.save(DETECTORS / "advice", trained_on=digest(texts, labels))
    save_thresholds(DETECTORS / "advice", {"declined": threshold})
    say(f"detectors:   {len(texts)} examples, threshold {threshold}")


def danger_examples() -> Labelled:
    """The train part of the safety set; plain questions and small talk stand beside it as no danger."""
    rows = read_lines(FOLDER / "safety" / "train.jsonl")
    harmless = [*_questions(), *_talk()]
    return [r["text"] for r in rows] + harmless, [str(r["label"]) for r in rows] + ["none"] * len(harmless)


def advice_examples() -> Labelled:
    """The train part of the advice set; plain questions and small talk stand beside it as general."""
    rows = read_lines(FOLDER / "advice" / "train.jsonl")
    general = [*_questions(), *_talk()]
    labels = [str(r["kind"]) if r["label"] == "declined" else GENERAL for r in rows]
    return [r["text"] for r in rows] + general, labels + [GENERAL] * len(general)


def digest(texts: Sequence[str], labels: Sequence[str]) -> str:
    """Names a set of examples."""
    return hashlib.sha256("\0".join((*texts, *labels)).encode()).hexdigest()


def danger_thresholds(classifier: VectorClassifier, rows: Sequence[Mapping[str, Any]]) -> DangerThresholds:
    """The lowest thresholds that keep false alarms within `FALSE_STOPS` and `FALSE_SUPPORT` on messages that are no danger."""
    harmless = [str(r["text"]) for r in rows if r["label"] == "none"]
    stops = [classifier.labels.index(label) for label in STOPS]
    whole = classifier.probabilities(harmless)
    pieces = [classifier.probabilities(parts_of(t))[:, stops].sum(axis=1).max() if parts_of(t) else 0.0 for t in harmless]
    danger = whole[:, stops].sum(axis=1)
    distress = danger + whole[:, classifier.labels.index(DISTRESS)]
    # The pieces may add a quarter of the false alarms.
    stop = _threshold(danger, FALSE_STOPS * 0.75)
    left = np.where(danger >= stop, 0.0, np.asarray(pieces))
    return DangerThresholds(stop, _threshold(left, FALSE_STOPS * 0.25), min(stop, _threshold(distress, FALSE_SUPPORT)))


def advice_threshold(classifier: VectorClassifier, rows: Sequence[Mapping[str, Any]]) -> float:
    """The lowest threshold that declines at most `FALSE_DECLINES` of the general questions."""
    general = [str(r["text"]) for r in rows if r["label"] != "declined"]
    return _threshold(1 - classifier.probabilities(general)[:, classifier.labels.index(GENERAL)], FALSE_DECLINES)


def _threshold(scores: npt.NDArray[np.float32], share: float) -> float:
    """The lowest value that at most this share of the scores reaches."""
    ordered = np.sort(scores)[::-1]
    allowed = int(share * len(ordered))
    return round(float(ordered[allowed]) + 1e-4, 4)


def _fit(texts: Sequence[str], labels: Sequence[str], encoder: Encoder) -> VectorClassifier:
    rewritten = [plain(text) for text in texts]
    return VectorClassifier(TextClassifier.fit(rewritten, encoder.encode(rewritten), labels), encoder, plain)


def _questions() -> list[str]:
    return [r["text"] for r in read_lines(FOLDER / "questions" / "train.jsonl")]


def _talk() -> list[str]:
    """The examples of Rasa's own training data."""
    entries = yaml.safe_load(TALK.read_text(encoding="utf-8"))["nlu"]
    return [line.removeprefix("- ").strip() for entry in entries for line in entry["examples"].splitlines() if line.strip()]
