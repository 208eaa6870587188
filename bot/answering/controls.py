"""Replies to requests about the answer just given: more, less, where it comes from, who stands behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answering.reading import content_roots
from bot.answering.replies import Phrasebook
from bot.answering.reply import Paragraph, Reply, quote, say
from bot.knowledge.model import KnowledgeBase, Passage
from bot.knowledge.vocabulary import Vocabulary
from bot.text import collapse

# Intents that speak of the last answer.
CONTROLS = ("request_more", "request_simpler", "request_shorter", "ask_source", "ask_reviewer")
# The short version of a passage: its first statements, up to this many words.
SHORT_WORDS = 30

_DOUBT = re.compile(
    r"\b(?:true|sure|certain|trust|legit|bs|really|believe|accurate|correct|right|reliable|doubt|proof)\b", re.I
)
_ORDINALS = (
    ("1", "1st", "first", "former", "top"),
    ("2", "2nd", "second", "two", "middle", "latter"),
    ("3", "3rd", "third", "three", "last", "bottom"),
)
# Words that may stand beside the number of a choice, and beside its subject: "the spray one please".
_BESIDE = frozenset(
    "the one please option number no i mean meant that yes ok is it of list suggestion choice question in your".split()
)
_PICKS = re.compile(r"\bthe\b.*\b(?:one|part|bit|question|option)\b", re.I)
_PICKING = re.compile(r"\b(?:one|part|bit|question|option|mean|meant|please|list)\b", re.I)
_WORD = re.compile(r"\w+")


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
    entry = "source_lead" if intent == "ask_source" else "truth" if _DOUBT.search(text) else "reviewer"
    facts = {"date": shown.reviewed.isoformat(), "review_by": shown.review_by.isoformat(), "reviewer": shown.reviewer}
    _, citations = quote([shown], knowledge)
    numbers = tuple(c.number for c in citations)
    lines = phrases.sentences(entry, **facts)
    paragraphs = [Paragraph(line, numbers if n == len(lines) - 1 else (), n) for n, line in enumerate(lines)]
    return Reply("answer", tuple(paragraphs), citations, topic=shown.topic, passages=(shown.id,))


def chosen(text: str, suggestions: Sequence[str]) -> str | None:
    """The suggestion that a message picks, by its number or by its words; None where it picks none.

    >>> chosen("the second one please", ["What does it cost?", "Is it safe?"])
    'Is it safe?'
    """
    said = [w.lower() for w in _WORD.findall(text)]
    for suggestion in suggestions:
        if said == [w.lower() for w in _WORD.findall(suggestion)]:
            return suggestion
    rest = [w for w in said if w not in _BESIDE] or (["1"] if "one" in said and len(said) <= 2 else [])
    for position, names in enumerate(_ORDINALS):
        if rest and len(said) <= 7 and all(w in names for w in rest) and position < len(suggestions):
            return suggestions[-1] if rest[0] in ("last", "bottom", "latter") else suggestions[position]
    return None


def picks(text: str) -> bool:
    """Whether a message speaks of one thing among several: "the insurance one", "the bit on pills"."""
    return bool(_PICKS.search(text))


def named(text: str, suggestions: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The choice that a few words name: the only one with the most of them; None where they name none or several.

    >>> offered = ["How much does one infusion cost?", "How much does Spravato cost?"]
    >>> words = Vocabulary({"form": {"iv": ("infusion", "drip"), "spravato": ("Spravato", "spray")}})
    >>> named("the drip one", offered, words)
    'How much does one infusion cost?'
    """
    said = _subjects(_PICKING.sub(" ", text), vocabulary)
    shared = [len(said & _subjects(suggestion, vocabulary)) for suggestion in suggestions]
    best = max(shared, default=0)
    if not said or best * 2 < len(said) or best == 0 or shared.count(best) > 1:
        return None
    return suggestions[shared.index(best)]


def _subjects(text: str, vocabulary: Vocabulary) -> frozenset[str]:
    """What a text is about: the values of the vocabulary that it names, and the roots of its other words."""
    values = set()
    for mention in reversed(vocabulary.find(text)):
        values.add(mention.value)
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return content_roots(text) | values


def _more(shown: Passage, following: Sequence[Passage], knowledge: KnowledgeBase, phrases: Phrasebook) -> Reply:
    if not following:
        return say("smalltalk", phrases.sentences("no_more"), topic=shown.topic)
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
    reply = Reply("answer", (lead, *kept), used, topic=shown.topic, passages=(shown.id,))
    return replace(reply, suggestions=(shown.heading,))
