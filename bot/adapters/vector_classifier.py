"""A text classifier together with the encoder that gives it its vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.adapters.text_classifier import TextClassifier
from bot.retrieval.encoder import Encoder


@dataclass(frozen=True)
class VectorClassifier:
    """Classifies texts as they come: rewrites, encodes, judges.

    Attributes:
        classifier: trained on texts rewritten the same way.
        encoder: gives the vectors; one that remembers single texts makes a second judge of a message cheap.
        rewrite: the form that classifier and encoder read.
    """

    classifier: TextClassifier
    encoder: Encoder
    rewrite: Callable[[str], str]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns of `probabilities`."""
        return self.classifier.labels

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """`(len(texts), len(labels))`, rows sum to 1."""
        rewritten = [self.rewrite(text) for text in texts]
        return self.classifier.probabilities(rewritten, self.encoder.encode(rewritten))
