"""Decides what one turn of the bot says. Everything a visitor reads here was written and reviewed by people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from bot.answering.conversation import Conversation
from bot.answering.replies import CONTACTS, Phrasebook, crisis_reply, support_line, support_reason
from bot.answering.reply import Paragraph, Reply, blocks, quote, say
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase, Passage
from bot.retrieval.passages import Hit, PassageSearch, Question, Result
from bot.safety.gate import Verdict

# The confidence from which the first passage is shown, and from which "did you mean" is offered. Set on the tune questions at
# the point where a wrong answer and a needless refusal cost the same; docs/evaluation.md has the curve.
ANSWER_AT = 0.5
CLARIFY_AT = 0.3
MAX_CHOICES = 3


@dataclass(frozen=True)
class Knowledge:
    """What the answerer looks things up in: one snapshot's search by language, and its version."""

    base: KnowledgeBase
    version: str
    search: Mapping[str, PassageSearch]


class AdviceDetector(Protocol):
    """Says whether a message asks for personal advice."""

    def judge(self, text: str) -> str | None:
        """The kind of advice (`E-1` … `E-25`), None for a general question."""


@dataclass(frozen=True)
class Turn:
    """One message of a visitor, understood.

    Attributes:
        text: what was typed, cleaned.
        intent: the classifier's first choice.
        topics: probability of each topic.
        verdict: what the safety gate says.
        conversation: what was said before.
        advise: overrides the advice detector where a caller has already asked it.
    """

    text: str
    intent: str
    topics: Mapping[str, float] = field(default_factory=dict)
    verdict: Verdict | None = None
    conversation: Conversation = field(default_factory=Conversation)


class Answerer:
    """Makes replies.

    Args:
        knowledge: gives the current snapshot; asked once a turn, so that a turn never mixes two.
        prepare: turns a question's text into a search question.
        advice: finds requests for personal advice, None to find none.
        today: the date, for review dates.
    """

    def __init__(
        self,
        knowledge: Callable[[], Knowledge],
        prepare: Callable[[PassageSearch, str, Mapping[str, float]], Question],
        advice: AdviceDetector | None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._knowledge = knowledge
        self._prepare = prepare
        self._advice = advice
        self._today = today

    def reply(self, turn: Turn) -> Reply:
        """The reply to one turn, with the notice and the line of support that the conversation calls for."""
        knowledge = self._knowledge()
        language = turn.verdict.language if turn.verdict else DEFAULT_LANGUAGE
        phrases = Phrasebook(knowledge.base, language)
        if turn.verdict and turn.verdict.label and turn.verdict.stops:
            return replace(
                crisis_reply(turn.verdict.label, phrases.region, language, again=turn.conversation.had(turn.verdict.label)),
                knowledge_version=knowledge.version,
            )
        reply = self._content(turn, knowledge, phrases)
        reply = replace(reply, knowledge_version=knowledge.version, language=phrases.language)
        reply = _with_support(reply, turn, phrases)
        return reply.with_notice(phrases.sentence("notice")) if turn.conversation.is_first else reply

    def _content(self, turn: Turn, knowledge: Knowledge, phrases: Phrasebook) -> Reply:
        if not turn.text:
            return say("smalltalk", phrases.sentences("empty"))
        advice = self._advice.judge(turn.text) if self._advice else None
        if advice:
            return self._declined(advice, turn, knowledge, phrases)
        if turn.intent in CONTACTS:
            return say("contact", phrases.sentences(turn.intent))
        if turn.intent in SMALLTALK:
            return say("smalltalk", phrases.sentences(turn.intent), suggestions=self._starters(knowledge, turn))
        return self._answer(turn, knowledge, phrases)

    def _answer(self, turn: Turn, knowledge: Knowledge, phrases: Phrasebook) -> Reply:
        search = knowledge.search[DEFAULT_LANGUAGE]
        result = search.search(self._prepare(search, turn.text, turn.topics))
        result = self._without_withheld(result, knowledge)
        confidence = round(result.confidence, 3)
        if result.hits and result.confidence >= ANSWER_AT:
            return self._quoted(result.hits[0].passage, knowledge, phrases, turn, confidence)
        if len(result.hits) > 1 and result.confidence >= CLARIFY_AT and not turn.conversation.asked_back:
            return say(
                "clarify",
                phrases.sentences("clarify"),
                suggestions=tuple(hit.passage.heading for hit in _near(result.hits)),
                topic=result.hits[0].passage.topic,
                confidence=confidence,
                passages=tuple(hit.passage.id for hit in _near(result.hits)),
            )
        name = "off_topic" if turn.intent == "out_of_scope" else "no_answer"
        return say("no_answer", phrases.sentences(name), confidence=confidence, suggestions=self._starters(knowledge, turn))

    def _quoted(self, passage: Passage, knowledge: Knowledge, phrases: Phrasebook, turn: Turn, confidence: float) -> Reply:
        paragraphs, citations = quote([passage], knowledge.base)
        if passage.is_overdue(self._today()):
            note = Paragraph(phrases.label("overdue", date=passage.review_by.isoformat()), block=paragraphs[-1].block + 1)
            paragraphs = (*paragraphs, note)
        return Reply(
            "answer",
            paragraphs,
            citations,
            topic=passage.topic,
            confidence=confidence,
            suggestions=self._next(passage, knowledge, turn),
            passages=(passage.id,),
        )

    def _declined(self, kind: str, turn: Turn, knowledge: Knowledge, phrases: Phrasebook) -> Reply:
        """A kind sentence, the general passage that fits best, and the right person to ask."""
        decline, point, allowed = phrases.decline(kind)
        passages = [knowledge.base.by_id[name] for name in allowed if name in knowledge.base.by_id]
        shown = self._best_of(passages, turn, knowledge)
        paragraphs, citations = quote(shown, knowledge.base, first_block=1)
        last = paragraphs[-1].block + 1 if paragraphs else 1
        return Reply(
            "declined",
            (Paragraph(decline, block=0), *paragraphs, Paragraph(point, block=last)),
            citations,
            topic=shown[0].topic if shown else None,
            suggestions=self._next(shown[0], knowledge, turn) if shown else (),
            passages=tuple(p.id for p in shown),
        )

    def _best_of(self, passages: list[Passage], turn: Turn, knowledge: Knowledge) -> list[Passage]:
        """The passage that fits the question best, the first where none is found by the search."""
        if not passages:
            return []
        search = knowledge.search[DEFAULT_LANGUAGE]
        allowed = {p.id for p in passages}
        hits = search.search(self._prepare(search, turn.text, turn.topics), top=30).hits
        return [next((hit.passage for hit in hits if hit.passage.id in allowed), passages[0])]

    def _without_withheld(self, result: Result, knowledge: Knowledge) -> Result:
        """The result without passages that the clinic withholds once their review date has passed."""
        if knowledge.base.clinic.overdue_passages != "withhold":
            return result
        return replace(result, hits=tuple(hit for hit in result.hits if not hit.passage.is_overdue(self._today())))

    def _next(self, passage: Passage, knowledge: Knowledge, turn: Turn) -> tuple[str, ...]:
        """Headings of the passages that its author named as next, without those already seen."""
        related = (knowledge.base.by_id[name] for name in passage.related if name in knowledge.base.by_id)
        return tuple(p.heading for p in related if p.id not in turn.conversation.shown)[:MAX_CHOICES]

    def _starters(self, knowledge: Knowledge, turn: Turn) -> tuple[str, ...]:
        """Questions to begin with."""
        known = (knowledge.base.by_id[name] for name in STARTERS if name in knowledge.base.by_id)
        return tuple(p.heading for p in known if p.id not in turn.conversation.shown)[:MAX_CHOICES]


SMALLTALK = ("greet", "goodbye", "thank", "ask_bot_identity", "ask_privacy", "ask_language", "give_feedback")

# What most visitors want to know first, in that order.
STARTERS = (
    "basics/what-is-ketamine#therapy",
    "safety/overview#is-it-safe",
    "cost/prices#iv",
    "sessions/the-day#what-happens",
    "effectiveness/depression#does-it-help",
    "cost/insurance#iv",
)


def _near(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits worth offering as choices."""
    return hits[:MAX_CHOICES]


def _with_support(reply: Reply, turn: Turn, phrases: Phrasebook) -> Reply:
    """The reply with one sentence of support and the crisis line, where the message or the conversation calls for it."""
    reason = support_reason(turn.verdict, turn.conversation.in_crisis)
    if reason is None:
        return reply
    line = support_line(reason, phrases.region, phrases.language)
    resources = phrases.region.resources("distress", phrases.language)
    block = blocks(reply.paragraphs)[-1][-1].block + 1 if reply.paragraphs else 0
    if reason == "distress":
        shifted = tuple(replace(p, block=p.block + 1) for p in reply.paragraphs)
        return replace(reply, tier="distress", resources=resources, paragraphs=(Paragraph(line, block=0), *shifted))
    tier = "distress" if reason == "information" else reply.tier
    return replace(reply, tier=tier, resources=resources, paragraphs=(*reply.paragraphs, Paragraph(line, block=block)))
