"""Whether questions get the right passage, the unreviewed is refused, and the confidence is honest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.evaluation.metrics import Share, calibration_error, macro_f1, share
from bot.evaluation.retrieval_sets import measures
from bot.evaluation.running import shown
from bot.examples import Asked
from bot.knowledge.model import KnowledgeBase
from bot.rasa.agent import LocalBot
from bot.rasa.importer import UNANSWERED, intent_of
from bot.runtime import Runtime

TOP = 10


@dataclass(frozen=True)
class Outcome:
    """One question with what the bot made of it.

    Attributes:
        ranking: ids of the passages that the search found, best first.
        confidence: that the first of them answers.
        kind: of the reply.
        shown: ids of the passages that the reply quotes.
        offered: headings that the reply offers.
        intent: the classifier's first choice.
        reply: the complete message.
    """

    asked: Asked
    ranking: tuple[str, ...]
    confidence: float
    kind: str
    shown: tuple[str, ...]
    offered: tuple[str, ...]
    intent: str
    reply: Mapping[str, Any]

    def place(self) -> int | None:
        """The rank of the first right passage, from 1; None beyond `TOP`."""
        return next((n for n, name in enumerate(self.ranking, 1) if name in self.asked.passages), None)

    def is_offered(self, knowledge: KnowledgeBase) -> bool:
        """Whether a passage that answers is quoted, or its heading offered to choose."""
        right = [knowledge.by_id[name] for name in self.asked.passages if name in knowledge.by_id]
        return any(p.id in self.shown or p.heading in self.offered for p in right)

    def is_right_first(self) -> bool:
        """Whether the passage found first answers."""
        return self.place() == 1


def run(bot: LocalBot, parts: Runtime, questions: Sequence[Asked]) -> list[Outcome]:
    """Asks every question, each in a conversation of its own."""
    return shown(questions, len(questions), "questions", lambda asked: _outcome(bot, parts, asked))


def _outcome(bot: LocalBot, parts: Runtime, asked: Asked) -> Outcome:
    understood = bot.understand(asked.text)
    found = parts.search.search(parts.prepare(parts.search, asked.text, understood.topics), top=TOP)
    reply = bot.ask(asked.text, str(asked.id))
    custom = reply["custom"]
    return Outcome(
        asked,
        tuple(hit.passage.id for hit in found.hits),
        found.confidence,
        custom["kind"],
        tuple(dict.fromkeys(c["passage"]["id"] for c in custom["citations"])),
        tuple(custom["suggestions"]),
        understood.intent,
        reply,
    )


def summary(outcomes: Sequence[Outcome], knowledge: KnowledgeBase) -> dict[str, Share | float]:
    """Every figure by name."""
    answerable = [o for o in outcomes if o.asked.kind == "answer"]
    uncovered = [o for o in outcomes if o.asked.kind == "no_answer"]
    searched = [*answerable, *uncovered]
    wanted, got = intents(outcomes, knowledge)
    return {
        **ranking_figures(outcomes, knowledge),
        "answered wrongly": share(
            [o.kind == "answer" and not set(o.shown) & set(o.asked.passages) for o in answerable]
        ),
        "refused though answerable": share([o.kind == "no_answer" for o in answerable]),
        "asked back": share([o.kind == "clarify" for o in answerable]),
        "declined though answerable": share([o.kind == "declined" for o in answerable]),
        "uncovered questions answered": share([o.kind == "answer" for o in uncovered]),
        "contact and small talk right": share([o.kind == o.asked.kind for o in outcomes if o.asked.intent]),
        "intent macro-F1": macro_f1(wanted, got),
        "expected calibration error": calibration_error(
            [o.confidence for o in searched], [o.is_right_first() for o in searched]
        ),
    }


def ranking_figures(outcomes: Sequence[Outcome], knowledge: KnowledgeBase) -> dict[str, Share | float]:
    """How well the passages that answer are found and put before the visitor, over the answerable questions."""
    answerable = [o for o in outcomes if o.asked.kind == "answer"]
    places = [o.place() or TOP + 1 for o in answerable]
    each = [measures(o.ranking, dict.fromkeys(o.asked.passages, 1)) for o in answerable if o.asked.passages]
    return {
        "right passage first": share([o.is_right_first() for o in answerable]),
        "right passage in the first three": share([place <= 3 for place in places]),
        "right passage in the first ten": share([place <= TOP for place in places]),
        **{name: sum(one[name] for one in each) / max(len(each), 1) for name in ("MRR@10", "nDCG@10")},
        "right passage shown": share([bool(set(o.shown) & set(o.asked.passages)) for o in answerable]),
        "right passage shown or offered": share([o.is_offered(knowledge) for o in answerable]),
    }


def intents(outcomes: Sequence[Outcome], knowledge: KnowledgeBase) -> tuple[list[str], list[str]]:
    """The intents that were right and those that came. A question on two topics is right with either."""
    wanted, got = [], []
    for o in outcomes:
        allowed = [intent_of(knowledge.by_id[name].topic) for name in o.asked.passages if name in knowledge.by_id]
        allowed = allowed or ([o.asked.intent] if o.asked.intent else sorted(UNANSWERED.values(), reverse=True))
        wanted.append(o.intent if o.intent in allowed else allowed[0])
        got.append(o.intent)
    return wanted, got


def worst(outcomes: Sequence[Outcome], count: int = 20) -> list[Outcome]:
    """The surest wrong answers first, then the least sure refusals."""
    wrong = [o for o in outcomes if o.asked.kind == "answer" and not set(o.shown) & set(o.asked.passages)]
    answered = [o for o in outcomes if o.asked.kind == "no_answer" and o.kind == "answer"]
    return sorted([*wrong, *answered], key=lambda o: (o.kind != "answer", -o.confidence))[:count]


def as_row(outcome: Outcome) -> dict[str, Any]:
    """The complete reply to one message."""
    return {"id": outcome.asked.id, "text": outcome.asked.text, "reply": outcome.reply}
