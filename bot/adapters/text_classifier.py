"""One trained classifier for all short texts: intents, danger, requests for advice.

A linear support vector machine over the sentence vector and the hashed words and letter groups of a text. The vector
carries meaning, the letters carry spelling, and the words carry what the vector blurs ("not", "my", "should I"). With
frozen MiniLM vectors it reaches 94 % on BANKING77; docs/evaluation.md has the comparison.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.errors import ArtifactError
from bot.retrieval.encoder import Vectors

# Hashed feature counts, the weight of the vector against the rest, and the inverse regularisation: from a sweep on the
# train parts of our sets and of BANKING77; accuracy is flat around each.
_WORDS = HashingVectorizer(
    ngram_range=(1, 2),
    n_features=2**14,
    alternate_sign=False,
    binary=True,
    norm="l2",
    token_pattern=r"(?u)\b\w+\b",
    dtype=np.float32,
)
_LETTERS = HashingVectorizer(
    analyzer="char_wb",
    ngram_range=(2, 5),
    n_features=2**15,
    alternate_sign=False,
    binary=True,
    norm="l2",
    dtype=np.float32,
)
VECTOR_SCALE = 2.0
STRENGTH = 0.3
# How much the words and letters alone say beside all together, where the encoder was taught on the same texts: on the
# tune part half as much leaves a third fewer pairs of danger and harmless messages in the wrong order; a third as much,
# or as much again, about the same.
WORDS_SAY = 0.5
# A hundredth of it takes a fifth longer and moves the accuracy on held-out intents by nothing.
TOLERANCE = 1e-2
# One part in this many is held out to set the softmax temperature on.
FOLDS = 5


@dataclass(frozen=True)
class TextClassifier:
    """A trained classifier.

    Attributes:
        labels: in alphabetical order.
        weights: `(features, labels)`: first those of the vector, then words, then letter groups.
        bias: `(labels,)`.
        temperature: divides the margins before the softmax, so that probabilities mean what they say.
    """

    labels: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    temperature: float

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str], seed: int = 7) -> TextClassifier:
        """Trains on texts, their `(n, d)` unit vectors and their labels; reproducible by seed."""
        features = hstack(
            [csr_matrix(vectors * VECTOR_SCALE), _WORDS.transform(texts), _LETTERS.transform(texts)]
        ).tocsr()
        wanted = np.asarray(labels)
        names = tuple(sorted(set(labels)))
        weights, bias = _fit(features, wanted, seed)
        return cls(names, weights, bias, _temperature(features, wanted, names, seed))

    @classmethod
    def fit_taught(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str], seed: int = 7) -> TextClassifier:
        """Trains as `fit`, for vectors of an encoder that was taught on the same texts and labels.

        Such vectors know the texts by heart, so that little is learnt of words beside them, and a new message is judged
        by its vector alone. Here a second classifier, which sees no vectors, has a say; the two are one in what comes
        out, whose margins are the weighted mean of theirs.
        """
        both, words = (cls.fit(texts, seen, labels, seed) for seen in (vectors, np.zeros_like(vectors)))
        shares = (1 / both.temperature, WORDS_SAY / words.temperature)
        weights, bias = (
            (shares[0] * one + shares[1] * other) / (1 + WORDS_SAY)
            for one, other in ((both.weights, words.weights), (both.bias, words.bias))
        )
        return cls(both.labels, weights, bias, 1.0)

    def margins(self, texts: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float32]:
        """`(n, labels)` signed distances; the highest wins."""
        size = vectors.shape[1]
        rows = [
            vector * VECTOR_SCALE @ self.weights[:size] + values @ self.weights[size + columns] + self.bias
            for vector, (columns, values) in zip(vectors, map(_hashed, texts), strict=True)
        ]
        return np.asarray(rows, dtype=np.float32)

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float32]:
        """`(n, labels)`, rows sum to 1."""
        return _softmax(self.margins(texts, vectors) / self.temperature)

    def save(self, folder: Path, **notes: object) -> None:
        """Writes two files, without pickle; `notes` go beside the labels. Weights keep half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / "weights.npz", weights=self.weights.astype(np.float16), bias=self.bias)
        meta = {"labels": self.labels, "temperature": self.temperature, **notes}
        (folder / "classifier.json").write_text(json.dumps(meta, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Reads what `save` wrote.

        Raises:
            ArtifactError: a file is missing or unreadable.
        """
        meta = notes_of(folder)
        try:
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                weights, bias = arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32)
            return cls(tuple(meta["labels"]), weights, bias, float(meta["temperature"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(folder, "holds no readable classifier") from error


def notes_of(folder: Path) -> dict:  # type: ignore[type-arg]
    """Labels, temperature and notes of a saved classifier.

    Raises:
        ArtifactError: the file is missing or unreadable.
    """
    path = folder / "classifier.json"
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise ArtifactError(path, "is missing or unreadable") from error


@lru_cache(maxsize=256)
def _hashed(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Columns and values of a text's words and letter groups.

    Remembered, since each message is judged by several classifiers.
    """
    words, letters = _WORDS.transform([text]), _LETTERS.transform([text])
    columns = np.concatenate([words.indices, letters.indices + words.shape[1]]).astype(np.int64)
    return columns, np.concatenate([words.data, letters.data])


def _fit(
    features: csr_matrix, labels: npt.NDArray[np.str_], seed: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weights `(features, labels)` and bias `(labels,)`, for two labels as for many."""
    model = LinearSVC(C=STRENGTH, tol=TOLERANCE, random_state=seed).fit(features, labels)
    weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    if weights.shape[1] == 1:
        return np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return weights, bias


def _temperature(features: csr_matrix, labels: npt.NDArray[np.str_], names: Sequence[str], seed: int) -> float:
    """The temperature with the lowest log loss on a held-out part."""
    train, held = next(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(features, labels))
    weights, bias = _fit(features[train], labels[train], seed)
    margins, targets = features[held] @ weights + bias, np.searchsorted(names, labels[held])

    def loss(temperature: float) -> float:
        chosen = _softmax(margins / temperature)[np.arange(len(targets)), targets]
        return float(-np.log(np.maximum(chosen, 1e-9)).mean())

    return min((float(t) for t in np.geomspace(0.05, 1.0, 40)), key=loss)


def _softmax(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
