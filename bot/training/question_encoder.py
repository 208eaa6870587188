"""Fine-tunes the encoder of what visitors type, on the train parts of questions and conversations.

It learns to bring a question, alone or behind the headings of what was spoken of, near to what is indexed of the
passages that answer it. The vectors of the passages stay as they are, so that an edit of the knowledge needs no
training.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bot.answering.conversation import Conversation, Said
from bot.answering.following import in_context
from bot.answering.reading import STORY_WORDS
from bot.examples import FOLDER, read_lines, read_lists
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.retrieval.encoder import Vectors
from bot.runtime import Runtime
from bot.text import words
from bot.training.adapting import Pace, Say, TrainableEncoder, fine_tune
from bot.training.detectors import talk_examples

if TYPE_CHECKING:
    import torch

# Passes over the questions, questions a step, peak rate, share of dropped inputs, and the cosines' temperature: common
# practice for models of this size; a third pass made it no better on the tune part.
EPOCHS, BATCH, RATE, DROPOUT, TEMPERATURE = 2, 32, 1e-4, 0.1, 0.05
# The cosine from which two texts are the same but for spelling, and the weight of what should stay where it is against
# what should move.
ITSELF, STILL = 0.995, 10.0
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


def base_vectors(asked: Sequence[Asked], parts: Runtime) -> Vectors:
    """`(asked, d)`: what the encoder of the passages makes of each question, behind what was spoken of."""
    return parts.store.embedded([in_context(turn.text, turn.conversation, parts.search) for turn in asked])


def fit_question_encoder(asked: Sequence[Asked], before: Vectors, parts: Runtime, say: Say) -> TrainableEncoder:
    """The encoder that brings questions near to what is indexed of the passages that answer them; by seed.

    A question that is indexed itself does not find itself, or there would be nothing to learn from it. What no passage
    answers stays where it is.

    Args:
        asked: what to learn from.
        before: its `base_vectors`.
        parts: the bot, whose index is learnt for.
        say: told how far it is.
    """
    import torch
    from torch import nn

    torch.manual_seed(SEED)
    search = parts.search
    column = {passage.id: number for number, passage in enumerate(search.passages)}
    texts = [in_context(turn.text, turn.conversation, search) for turn in asked]
    right = [[column[name] for name in turn.passages if name in column] for turn in asked]
    rows = torch.from_numpy(parts.live.snapshot.vectors(DEFAULT_LANGUAGE))
    owners = torch.from_numpy(search.owners)
    still = torch.from_numpy(before)
    encoder, dropout = TrainableEncoder(), nn.Dropout(DROPOUT)

    def loss_of(batch: npt.NDArray[np.int64]) -> torch.Tensor:
        vectors = nn.functional.normalize(encoder([texts[i] for i in batch]), dim=1)
        is_itself = still[batch] @ rows.T > ITSELF
        cosines = (dropout(vectors) @ rows.T).masked_fill(is_itself, -1.0)
        lowest = torch.full((len(batch), len(column)), -1.0)
        nearest = lowest.scatter_reduce(1, owners.expand(len(batch), -1), cosines, "amax") / TEMPERATURE
        wanted = torch.zeros_like(nearest, dtype=torch.bool)
        for line, i in enumerate(batch):
            wanted[line, right[i]] = True
        missed = nearest.logsumexp(1) - nearest.masked_fill(~wanted, -torch.inf).logsumexp(1)
        moved = STILL * (1 - (vectors * still[batch]).sum(1))
        return torch.where(wanted.any(1), missed, moved).mean()

    fine_tune(encoder, texts, loss_of, Pace(EPOCHS, BATCH, RATE, SEED), say)
    return encoder


def train_part(knowledge: KnowledgeBase) -> list[Asked]:
    """The turns of the conversations; the parts of messages with several questions, and single ones, as if they were.

    Small talk stands beside them, as questions that no passage answers.
    """
    rows = [(row["id"], row["turns"]) for row in read_lists(FOLDER / "dialogues" / "train.jsonl", "turns")]
    rows += [(row["id"], row["parts"]) for row in read_lists(FOLDER / "parts" / "train.jsonl", "parts")]
    rows += [(row["id"], [row]) for row in read_lines(FOLDER / "questions" / "train.jsonl")]
    asked = [turn for name, turns in rows for turn in asked_in(name, turns, knowledge)]
    return [*asked, *(Asked(text, text, Conversation(()), ()) for text in talk_examples())]


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
