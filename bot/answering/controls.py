"""Replies to requests about the answer just given: more, less, where it comes from, who stands behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.replies import Phrasebook
from bot.answering.reply import Paragraph, Reply, quote, say
from bot.knowledge.model import KnowledgeBase, Passage
from bot.text import collapse

# Intents that speak of the last answer.
CONTROLS = ("request_more", "request_simpler", "request_shorter", "ask_source", "ask_reviewer")
# The short version of a passage: its first statements, up to this many words.
SHORT_WORDS = 30

# What asks who stands behind an answer; everything else under that intent doubts it, in more ways than one could list.
_WHO = re.compile(
    r"\b(?:who|whos|who's|review\w*|check\w*|written|wrote|approve\w*|sign\w*|doctors?|dr|md|nurses?|pharmac\w*|clinicians?|physicians?|experts?"
    r"|specialists?|names?|team|credentials|behind|date|when|last|updated?)\b",
    re.I,
)


def control_reply(
    intent: str, text: str, shown: Passage, following: Sequence[Passage], knowledge: KnowledgeBase, phrases: Phrasebook
) -> Reply:
    """The reply to one of `CONTROLS`.

    Args:
        intent: which of them.
        text: the visitor's words: "is that true?" and "who reviewed this?" are one intent.
        shown: the passage that the last answer quoted.
        following: passages that lead on from it and were not shown yet.
        knowledge: the current knowledge.
        phrases: the fixed sentences.
    """
    if intent == "request_more":
        return _more(shown, following, knowledge, phrases)
    if intent in ("request_simpler", "request_shorter"):
        return _short(shown, knowledge, phrases)
    entry = "source_lead" if intent == "ask_source" else "reviewer" if _WHO.search(text) else "truth"
    facts = {"date": shown.reviewed.isoformat(), "review_by": shown.review_by.isoformat(), "reviewer": shown.reviewer}
    _, citations = quote([shown], knowledge)
    numbers = tuple(c.number for c in citations)
    lines = phrases.sentences(entry, **facts)
    paragraphs = [Paragraph(line, numbers if n == len(lines) - 1 else (), n) for n, line in enumerate(lines)]
    return Reply("answer", tuple(paragraphs), citations, topic=shown.topic, passages=(shown.id,))


def _more(shown: Passage, following: Sequence[Passage], knowledge: KnowledgeBase, phrases: Phrasebook) -> Reply:
    if not following:
        return say("smalltalk", phrases.sentences("no_more"), topic=shown.topic, offers_choices=True)
    paragraphs, citations = quote(following[:1], knowledge)
    return Reply("answer", paragraphs, citations, topic=following[0].topic, passages=(following[0].id,))


def _short(shown: Passage, knowledge: KnowledgeBase, phrases: Phrasebook) -> Reply:
    """The first statements of the passage, as they stand."""
    paragraphs, citations = quote([shown], knowledge, first_block=1)
    kept: list[Paragraph] = []
    count = 0
    for paragraph in paragraphs:
        if kept and count + len(collapse(paragraph.text).split()) > SHORT_WORDS:
            break
        kept.append(paragraph)
        count += len(collapse(paragraph.text).split())
    numbers = {n for p in kept for n in p.citations}
    used = tuple(c for c in citations if c.number in numbers) or citations[:1]
    lead = Paragraph(phrases.sentence("simpler_lead"), block=0)
    return Reply("answer", (lead, *kept), used, topic=shown.topic, passages=(shown.id,))
