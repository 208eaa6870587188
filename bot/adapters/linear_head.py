"""Fits the linear head of the search with scikit-learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from bot.retrieval.encoder import Vectors
from bot.retrieval.passages import LinearHead

# Inverse regularisation; chosen on the tune questions among 5, 10, 20, 40.
STRENGTH = 20.0
# A third of this tolerance takes two thirds longer, moves log probabilities by 0.002 on average and no first place.
TOLERANCE = 3e-2


def fit_head(
    vectors: Vectors, owners: npt.NDArray[np.int64], passages: int, start: LinearHead | None = None
) -> LinearHead:
    """Fits a multinomial logistic regression from question vectors to passages.

    Args:
        vectors: `(n, d)` float32, unit rows.
        owners: `(n,)`: the passage of each row, every passage at least once.
        passages: how many passages there are.
        start: weights to begin from, of the same shape: an edit then takes a moment instead of seconds.
    """
    if passages == 1:
        return LinearHead(np.zeros((vectors.shape[1], 1), np.float32), np.zeros(1, np.float32))
    model = LogisticRegression(C=STRENGTH, max_iter=150, tol=TOLERANCE, warm_start=start is not None)
    if start is not None and start.weights.shape == (vectors.shape[1], passages) and passages > 2:
        model.coef_, model.intercept_ = start.weights.T.astype(np.float64), start.bias.astype(np.float64)
        model.classes_ = np.arange(passages)
    model.fit(vectors, owners)
    weights, bias = model.coef_.T, model.intercept_
    if passages == 2:
        weights, bias = np.hstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return LinearHead(np.ascontiguousarray(weights, dtype=np.float32), bias.astype(np.float32))
