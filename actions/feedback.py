"""Counts whether an answer helped, by passage. It reads no word of the visitor."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.settings import read_settings
from bot.web.feedback import FEEDBACK, FeedbackStore

logger = logging.getLogger(__name__)

# The entity of a feedback button's payload, such as /give_feedback{"helpful": "no"}.
HELPFUL = "helpful"
_OPINIONS = {"yes": True, "no": False}


class RecordFeedback(Action):  # type: ignore[misc]
    """`action_record_feedback`: one opinion of the last answer, in the file that the web chat's thumbs go to.

    Says nothing to the visitor and changes nothing in the conversation, so a rule may run it after its reply and lose
    nothing where the action server is away.
    """

    def __init__(self, store: FeedbackStore | None = None) -> None:
        self._store = store or FeedbackStore(read_settings().data / FEEDBACK)

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_record_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Counts, if a button said whether the answer helped. Never raises: Rasa would print the conversation."""
        try:
            opinion = opinion_of(tracker.latest_message, tracker.events)
            if opinion:
                self._store.add(uuid.uuid4().hex, opinion.kind, opinion.passages, opinion.helpful)
        except Exception as error:  # noqa: BLE001 - the action server answers an exception with the whole conversation
            logger.error("Feedback was not counted (%s).", type(error).__name__)
        return []


@dataclass(frozen=True)
class Opinion:
    """Whether the last answer, a reply of this kind with these passages, helped."""

    kind: str
    passages: tuple[str, ...]
    helpful: bool


def opinion_of(message: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Opinion | None:
    """What a feedback button says of the last answer; None where no button was used or nothing was answered yet.

    Args:
        message: the parsed message, with its entities.
        events: the conversation so far, as Rasa sends it.
    """
    said = {e.get("entity"): e.get("value") for e in message.get("entities") or ()}.get(HELPFUL)
    helpful = _OPINIONS.get(str(said))
    replies = (event.get("metadata", {}).get("said") for event in reversed(events) if event.get("event") == "bot")
    answer = next((reply for reply in replies if reply and reply.get("passages")), None)
    if helpful is None or answer is None:
        return None
    return Opinion(str(answer.get("kind", "")), tuple(answer["passages"]), helpful)
