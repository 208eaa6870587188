"""Classifies intents on the sentence vector and the words of a message."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type  # noqa: UP035 - Rasa reads these annotations at run time

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.adapters.text_classifier import TextClassifier
from bot.answering.answerer import COURTESIES
from bot.answering.reading import STORY_WORDS
from bot.answering.splitting import questions_in
from bot.errors import ArtifactError
from bot.rasa.featurizer import SENTENCE_VECTOR
from bot.runtime import runtime
from bot.text import words

logger = logging.getLogger(__name__)

# Keys of what this component adds to a message.
INTENT_RANKING = "intent_ranking"
PARTS = "parts"
# Raise this when `TextClassifier` changes its features or its files.
FORMAT = 2


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class VectorIntentClassifier(IntentClassifier, GraphComponent):
    """A linear classifier over the `SentenceFeaturizer`'s vector, words and letter groups.

    Sets `intent` and `intent_ranking`. A message that the safety gate has stopped keeps the gate's intent.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must come before this one."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[Text]:
        """Packages that must be installed."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """There is nothing to set."""
        return {}

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        classifier: Optional[TextClassifier] = None,
    ) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> VectorIntentClassifier:
        """Creates an untrained classifier."""
        return cls(model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Changes where trained classifiers must be made anew although configuration and data are the same."""
        return f"{FORMAT}:{runtime().encoder.name}"

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on every example with an intent and stores the result."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        if len({m.get(INTENT) for m in examples}) < 2:
            logger.warning("There are fewer than two intents to tell apart: the intent classifier is not trained.")
            return self._resource
        self._classifier = TextClassifier.fit(
            self._texts(examples), self._vectors(examples), [m.get(INTENT) for m in examples]
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._classifier.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> VectorIntentClassifier:
        """Loads a trained classifier; an untrained one where nothing was stored.

        Raises:
            ArtifactError: what was stored cannot be read.
        """
        try:
            with model_storage.read_from(resource) as folder:
                return cls(model_storage, resource, TextClassifier.load(folder))
        except ValueError:
            return cls(model_storage, resource)

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets intent and ranking of each message and, where it asks several things, those of each question."""
        for message in messages:
            if message.get("safety"):
                continue
            ranking = self._ranking(message.get(TEXT), self._vector(message))
            message.set(
                INTENT,
                ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0},
                add_to_output=True,
            )
            message.set(INTENT_RANKING, ranking, add_to_output=True)
            text = message.get(TEXT) or ""
            questions = questions_in(text)
            is_courteous = questions != [text] and bool(ranking) and ranking[0][INTENT_NAME_KEY] in COURTESIES
            is_story = questions not in ([], [text]) and words(text) > STORY_WORDS
            if (len(questions) > 1 or is_courteous or is_story) and self._classifier is not None:
                vectors = runtime().question_encoder.encode([runtime().normalise(question) for question in questions])
                parts = [
                    {TEXT: q, INTENT_RANKING: self._ranking(q, v)} for q, v in zip(questions, vectors, strict=True)
                ]
                message.set(PARTS, parts, add_to_output=True)
        return messages

    def _ranking(self, text: Optional[Text], vector: Optional[np.ndarray]) -> List[Dict[Text, Any]]:
        if self._classifier is None or not text or vector is None:
            return []
        row = self._classifier.probabilities([runtime().normalise(text)], vector[None, :])[0]
        order = np.argsort(-row)
        # Four digits are what a probability of this classifier carries, and short numbers keep conversations small.
        return [
            {INTENT_NAME_KEY: self._classifier.labels[i], PREDICTED_CONFIDENCE_KEY: round(float(row[i]), 4)}
            for i in order
        ]

    @staticmethod
    def _vector(message: Message) -> Optional[np.ndarray]:
        return VectorIntentClassifier._vectors([message])[0] if message.get(TEXT) else None

    @staticmethod
    def _texts(messages: List[Message]) -> List[Text]:
        return [runtime().normalise(m.get(TEXT)) for m in messages]

    @staticmethod
    def _vectors(messages: List[Message]) -> np.ndarray:
        rows = []
        for message in messages:
            _, features = message.get_dense_features(TEXT, [SENTENCE_VECTOR])
            if features is None:
                found = "has no SentenceFeaturizer before the intent classifier"
                raise ArtifactError(Path("config.yml"), found, "add it to the pipeline")
            rows.append(features.features[0])
        return np.asarray(np.stack(rows), dtype=np.float32)
