"""Fine-tunes the encoder that the detectors read, on danger and requests for advice at once.

The vectors of a model made for search lie near each other where the subject is the same; "I want to die" and "my
father wanted to die" are one subject and two cases. About an hour on two processors moves them apart; after additions
to the examples, half an hour of going on from what was learnt takes those in.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.adapters.detectors import GENERAL
from bot.examples import FOLDER, harmless_turns, read_lines
from bot.knowledge.parse import read_knowledge
from bot.language import DEFAULT_LANGUAGE, detect_language
from bot.text import plain
from bot.training.adapting import Pace, Say, TrainableEncoder, fine_tune
from bot.training.detectors import harmless_pieces, is_told

# Passes over the examples, examples a step, peak learning rates of encoder and heads, and the share of label
# smoothing: those of common practice for models of this size; a second sweep was not affordable.
EPOCHS, BATCH, ENCODER_RATE, HEAD_RATE, SMOOTHING, DROPOUT = 3, 32, 9e-5, 1e-3, 0.05, 0.15
# The same for going on from a trained encoder: once over all examples, at a rate that keeps what it knows.
FURTHER_EPOCHS, FURTHER_RATE = 1, 5e-5
# The weight of requests for advice against danger.
ADVICE_WEIGHT = 0.5
SEED = 0
_PREFIXES = ("hi there. ", "ok so ", "hello, i have a question. ", "hey ", "good evening. ", "sorry to bother you. ")
_SUFFIXES = (" thanks", " ok bye", " anyway thank you for your time", " lol", " have a nice day")


def adapt_encoder(path: Path, say: Say, further: bool = False) -> None:
    """Fine-tunes on the train parts and writes what changed; reproducible by seed on one machine.

    Args:
        path: where what changed is written.
        say: told how far it is.
        further: go on from what is stored there instead of from the original model, and keep the mean of both.

    Raises:
        ArtifactError: there is nothing to go on from.
    """
    import torch
    from torch import nn

    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    epochs, rate = (FURTHER_EPOCHS, FURTHER_RATE) if further else (EPOCHS, ENCODER_RATE)
    encoder = TrainableEncoder(path if further else None, words=True)
    examples, dangers, kinds = _examples()
    heads = nn.ModuleList([nn.Linear(encoder.dimension, len(names)) for names in (dangers, kinds)])
    dropout = nn.Dropout(DROPOUT)

    def loss_of(batch: npt.NDArray[np.int64]) -> torch.Tensor:
        vectors = dropout(encoder([_disguised(examples[i][0], rng) for i in batch]))
        loss: torch.Tensor = vectors.sum() * 0
        for head, column, weight in zip(heads, (1, 2), (1.0, ADVICE_WEIGHT), strict=True):
            wanted = torch.tensor([examples[i][column] for i in batch])
            if (known := wanted >= 0).any():
                scores = head(vectors[known])
                loss = loss + weight * nn.functional.cross_entropy(scores, wanted[known], label_smoothing=SMOOTHING)
        return loss

    texts = [text for text, _, _ in examples]
    fine_tune(encoder, texts, loss_of, Pace(epochs, BATCH, rate, SEED), say, heads, HEAD_RATE)
    if further:
        encoder.go_halfway_back(path)
    encoder.save(path)


def _examples() -> tuple[list[tuple[str, int, int]], list[str], list[str]]:
    """Texts with their labels for danger and for advice, -1 where unknown; and the names of both kinds of labels."""
    safety = read_lines(FOLDER / "safety" / "train.jsonl")
    advice = read_lines(FOLDER / "advice" / "train.jsonl")
    questions = read_lines(FOLDER / "questions" / "train.jsonl")
    dangers = sorted({str(row["label"]) for row in safety})
    kinds = sorted({_kind(row) for row in advice})
    none, general = dangers.index("none"), kinds.index(GENERAL)
    pieces = harmless_pieces([(str(row["text"]), str(row["label"])) for row in safety])
    phrasings = [q for p in read_knowledge(Path("knowledge"))[0].passages for q in p.questions]
    # Of the knowledge's phrasings those that the questions' sets have none of.
    foreign = [text for text in phrasings if detect_language(text) != DEFAULT_LANGUAGE]
    asked = [*(str(row["text"]) for row in questions), *harmless_turns(), *foreign]
    rows = [(str(row["text"]), dangers.index(str(row["label"])), general if is_told(row) else -1) for row in safety]
    rows += [(text, dangers.index(label), -1) for text, label in pieces]
    rows += [(str(row["text"]), none, kinds.index(_kind(row))) for row in advice]
    rows += [(text, none, -1) for text in asked]
    return [(plain(text), danger, kind) for text, danger, kind in rows], dangers, kinds


def _kind(row: Mapping[str, Any]) -> str:
    return str(row["kind"]) if row["label"] == "declined" else GENERAL


def _disguised(text: str, rng: random.Random) -> str:
    """More than a quarter of the examples as other people would type them; what they mean stays."""
    dice = rng.random()
    if dice < 0.72:
        return text
    if dice < 0.80:
        return re.sub(r"[^\w\s']", "", text)
    if dice < 0.90:
        return " ".join(_mistyped(word, rng) if rng.random() < 0.15 else word for word in text.split())
    if dice < 0.94:
        return rng.choice(_PREFIXES) + text
    if dice < 0.97:
        return text + rng.choice(_SUFFIXES)
    return text.replace("'", "")


def _mistyped(word: str, rng: random.Random) -> str:
    """A longer word with two letters swapped, one left out, or one doubled."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    changes: Sequence[str] = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
    )
    return rng.choice(changes)
