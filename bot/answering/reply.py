"""The reply: the one thing that every turn is, whatever the channel. `docs/reply-format.md` is its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.knowledge.model import KnowledgeBase, Passage, Source
from bot.safety.resources import Resource
from bot.text import collapse

SCHEMA = "reply/1"

KINDS = ("answer", "clarify", "no_answer", "declined", "crisis", "emergency", "contact", "smalltalk", "error")


@dataclass(frozen=True)
class Citation:
    """A numbered source of one passage."""

    number: int
    source: Source
    passage: Passage

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "number": self.number,
            "source_id": self.source.id,
            "title": self.source.title,
            "publisher": self.source.publisher,
            "year": self.source.year,
            "url": self.source.url,
            "passage": {
                "id": self.passage.id,
                "file": self.passage.file,
                "heading": self.passage.heading,
                "reviewed": self.passage.reviewed.isoformat(),
                "reviewer": self.passage.reviewer,
            },
        }


@dataclass(frozen=True)
class Paragraph:
    """Words to show and the numbers of their citations.

    `block` groups consecutive paragraphs that a page shows as one: a passage's statements stay separate here, each with
    its own citations, and are read together.
    """

    text: str
    citations: tuple[int, ...] = ()
    block: int = 0


@dataclass(frozen=True)
class Reply:
    """One turn of the bot.

    `offers_choices` says that its words lead to the suggestions ("Did you mean …?"); the text then lists them.
    """

    kind: str
    paragraphs: tuple[Paragraph, ...]
    citations: tuple[Citation, ...] = ()
    resources: tuple[Resource, ...] = ()
    suggestions: tuple[str, ...] = ()
    offers_choices: bool = False
    topic: str | None = None
    tier: str | None = None
    confidence: float | None = None
    knowledge_version: str = ""
    notice: str = ""
    language: str = "en"
    passages: tuple[str, ...] = field(default=())

    def as_custom(self) -> dict[str, Any]:
        """The `custom` object of the channel message."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "tier": self.tier,
            "topic": self.topic,
            "language": self.language,
            "notice": self.notice,
            "paragraphs": [{"text": p.text, "citations": list(p.citations), "block": p.block} for p in self.paragraphs],
            "citations": [c.as_dict() for c in self.citations],
            "resources": [r.as_dict() for r in self.resources],
            "suggestions": list(self.suggestions),
            "confidence": self.confidence,
            "knowledge_version": self.knowledge_version,
        }

    def below(self, sentences: Sequence[str]) -> Reply:
        """The same reply below fixed sentences, each its own block."""
        shifted = (replace(p, block=p.block + len(sentences)) for p in self.paragraphs)
        return replace(self, paragraphs=(*say(self.kind, sentences).paragraphs, *shifted))

    def with_notice(self, notice: str) -> Reply:
        """The same reply under a one-line notice."""
        return replace(self, notice=notice)


def say(kind: str, sentences: Sequence[str], **more: Any) -> Reply:
    """A reply of fixed, uncited sentences, each its own block."""
    return Reply(kind, tuple(Paragraph(text, block=number) for number, text in enumerate(sentences)), **more)


def quote(
    passages: Sequence[Passage], knowledge: KnowledgeBase, first_block: int = 0
) -> tuple[tuple[Paragraph, ...], tuple[Citation, ...]]:
    """Whole passages as paragraphs with numbered citations; a source gets one number a passage."""
    paragraphs: list[Paragraph] = []
    citations: dict[tuple[str, str], Citation] = {}
    block = first_block
    for passage in passages:
        for blocks in passage.paragraphs:
            for statement in blocks:
                numbers = []
                for name in statement.sources:
                    key = (passage.id, name)
                    if key not in citations:
                        citations[key] = Citation(len(citations) + 1, knowledge.sources[name], passage)
                    numbers.append(citations[key].number)
                paragraphs.append(Paragraph(statement.text, tuple(numbers), block))
            block += 1
    return tuple(paragraphs), tuple(citations.values())


def join(kind: str, replies: Sequence[Reply], **more: Any) -> Reply:
    """Several replies as one, in order: whole paragraphs, each with its own citations, numbered anew."""
    paragraphs: list[Paragraph] = []
    citations: list[Citation] = []
    block = 0
    for reply in replies:
        start = len(citations)
        paragraphs += [
            replace(p, block=p.block + block, citations=tuple(n + start for n in p.citations)) for p in reply.paragraphs
        ]
        citations += [replace(c, number=c.number + start) for c in reply.citations]
        block = paragraphs[-1].block + 1 if paragraphs else 0
    passages = tuple(dict.fromkeys(name for reply in replies for name in reply.passages))
    return Reply(kind, tuple(paragraphs), tuple(citations), passages=passages, **more)


def blocks(paragraphs: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """The paragraphs, grouped as they are shown."""
    grouped: list[list[Paragraph]] = []
    for paragraph in paragraphs:
        if grouped and grouped[-1][-1].block == paragraph.block:
            grouped[-1].append(paragraph)
        else:
            grouped.append([paragraph])
    return grouped


def marked(block: Sequence[Paragraph]) -> list[tuple[str, tuple[int, ...]]]:
    """A block's sentences with the marks to show: neighbours with the same citations share one, at the last."""
    shown = []
    for paragraph, following in zip(block, [*block[1:], None], strict=True):
        repeated = following is not None and following.citations == paragraph.citations
        shown.append((collapse(paragraph.text), () if repeated else paragraph.citations))
    return shown
