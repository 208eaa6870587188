"""Outcomes in an SQLite file: a counter an hour for each, so that nothing in it belongs to one visitor."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock

from bot.answering.outcomes import Counted, Outcome
from bot.errors import unread_database

logger = logging.getLogger(__name__)

# The file's name in the folder of what the server keeps.
OUTCOMES = "outcomes.db"
KEEP_DAYS = 400

_TABLE = """
CREATE TABLE IF NOT EXISTS outcomes (
  hour TEXT NOT NULL, kind TEXT NOT NULL, passages TEXT NOT NULL, confidence TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (hour, kind, passages, confidence)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO outcomes VALUES (?, ?, ?, ?, 1)
ON CONFLICT (hour, kind, passages, confidence) DO UPDATE SET count = count + 1
"""


class OutcomeLog:
    """The counters in one file.

    Args:
        path: the file; it is made with the first outcome.
        now: the time, aware of its zone.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._lock = Lock()

    def add(self, outcome: Outcome) -> None:
        """Counts one outcome. A file that cannot be written costs the count, never the visitor's reply."""
        row = (_hour(self._now()), outcome.kind, json.dumps(outcome.passages), json.dumps(outcome.confidence))
        try:
            with self._lock:
                self._connection.execute(_ADD, row)
        except (OSError, sqlite3.Error) as error:
            logger.error("An outcome could not be counted in %s (%s).", self._path, type(error).__name__)

    def since(self, days: int) -> list[Counted]:
        """The counts of the last days, oldest first; none where nothing was ever counted.

        Raises:
            UsageError: the file is in use, or may not be read.
            ArtifactError: it is no database, or a damaged one.
        """
        if not self._path.is_file():
            return []
        oldest = _hour(self._now() - timedelta(days=days))
        query = "SELECT hour, kind, passages, confidence, count FROM outcomes WHERE hour >= ? ORDER BY hour"
        try:
            with self._lock:
                rows = self._connection.execute(query, (oldest,)).fetchall()
        except sqlite3.DatabaseError as error:
            raise unread_database(self._path, error) from error
        return [
            Counted(hour, Outcome(kind, tuple(json.loads(passages)), json.loads(confidence)), count)
            for hour, kind, passages, confidence, count in rows
        ]

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        """Opened with the first outcome; what is older than `KEEP_DAYS` is then removed."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=1, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(_TABLE)
        connection.execute("DELETE FROM outcomes WHERE hour < ?", (_hour(self._now() - timedelta(days=KEEP_DAYS)),))
        return connection


def _hour(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H")
