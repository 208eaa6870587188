"""The reply as nothing but text: for text messages, and for every channel that shows no more than that."""

from __future__ import annotations

from collections.abc import Mapping

from bot.answering.reply import Reply, blocks, marked
from bot.knowledge.model import Source


def plain_text(reply: Reply, words: Mapping[str, str]) -> str:
    """The complete reply for a channel that shows nothing but text.

    Args:
        reply: what to show.
        words: the labels in the reply's language: `sources`, `reviewed`.
    """
    parts = [reply.notice] if reply.notice else []
    for block in blocks(reply.paragraphs):
        parts.append(" ".join(text + "".join(f"[{n}]" for n in numbers) for text, numbers in marked(block)))
    if reply.resources:
        parts.append("\n".join(f"• {r.label}: {r.shown}" for r in reply.resources))
    if reply.offers_choices:
        parts.append("\n".join(f"{n}. {choice}" for n, choice in enumerate(reply.suggestions, 1)))
    if reply.citations:
        lines = [f"[{c.number}] {_source(c.source)}" for c in reply.citations]
        reviewed = min(c.passage.reviewed for c in reply.citations)
        parts.append("\n".join([words["sources"], *lines, words["reviewed"].format(date=reviewed.isoformat())]))
    return "\n\n".join(parts)


def _source(source: Source) -> str:
    return f"{source.title}. {source.publisher}, {source.year}. {source.url}"
