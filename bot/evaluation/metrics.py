"""Figures and their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# Two-sided 95 %.
Z = 1.959964


@dataclass(frozen=True)
class Share:
    """A share of a count, with its 95 % Wilson interval.

    Example:
        >>> share = Share(98, 100)
        >>> f"{share.value:.2f} ({share.low:.2f} to {share.high:.2f})"
        '0.98 (0.93 to 0.99)'
    """

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share, NaN of nothing."""
        return self.hits / self.of if self.of else math.nan

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return self._bound(-1)

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return self._bound(+1)

    def _bound(self, side: int) -> float:
        if not self.of:
            return math.nan
        p, n = self.value, self.of
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return min(1.0, max(0.0, centre + side * half))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        if not self.of:
            return {"value": None, "low": None, "high": None, "hits": 0, "of": 0}
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "hits": self.hits,
            "of": self.of,
        }

    def __str__(self) -> str:
        """`97.1 % (94.9 to 98.4, n=380)`."""
        if not self.of:
            return "n/a"
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f}, n={self.of})"


def share(outcomes: Sequence[bool]) -> Share:
    """The share of true outcomes."""
    return Share(sum(map(bool, outcomes)), len(outcomes))


def said(figure: Share | float) -> str:
    """A figure as people read it."""
    return str(figure) if isinstance(figure, Share) else f"{figure:.3f}"


def macro_f1(wanted: Sequence[str], got: Sequence[str]) -> float:
    """Mean F1 over the labels that occur among the wanted ones."""
    scores = []
    for label in sorted(set(wanted)):
        hits = sum(w == g == label for w, g in zip(wanted, got, strict=True))
        spoken = sum(g == label for g in got)
        asked = sum(w == label for w in wanted)
        scores.append(2 * hits / (spoken + asked))
    return float(np.mean(scores))


def bootstrap(values: Sequence[float], seed: int = 7, rounds: int = 2000) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean."""
    data = np.asarray(values, dtype=np.float64)
    if not len(data):
        return math.nan, math.nan
    picks = np.random.default_rng(seed).integers(0, len(data), size=(rounds, len(data)))
    means = data[picks].mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: mean gap of confidence and share right over equally filled bins; 0 of none."""
    order = np.argsort(confidences, kind="stable")
    c, r = np.asarray(confidences, dtype=float)[order], np.asarray(right, dtype=float)[order]
    return float(
        sum(len(i) * abs(c[i].mean() - r[i].mean()) for i in np.array_split(np.arange(len(c)), bins) if len(i))
        / max(len(c), 1)
    )
