"""Learns how visitors ask: the encoder of questions, and what messages ask for that stand on what was said.

The latter is a small network that weighs what the encoder finds with other evidence. It learns each conversation as an
encoder sees it that has not learnt from it, since otherwise it would trust the encoder too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bot.answering.following import TOP, Evidence, FollowUpRanker, gather, signals_of, stands_alone
from bot.rasa.agent import Understanding, load_understanding
from bot.retrieval.encoder import Encoder
from bot.runtime import Runtime
from bot.training.adapting import Say
from bot.training.question_encoder import Asked, base_vectors, fit_question_encoder, train_part
from bot.training.ranker import fit_logistic

if TYPE_CHECKING:
    import torch

# In how many parts the conversations are split, so that each is seen by an encoder that learnt from the others only.
ENCODERS = 2
# Units, passes over the turns, turns a step, peak rate and decay of the network. In cross-validation on 450
# conversations a right passage was first for 81.9 % of the turns with 16 units, 81.0 % with 8, 79.6 % with one.
UNITS, EPOCHS, BATCH, RATE, DECAY = 16, 60, 64, 3e-3, 0.05
# In how many parts the conversations are split, so that the confidence learns from rankings of conversations that were
# not learnt.
FOLDS = 5
SEED = 0


@dataclass(frozen=True)
class Turn:
    """A turn that stands on what was said: its conversation, its evidence, and which passages are right."""

    conversation: str
    evidence: Evidence
    right: npt.NDArray[np.bool_]


def learn_questions(parts: Runtime, encoder_path: Path, ranker_path: Path, say: Say) -> None:
    """Learns the encoder of questions and the ranker of follow-ups for the current knowledge and model; writes both.

    Args:
        parts: the bot, whose search is learnt for.
        encoder_path: where what changed in the encoder is written.
        ranker_path: where the ranker is written.
        say: told how far it is.
    """
    asked = train_part(parts.live.snapshot.knowledge)
    say(f"questions: {len(asked)} of them …")
    before = base_vectors(asked, parts)
    understand = load_understanding(parts.settings.models)
    fold_of = _folds((turn.name for turn in asked), ENCODERS)
    turns: list[Turn] = []
    for fold in range(ENCODERS):
        say(f"questions: encoder {fold + 1} of {ENCODERS + 1} …")
        learnt = np.array([fold_of[turn.name] != fold for turn in asked])
        encoder = fit_question_encoder(list(compress(asked, learnt)), before[learnt], parts, say)
        turns += turns_of(compress(asked, ~learnt), parts, understand, encoder)
    say(f"questions: encoder {ENCODERS + 1} of {ENCODERS + 1}, of all questions …")
    fit_question_encoder(asked, before, parts, say).save(encoder_path)
    say(f"questions: ranker of follow-ups, from {len(turns)} turns …")
    fit_follow_up_ranker(turns).save(ranker_path)


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


def turns_of(asked: Iterable[Asked], parts: Runtime, understand: Understanding, encoder: Encoder) -> Iterator[Turn]:
    """The turns that stand on what was said, with the evidence that a bot with this encoder would have."""
    search = parts.search
    for turn in asked:
        if not turn.conversation.has_subject:
            continue
        typed = search.search(search.question(turn.text, encoder, understand(turn.text).topics), top=TOP)
        if stands_alone(turn.text, typed, search):
            continue
        evidence = gather(turn.text, typed, encoder, turn.conversation, search)
        yield Turn(turn.name, evidence, np.array([p.id in turn.passages for p in evidence.passages], dtype=bool))


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
