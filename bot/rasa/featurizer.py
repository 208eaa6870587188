"""Gives every message the sentence vector that the whole bot shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Dict, List, Text, Type  # noqa: UP035 - Rasa reads these annotations at run time

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.runtime import runtime

# The name under which other components ask for the feature.
SENTENCE_VECTOR = "sentence_vector"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature of shape `(1, dimension)`, float32, unit length, to each message.

    The text is first rewritten by the vocabulary of the live knowledge, as for the search, so that the encoder's own
    memory serves both with one encode a message. Messages are read by the encoder of questions; training examples as
    the index has them, by that of the passages: both speak of one space.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """Components that must come before this one."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        """Packages that must be installed."""
        return ["sentence_transformers"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The component's settings with their defaults."""
        return {**DenseFeaturizer.get_default_config(), FEATURIZER_CLASS_ALIAS: SENTENCE_VECTOR}

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, {**self.get_default_config(), **config})

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Creates the component; nothing is loaded before the first message."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Every configuration is valid."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the feature to each message that has text."""
        self._add(messages, runtime().question_encoder.encode)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the feature to each training example, embedding all of them at once."""
        self._add(training_data.training_examples, runtime().store.embedded)
        return training_data

    def _add(self, messages: List[Message], embed: Callable[[Sequence[str]], np.ndarray]) -> None:
        written = [message for message in messages if message.get(TEXT)]
        if not written:
            return
        vectors = embed([runtime().normalise(message.get(TEXT)) for message in written])
        for message, vector in zip(written, vectors):  # noqa: B905 - both have the length of `written`
            feature = np.asarray(vector, dtype=np.float32)[None, :]
            message.add_features(Features(feature, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
