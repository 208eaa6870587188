"""Decides what one turn of the bot says. Everything a visitor reads here was written and reviewed by people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Protocol

from bot.answering.choices import asks, chosen, named, picks
from bot.answering.controls import CONTROLS, control_reply
from bot.answering.conversation import Conversation
from bot.answering.following import TOP, FollowUps
from bot.answering.reading import STORY_WORDS, content_roots, cues_of
from bot.answering.replies import CONTACTS, Phrasebook, calmed_reply, crisis_reply, with_support
from bot.answering.reply import Paragraph, Reply, join, quote, say
from bot.answering.splitting import questions_in
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase, Passage
from bot.language import is_undecided
from bot.retrieval.passages import Hit, PassageSearch, Question, Result
from bot.safety.gate import CALMS, DISTRESS, MOVES_ON, STANDS, STOPS, Verdict
from bot.text import words

# What a message right after help lines may surely be, so that nobody asks if it stands on the danger. Who wants a
# person, or a phone number, is not among them: the help lines come first.
AFTER_DANGER = ("greet", "goodbye", "thank", "ask_bot_identity", "ask_privacy", "ask_hours", "ask_location")
# The confidence from which the first passage is shown, and from which "did you mean" is offered. At the former the
# search is wrong about 1.2 % of the answerable tune questions and finds something for 6.5 % of the others, which
# leaves room below 2 and 8 % for what unseen questions add; `faqbot eval` plots the curve.
ANSWER_AT = 0.75
CLARIFY_AT = 0.3
# From which a message is answered that stands on what was said. It is lower, since asking back in the middle of a
# conversation helps nobody; tuned on the tune dialogues.
FOLLOW_AT = 0.4
MAX_CHOICES = 3
# Questions of one message that are answered in full; further ones are named and offered.
FULL_ANSWERS = 2
# Requests about the last answer are short; a long message that looks like one is a question.
CONTROL_WORDS, CONTROL_AT = 14, 0.5
# After "did you mean", a message this short may name a choice by a word of it; "the … one" may always.
CHOICE_WORDS = 5
# Clinic facts and small talk are given from this certainty of their intent; below it, the message is searched for.
# Where they are as good as sure, nobody looks for a wish for advice in a thank-you.
FIXED_AT, SURE_AT = 0.4, 0.8
# What may be a wish for advice is a general question from this confidence. On the tune part this and the two thresholds
# of the judge decline 97 % of the wishes and 8 % of the answerable questions; one threshold for all 95 and 10 %.
GENERAL_AT = 0.9
# A message of at most so many words after an answer asks for clinic facts only where that is sure.
FRAGMENT_WORDS = 4

# What is only told, and asks for nothing.
TELLS = "tell"
SMALLTALK = ("greet", "goodbye", "thank", "ask_bot_identity", "ask_privacy", "ask_language", "give_feedback", TELLS)
# Small talk that asks for something; in a message with several questions it is told too.
ABOUT_THE_BOT = ("ask_bot_identity", "ask_privacy", "ask_language")
# The kind of a wish for personal advice that may be of several kinds.
ANY_ADVICE = "any"
# What may stand before a question without being what the message is about: "thanks, and is it safe?"
COURTESIES = (*SMALLTALK, "affirm", "deny")
# Where one message may hold two questions that could not be told apart.
_MAY_JOIN = re.compile(r"[,;&+/]|\b(?:and|n|or|also|plus)\b", re.I)

# Where these are shown, what the clinic itself charges stands before what others do.
PRICES = ("cost/prices#iv", "cost/prices#series")

# What most visitors want to know first, in that order.
STARTERS = (
    "basics/what-is-ketamine#therapy",
    "safety/overview#is-it-safe",
    "cost/prices#iv",
    "sessions/the-day#what-happens",
    "effectiveness/depression#does-it-help",
    "cost/insurance#iv",
)


@dataclass(frozen=True)
class Knowledge:
    """What the answerer looks things up in: one snapshot's search by language, and its version."""

    base: KnowledgeBase
    version: str
    search: Mapping[str, PassageSearch]


@dataclass(frozen=True)
class Wish:
    """A wish for personal advice.

    Attributes:
        kind: `E-1` … `E-25`, or `ANY_ADVICE`.
        is_sure: False where the message may as well ask in general, or only tell.
    """

    kind: str
    is_sure: bool = True


class AdviceJudge(Protocol):
    """Says whether a message asks for personal advice."""

    def judge(self, text: str) -> Wish | None:
        """The wish, None for a general question."""


class AftermathJudge(Protocol):
    """Says what a message is that comes right after help lines."""

    def judge(self, text: str) -> str:
        """`STANDS`, `CALMS` or `MOVES_ON`."""


@dataclass(frozen=True)
class Utterance:
    """Words of a visitor, understood: a whole message or one question of it.

    Attributes:
        text: what was typed, cleaned.
        intent: the classifier's first choice.
        topics: probability of each topic; what is missing to 1 is the probability of other intents.
        certainty: probability of the intent.
    """

    text: str
    intent: str
    topics: Mapping[str, float] = field(default_factory=dict)
    certainty: float = 1.0


@dataclass(frozen=True)
class Turn:
    """One message of a visitor.

    Attributes:
        message: the whole of it.
        parts: its questions, where it has more than one, or one behind a courtesy or in a story.
        verdict: what the safety gate says.
        conversation: what was said before.
    """

    message: Utterance
    parts: tuple[Utterance, ...] = ()
    verdict: Verdict | None = None
    conversation: Conversation = field(default_factory=Conversation)

    @property
    def language(self) -> str:
        """The language of the message; where its words leave that open, of what was said before."""
        language = self.verdict.language if self.verdict else DEFAULT_LANGUAGE
        last = self.conversation.last
        is_open = language == DEFAULT_LANGUAGE and is_undecided(self.message.text)
        return last.language if last and is_open else language

    @property
    def asked_beside(self) -> str | None:
        """The last question of a message that tells something too; None where it is nothing but a question."""
        asked = [part for part in questions_in(self.message.text) if part != self.message.text]
        return asked[-1] if asked else None


class Answerer:
    """Makes replies.

    Args:
        knowledge: gives the current snapshot; asked once a turn, so that a turn never mixes two.
        prepare: turns a question's text into a search question.
        advice: finds requests for personal advice, None to find none.
        follow_ups: finds what a message asks for that stands on what was said, None to search for it as typed.
        aftermath: tells what a message is that comes right after help lines, None to take it for more of the danger.
        today: the date, for review dates.
    """

    def __init__(
        self,
        knowledge: Callable[[], Knowledge],
        prepare: Callable[[PassageSearch, str, Mapping[str, float]], Question],
        advice: AdviceJudge | None,
        follow_ups: FollowUps | None = None,
        aftermath: AftermathJudge | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.knowledge = knowledge
        self._prepare = prepare
        self._advice = advice
        self.follow_ups = follow_ups
        self._aftermath = aftermath
        self._today = today

    def reply(self, turn: Turn) -> Reply:
        """The reply to one turn, with the notice and the line of support that the conversation calls for."""
        knowledge = self.knowledge()
        language = turn.language
        phrases = Phrasebook(knowledge.base, language)
        after = self._after_danger(turn)
        danger = turn.conversation.danger if after == STANDS else turn.verdict.label if turn.verdict else None
        if danger in STOPS:
            reply = crisis_reply(danger, phrases.region, language, turn.conversation.times(danger))
            return replace(reply, knowledge_version=knowledge.version)
        content = _Turn(self, turn, knowledge, phrases)
        reply = self._with_review(content.calmed() if after == CALMS else content.content(), phrases)
        reply = replace(reply, knowledge_version=knowledge.version, language=phrases.language)
        reply = with_support(reply, turn.verdict, turn.conversation, phrases)
        return reply.with_notice(phrases.sentence("notice")) if turn.conversation.is_first else reply

    def _after_danger(self, turn: Turn) -> str | None:
        """What a message is that comes right after help lines and tells of no danger itself; None for any other."""
        if turn.verdict is None or turn.verdict.stops or turn.conversation.danger is None:
            return None
        if turn.message.intent in AFTER_DANGER and turn.message.certainty >= SURE_AT:
            return MOVES_ON
        if self._aftermath is None:
            return STANDS
        judged, asked = self._aftermath.judge(turn.message.text), turn.asked_beside
        # "Just kidding. What does it cost?": what is asked leaves the danger, whatever is told before it.
        is_left = judged == STANDS and asked is not None and self._aftermath.judge(asked) == MOVES_ON
        return CALMS if is_left else judged

    def _with_review(self, reply: Reply, phrases: Phrasebook) -> Reply:
        """The reply with a note where a passage that it quotes should have been reviewed by now."""
        due = [c.passage.review_by for c in reply.citations if self.is_overdue(c.passage)]
        if not due:
            return reply
        note = Paragraph(phrases.label("overdue", date=min(due).isoformat()), block=reply.paragraphs[-1].block + 1)
        return replace(reply, paragraphs=(*reply.paragraphs, note))

    def advice_in(self, text: str) -> Wish | None:
        """The wish for personal advice that a text holds."""
        return self._advice.judge(text) if self._advice else None

    def find(self, said: Utterance, knowledge: Knowledge, language: str) -> Result:
        """Searches the passages of a language, without those that the clinic withholds once overdue for review."""
        search = knowledge.search.get(language) or knowledge.search[DEFAULT_LANGUAGE]
        return self.without_withheld(search.search(self._prepare(search, said.text, said.topics), top=TOP), knowledge)

    def without_withheld(self, result: Result, knowledge: Knowledge) -> Result:
        """A result without the passages that the clinic withholds; it is unsure of the others if one of those led."""
        if knowledge.base.clinic.overdue_passages != "withhold":
            return result
        hits = tuple(hit for hit in result.hits if not self.is_withheld(hit.passage, knowledge))
        return Result(hits, result.confidence if hits[:1] == result.hits[:1] else 0.0)

    def is_withheld(self, passage: Passage, knowledge: Knowledge) -> bool:
        """Whether the clinic does not show this passage until it is reviewed again."""
        return knowledge.base.clinic.overdue_passages == "withhold" and self.is_overdue(passage)

    def is_overdue(self, passage: Passage) -> bool:
        """Whether a passage should have been reviewed again by now."""
        return passage.is_overdue(self._today())


@dataclass(frozen=True)
class _Turn:
    """One turn being answered: the steps share what was asked, the knowledge and the sentences."""

    answerer: Answerer
    turn: Turn
    knowledge: Knowledge
    phrases: Phrasebook

    def content(self) -> Reply:
        """The reply, in the order of what a message can be."""
        message = self.turn.message
        if not message.text:
            return say("smalltalk", self.phrases.sentences("empty"))
        if len(self.turn.parts) == 1 and message.intent in COURTESIES:
            return replace(self, turn=replace(self.turn, message=self.turn.parts[0], parts=())).content()
        if not self._has_passages:
            return self._pick() or self._one
        return self._pick() or self._about_last_answer() or self._several() or self._one

    def calmed(self) -> Reply:
        """The reply to who says that there is no danger: what else is asked is answered."""
        if asked := self.turn.asked_beside:
            question = replace(self, turn=replace(self.turn, message=Utterance(asked, ""), parts=()))
            reply = question._one
            if reply.kind not in ("no_answer", "clarify"):
                return reply
        return calmed_reply(str(self.turn.conversation.danger), self.phrases)

    @cached_property
    def _one(self) -> Reply:
        """The reply to one question, or to a message as a whole."""
        said = self.turn.message
        # What looks only told may be a wish for advice: "guess I'll skip my pills sunday".
        sure = None if said.intent == TELLS else self._fixed(said, SURE_AT)
        if sure:
            return sure
        wish = self.answerer.advice_in(said.text)
        if wish and (wish.is_sure or not self._is_explained(said)):
            return self._declined(wish.kind, said)
        # After an answer, "bus?" asks about a bus for the visit and not for the way to the clinic.
        is_fragment = self.turn.conversation.has_subject and words(said.text) <= FRAGMENT_WORDS
        limit = SURE_AT if is_fragment and said.intent in CONTACTS else FIXED_AT
        fixed = self._fixed(said, limit)
        return fixed if fixed and not self._is_surer_found(said) else self._answer()

    def _is_explained(self, said: Utterance) -> bool:
        """Whether what may be a wish for advice is a question on a passage, small talk, or about clinic facts."""
        return self._understood.confidence >= GENERAL_AT or self._fixed(said, FIXED_AT) is not None

    def _is_surer_found(self, said: Utterance) -> bool:
        """Whether what is hardly small talk or a wish for clinic facts more surely asks for a passage.

        "Does anyone hold your hand" sounds like "anyone there?".
        """
        return self._understood.confidence >= max(ANSWER_AT, said.certainty)

    def _fixed(self, said: Utterance, certainty: float) -> Reply | None:
        """Clinic facts and small talk."""
        if said.certainty < certainty:
            return None
        if said.intent in CONTACTS:
            return say("contact", self.phrases.sentences(said.intent))
        if said.intent in SMALLTALK:
            return say("smalltalk", self.phrases.sentences(said.intent), suggestions=self._starters())
        return None

    def _pick(self) -> Reply | None:
        """The passage whose heading was typed or pressed, or chosen among those offered."""
        text, last = self.turn.message.text, self.turn.conversation.last
        wanted = chosen(text, last.suggestions) if last else None
        if wanted is None and last and last.suggestions and self._is_short("affirm"):
            wanted = last.suggestions[0]
        is_pick = picks(text)
        is_short = words(text) <= (CONTROL_WORDS if is_pick else CHOICE_WORDS)
        if wanted is None and last and is_short and (last.kind == "clarify" or is_pick):
            wanted = named(text, last.suggestions, self.knowledge.base.vocabulary)
        passage = self._headed(wanted or text)
        return self._quoted(passage, 1.0) if passage else None

    def _about_last_answer(self) -> Reply | None:
        """What the visitor wants of the answer just given."""
        intent, shown = self.turn.message.intent, self._shown
        if not any(self._is_short(name) for name in (*CONTROLS, "affirm", "deny")):
            return None
        text = self.turn.message.text
        if intent == "deny":
            if asks(text) or cues_of(text, self.knowledge.base.vocabulary).named:
                return None
            return say("smalltalk", self.phrases.sentences("deny"))
        if shown is None:
            # Where there is nothing to go back to, what looks like a request for more ("hedakes?") may be a question.
            if self._find(self.turn.message).confidence >= ANSWER_AT:
                return None
            entry = "about_answers" if intent in ("ask_source", "ask_reviewer") else "nothing_to_repeat"
            return say("smalltalk", self.phrases.sentences(entry), suggestions=self._starters())
        if self._asks_beyond(shown):
            return None
        following = self._unseen(shown.related)
        name = "request_more" if intent == "affirm" else intent
        reply = control_reply(name, text, shown, following, self.knowledge.base, self.phrases)
        passage = self.knowledge.base.by_id[reply.passages[0]] if reply.passages else shown
        return reply if reply.suggestions else replace(reply, suggestions=self._next(passage) or self._starters())

    def _asks_beyond(self, shown: Passage) -> bool:
        """Whether what looks like a request about the last answer more surely asks for another passage.

        "How is it given?" sounds like "where is it from", and "the shot" like "the short version".
        """
        message = self.turn.message
        if cues_of(message.text, self.knowledge.base.vocabulary).is_empty:
            return False
        result = self._understood
        return bool(result.hits) and result.hits[0].passage != shown and result.confidence >= message.certainty

    def _several(self) -> Reply | None:
        """Each question of a message that asks several things; None where it amounts to one."""
        if len(self.turn.parts) < 2:
            return None
        told: list[Reply] = []
        unsure: list[Reply] = []
        conversation = self.turn.conversation
        for part in self.turn.parts:
            # A turn of its own, after those before it: "Does it help PTSD? And anxiety?"
            alone = replace(self, turn=replace(self.turn, message=part, parts=(), conversation=conversation))
            reply = alone._one
            if reply.kind in ("clarify", "no_answer"):
                unsure.append(reply)
                continue
            conversation = conversation.followed_by(reply)
            is_told = reply.kind in ("answer", "declined", "contact") or part.intent in ABOUT_THE_BOT
            if is_told and not any(_same(reply, other) for other in told):
                told.append(reply)
        if not told or len(told) + len(unsure) < 2:
            return None
        if len(told) == 1 and self._one.kind not in ("clarify", "no_answer"):
            # Taken as a whole the message is understood, and what looked like a question of its own was a part of it.
            return None
        if self._is_one_question(told):
            return None
        # Clinic facts have no heading to offer, and are short; a refusal behind a heading would be none.
        quoting = [reply for reply in told if reply.passages]
        later = [reply for reply in quoting[FULL_ANSWERS:] if reply.kind == "answer"]
        full = [reply for reply in told if reply not in later]
        kinds = [reply.kind for reply in full]
        kind = next(k for k in ("declined", "answer", "contact", "smalltalk") if k in kinds)
        offered = [*later, *(r for r in unsure if r.kind == "clarify")]
        headings = [self.knowledge.base.by_id[name].heading for reply in offered for name in reply.passages[:1]]
        rest = []
        if any(reply.kind == "no_answer" for reply in unsure):
            rest.append(say(kind, self.phrases.sentences("rest_unanswered")))
        if headings:
            rest.append(say(kind, self.phrases.sentences("more_questions")))
        next_steps = headings or [s for reply in full for s in reply.suggestions]
        lead = next((reply for reply in full if reply.topic), full[0])
        return join(
            kind,
            [*full, *rest],
            topic=lead.topic,
            confidence=lead.confidence,
            suggestions=tuple(dict.fromkeys(next_steps))[:MAX_CHOICES],
            offers_choices=bool(headings),
        )

    def _is_one_question(self, told: Sequence[Reply]) -> bool:
        """Whether a message surely asks, as a whole, for what none of its questions is answered with.

        "It wore off. Is that common? What is done then?": alone its questions ask for something else.
        """
        if any(reply.kind != "answer" for reply in told):
            return False
        whole = self._understood
        return whole.confidence >= SURE_AT and all(whole.hits[0].passage.id not in reply.passages for reply in told)

    def _answer(self) -> Reply:
        """What the search found, as surely as it found it: the passage, a choice, or that there is no answer."""
        if not self._has_passages:
            return self._offered()
        said, result = self.turn.message, self._understood
        confidence = round(result.confidence, 3)
        hits = result.hits[:MAX_CHOICES]
        names = tuple(hit.passage.id for hit in hits)
        headings = tuple(hit.passage.heading for hit in hits)
        is_word = words(said.text) <= 2 and result.confidence >= CLARIFY_AT
        limit = FOLLOW_AT if self.turn.conversation.has_subject else ANSWER_AT
        if hits and self._only_acknowledges(hits[0].passage):
            return say("smalltalk", self.phrases.sentences("deny"))
        if hits and (result.confidence >= limit or is_word):
            reply = self._quoted(hits[0].passage, confidence, headings[1:] if is_word else self._leading_on(said, hits))
            is_again = self._is_just_shown(hits[0].passage)
            return reply.below(self.phrases.sentences("nearest_again")) if is_again else reply
        if self._is_told_in_distress:
            # Choices, or that there is no answer, would be cold.
            return say("smalltalk", self.phrases.sentences(TELLS))
        if len(hits) > 1 and result.confidence >= CLARIFY_AT:
            if not self.turn.conversation.asked_back:
                lines = self.phrases.sentences("clarify")
                return say(
                    "clarify",
                    lines,
                    suggestions=headings,
                    offers_choices=True,
                    topic=hits[0].passage.topic,
                    confidence=confidence,
                    passages=names,
                )
            return say(
                "no_answer",
                self.phrases.sentences("no_answer"),
                confidence=confidence,
                suggestions=headings,
                passages=names,
            )
        entry = "off_topic" if said.intent == "out_of_scope" else "no_answer"
        return say(
            "no_answer",
            self.phrases.sentences(entry),
            confidence=confidence,
            suggestions=self._starters(),
            passages=names,
        )

    @property
    def _is_told_in_distress(self) -> bool:
        """Whether somebody who suffers tells of it and asks for nothing."""
        verdict, text = self.turn.verdict, self.turn.message.text
        suffers = verdict is not None and verdict.label == DISTRESS
        return suffers and "?" not in text and not asks(text) and self.turn.asked_beside is None

    def _is_just_shown(self, passage: Passage) -> bool:
        """Whether the last reply showed this passage, so that its words alone would look like no answer at all."""
        last = self.turn.conversation.last
        return last is not None and passage.id in last.quoted

    def _only_acknowledges(self, passage: Passage) -> bool:
        """Whether a few words that ask nothing lead back to the answer just given: "fair enough", "k"."""
        text = self.turn.message.text
        is_repeated = self.turn.conversation.last_passage == passage.id and words(text) <= FRAGMENT_WORDS
        if not is_repeated or "?" in text or any(map(asks, text.split())):
            return False
        cues = cues_of(text, self.knowledge.base.vocabulary)
        return not cues.named and content_roots(text).isdisjoint(content_roots(f"{passage.heading} {passage.text}"))

    @cached_property
    def _understood(self) -> Result:
        """The search: for a message as it stands, or after what was said.

        A story is looked for whole: its question alone ("is that common?") finds something else too surely. Where the
        whole finds nothing, what the question finds is offered to choose from.
        """
        said = self.turn.message
        if words(said.text) <= STORY_WORDS:
            return self._followed(said) if self.turn.conversation.has_subject else self._find(said)
        whole = self._find(said)
        if whole.confidence >= CLARIFY_AT or not self.turn.parts:
            return whole
        alone = self._find(self.turn.parts[-1])
        return Result(alone.hits, min(alone.confidence, CLARIFY_AT))

    def _followed(self, said: Utterance) -> Result:
        """What a short message asks for after what was said."""
        typed = self._find(said)
        if self.answerer.follow_ups is None or not self._has_passages:
            return typed
        search = self.knowledge.search[self.phrases.language]
        result = self.answerer.follow_ups.find(said.text, typed, self.turn.conversation, search)
        return self.answerer.without_withheld(result, self.knowledge)

    def _find(self, said: Utterance) -> Result:
        return self.answerer.find(said, self.knowledge, self.phrases.language)

    def _offered(self) -> Reply:
        """Where there are no passages in the visitor's language: those that were found in the clinic's, to choose."""
        result = self._find(self.turn.message)
        hits = result.hits[:MAX_CHOICES]
        is_found = result.confidence >= CLARIFY_AT
        return say(
            "clarify" if is_found else "no_answer",
            [*self.phrases.sentences("no_answer"), *(self.phrases.sentences("language_note") if is_found else ())],
            suggestions=tuple(hit.passage.heading for hit in hits) if is_found else self._starters(),
            offers_choices=is_found,
            confidence=round(result.confidence, 3),
            passages=tuple(hit.passage.id for hit in hits),
        )

    def _quoted(self, passage: Passage, confidence: float, suggestions: Sequence[str] = ()) -> Reply:
        paragraphs, citations = quote([passage], self.knowledge.base)
        reply = Reply(
            "answer",
            paragraphs,
            citations,
            topic=passage.topic,
            confidence=confidence,
            suggestions=tuple(suggestions) or self._next(passage),
            passages=(passage.id,),
        )
        is_price = passage.id in PRICES and self.turn.conversation.shown.isdisjoint(PRICES)
        return reply.below(self.phrases.sentences("own_prices")) if is_price else reply

    def _declined(self, kind: str, said: Utterance) -> Reply:
        """A kind sentence, the general passage that fits best, and the right person to ask.

        In a language without passages, that passage is offered.
        """
        decline, point, allowed = self.phrases.decline(kind)
        passages = self._known(allowed)
        shown = self._best_of(passages, said, kind == ANY_ADVICE)
        if not self._has_passages:
            note = self.phrases.sentences("language_note") if shown else ()
            offered = tuple(p.heading for p in shown)
            return say("declined", [decline, point, *note], suggestions=offered, offers_choices=bool(shown))
        paragraphs, citations = quote(shown, self.knowledge.base, first_block=1)
        last = paragraphs[-1].block + 1 if paragraphs else 1
        return Reply(
            "declined",
            (Paragraph(decline, block=0), *paragraphs, Paragraph(point, block=last)),
            citations,
            topic=shown[0].topic if shown else None,
            suggestions=self._next(shown[0]) if shown else (),
            passages=tuple(p.id for p in shown),
        )

    def _best_of(self, passages: Sequence[Passage], said: Utterance, any_kind: bool) -> list[Passage]:
        """The general passage to show beside a refusal: one found surely, else the best of those that fit the kind."""
        if not passages and not any_kind:
            return []
        result = self._find(said)
        if result.hits and result.confidence >= ANSWER_AT:
            return [result.hits[0].passage]
        if any_kind:
            return []
        allowed = {p.id for p in passages}
        return [next((hit.passage for hit in result.hits if hit.passage.id in allowed), passages[0])]

    @property
    def _has_passages(self) -> bool:
        """Whether there are passages in the visitor's language."""
        return self.phrases.language in self.knowledge.search

    def _is_short(self, intent: str) -> bool:
        """Whether the message is a short one with this intent, surely enough, and surer than all topics together."""
        message = self.turn.message
        likely = message.certainty >= CONTROL_AT and sum(message.topics.values()) < message.certainty
        return message.intent == intent and words(message.text) <= CONTROL_WORDS and likely

    def _headed(self, heading: str) -> Passage | None:
        passage = self.knowledge.base.by_heading.get(heading.casefold())
        return passage if passage and not self.answerer.is_withheld(passage, self.knowledge) else None

    def _leading_on(self, said: Utterance, hits: Sequence[Hit]) -> tuple[str, ...]:
        """Headings to offer after the first hit: what its author named as next, and what was found nearly as well.

        The latter may be what was meant, or the other half of "is it safer than the drip and cheaper": it comes last
        after a plain question, and first after one that may have another half.
        """
        following = self._unseen(hits[0].passage.related)
        found = self._unseen([hit.passage.id for hit in hits[1:]])
        if _MAY_JOIN.search(said.text):
            order = [*found, *following]
        else:
            order = [*following[: MAX_CHOICES - 1], *found[:1], *following]
        return tuple(dict.fromkeys(p.heading for p in order))[:MAX_CHOICES]

    def _known(self, names: Sequence[str]) -> list[Passage]:
        """The passages with these ids that may be shown."""
        known = (self.knowledge.base.by_id[name] for name in names if name in self.knowledge.base.by_id)
        return [passage for passage in known if not self.answerer.is_withheld(passage, self.knowledge)]

    def _unseen(self, names: Sequence[str]) -> list[Passage]:
        """Those of them that this conversation has not shown."""
        return [passage for passage in self._known(names) if passage.id not in self.turn.conversation.shown]

    @property
    def _shown(self) -> Passage | None:
        """The passage that was shown last."""
        name = self.turn.conversation.last_passage
        return self.knowledge.base.by_id.get(name) if name else None

    def _next(self, passage: Passage) -> tuple[str, ...]:
        """Headings of the passages that its author named as next, without those already seen."""
        return tuple(p.heading for p in self._unseen(passage.related))[:MAX_CHOICES]

    def _starters(self) -> tuple[str, ...]:
        """Questions to begin with."""
        return tuple(p.heading for p in self._unseen(STARTERS))[:MAX_CHOICES]


def _same(one: Reply, other: Reply) -> bool:
    """Whether two replies say the same thing."""
    return (
        one.kind == other.kind
        and one.passages == other.passages
        and (bool(one.passages) or one.paragraphs == other.paragraphs)
    )
