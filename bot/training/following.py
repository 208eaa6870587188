"""Fits the ranking of messages that stand on what was said before, on the train part of the conversations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.answering.answerer import Utterance
from bot.answering.conversation import Conversation, Said
from bot.answering.following import Evidence, FollowUpRanker, gather, signals_of
from bot.answering.reading import STORY_WORDS
from bot.evaluation.sets import FOLDER, read_lists
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.rasa.agent import Understanding, load_understanding
from bot.retrieval.passages import Result
from bot.runtime import Runtime
from bot.text import words
from bot.training.ranker import Case, fit_logistic, fit_weights

# Strength of the pull of the weights towards the untrained ones, from cross-validation on the train part; in how many
# parts the conversations are split, so that the confidence learns from rankings of conversations that were not learnt.
PULL, FOLDS = 0.003, 5
# Turns whose reply no search decides.
NOT_SEARCHED = frozenset("first shorter simpler source doubt reviewer more affirm thanks deny".split())


@dataclass(frozen=True)
class Turn:
    """A turn that stands on what was said: the conversation it belongs to, its evidence, and what is right."""

    conversation: str
    evidence: Evidence
    case: Case


def fit_follow_ups(parts: Runtime) -> FollowUpRanker:
    """The ranker for the current snapshot and model."""
    understand = load_understanding(parts.settings.models)
    rows = [(row["id"], row["turns"]) for row in read_lists(FOLDER / "dialogues" / "train.jsonl", "turns")]
    rows += [(row["id"], row["parts"]) for row in read_lists(FOLDER / "parts" / "train.jsonl", "parts")]
    turns = [turn for name, asked in rows for turn in turns_of(name, asked, parts, understand)]
    folds = {name: number % FOLDS for number, name in enumerate(dict.fromkeys(turn.conversation for turn in turns))}
    signals, right = [], []
    for fold in range(FOLDS):
        weights = np.array(_weights([turn for turn in turns if folds[turn.conversation] != fold]))
        for turn in (turn for turn in turns if folds[turn.conversation] == fold):
            scores = turn.case.features @ weights
            signals.append(signals_of(scores, turn.evidence))
            right.append(bool(turn.case.right[int(np.argmax(scores))]))
    return FollowUpRanker(_weights(turns), *fit_logistic(np.stack(signals), right))


def turns_of(
    name: str, asked: Sequence[Mapping[str, Any]], parts: Runtime, understand: Understanding
) -> Iterator[Turn]:
    """The turns of one conversation that a search decides, each after the best replies to those before it."""
    knowledge = parts.live.snapshot.knowledge
    search = parts.search
    said: list[Said] = []
    for number, turn in enumerate(asked):
        conversation = Conversation(tuple(said))
        is_searched = turn.get("follow_up", "" if number else "first") not in NOT_SEARCHED and not turn.get("choice")
        is_short = words(turn["text"]) <= STORY_WORDS
        if conversation.has_subject and is_searched and is_short and turn["kind"] in ("answer", "no_answer"):
            topics = understand(turn["text"]).topics

            def find(text: str, topic: str | None) -> Result:
                likely = {topic: 1.0} if topic else topics  # noqa: B023 - called in this round only
                return parts.answerer.find(Utterance(text, "", likely), parts.answerer.knowledge(), DEFAULT_LANGUAGE)

            evidence = gather(turn["text"], find, conversation, search)
            right = np.array([p.id in turn["passages"] for p in evidence.passages], dtype=bool)
            yield Turn(name, evidence, Case(evidence.features.astype(np.float32), right))
        said.append(_best_reply(turn, knowledge))


def _best_reply(turn: Mapping[str, Any], knowledge: KnowledgeBase) -> Said:
    known = [knowledge.by_id[name] for name in turn["passages"] if name in knowledge.by_id]
    if turn["kind"] == "answer" and known:
        return Said("answer", None, known[0].topic, (known[0].id,), ())
    offered = known[:3] if turn["kind"] == "clarify" else []
    return Said(turn["kind"], None, None, tuple(p.id for p in offered), tuple(p.heading for p in offered))


def _weights(turns: Sequence[Turn]) -> tuple[float, ...]:
    return fit_weights([turn.case for turn in turns if turn.case.right.any()], FollowUpRanker().weights, PULL)
