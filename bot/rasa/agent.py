"""Rasa's agent in this process, for the command line and for evaluation.

It takes the same path as a visitor's message, without a port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent, load_agent
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig

from bot.errors import UsageError
from bot.knowledge.model import TOPICS
from bot.rasa.channels.turn import take_turn
from bot.rasa.generator import LOCAL_CHANNEL
from bot.rasa.importer import intent_of


@dataclass(frozen=True)
class Understood:
    """What Rasa's NLU makes of a message: the first intent and the probability of each topic."""

    intent: str
    topics: dict[str, float]


Understanding = Callable[[str], Understood]


class LocalBot:
    """A whole bot in this process. Conversations are kept in memory.

    Args:
        models: folder of Rasa's models.
    """

    def __init__(self, models: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._agent = self._loop.run_until_complete(_load(models))

    def ask(self, text: str, conversation: str = "local") -> dict[str, Any]:
        """The bot's reply to a message, as a channel gets it."""
        return self._loop.run_until_complete(self._settled(text, conversation))

    def understand(self, text: str) -> Understood:
        """What Rasa's NLU makes of a message."""
        return _understood(self._loop.run_until_complete(self._agent.parse_message(text)))

    async def _settled(self, text: str, conversation: str) -> dict[str, Any]:
        reply = await take_turn(self._agent.handle_message, f"{LOCAL_CHANNEL}:{conversation}", text, LOCAL_CHANNEL)
        pending = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if pending:
            await asyncio.gather(*pending)
        return reply


def load_understanding(models: Path) -> Understanding:
    """A function that understands messages."""
    return LocalBot(models).understand


async def _load(models: Path) -> Agent:
    if not any(models.glob("*.tar.gz")):
        raise UsageError(f"{models}: holds no model: run 'faqbot train'")
    endpoints = AvailableEndpoints(
        nlg=EndpointConfig(type="bot.rasa.generator.ReplyGenerator"),
        tracker_store=EndpointConfig(type="bot.rasa.conversations.ConversationStore", url="sqlite://"),
    )
    agent = await load_agent(str(models), endpoints=endpoints)
    if not agent.is_ready():
        raise UsageError(f"{models}: the model cannot be loaded: run 'faqbot train'")
    return agent


def _understood(data: dict[str, Any]) -> Understood:
    confidence = {
        entry["name"]: float(entry["confidence"]) for entry in data.get("intent_ranking", ()) if entry.get("name")
    }
    return Understood(
        str(data["intent"].get("name") or ""), {topic: confidence.get(intent_of(topic), 0.0) for topic in TOPICS}
    )
