"""Thumbs up and down: counted by the kind of reply and its passages, with no word and no trace of who pressed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.errors import unread_database

# The file of the opinions, in the data folder.
FEEDBACK = "feedback.db"
# What a visitor may say is wrong. A fixed list, since free text would be a health record.
REASONS = ("other_question", "hard_to_read", "too_long", "missing", "seems_wrong", "other")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    reply TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, passage TEXT NOT NULL,
    helpful INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (reply, passage)
)
"""


@dataclass(frozen=True, order=True)
class Count:
    """How often one kind of reply with one passage got the same opinion; `passage` and `reason` may be empty."""

    kind: str
    passage: str
    helpful: bool
    reason: str
    count: int


class FeedbackStore:
    """Opinions in an SQLite file. A second opinion on the same reply replaces the first.

    Args:
        path: the file; made at the first opinion.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(
        self, reply: str, kind: str, passages: Sequence[str], helpful: bool, reason: str = "", day: date | None = None
    ) -> None:
        """Notes an opinion.

        Args:
            reply: a random id of the reply, the same each time it is rated.
            kind: the reply's kind.
            passages: ids of the passages that it showed.
            helpful: thumb up or down.
            reason: one of `REASONS`, or empty.
            day: today, where not given.
        """
        rows = [
            (reply, (day or date.today()).isoformat(), kind, passage, helpful, reason) for passage in passages or [""]
        ]
        with closing(self._open()) as database, database:
            database.executemany("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?)", rows)

    def counts(self) -> list[Count]:
        """All opinions, counted, in the order of their fields.

        Raises:
            UsageError: the file is in use, or may not be read.
            ArtifactError: it is no database, or a damaged one.
        """
        query = "SELECT kind, passage, helpful, reason, COUNT(*) FROM feedback GROUP BY 1, 2, 3, 4"
        try:
            with closing(self._open()) as database:
                rows = database.execute(query).fetchall()
        except sqlite3.DatabaseError as error:
            raise unread_database(self._path, error) from error
        return sorted(
            Count(kind, passage, bool(helpful), reason, count) for kind, passage, helpful, reason, count in rows
        )

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=5)
        database.execute(_SCHEMA)
        return database
