"""Rasa's record of conversations, reduced to what later turns need: what the bot said.

No visitor's word is ever stored.

Each conversation is one row: its id, when it was last used, and the `Said` of each reply. A tracker is rebuilt from
that, so a turn costs the same after eighty turns as after one.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool

from bot.answering.conversation import HELP

logger = logging.getLogger(__name__)

SAID = "said"
# Enough for every reference to earlier replies that a person makes, and an upper bound for the row.
KEEP_REPLIES = 40

_metadata = sa.MetaData()
_conversations = sa.Table(
    "conversations",
    _metadata,
    sa.Column("id", sa.String(300), primary_key=True),
    sa.Column("updated", sa.Float, nullable=False, index=True),
    sa.Column("said", sa.Text, nullable=False),
)


def _kept(said: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last replies, and of earlier ones the gate's, the last of each kind: help lines stay with a conversation."""
    earlier = {(reply.get("kind"), reply.get("tier")): reply for reply in said[:-KEEP_REPLIES]}
    return [*(reply for (kind, _), reply in earlier.items() if kind in HELP), *said[-KEEP_REPLIES:]]


class ConversationStore(TrackerStore, SerializedTrackerAsText):
    """A tracker store on any database that SQLAlchemy reaches.

    Args:
        domain: Rasa's domain.
        host: the address of the database, under the name by which Rasa passes `url` of endpoints.yml.
        event_broker: where Rasa publishes events, if anywhere.
        url: the same, for code that makes a store itself.
        expire_minutes: after so long without a message a conversation is forgotten, and its row removed.
    """

    def __init__(
        self,
        domain: Domain | None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        url: str = "sqlite://",
        expire_minutes: float = 30,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._url = host or url
        self._expire = expire_minutes * 60
        self._purged = 0.0

    @cached_property
    def _engine(self) -> Engine:
        """Opened at the first message, so that a database that is away does not keep the server from starting."""
        url = sa.engine.make_url(self._url)
        options: dict[str, Any] = {"pool_pre_ping": True}
        if url.get_backend_name() == "sqlite":
            # Closing SQLite's last connection writes its whole log back, so connections are kept.
            pool = QueuePool if url.database else StaticPool
            options = {"connect_args": {"check_same_thread": False, "timeout": 5}, "poolclass": pool}
            if url.database:
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        # An error's text would hold what was being written, and is logged by Rasa.
        engine = sa.create_engine(url, hide_parameters=True, **options)
        if url.get_backend_name() == "sqlite":
            sa.event.listen(engine, "connect", _write_ahead)
        _metadata.create_all(engine)
        return engine

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores what the bot said in the current session."""
        await self.stream_events(tracker)
        said: list[dict[str, Any]] = []
        for event in tracker.events:
            if isinstance(event, SessionStarted):
                said = []
            elif isinstance(event, BotUttered) and isinstance(event.metadata.get(SAID), dict):
                said.append(event.metadata[SAID])
        now = time.time()
        values = {"updated": now, "said": json.dumps(_kept(said))}
        try:
            self._write(tracker.sender_id, values, now)
        except (SQLAlchemyError, OSError) as error:
            # Rasa would log the error's text and keep the whole conversation, the visitor's words too, in memory.
            logger.error("conversations: a reply could not be noted (%s).", type(error).__name__)

    def _write(self, conversation: str, values: dict[str, Any], now: float) -> None:
        with self._engine.begin() as connection:
            changed = connection.execute(
                _conversations.update().where(_conversations.c.id == conversation).values(**values)
            )
            if not changed.rowcount:
                connection.execute(_conversations.insert().values(id=conversation, **values))
            if now - self._purged > 600:
                connection.execute(_conversations.delete().where(_conversations.c.updated < now - self._expire))
                self._purged = now

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A new tracker; its row is written with its first reply."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as a tracker that listens, None where it is unknown or forgotten."""
        oldest = time.time() - self._expire
        query = sa.select(_conversations.c.said).where(
            _conversations.c.id == sender_id, _conversations.c.updated >= oldest
        )
        try:
            with self._engine.connect() as connection:
                said = connection.execute(query).scalar()
        except (SQLAlchemyError, OSError) as error:
            logger.error("conversations: one could not be read (%s) and begins anew.", type(error).__name__)
            return None
        if said is None:
            return None
        events = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME)]
        events += [BotUttered(metadata={SAID: entry}) for entry in json.loads(said)]
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots, domain=self.domain)

    async def keys(self) -> list[str]:
        """Ids of the conversations that are not forgotten."""
        query = sa.select(_conversations.c.id).where(_conversations.c.updated >= time.time() - self._expire)
        with self._engine.connect() as connection:
            return [row.id for row in connection.execute(query)]


def _write_ahead(connection: Any, _: object) -> None:
    """A write waits for no disk: what a power cut takes is the last moments of a conversation."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
