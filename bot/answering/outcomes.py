"""Turns that left a visitor without an answer, for staff to learn from.

A visitor's words are health information and no part of an outcome: it says what the bot had, never what was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.answering.reply import Reply
from bot.knowledge.model import TOPICS

KINDS = ("no_answer", "clarify")
NEAREST = 3
# Below this confidence the first passages of a search have nothing to do with the question.
NEAR_FROM = 0.1


@dataclass(frozen=True)
class Outcome:
    """How a turn without an answer ended.

    Attributes:
        kind: one of `KINDS`.
        passages: ids of the passages that were nearest, best first; none where nothing was near.
        confidence: of the search, in tenths; None where nothing was searched.
    """

    kind: str
    passages: tuple[str, ...] = ()
    confidence: float | None = None

    @classmethod
    def of(cls, reply: Reply) -> Outcome | None:
        """The outcome of a turn, None where the visitor got what a reply can give."""
        if reply.kind not in KINDS:
            return None
        if reply.confidence is None:
            return cls(reply.kind)
        near = reply.passages[:NEAREST] if reply.confidence >= NEAR_FROM else ()
        return cls(reply.kind, near, round(reply.confidence, 1))

    @property
    def topic(self) -> str:
        """The topic of the nearest passage, empty where there is none."""
        folders = self.passages[0].split("/")[:2] if self.passages else []
        return next((folder for folder in folders if folder in TOPICS), "")


@dataclass(frozen=True)
class Counted:
    """How often one outcome came in one hour (`2026-11-22T14`, UTC)."""

    hour: str
    outcome: Outcome
    count: int


@dataclass(frozen=True)
class Gap:
    """What staff see: outcomes of one kind around one nearest passage.

    Attributes:
        kind: one of `KINDS`.
        topic: topic of the nearest passage.
        passage: id of the nearest passage, empty where nothing was near.
        count: how often.
        confidence: mean confidence, None where nothing was searched.
        also_near: other passages that were near, most often first.
        last: the last hour in which it came.
    """

    kind: str
    topic: str
    passage: str
    count: int
    confidence: float | None
    also_near: tuple[str, ...]
    last: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return dict(vars(self))


def gaps(counted: Iterable[Counted]) -> list[Gap]:
    """The outcomes grouped by kind and nearest passage, the most frequent first."""
    groups: dict[tuple[str, str, str], list[Counted]] = {}
    for entry in counted:
        nearest = entry.outcome.passages[0] if entry.outcome.passages else ""
        groups.setdefault((entry.outcome.kind, entry.outcome.topic, nearest), []).append(entry)
    found = []
    for (kind, topic, passage), entries in groups.items():
        searched = [(e.outcome.confidence, e.count) for e in entries if e.outcome.confidence is not None]
        times = sum(count for _, count in searched)
        near = Counter[str]()
        for entry in entries:
            near.update(dict.fromkeys(entry.outcome.passages[1:], entry.count))
        found.append(
            Gap(
                kind,
                topic,
                passage,
                count=sum(e.count for e in entries),
                confidence=round(sum(c * n for c, n in searched) / times, 2) if times else None,
                also_near=tuple(name for name, _ in near.most_common(NEAREST)),
                last=max(e.hour for e in entries),
            )
        )
    return sorted(found, key=lambda gap: (-gap.count, gap.kind, gap.passage))
