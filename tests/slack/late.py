"""A Rasa that is always too late: the tracker store of `connect(late=True)`."""

import asyncio

from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa.conversations import ConversationStore


class LateStore(ConversationStore):
    """Finds a conversation when no visitor waits any more."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        await asyncio.sleep(60)
        return await super().retrieve(sender_id)
