"""Classifies intents on the sentence vector and the words of a message."""

from __future__ import annotations

import logging
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
from bot.errors import ArtifactError
from bot.rasa.featurizer import SENTENCE_VECTOR
from bot.runtime import runtime

logger = logging.getLogger(__name__)

RANKING_LENGTH = "ranking_length"
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
        """The component's settings with their defaults."""
        return {
            # How many intents the ranking holds; the answer weighs every topic, so all of them by default.
            RANKING_LENGTH: 0,
        }

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        classifier: Optional[TextClassifier] = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> VectorIntentClassifier:
        """Creates an untrained classifier."""
        return cls(config, model_storage, resource)

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
        self._classifier = TextClassifier.fit(self._texts(examples), self._vectors(examples), [m.get(INTENT) for m in examples])
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
        """Loads a trained classifier; an untrained one where nothing was stored."""
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, TextClassifier.load(folder))
        except (ValueError, ArtifactError):
            return cls(config, model_storage, resource)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Classifies the training examples, for components that train on this one's output."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets intent and ranking of each message."""
        for message in messages:
            if message.get("safety"):
                continue
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[Text, Any]]:
        if self._classifier is None or not message.get(TEXT):
            return []
        row = self._classifier.probabilities(self._texts([message]), self._vectors([message]))[0]
        order = np.argsort(-row)[: self._config[RANKING_LENGTH] or None]
        # Four digits are what a probability of this classifier carries, and short numbers keep conversations small.
        return [{INTENT_NAME_KEY: self._classifier.labels[i], PREDICTED_CONFIDENCE_KEY: round(float(row[i]), 4)} for i in order]

    @staticmethod
    def _texts(messages: List[Message]) -> List[Text]:
        return [runtime().normalise(m.get(TEXT)) for m in messages]

    @staticmethod
    def _vectors(messages: List[Message]) -> np.ndarray:
        rows = []
        for message in messages:
            _, features = message.get_dense_features(TEXT, [SENTENCE_VECTOR])
            if features is None:
                raise ArtifactError("config.yml", "has no SentenceFeaturizer before the intent classifier", "add it to the pipeline")  # type: ignore[arg-type]
            rows.append(features.features[0])
        return np.stack(rows).astype(np.float32)
