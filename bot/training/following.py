"""Fits the ranking of messages that stand on what was said before, on the train part of the conversations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

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
from bot.training.ranker import fit_logistic

if TYPE_CHECKING:
    import torch

# Units, passes over the turns, turns a step, peak rate and decay of the network, from cross-validation on the train
# part: with 32 units it is right 2 points more often than a linear ranker with a weight for each sign under each cue,
# and 64 units are no better.
UNITS, EPOCHS, BATCH, RATE, DECAY = 32, 30, 64, 3e-3, 0.05
# In how many parts the conversations are split, so that the confidence learns from rankings of conversations that were
# not learnt.
FOLDS = 5
SEED = 0
# Turns whose reply no search decides.
NOT_SEARCHED = frozenset("first shorter simpler source doubt reviewer more affirm thanks deny".split())


@dataclass(frozen=True)
class Turn:
    """A turn that stands on what was said: its conversation, its evidence, and which passages are right."""

    conversation: str
    evidence: Evidence
    right: npt.NDArray[np.bool_]


def fit_follow_ups(parts: Runtime) -> FollowUpRanker:
    """The ranker for the current snapshot and model."""
    understand = load_understanding(parts.settings.models)
    rows = [(row["id"], row["turns"]) for row in read_lists(FOLDER / "dialogues" / "train.jsonl", "turns")]
    rows += [(row["id"], row["parts"]) for row in read_lists(FOLDER / "parts" / "train.jsonl", "parts")]
    turns = [turn for name, asked in rows for turn in turns_of(name, asked, parts, understand)]
    folds = {name: number % FOLDS for number, name in enumerate(dict.fromkeys(turn.conversation for turn in turns))}
    signals, right = [], []
    for fold in range(FOLDS):
        ranker = fit_network([turn for turn in turns if folds[turn.conversation] != fold])
        for turn in (turn for turn in turns if folds[turn.conversation] == fold):
            scores = ranker.scores(turn.evidence.inputs)
            signals.append(signals_of(scores, turn.evidence))
            right.append(bool(turn.right[int(np.argmax(scores))]))
    signal_weights, bias = fit_logistic(np.stack(signals), right)
    return replace(fit_network(turns), signal_weights=signal_weights, signal_bias=bias)


def fit_network(turns: Sequence[Turn]) -> FollowUpRanker:
    """The ranker, without its confidence, that makes a right passage the likeliest first; reproducible by seed."""
    import torch
    from torch import nn

    torch.manual_seed(SEED)
    order = torch.Generator().manual_seed(SEED)
    known = [turn for turn in turns if turn.right.any()]
    inputs = _padded([torch.tensor(turn.evidence.inputs, dtype=torch.float32) for turn in known])
    right = _padded([torch.tensor(turn.right) for turn in known])
    there = _padded([torch.ones(len(turn.right), dtype=torch.bool) for turn in known])
    size = inputs.shape[2]
    hidden, output, direct = nn.Linear(size, UNITS), nn.Linear(UNITS, 1, bias=False), nn.Linear(size, 1, bias=False)
    learnt = [*hidden.parameters(), *output.parameters(), *direct.parameters()]
    optimiser = torch.optim.AdamW(learnt, lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(known) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        drawn = torch.randperm(len(known), generator=order)
        for start in range(0, len(known), BATCH):
            batch = drawn[start : start + BATCH]
            scores = (output(torch.relu(hidden(inputs[batch]))) + direct(inputs[batch]))[..., 0]
            every = scores.masked_fill(~there[batch], -torch.inf).logsumexp(1)
            loss = (every - scores.masked_fill(~right[batch], -torch.inf).logsumexp(1)).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return FollowUpRanker(
        _rounded(direct.weight[0]),
        tuple(_rounded(row) for row in hidden.weight),
        _rounded(hidden.bias),
        _rounded(output.weight[0]),
    )


def _padded(rows: Sequence[torch.Tensor]) -> torch.Tensor:
    """Rows of different lengths as one array, with zeros behind the shorter ones."""
    from torch.nn.utils.rnn import pad_sequence

    return pad_sequence(list(rows), batch_first=True)


def _rounded(values: torch.Tensor) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


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
            yield Turn(name, evidence, right)
        said.append(_best_reply(turn, knowledge))


def _best_reply(turn: Mapping[str, Any], knowledge: KnowledgeBase) -> Said:
    known = [knowledge.by_id[name] for name in turn["passages"] if name in knowledge.by_id]
    if turn["kind"] == "answer" and known:
        return Said("answer", None, known[0].topic, (known[0].id,), ())
    offered = known[:3] if turn["kind"] == "clarify" else []
    return Said(turn["kind"], None, None, tuple(p.id for p in offered), tuple(p.heading for p in offered))
