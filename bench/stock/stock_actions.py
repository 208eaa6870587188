"""The stock bot's one action. It does nothing, so that only the way to it and back is measured."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class ActionAnswer(Action):
    """Stands where a bot would look up an answer."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Says and changes nothing."""
        return []
