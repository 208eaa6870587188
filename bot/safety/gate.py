"""Decides whether a message needs help before it needs an answer. Reads no file, asks no index, uses no network.

Two detectors look at every message and neither knows of the other: word patterns, and a model trained on sentence
vectors. Either is enough to stop. If the model fails, the patterns alone decide.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from bot.language import DEFAULT_LANGUAGE, detect_language, has_spanish_clause
from bot.safety.patterns import PatternBook
from bot.safety.spelling import Speller
from bot.text import collapse, lines_of

logger = logging.getLogger(__name__)

# The labels at which the bot stops and shows help, gravest first.
STOPS = ("imminent", "emergency", "personal", "harm_to_others", "third_party")
# Those that tell of somebody else.
_OF_OTHERS = ("harm_to_others", "third_party")
DISTRESS = "distress"
# The subject is heavy (a death, suicide as a topic), or the message may be told in distress: the normal answer comes
# with one quiet line.
HEAVY = "heavy"
# What a message is that comes after help lines were shown: it stands on the danger ("what do I do now"), says that
# there is none ("I'm safe, I meant the bill"), or goes on to something else.
STANDS, CALMS, MOVES_ON = "stands", "calms", "moves_on"


class Detector(Protocol):
    """A trained judge of a message."""

    def judge(self, text: str) -> Judgement:
        """What the message is taken for."""


@dataclass(frozen=True)
class Judgement:
    """A detector's view: the probability of danger, and what the message is taken for.

    `label` is one of `STOPS` where the danger passes the detector's own threshold; `distress` where the message surely
    suffers, `heavy` where it may; else None.
    """

    label: str | None
    danger: float


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one message.

    `label` is one of `STOPS`, `distress`, `heavy` or None; `score` is the detector's probability of danger, 1.0 where
    only a pattern spoke; `reason` names the pattern or the detector, never the message's words.
    """

    label: str | None
    score: float
    language: str
    reason: str = ""

    @property
    def stops(self) -> bool:
        """Whether the fixed reply replaces the answer."""
        return self.label in STOPS


class Gate:
    """The gate.

    Args:
        patterns: the compiled patterns.
        detector: the trained detector, None where it could not be loaded.
        dictionary: English words; with them, misspellings of the words that matter are mended for both detectors.
    """

    def __init__(
        self, patterns: PatternBook, detector: Detector | None, dictionary: Collection[str] = frozenset()
    ) -> None:
        self._speller = Speller(set(patterns.folder.spellings.values()), dictionary)
        self._patterns = patterns
        self._detector = detector
        self._has_failed = False
        # A turn asks more than once, at its beginning and at its end.
        self._remembered = lru_cache(maxsize=64)(self._assess)

    @property
    def has_detector(self) -> bool:
        """Whether the trained detector was loaded and did not fail at the last message."""
        return self._detector is not None and not self._has_failed

    def assess(self, text: str) -> Verdict:
        """Judges a message as typed, but for its white space. Never raises for a detector's failure."""
        verdict = self._remembered(lines_of(text))
        if self._has_failed:
            # What the patterns said alone must not outlive the failure.
            self._remembered.cache_clear()
        return verdict

    def _assess(self, text: str) -> Verdict:
        language = detect_language(collapse(text))
        if language == DEFAULT_LANGUAGE:
            text = self._speller.mend(text)
        found = self._found(text)
        judged = self._judged(collapse(text))
        danger = judged.danger if judged else 0.0
        calm = Verdict(None, danger, language)
        model = judged.label if judged and judged.label in STOPS else None
        pattern = _spoken_for(found, model)
        if pattern or model:
            label = _gravest(pattern, model)
            reason = f"pattern: {found[pattern]}" if pattern else "detector"
            # Who turns to Spanish in a message of danger reads the help in Spanish.
            language = "es" if has_spanish_clause(text) else language
            return Verdict(label, max(danger, 1.0 if pattern else 0.0), language, reason)
        for label in (DISTRESS, HEAVY):
            if label in found:
                return replace(calm, label=label, reason=f"pattern: {found[label]}")
            if judged and judged.label == label:
                return replace(calm, label=label, reason="detector")
        return calm

    def _found(self, text: str) -> dict[str, str]:
        """What the patterns see, both ways that a line break can be meant: as a sentence's end, and as nothing."""
        return {
            label: name
            for form in dict.fromkeys([collapse(text), text])
            for label, name in self._patterns.match(self._patterns.folder.fold(form)).items()
        }

    def _judged(self, text: str) -> Judgement | None:
        if self._detector is None:
            return None
        try:
            judged = self._detector.judge(text)
        except Exception as error:  # noqa: BLE001 - the patterns decide alone, whatever broke
            if not self._has_failed:
                logger.error(
                    "safety: the trained detector failed (%s); the patterns decide alone.", type(error).__name__
                )
            self._has_failed = True
            return None
        self._has_failed = False
        return judged


def _spoken_for(found: Collection[str], model: str | None) -> str | None:
    """What the patterns speak for: the gravest.

    "My son says he wants to die" holds the words of a wish to die and of a report of one. Where the model reads it as a
    report too, it is one.
    """
    gravest = next((label for label in STOPS if label in found), None)
    return model if gravest in ("imminent", "personal") and model in _OF_OTHERS and model in found else gravest


def _gravest(*labels: str | None) -> str:
    return min((label for label in labels if label), key=STOPS.index)
