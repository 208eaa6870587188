"""The safety gate inside Rasa's pipeline, for messages that reach Rasa past the project's own channels."""

from __future__ import annotations

from typing import Any, Dict, List, Text  # noqa: UP035 - Rasa reads these annotations at run time

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.runtime import runtime

CRISIS_INTENT = "crisis"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyGate(GraphComponent):
    """Sets the intent `crisis`, and `safety` to the gate's label, where the gate stops.

    Stands first in the pipeline.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """There is nothing to set: the gate cannot be switched off."""
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyGate:
        """Creates the component."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Judges each message that has text."""
        for message in messages:
            text = message.get(TEXT)
            verdict = runtime().gate.assess(text) if text else None
            if verdict and verdict.stops:
                intent = {INTENT_NAME_KEY: CRISIS_INTENT, PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set("safety", verdict.label, add_to_output=True)
                message.set(INTENT, intent, add_to_output=True)
                message.set("intent_ranking", [intent], add_to_output=True)
        return messages
