"""Counts whether an answer helped, by passage; the words of the visitor are not read."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.adapters.outcome_log import OUTCOMES, OutcomeLog
from bot.answering.outcomes import Outcome
from bot.settings import read_settings

logger = logging.getLogger(__name__)

# The entity of a feedback button's payload, such as /give_feedback{"helpful": "no"}.
HELPFUL = "helpful"
_KINDS = {"yes": "helpful", "no": "not_helpful"}


class RecordFeedback(Action):  # type: ignore[misc]
    """`action_record_feedback`: one count for the passages of the last answer.

    Says nothing to the visitor and changes nothing in the conversation, so a rule may run it after its reply and lose
    nothing where the action server is away.
    """

    def __init__(self, log: OutcomeLog | None = None) -> None:
        self._log = log or OutcomeLog(read_settings().data / OUTCOMES)

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_record_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Counts, if a button said whether the answer helped. Never raises: Rasa would print the conversation."""
        try:
            outcome = outcome_of(tracker.latest_message, tracker.events)
            if outcome:
                self._log.add(outcome)
        except Exception as error:  # noqa: BLE001 - the action server answers an exception with the whole conversation
            logger.error("Feedback was not counted (%s).", type(error).__name__)
        return []


def outcome_of(message: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Outcome | None:
    """What a feedback button says of the last answer; None where no button was used or nothing was answered yet.

    Args:
        message: the parsed message, with its entities.
        events: the conversation so far, as Rasa sends it.
    """
    said = {e.get("entity"): e.get("value") for e in message.get("entities") or ()}.get(HELPFUL)
    kind = _KINDS.get(str(said))
    replies = (event.get("metadata", {}).get("said") for event in reversed(events) if event.get("event") == "bot")
    answer = next((reply for reply in replies if reply and reply.get("passages")), None)
    return Outcome(kind, tuple(answer["passages"])) if kind and answer else None
