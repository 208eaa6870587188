"""What the search needs of a sentence encoder, and two small implementations around it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into unit vectors, so that the dot product of two is their cosine (-1 to 1, higher is nearer)."""

    @property
    def name(self) -> str:
        """Identifies the model and its weights: vectors of two encoders compare only if their names are equal."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """`(len(texts), dimension)` float32, unit rows, in the order of the texts."""


class HashEncoder:
    """A deterministic stand-in without a model: texts that share words get near vectors. For tests and for no visitor.

    Example:
        >>> encoder = HashEncoder()
        >>> a, b, c = encoder.encode(["side effects of ketamine", "ketamine side effects", "opening hours"])
        >>> bool(a @ b > a @ c)
        True
    """

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.name = f"hash-{dimension}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in ["", *text.lower().split()]:
                seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
                row += np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class RememberingEncoder:
    """Remembers the last texts.

    Each part of a turn may ask for the vectors of the message and of its questions, and each is encoded once. Safe to
    share between threads. Vectors stay in memory only, at most `size` of them (1.5 kB each for MiniLM).
    """

    def __init__(self, encoder: Encoder, size: int = 256) -> None:
        self._encoder = encoder
        self._size = size
        self._lock = Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    @property
    def name(self) -> str:
        """See `Encoder.name`."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """See `Encoder.dimension`."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found.update(zip(new, self._encoder.encode(new), strict=True))
        with self._lock:
            for text in list(found)[-self._size :]:
                self._known[text] = found[text]
                self._known.move_to_end(text)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return np.stack([found[text] for text in texts]) if texts else self._encoder.encode(texts)
