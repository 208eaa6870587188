"""Learns what messages ask for that stand on what was said, from the train parts of conversations.

Two things are learnt: an encoder that brings a message behind the headings of what was spoken of near to the passages
that answer it, whose own vectors stay as they are; and a small network that weighs its finds with other evidence. The
network learns each conversation as an encoder sees it that has not learnt from it, since otherwise it would trust the
encoder too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bot.answering.answerer import Utterance
from bot.answering.conversation import Conversation, Said
from bot.answering.following import Encode, Evidence, FollowUpRanker, gather, in_context, signals_of, stands_alone
from bot.answering.reading import STORY_WORDS
from bot.evaluation.sets import FOLDER, read_lines, read_lists
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.rasa.agent import Understanding, load_understanding
from bot.runtime import Runtime
from bot.text import words
from bot.training.adapting import Pace, Say, TrainableEncoder, fine_tune
from bot.training.ranker import fit_logistic

if TYPE_CHECKING:
    import torch

# Passes over the turns, turns a step, peak rate, share of dropped inputs, and the cosines' temperature, of the encoder:
# common practice for models of this size; a third pass made it no better on the tune part.
ENCODER_EPOCHS, ENCODER_BATCH, ENCODER_RATE, DROPOUT, TEMPERATURE = 2, 32, 1e-4, 0.1, 0.05
# In how many parts the conversations are split, so that each is seen by an encoder that learnt from the others only.
ENCODERS = 2
# Units, passes over the turns, turns a step, peak rate and decay of the network. In cross-validation on 450
# conversations a right passage was first for 81.9 % of the turns with 16 units, 81.0 % with 8, 79.6 % with one.
UNITS, EPOCHS, BATCH, RATE, DECAY = 16, 60, 64, 3e-3, 0.05
# In how many parts the conversations are split, so that the confidence learns from rankings of conversations that were
# not learnt.
FOLDS = 5
SEED = 0
# Turns whose reply no search decides.
NOT_SEARCHED = frozenset("shorter simpler source doubt reviewer more affirm thanks deny".split())


@dataclass(frozen=True)
class Asked:
    """A turn that a search decides.

    Attributes:
        name: of its conversation.
        text: what was typed.
        conversation: the best replies to the turns before it.
        passages: ids of those that are right; none where nothing answers it.
    """

    name: str
    text: str
    conversation: Conversation
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """A turn that stands on what was said: its conversation, its evidence, and which passages are right."""

    conversation: str
    evidence: Evidence
    right: npt.NDArray[np.bool_]


def learn_follow_ups(parts: Runtime, encoder_path: Path, ranker_path: Path, say: Say) -> None:
    """Learns encoder and ranker for the current snapshot and model, and writes both.

    Args:
        parts: the bot, whose search finds what is typed.
        encoder_path: where what changed in the encoder is written.
        ranker_path: where the ranker is written.
        say: told how far it is.
    """
    asked = _train_part(parts.live.snapshot.knowledge)
    understand = load_understanding(parts.settings.models)
    fold_of = _folds((turn.name for turn in asked), ENCODERS)
    turns: list[Turn] = []
    for fold in range(ENCODERS):
        say(f"follow-ups: encoder {fold + 1} of {ENCODERS + 1} …")
        encoder = fit_encoder([turn for turn in asked if fold_of[turn.name] != fold], parts, say)
        unseen = [turn for turn in asked if fold_of[turn.name] == fold]
        turns += turns_of(unseen, parts, understand, encoder.vector)
    say(f"follow-ups: encoder {ENCODERS + 1} of {ENCODERS + 1}, of all conversations …")
    fit_encoder(asked, parts, say).save(encoder_path)
    say(f"follow-ups: ranker, from {len(turns)} turns …")
    fit_follow_up_ranker(turns).save(ranker_path)


def fit_encoder(asked: Sequence[Asked], parts: Runtime, say: Say) -> TrainableEncoder:
    """The encoder that brings messages in their conversation near to the passages that answer them; by seed."""
    import torch
    from torch import nn

    torch.manual_seed(SEED)
    search = parts.search
    column = {passage.id: number for number, passage in enumerate(search.passages)}
    known = [turn for turn in asked if any(name in column for name in turn.passages)]
    texts = [in_context(turn.text, turn.conversation, search) for turn in known]
    right = [[column[name] for name in turn.passages if name in column] for turn in known]
    rows = torch.from_numpy(parts.live.snapshot.vectors(DEFAULT_LANGUAGE))
    owners = torch.from_numpy(search.owners)
    encoder, dropout = TrainableEncoder(), nn.Dropout(DROPOUT)

    def loss_of(batch: npt.NDArray[np.int64]) -> torch.Tensor:
        vectors = dropout(nn.functional.normalize(encoder([texts[i] for i in batch]), dim=1))
        lowest = torch.full((len(batch), len(column)), -1.0)
        nearest = lowest.scatter_reduce(1, owners.expand(len(batch), -1), vectors @ rows.T, "amax") / TEMPERATURE
        wanted = torch.zeros_like(nearest, dtype=torch.bool)
        for line, i in enumerate(batch):
            wanted[line, right[i]] = True
        return (nearest.logsumexp(1) - nearest.masked_fill(~wanted, -torch.inf).logsumexp(1)).mean()

    fine_tune(encoder, texts, loss_of, Pace(ENCODER_EPOCHS, ENCODER_BATCH, ENCODER_RATE, SEED), say)
    return encoder


def fit_follow_up_ranker(turns: Sequence[Turn]) -> FollowUpRanker:
    """The ranker that these turns teach, with its confidence."""
    fold_of = _folds((turn.conversation for turn in turns), FOLDS)
    signals, right = [], []
    for fold in range(FOLDS):
        ranker = fit_network([turn for turn in turns if fold_of[turn.conversation] != fold])
        for turn in (turn for turn in turns if fold_of[turn.conversation] == fold):
            scores = ranker.scores(turn.evidence.inputs)
            signals.append(signals_of(scores, turn.evidence))
            right.append(bool(turn.right[int(np.argmax(scores))]))
    signal_weights, bias = fit_logistic(np.stack(signals), right)
    return replace(fit_network(turns), signal_weights=signal_weights, signal_bias=bias)


def _folds(names: Iterable[str], count: int) -> dict[str, int]:
    """Which of `count` parts each conversation is in, in turn."""
    return {name: number % count for number, name in enumerate(dict.fromkeys(names))}


def turns_of(asked: Sequence[Asked], parts: Runtime, understand: Understanding, encode: Encode) -> Iterator[Turn]:
    """The turns that stand on what was said, with the evidence that the bot would have."""
    search = parts.search
    for turn in asked:
        if not turn.conversation.has_subject:
            continue
        said = Utterance(turn.text, "", understand(turn.text).topics)
        typed = parts.answerer.find(said, parts.answerer.knowledge(), DEFAULT_LANGUAGE)
        if stands_alone(turn.text, typed, search):
            continue
        evidence = gather(turn.text, typed, encode, turn.conversation, search)
        yield Turn(turn.name, evidence, np.array([p.id in turn.passages for p in evidence.passages], dtype=bool))


def _train_part(knowledge: KnowledgeBase) -> list[Asked]:
    """The turns of the conversations; the parts of messages with several questions, and single ones, as if they were.

    Single questions stand on nothing, so the network learns nothing from them; the encoder learns how people ask.
    """
    rows = [(row["id"], row["turns"]) for row in read_lists(FOLDER / "dialogues" / "train.jsonl", "turns")]
    rows += [(row["id"], row["parts"]) for row in read_lists(FOLDER / "parts" / "train.jsonl", "parts")]
    rows += [(row["id"], [row]) for row in read_lines(FOLDER / "questions" / "train.jsonl")]
    return [turn for name, turns in rows for turn in asked_in(name, turns, knowledge)]


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


def asked_in(name: str, turns: Sequence[Mapping[str, Any]], knowledge: KnowledgeBase) -> Iterator[Asked]:
    """The turns of one conversation that a search decides."""
    said: list[Said] = []
    for turn in turns:
        is_searched = turn.get("follow_up") not in NOT_SEARCHED and not turn.get("choice")
        if is_searched and turn["kind"] in ("answer", "no_answer") and words(turn["text"]) <= STORY_WORDS:
            passages = tuple(name for name in turn["passages"] if name in knowledge.by_id)
            yield Asked(name, turn["text"], Conversation(tuple(said)), passages)
        said.append(_best_reply(turn, knowledge))


def _best_reply(turn: Mapping[str, Any], knowledge: KnowledgeBase) -> Said:
    known = [knowledge.by_id[name] for name in turn["passages"] if name in knowledge.by_id]
    if turn["kind"] == "answer" and known:
        return Said("answer", None, known[0].topic, (known[0].id,), ())
    offered = known[:3] if turn["kind"] == "clarify" else []
    return Said(turn["kind"], None, None, tuple(p.id for p in offered), tuple(p.heading for p in offered))
