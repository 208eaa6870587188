"""The parts of a running bot, put together once a process: encoder, live knowledge, safety gate, answerer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar

from bot.adapters.detectors import (
    AdviceDetector,
    AdviceThresholds,
    AftermathDetector,
    AftermathThresholds,
    DangerDetector,
    DangerThresholds,
    read_thresholds,
)
from bot.adapters.live import LiveKnowledge
from bot.adapters.outcome_log import OUTCOMES, OutcomeLog
from bot.adapters.sentence_encoder import MINILM, SentenceEncoder
from bot.adapters.snapshots import Snapshot, SnapshotStore
from bot.adapters.text_classifier import TextClassifier, notes_of
from bot.adapters.vector_classifier import VectorClassifier
from bot.adapters.words import english_words
from bot.answering.answerer import Answerer, Knowledge
from bot.answering.following import FollowUpRanker, FollowUps
from bot.errors import ArtifactError, UsageError
from bot.examples import training_questions, unanswered_questions
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.parse import read_knowledge
from bot.retrieval.encoder import RememberingEncoder
from bot.retrieval.passages import PassageSearch, Question
from bot.retrieval.ranking import Ranker
from bot.safety.gate import Gate
from bot.safety.patterns import PatternBook, load_patterns
from bot.settings import Settings, read_settings
from bot.text import plain

logger = logging.getLogger(__name__)

_R = TypeVar("_R", Ranker, FollowUpRanker)

# Trained artifacts that are part of a release.
DETECTORS = Path(__file__).parent / "safety" / "detectors"
ENCODER_CHANGES = "encoder.npz"
RANKER = Path(__file__).parent / "retrieval" / "ranker.json"
QUESTION_ENCODER = Path(__file__).parent / "retrieval" / "question_encoder.npz"
FOLLOW_UPS = Path(__file__).parent / "answering" / "following.json"


@dataclass(frozen=True)
class Runtime:
    """Everything that answering needs, made when first asked for."""

    settings: Settings

    @cached_property
    def encoder(self) -> RememberingEncoder:
        """The sentence encoder, which reads passages and examples."""
        return RememberingEncoder(SentenceEncoder(self.settings.build / "encoder", self.settings.encoder))

    @cached_property
    def question_encoder(self) -> RememberingEncoder:
        """The encoder of what visitors type: it has learnt to bring questions near to the passages that answer them.

        It remembers the last messages, so that one turn makes one encode. Where what was learnt is missing, or goes
        with another model, it is the encoder of the passages.
        """
        if self.settings.encoder != MINILM:
            logger.warning("questions: what was learnt of them goes with %s only, and is not used.", MINILM)
            return self.encoder
        try:
            return RememberingEncoder(SentenceEncoder(self.settings.build / "encoder", changes=QUESTION_ENCODER))
        except ArtifactError as error:
            logger.error("questions: what was learnt of them is not used: %s", error)
            return self.encoder

    @cached_property
    def judges_encoder(self) -> RememberingEncoder:
        """The encoder of the trained detectors: always MiniLM, with what fine-tuning changed in it."""
        changes = DETECTORS / ENCODER_CHANGES
        return RememberingEncoder(SentenceEncoder(self.settings.build / "encoder", changes=changes))

    @cached_property
    def store(self) -> SnapshotStore:
        """The knowledge snapshots.

        Raises:
            UsageError: the examples that were set are not there; those of the project may be left out.
        """
        examples = self.settings.examples
        if examples != Settings.examples and not examples.is_file():
            raise UsageError(f"FAQBOT_EXAMPLES={examples}: no such file: correct it or unset it")
        return SnapshotStore(
            self.settings.build / "snapshots",
            self.encoder,
            _trained(Ranker, RANKER),
            training_questions(examples),
            unanswered_questions(examples),
        )

    @cached_property
    def live(self) -> LiveKnowledge:
        """The knowledge that is answered from."""
        return LiveKnowledge(self.store, self.settings.knowledge, self.settings.reload)

    @cached_property
    def outcomes(self) -> OutcomeLog:
        """Counts of the turns that ended without an answer."""
        return OutcomeLog(self.settings.data / OUTCOMES)

    @property
    def knowledge(self) -> KnowledgeBase:
        """Clinic facts and fixed sentences: of the live snapshot, or of the files where there is none."""
        try:
            return self.live.snapshot.knowledge
        except Exception as error:  # noqa: BLE001 - sentences and phone numbers do not need an index
            logger.error("knowledge: there is no snapshot to answer from (%s).", _sentence(error))
            return self._files

    @cached_property
    def _files(self) -> KnowledgeBase:
        return read_knowledge(self.settings.knowledge)[0]

    @cached_property
    def gate(self) -> Gate:
        """The safety gate; without its detector where that cannot be loaded, since the patterns must always run."""
        return Gate(self._patterns, self.danger_detector(), english_words())

    @cached_property
    def patterns_gate(self) -> Gate:
        """The gate without its detector: cheap enough to be asked as often as anybody can send."""
        return Gate(self._patterns, None, english_words())

    @cached_property
    def _patterns(self) -> PatternBook:
        return load_patterns()

    @cached_property
    def answerer(self) -> Answerer:
        """Makes replies from the live knowledge."""
        return Answerer(
            self._knowledge, self.prepare, self._advice_detector(), self._follow_ups(), self._aftermath_detector()
        )

    def normalise(self, text: str) -> str:
        """A message with its spelling mended and plain names added, by the live vocabulary."""
        return self.search.normaliser(text)

    @property
    def search(self) -> PassageSearch:
        """The live search in the clinic's language.

        Raises:
            UsageError: no page is in it.
        """
        found = self.live.snapshot.search
        if self.settings.language not in found:
            raise UsageError(
                f"FAQBOT_LANGUAGE={self.settings.language}: no page is in that language: use one of {', '.join(found)}"
            )
        return found[self.settings.language]

    def prepare(self, search: PassageSearch, text: str, topics: Mapping[str, float]) -> Question:
        """A question for the search."""
        return search.question(text, self.question_encoder, topics)

    @property
    def has_index(self) -> bool:
        """Whether passages can be searched."""
        try:
            return bool(self.search.passages)
        except Exception:  # noqa: BLE001 - asked by a health check, which must answer
            return False

    @property
    def has_detector(self) -> bool:
        """Whether the safety gate runs with its trained detector."""
        return self.gate.has_detector

    @property
    def has_question_encoder(self) -> bool:
        """Whether what was learnt of questions and follow-ups is used."""
        return self.question_encoder is not self.encoder

    def _knowledge(self) -> Knowledge:
        snapshot: Snapshot = self.live.snapshot
        return Knowledge(snapshot.knowledge, snapshot.version, snapshot.search)

    def danger_detector(self) -> DangerDetector | None:
        """The safety gate's trained detector, None where it cannot be loaded."""
        folder = DETECTORS / "danger"
        try:
            return DangerDetector(self._classifier(folder), DangerThresholds(**read_thresholds(folder)))
        except Exception as error:  # noqa: BLE001 - a visitor in danger needs the patterns, whatever else is broken
            logger.error("safety: the trained detector is not running, the patterns decide alone: %s", _sentence(error))
            return None

    def _advice_detector(self) -> AdviceDetector | None:
        folder = DETECTORS / "advice"
        try:
            return AdviceDetector(self._classifier(folder), AdviceThresholds(**read_thresholds(folder)))
        except Exception as error:  # noqa: BLE001 - plain questions are answered all the same
            logger.error("advice: requests for personal advice are not recognised: %s", _sentence(error))
            return None

    def _aftermath_detector(self) -> AftermathDetector | None:
        folder = DETECTORS / "aftermath"
        try:
            return AftermathDetector(self._classifier(folder), AftermathThresholds(**read_thresholds(folder)))
        except Exception as error:  # noqa: BLE001 - what follows help lines is then taken for more of the danger
            logger.error("safety: what follows help lines gets them again, whatever it is: %s", _sentence(error))
            return None

    def _follow_ups(self) -> FollowUps:
        """Finds what stands on what was said; the ranker has learnt from the vectors of the trained encoder."""
        ranker = _trained(FollowUpRanker, FOLLOW_UPS) if self.has_question_encoder else FollowUpRanker()
        return FollowUps(ranker, self.question_encoder)

    def _classifier(self, folder: Path) -> VectorClassifier:
        """A detector's classifier.

        Raises:
            ArtifactError: it is missing, unreadable, or was trained on another encoder's vectors.
        """
        if notes_of(folder).get("encoder") != self.judges_encoder.name:
            raise ArtifactError(folder, "was trained on another encoder", "run 'faqbot train --detectors'")
        return VectorClassifier(TextClassifier.load(folder), self.judges_encoder, plain)


def _trained(kind: type[_R], path: Path) -> _R:
    """A trained ranker; the untrained one where its file is missing or of another release."""
    try:
        return kind.load(path)
    except ArtifactError as error:
        logger.warning("ranking: %s", error)
        return kind()


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ArtifactError) else type(error).__name__


_lock = Lock()
_runtime: Runtime | None = None


def runtime() -> Runtime:
    """The runtime of this process, for code that Rasa creates and hands nothing to."""
    global _runtime
    with _lock:
        if _runtime is None:
            _runtime = Runtime(read_settings())
        return _runtime
