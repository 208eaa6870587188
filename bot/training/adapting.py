"""What fine-tuning an encoder takes, whatever it learns: the trainable model, its steps, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bot.adapters.adaptation import changed_weights, save_changes
from bot.adapters.sentence_encoder import packaged_model
from bot.retrieval.encoder import Vectors

if TYPE_CHECKING:
    import torch
    from torch import nn

# Word pieces that training reads of an example, as many as the encoder reads of a message: what matters in a long story
# may be its last clause, and a story that is cut before it teaches that its beginning is all there is.
LENGTH = 256
# Singular values kept of each matrix's change.
RANK = 32
# Decay of the weights, the share of the steps in which the rate rises, and the longest gradient: common practice for
# models of this size.
DECAY, RISE, LONGEST = 0.01, 0.08, 1.0
# So many steps apart progress is told.
TELL = 50

Say = Callable[[str], None]
# The loss of one batch of examples, by their places.
LossOf = Callable[[npt.NDArray[np.int64]], "torch.Tensor"]


@dataclass(frozen=True)
class Pace:
    """How long and how fast an encoder learns.

    Attributes:
        epochs: passes over the examples. batch: examples a step. rate: peak learning rate of the encoder.
        seed: of the order of the batches.
    """

    epochs: int
    batch: int
    rate: float
    seed: int


class TrainableEncoder:
    """The packaged model with trainable layers; where its pieces stand in a text is read as it was.

    Args:
        changes: what `save` wrote, to go on from; None to begin with the original model.
        words: whether the table of word pieces learns too. It costs a few megabytes of changes, and what was read as
            English learns words of other languages and of slang.

    Raises:
        ArtifactError: the changes cannot be read.
    """

    def __init__(self, changes: Path | None = None, words: bool = False) -> None:
        from transformers import AutoModel, AutoTokenizer

        source = str(packaged_model())
        self._tokenizer = AutoTokenizer.from_pretrained(source)  # type: ignore[no-untyped-call]
        self._model = AutoModel.from_pretrained(source)
        self._model.embeddings.requires_grad_(False)
        self._model.embeddings.word_embeddings.requires_grad_(words)
        self._before = {name: values.detach().numpy().copy() for name, values in self._model.named_parameters()}
        if changes:
            self._model.load_state_dict(self._stored(changes), strict=False)
        self._model.train()
        self.dimension = int(self._model.config.hidden_size)

    @property
    def learnt(self) -> list[nn.Parameter]:
        """The parameters that training changes."""
        return [p for p in self._model.parameters() if p.requires_grad]

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """`(texts, d)`: the mean of each text's word pieces, not of unit length."""
        import torch

        read = self._tokenizer(list(texts), padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
        mask = read["attention_mask"][..., None]
        with torch.autocast("cpu", torch.bfloat16, enabled=self._model.training and _multiplies_bfloat16()):
            states = self._model(**read).last_hidden_state.float()
        vectors: torch.Tensor = (states * mask).sum(1) / mask.sum(1)
        return vectors

    @property
    def name(self) -> str:
        """What has not been saved has no name of its own yet."""
        return "in training"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `bot.retrieval.encoder.Encoder.encode`: what the saved encoder makes of texts, but for the 8 bits."""
        import torch

        self._model.eval()
        with torch.no_grad():
            vectors = torch.nn.functional.normalize(self(texts), dim=1)
        self._model.train()
        return np.asarray(vectors, dtype=np.float32)

    def go_halfway_back(self, changes: Path) -> None:
        """Takes the mean of its weights and those with the stored changes.

        Two encoders that were fine-tuned from one err less averaged than either does ("model soup").

        Raises:
            ArtifactError: the changes cannot be read.
        """
        import torch

        earlier = self._stored(changes)
        with torch.no_grad():
            for name, now in self._model.named_parameters():
                now.copy_((now + earlier[name]) / 2)

    def _stored(self, changes: Path) -> dict[str, torch.Tensor]:
        import torch

        return {name: torch.from_numpy(values) for name, values in changed_weights(self._before, changes).items()}

    def save(self, path: Path) -> None:
        """Writes what training changed."""
        after = {name: p.detach().numpy() for name, p in self._model.named_parameters() if p.requires_grad}
        save_changes(self._before, after, RANK, path)


def fine_tune(
    encoder: TrainableEncoder,
    texts: Sequence[str],
    loss_of: LossOf,
    pace: Pace,
    say: Say,
    heads: nn.Module | None = None,
    head_rate: float = 0.0,
) -> None:
    """Lowers a loss step by step; the rate rises, then falls.

    Args:
        encoder: what learns.
        texts: of the examples, for batches of about one length.
        loss_of: the loss of one batch.
        pace: how long and how fast.
        say: told how far it is.
        heads: what learns beside the encoder, None where nothing does.
        head_rate: its peak learning rate.
    """
    import torch

    groups = [(encoder.learnt, pace.rate), *([(list(heads.parameters()), head_rate)] if heads else [])]
    learnt = [parameter for parameters, _ in groups for parameter in parameters]
    optimiser = torch.optim.AdamW([{"params": p, "lr": rate} for p, rate in groups], weight_decay=DECAY)
    steps = pace.epochs * -(-len(texts) // pace.batch)
    rates = [rate for _, rate in groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=steps, pct_start=RISE)
    order = np.random.default_rng(pace.seed)
    started, done = time.monotonic(), 0
    for _ in range(pace.epochs):
        for batch in batches(texts, pace.batch, order):
            loss = loss_of(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learnt, LONGEST)
            optimiser.step()
            schedule.step()
            done += 1
            if done % TELL == 0:
                left = (time.monotonic() - started) / done * (steps - done) / 60
                say(f"encoder:   {done} of {steps} steps, {left:.0f} minutes left")


def _multiplies_bfloat16() -> bool:
    """Whether the processor multiplies in half precision by itself: training then takes two thirds of the time."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


def batches(texts: Sequence[str], size: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """One pass over the texts in batches of about one length, since a batch costs as much as its longest text."""
    lengths = np.array([len(text) for text in texts])
    order = np.argsort(lengths + rng.random(len(texts)) * 40)
    found = [order[i : i + size] for i in range(0, len(order), size)]
    yield from (found[i] for i in rng.permutation(len(found)))
