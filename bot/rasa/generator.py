"""Rasa's response generation: every `utter_…` becomes one reply made from reviewed text, inside this process."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.utils.endpoints import EndpointConfig

from bot.answering.answerer import Turn, Utterance
from bot.answering.conversation import Conversation, Said
from bot.answering.outcomes import Outcome
from bot.answering.replies import Phrasebook, apology
from bot.answering.reply import Reply
from bot.knowledge.model import DEFAULT_LANGUAGE, TOPICS
from bot.language import detect_language
from bot.rasa.conversations import SAID
from bot.rasa.importer import intent_of
from bot.rasa.intent_classifier import INTENT_RANKING, PARTS
from bot.rasa.safety_gate import CRISIS_INTENT
from bot.rendering.message import as_message
from bot.runtime import runtime
from bot.safety.gate import STOPS, Verdict
from bot.text import clean

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 4000
# The channel of the command line and of evaluations.
LOCAL_CHANNEL = "local"
# Where a channel of ours waits for the whole reply. Rasa's own record then holds only what later turns need of it: Rasa
# copies its events many times a turn, and a reply's text has no place there.
OUTBOX: ContextVar[list[dict[str, Any]] | None] = ContextVar("outbox", default=None)


class ReplyGenerator(TemplatedNaturalLanguageGenerator):
    """Makes replies from the live knowledge, whatever the action is called: the intent of the last message decides.

    It subclasses Rasa's templated generator because the agent refreshes responses for that type only.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The message for one action, never None and never an exception: the visitor is owed a reply."""
        try:
            reply = runtime().answerer.reply(turn_of(tracker))
        except Exception as error:  # noqa: BLE001 - one of the two places that owe the visitor a reply
            logger.error(
                "A reply could not be made (%s); the visitor gets the apology and the help lines.", type(error).__name__
            )
            phrases = Phrasebook(runtime().knowledge, detect_language(_typed(tracker)))
            reply = apology(phrases, phrases.region)
        said = Said.of(reply).as_dict()
        outcome = Outcome.of(reply)
        # Questions of the command line and of evaluations are nobody's.
        if outcome and tracker.get_latest_input_channel() != LOCAL_CHANNEL:
            runtime().outcomes.add(outcome)
        outbox = OUTBOX.get()
        if outbox is not None:
            outbox.append(message_for(reply))
            return {"text": "", SAID: said}
        message = message_for(reply)
        # Rasa's other channels take `custom` for commands of their own, so they get text and buttons only.
        return {"text": message["text"], "buttons": message.get("buttons"), SAID: said}


def message_for(reply: Reply) -> dict[str, Any]:
    """The channel message of a reply."""
    return as_message(reply, Phrasebook(runtime().knowledge, reply.language).labels())


def turn_of(tracker: DialogueStateTracker) -> Turn:
    """The last message of a tracker, judged by the gate, with the conversation before it."""
    message = tracker.latest_message
    text = clean(_typed(tracker), MAX_CHARACTERS)
    data: Mapping[str, Any] = message.parse_data if message else {}
    return Turn(
        message=_utterance(text, data.get(INTENT_RANKING) or []),
        parts=tuple(_utterance(part[TEXT], part[INTENT_RANKING]) for part in data.get(PARTS) or ()),
        verdict=_verdict(text, data),
        conversation=conversation_of(tracker.events),
    )


def _typed(tracker: DialogueStateTracker) -> str:
    message = tracker.latest_message
    return (message.text if message else "") or ""


def _utterance(text: str, ranking: Sequence[Mapping[str, Any]]) -> Utterance:
    confidence = {str(entry["name"]): float(entry["confidence"]) for entry in ranking if entry.get("name")}
    intent = max(confidence, key=lambda name: confidence[name], default="")
    return Utterance(
        text, intent, {topic: confidence.get(intent_of(topic), 0.0) for topic in TOPICS}, confidence.get(intent, 0.0)
    )


def _verdict(text: str, data: Mapping[str, Any]) -> Verdict | None:
    """What the gate said before Rasa, where a channel has noted it, else what it says now."""
    noted = {str(e.get("entity")): str(e.get("value")) for e in data.get("entities", ())}
    if noted.get("tier") in STOPS and (data.get("intent") or {}).get("name") == CRISIS_INTENT:
        return Verdict(noted["tier"], 1.0, noted.get("language", DEFAULT_LANGUAGE))
    return runtime().gate.assess(text) if text else None


def conversation_of(events: Iterable[Event]) -> Conversation:
    """What the bot has said since the session began."""
    said: list[Said] = []
    for event in events:
        if isinstance(event, SessionStarted):
            said.clear()
        elif isinstance(event, BotUttered) and isinstance(event.metadata.get(SAID), dict):
            said.append(Said.from_dict(event.metadata[SAID]))
    return Conversation(said)
